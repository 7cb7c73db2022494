//! Who wrote a text, where its byline, `<source>` or dateline says so.

use crate::model::Entry;

/// Agencies by the words that credit them; in capitals as in a dateline, or in full.
const AGENCIES: [(&str, &[&str]); 16] = [
    ("Reuters", &["Reuters"]),
    ("AFP", &["AFP", "Agence France-Presse", "Agence France Presse"]),
    ("AP", &["Associated Press", "(AP)"]),
    ("APP", &["Associated Press of Pakistan", "(APP)", "— APP", "-APP"]),
    ("ANI", &["(ANI)", "ANI"]),
    ("PTI", &["Press Trust of India"]),
    ("IANS", &["(IANS)", "IANS"]),
    ("Xinhua", &["Xinhua"]),
    ("Anadolu", &["Anadolu"]),
    ("dpa", &["(dpa)", "Deutsche Presse-Agentur"]),
    ("Bakhtar", &["Bakhtar", "باختر"]),
    ("Pajhwok", &["Pajhwok", "پژواک"]),
    ("Khaama Press", &["Khaama"]),
    ("TOLOnews", &["TOLOnews", "طلوع نیوز", "طلوع‌نیوز"]),
    ("PPI", &["(PPI)"]),
    ("INP", &["(INP)"]),
];

/// The origin that the texts agree on: the first credit in order of the entries.
pub(super) fn origin<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<String> {
    entries.into_iter().find_map(credited)
}

fn credited(entry: &Entry) -> Option<String> {
    let source = entry.source.as_deref().map(str::trim).filter(|source| !source.is_empty());
    if let Some(source) = source {
        return Some(agency(source).map_or_else(|| source.to_owned(), str::to_owned));
    }
    let byline = entry.author.as_deref().and_then(agency);
    byline
        .or_else(|| dateline(&entry.summary))
        .or_else(|| closing(&entry.summary))
        .filter(|name| *name != entry.publisher)
        .map(str::to_owned)
}

fn agency(text: &str) -> Option<&'static str> {
    // The Associated Press of Pakistan first: its name holds the other's.
    let of_pakistan = AGENCIES.iter().find(|(name, _)| *name == "APP");
    let all = of_pakistan.into_iter().chain(&AGENCIES);
    all.into_iter()
        .find(|(name, credits)| text == *name || credits.iter().any(|credit| text.contains(credit)))
        .map(|(name, _)| *name)
}

/// `KABUL (AFP) – …`, `ISLAMABAD, Dec 3 (Reuters) -`: a credit within the first 60 characters, in parentheses or with a dash.
fn dateline(summary: &str) -> Option<&'static str> {
    let start: String = summary.chars().take(60).collect();
    let credit = start.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(credit, _)| credit);
    credit.and_then(|credit| agency(credit).or_else(|| agency(&format!("({credit})"))))
}

/// `… on Sunday. — Reuters`, `(With input from AFP)`: a credit after the last sentence. A picture's credit, `— AFP/File`,
/// stands at the beginning.
fn closing(summary: &str) -> Option<&'static str> {
    let end =
        summary.trim_end().rsplit(['.', '!', '?', '\n', '۔']).find(|part| part.chars().any(char::is_alphabetic))?;
    let end = end.trim_matches(|c: char| !c.is_alphanumeric());
    let words = end.split_whitespace().count();
    let lower = end.to_lowercase();
    let input =
        ["input from", "inputs from", "reporting by", "with additional"].iter().any(|sign| lower.contains(sign));
    (words <= 3 || (input && words <= 9)).then(|| agency(end).or_else(|| agency(&format!("({end})")))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_read() {
        assert_eq!(dateline("KABUL (AFP) – Traders waited at the gate"), Some("AFP"));
        assert_eq!(dateline("ISLAMABAD, Dec 3 (Reuters) - The ministry"), Some("Reuters"));
        assert_eq!(dateline("The minister (48) spoke"), None);
        assert_eq!(closing("The road opens on Sunday. — Reuters"), Some("Reuters"));
        assert_eq!(closing("The road opens on Sunday.\n(With additional input from AFP)"), Some("AFP"));
        assert_eq!(closing("He told Reuters that the road opens on Sunday."), None);
        assert_eq!(closing("— AFP/FileISLAMABAD: The road opens on Sunday."), None);
        assert_eq!(closing(""), None);
        assert_eq!(agency("Associated Press of Pakistan"), Some("APP"));
        assert_eq!(agency("The Associated Press"), Some("AP"));
    }
}
