//! What one value may be: durations and sizes with units, addresses, URLs, zones, schedules, closed sets of words.

use super::Secret;

use crate::model::{EmailAddress, FeedKind, Kind, Lang, MailFormat, Schedule, Scope, Side, WhenEmpty};
use chrono::Weekday;
use std::time::Duration;
use toml::de::DeValue;

/// Why a value can't be taken, and what would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub help: Option<String>,
}

impl Wrong {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A value of one key: from TOML or from an environment variable, and back into TOML for the shipped file's test.
pub(super) trait Setting: Sized {
    /// As in "wants …".
    const WANTS: &'static str;
    fn from_value(value: &DeValue<'_>) -> Result<Self, Wrong>;
    fn from_word(word: &str) -> Result<Self, Wrong>;
    fn to_toml(&self) -> String;
}

/// A setting that is written as a TOML string.
pub(super) trait Word: Sized {
    const WANTS: &'static str;
    fn parse(word: &str) -> Result<Self, Wrong>;
    fn show(&self) -> String;
    /// What to say to a number where this word is wanted.
    fn number(_digits: &str) -> Option<Wrong> {
        None
    }
}

fn wrong_type(wants: &str, value: &DeValue<'_>) -> Wrong {
    Wrong::new(format!("wants {wants}, not {}", with_article(value.type_str())))
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}

impl<T: Word> Setting for T {
    const WANTS: &'static str = T::WANTS;

    fn from_value(value: &DeValue<'_>) -> Result<Self, Wrong> {
        match value {
            DeValue::String(word) => T::parse(word),
            DeValue::Integer(number) => {
                Err(T::number(number.as_str()).unwrap_or_else(|| wrong_type(T::WANTS, value).help("put it in quotes")))
            }
            _ => Err(wrong_type(T::WANTS, value)),
        }
    }

    fn from_word(word: &str) -> Result<Self, Wrong> {
        T::parse(word)
    }

    fn to_toml(&self) -> String {
        format!("{:?}", self.show())
    }
}

impl Setting for bool {
    const WANTS: &'static str = "true or false";

    fn from_value(value: &DeValue<'_>) -> Result<Self, Wrong> {
        value.as_bool().ok_or_else(|| wrong_type(Self::WANTS, value).help("true and false are written without quotes"))
    }

