//! What publishers write before a headline or a text to make readers look, and what form it has: `Exclusive:`, `Explainer |`.
//!
//! Shown, a label that only calls goes; one that names a form goes where the mail says the form in a badge of its own. The entry keeps
//! both, and its kind is told from them.

use crate::model::Kind;

/// Labels in small letters, whose every word may be in capitals; `*` is the publisher's own name.
const CALLS: [&str; 26] = [
    "watch",
    "watch live",
    "video",
    "exclusive",
    "exclusive video",
    "breaking",
    "breaking news",
    "just in",
    "developing",
    "update",
    "updated",
    "alert",
    "must read",
    "revealed",
    "revisited",
    "first on *",
    "only on *",
    "* exclusive",
    "listen",
    "look",
    "read",
    "latest updates",
    "latest",
    "ویڈیو",
    "بریکنگ نیوز",
    "تازہ ترین",
];

/// Labels of a text's form.
const FORMS: [&str; 24] = [
    "opinion",
    "analysis",
    "news analysis",
    "comment",
    "editorial",
    "op-ed",
    "column",
    "explainer",
    "explained",
    "situationer",
    "factbox",
    "fact check",
    "timeline",
    "profile",
    "interview",
    "feature",
    "live",
    "live updates",
    "live blog",
    "press release",
    "اداریہ",
    "تجزیہ",
    "تحلیل",
    "سرمقاله",
];

/// The longest label, in bytes, and a publisher's name in it.
const LONGEST: usize = 60;
/// Less than this left is no headline.
const REST: usize = 12;

/// The text without the labels at its start. `kind`: what a badge says beside it.
pub fn unlabelled(text: &str, kind: Kind) -> &str {
    let mut text = text.trim_start();
    // `EXCLUSIVE | Watch: …`: two at most are seen.
    for _ in 0..2 {
        text = label(text, kind).unwrap_or(text);
    }
    text
}

/// What follows one label.
fn label(text: &str, kind: Kind) -> Option<&str> {
    let bracketed = text.strip_prefix('[');
    let ends: &[char] = if bracketed.is_some() { &[']'] } else { &[':', '|'] };
    let inner = bracketed.unwrap_or(text);
    let at = inner[..inner.floor_char_boundary(LONGEST)].find(ends)?;
    let name = inner[..at].trim();
    let calls = CALLS.iter().any(|known| is_it(name, known));
    let has_badge = matches!(kind, Kind::Opinion | Kind::Analysis | Kind::Official | Kind::Live);
    let is_form = has_badge && FORMS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let rest =
        inner[at + 1..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '|' | '-' | '–' | '—'));
    ((calls || is_form) && rest.len() >= REST).then_some(rest)
}

fn is_it(name: &str, known: &str) -> bool {
    let Some((before, after)) = known.split_once('*') else { return name.eq_ignore_ascii_case(known) };
    let Some(length) = name.len().checked_sub(before.len() + after.len()) else { return false };
    let parts =
        (name.get(..before.len()), name.get(before.len()..before.len() + length), name.get(before.len() + length..));
    let (Some(start), Some(own), Some(end)) = parts else { return false };
    // `First on the scene: …` names nobody.
    let is_name = own.starts_with(char::is_uppercase) && own.split_whitespace().count() <= 3;
    start.eq_ignore_ascii_case(before) && end.eq_ignore_ascii_case(after) && is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_calls_goes() {
        let rest = "The gate of Torkham opened again";
        for before in [
            "WATCH: ",
            "Watch | ",
            "EXCLUSIVE: ",
            "First on CNN: ",
            "Only on Desk TV: ",
            "[Video] ",
            "BREAKING NEWS: ",
            "Fox News Exclusive | ",
            "Exclusive: Watch: ",
            "ویڈیو: ",
        ] {
            assert_eq!(unlabelled(&format!("{before}{rest}"), Kind::News), rest, "{before}");
        }
    }

    #[test]
    fn a_form_goes_where_a_badge_says_it() {
        let text = "Explainer | Why the gate is shut so often";
        assert_eq!(unlabelled(text, Kind::Analysis), "Why the gate is shut so often");
        assert_eq!(unlabelled(text, Kind::News), text);
    }

    #[test]
    fn words_of_the_sentence_stay() {
        for text in [
            "Torkham: the gate opened again",
            "Watch for floods: rain is near",
            "ISLAMABAD: The court adjourned the hearing",
            "Afghanistan: Watch: the gate",
            "Exclusive: no",
            "First on the scene: police say two died",
            "First on the scene were the police, says a man: they came late",
            "Live and let live in Quetta",
            "",
        ] {
            assert_eq!(unlabelled(text, Kind::News), text);
        }
    }
}
