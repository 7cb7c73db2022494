//! Time zones by their IANA names, and what people write instead.

use super::report::closest;
use super::setting::{Word, Wrong};
use chrono_tz::{TZ_VARIANTS, Tz};

/// Abbreviations and cities that are not in the IANA list.
const MEANT: [(&str, &str); 14] = [
    ("pkt", "Asia/Karachi"),
    ("pst", "Asia/Karachi"),
    ("aft", "Asia/Kabul"),
    ("ist", "Asia/Kolkata"),
    ("bst", "Europe/London"),
    ("cest", "Europe/Berlin"),
    ("gst", "Asia/Dubai"),
    ("islamabad", "Asia/Karachi"),
    ("lahore", "Asia/Karachi"),
    ("peshawar", "Asia/Karachi"),
    ("quetta", "Asia/Karachi"),
    ("kandahar", "Asia/Kabul"),
    ("herat", "Asia/Kabul"),
    ("jalalabad", "Asia/Kabul"),
];

impl Word for Tz {
    const WANTS: &'static str = "a time zone such as \"Asia/Karachi\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse::<Tz>().map_err(|_| {
            let help = match meant(word) {
                Some(zone) => format!("did you mean `{zone}`?"),
                None => "use a name of the IANA list, such as Asia/Karachi, Asia/Kabul or UTC".to_owned(),
            };
            Wrong::new(format!("`{word}` is not a time zone")).help(help)
        })
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

/// By abbreviation, by city alone, by capitals and hyphens, and by likeness.
fn meant(word: &str) -> Option<&'static str> {
    let plain = word.trim().to_lowercase().replace([' ', '-'], "_");
    let city = plain.rsplit('/').next().unwrap_or("");
    if let Some((_, zone)) = MEANT.iter().find(|(name, _)| *name == city) {
        return Some(zone);
    }
    let last = |zone: &'static str| zone.rsplit('/').next().unwrap_or(zone);
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    names()
        .find(|name| name.to_lowercase() == plain)
        .or_else(|| names().find(|name| last(name).to_lowercase() == city))
        .or_else(|| closest(word, names()))
        .or_else(|| {
            let likely = closest(city, names().filter(|name| name.contains('/')).map(last))?;
            names().find(|name| last(name) == likely)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_zone_was_meant() {
        let cases = [
            ("Asia/Karchi", "Asia/Karachi"),
            ("Karachi", "Asia/Karachi"),
            ("asia/karachi", "Asia/Karachi"),
            ("Asia/Islamabad", "Asia/Karachi"),
            ("PKT", "Asia/Karachi"),
            ("Kabool", "Asia/Kabul"),
            ("America/New York", "America/New_York"),
        ];
        for (word, zone) in cases {
            let wrong = <Tz as Word>::parse(word).unwrap_err();
            assert_eq!(wrong.help, Some(format!("did you mean `{zone}`?")), "{word}");
        }
        assert!(<Tz as Word>::parse("+05:00").unwrap_err().help.unwrap().contains("IANA"));
        assert_eq!(<Tz as Word>::parse("Asia/Kathmandu"), Ok(Tz::Asia__Kathmandu));
    }
}