    fn from_word(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|_| Wrong::new(format!("wants true or false, not `{word}`")))
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_number {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const WANTS: &'static str = "a whole number";

            fn from_value(value: &DeValue<'_>) -> Result<Self, Wrong> {
                let Some(integer) = value.as_integer() else {
                    let help = if value.is_str() { "write the number without quotes" } else { "write a number such as 5" };
                    return Err(wrong_type(Self::WANTS, value).help(help));
                };
                let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
                number.and_then(|number| number.try_into().ok()).ok_or_else(|| {
                    Wrong::new(format!("{} is out of range: {} to {}", integer.as_str(), <$number>::MIN, <$number>::MAX))
                })
            }

            fn from_word(word: &str) -> Result<Self, Wrong> {
                let range = || Wrong::new(format!("`{word}` is not a whole number of {} to {}", <$number>::MIN, <$number>::MAX));
                word.trim().parse().map_err(|_| range())
            }

            fn to_toml(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
whole_number!(u16, usize);

impl Word for String {
    const WANTS: &'static str = "a string";

    fn parse(word: &str) -> Result<Self, Wrong> {
        match word.chars().find(|c| c.is_control()) {
            Some(c) => Err(Wrong::new(format!("holds the control character U+{:04X}", u32::from(c)))),
            None if word.trim().is_empty() => Err(Wrong::new("is empty")),
            None => Ok(word.to_owned()),
        }
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Word for Secret {
    const WANTS: &'static str = "a string";

    fn parse(word: &str) -> Result<Self, Wrong> {
        // The message must not repeat the word, as the others do.
        match word {
            "" => Err(Wrong::new("is empty")),
            _ if word.contains(['\r', '\n', '\0']) => Err(Wrong::new("holds a line break")),
            _ => Ok(Secret::new(word.to_owned())),
        }
    }

    fn show(&self) -> String {
        "…".to_owned()
    }

    fn number(_digits: &str) -> Option<Wrong> {
        Some(Wrong::new("wants a string, not a number").help("put it in quotes"))
    }
}

impl Word for EmailAddress {
    const WANTS: &'static str = "a mail address";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|bad: crate::model::address::BadAddress| {
            let wrong = Wrong::new(format!("is not a mail address: {bad}"));
            if word.contains('<') {
                wrong.help("only the address itself goes here; the name has a key of its own")
            } else {
                wrong
            }
        })
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Word for Schedule {
    const WANTS: &'static str = "a schedule such as \"0 6 * * *\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|bad: crate::model::schedule::BadSchedule| Wrong::new(bad.to_string()))
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

/// Closed sets: every word, and its meaning.
macro_rules! one_of {
    ($type:ty, $wants:literal, $($word:literal => $meaning:expr),+ $(,)?) => {
        impl Word for $type {
            const WANTS: &'static str = $wants;

            fn parse(word: &str) -> Result<Self, Wrong> {
                let known: &[(&'static str, $type)] = &[$(($word, $meaning)),+];
                if let Some((_, meaning)) = known.iter().find(|(name, _)| *name == word) {
                    return Ok(*meaning);
                }
                let names: Vec<&'static str> = known.iter().map(|(name, _)| *name).collect();
                let help = match $crate::config::report::closest(word, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {}", names.join(", ")),
                };
                Err(Wrong::new(format!("`{word}` is not {}", $wants)).help(help))
            }

            fn show(&self) -> String {
                let known: &[(&'static str, $type)] = &[$(($word, $meaning)),+];
                known.iter().find(|(_, meaning)| meaning == self).map_or("", |(name, _)| name).to_owned()
            }
        }
    };
}
pub(super) use one_of;

one_of!(Side, "a side",
    "pakistan" => Side::Pakistan, "afghanistan-state" => Side::AfghanistanState,
    "afghanistan-exile" => Side::AfghanistanExile, "regional" => Side::Regional,
    "international" => Side::International, "un-ngo" => Side::UnNgo, "unknown" => Side::Unknown);
one_of!(FeedKind, "a kind of feed",
    "news" => FeedKind::News, "opinion" => FeedKind::Opinion, "analysis" => FeedKind::Analysis,
    "official" => FeedKind::Official, "aggregator" => FeedKind::Aggregator);
one_of!(Scope, "a scope", "bilateral" => Scope::Bilateral, "pk" => Scope::Pk, "af" => Scope::Af);
// "send" is what "note" was called at first.
one_of!(WhenEmpty, "\"skip\" or \"note\"",
    "skip" => WhenEmpty::Skip, "note" => WhenEmpty::Note, "send" => WhenEmpty::Note);
one_of!(MailFormat, "\"both\", \"html\" or \"text\"",
    "both" => MailFormat::Both, "html" => MailFormat::Html, "text" => MailFormat::Text);
one_of!(Kind, "a kind of text", "news" => Kind::News, "opinion" => Kind::Opinion, "analysis" => Kind::Analysis,
    "official" => Kind::Official, "live" => Kind::Live);
one_of!(Weekday, "a day of the week", "mon" => Weekday::Mon, "tue" => Weekday::Tue, "wed" => Weekday::Wed,
    "thu" => Weekday::Thu, "fri" => Weekday::Fri, "sat" => Weekday::Sat, "sun" => Weekday::Sun);
one_of!(Lang, "a language that digests are written in",
    "en" => Lang::En, "ur" => Lang::Ur, "ps" => Lang::Ps, "fa" => Lang::Fa);

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub u64);

const UNITS_OF_TIME: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
const UNITS_OF_SIZE: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// `90m`, `1h30m`, `10MiB`: digits and a unit, once or more, largest unit first.
fn with_units(word: &str, units: &[(&str, u64)]) -> Option<u64> {
    let mut rest = word.trim();
    let mut total: u64 = 0;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, factor) = units.iter().find(|(name, factor)| *name == &rest[..letters] && *factor < last)?;
        last = *factor;
        total = total.checked_add(number.checked_mul(*factor)?)?;
        rest = rest[letters..].trim_start();
    }
    (last != u64::MAX).then_some(total)
}

impl Word for Duration {
    const WANTS: &'static str = "a duration such as \"30s\", \"15m\", \"6h\" or \"3d\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        if !word.trim().is_empty() && word.trim().bytes().all(|b| b.is_ascii_digit()) {
            return Err(no_unit::<Self>(word.trim(), "s, m, h, d or w", &["s", "m", "h", "d"]));
        }
        let seconds = with_units(word, &UNITS_OF_TIME).ok_or_else(|| {
            Wrong::new(format!("`{word}` is not {}", <Self as Word>::WANTS)).help("units: s, m, h, d, w")
        })?;
        Ok(Duration::from_secs(seconds))
    }

    fn show(&self) -> String {
        let seconds = self.as_secs();
        // Days and weeks read best from two days on.
        let exact = |(name, factor): &&(&str, u64)| {
            *name != "w" && seconds.is_multiple_of(*factor) && (*name != "d" || seconds >= 172_800) && seconds > 0
        };
        let (name, factor) = UNITS_OF_TIME.iter().find(exact).unwrap_or(&("s", 1));
        format!("{}{name}", seconds / factor)
    }

    fn number(digits: &str) -> Option<Wrong> {
        Some(no_unit::<Self>(digits, "s, m, h, d or w", &["s", "m", "h", "d"]))
    }
}

impl Word for Size {
    const WANTS: &'static str = "a size such as \"10MiB\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        if !word.trim().is_empty() && word.trim().bytes().all(|b| b.is_ascii_digit()) {
            return Err(no_unit::<Self>(word.trim(), "B, KiB, MiB or GiB", &["KiB", "MiB"]));
        }
        with_units(word, &UNITS_OF_SIZE).map(Size).ok_or_else(|| {
            Wrong::new(format!("`{word}` is not {}", <Self as Word>::WANTS)).help("units: B, KiB, MiB, GiB, KB, MB, GB")
        })
    }

    fn show(&self) -> String {
        let (name, factor) =
            UNITS_OF_SIZE.iter().find(|(_, factor)| self.0.is_multiple_of(*factor) && self.0 > 0).unwrap_or(&("B", 1));
        format!("{}{name}", self.0 / factor)
    }

    fn number(digits: &str) -> Option<Wrong> {
        Some(no_unit::<Self>(digits, "B, KiB, MiB or GiB", &["KiB", "MiB"]))
    }
}

fn no_unit<T: Word>(digits: &str, units: &str, examples: &[&str]) -> Wrong {
    let examples: Vec<String> = examples.iter().map(|unit| format!("\"{digits}{unit}\"")).collect();
    Wrong::new(format!("{digits} has no unit ({units}); this key wants {}", T::WANTS))
        .help(format!("write {}", examples.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_units() {
        let good = [
            ("30s", 30),
            ("15m", 900),
            ("6h", 21_600),
            ("3d", 259_200),
            ("1w", 604_800),
            ("1h30m", 5_400),
            ("1h 30m", 5_400),
        ];
        for (word, seconds) in good {
            assert_eq!(<Duration as Word>::parse(word).unwrap().as_secs(), seconds, "{word}");
        }
        for word in
            ["", "15", "m", "15x", "30m1h", "1m1m", "-5m", "1.5h", "99999999999999999999d", "9999999999999999999d"]
        {
            assert!(<Duration as Word>::parse(word).is_err(), "{word}");
        }
        let bare = <Duration as Word>::parse("15").unwrap_err();
        assert!(bare.message.contains("no unit"), "{bare:?}");
        for seconds in [1, 60, 3_600, 86_400, 172_800, 90, 5_400, 604_800, 0] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(<Duration as Word>::parse(&duration.show()), Ok(duration), "{}", duration.show());
        }
    }

    #[test]
    fn sizes_carry_units() {
        for (word, bytes) in [("10MiB", 10 << 20), ("1KB", 1_000), ("7B", 7), ("2GiB", 2 << 30)] {
            assert_eq!(Size::parse(word), Ok(Size(bytes)), "{word}");
            assert_eq!(Size::parse(&Size(bytes).show()), Ok(Size(bytes)));
        }
        for word in ["10", "10 M", "MiB", "99999999999GiB"] {
            assert!(Size::parse(word).is_err(), "{word}");
        }
    }

    #[test]
    fn closed_sets_say_what_was_meant() {
        let wrong = Side::parse("pakistn").unwrap_err();
        assert_eq!(wrong.help.as_deref(), Some("did you mean `pakistan`?"));
        let wrong = MailFormat::parse("postcard").unwrap_err();
        assert_eq!(wrong.help.as_deref(), Some("one of both, html, text"));
    }
}
