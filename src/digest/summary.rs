//! What of a feed's summary stands under a headline: the feed's own words, less what is no sentence of the report.

/// A summary longer than this is cut when the edition is frozen; the mail shows less.
const MAX_CHARS: usize = 600;

/// Empty where the summary says nothing that the headline has not said.
pub(super) fn of(text: &str, headline: &str) -> String {
    let text = without_headline(text.trim(), headline.trim());
    let text = without_teasers(text);
    cut(&spaced(text))
}

/// Many feeds repeat the headline as the summary or at its start: that says nothing twice.
fn without_headline<'a>(text: &'a str, headline: &str) -> &'a str {
    match text.strip_prefix(headline) {
        Some(rest) if !headline.is_empty() => rest.trim_start_matches(|c: char| !c.is_alphanumeric()),
        _ => text,
    }
}

/// Teasers and captions before the report, as in `• Two held • Court meets LAHORE: Police…` and
/// `File photoISLAMABAD: The…`: the report begins at its dateline. Bullets without one are headlines of other reports.
fn without_teasers(text: &str) -> &str {
    let teases = text.starts_with(['•', '●', '▪', '►']);
    match dateline(text) {
        Some((at, glued)) if teases || glued => &text[at..],
        _ if teases => "",
        _ => text,
    }
}

/// Where `ISLAMABAD: ` begins after the start of the text, and whether it is glued to the word before it.
fn dateline(text: &str) -> Option<(usize, bool)> {
    for (colon, _) in text.match_indices(": ") {
        let head = &text[..colon];
        let place = head.trim_end_matches(|c: char| c.is_ascii_uppercase() || c == '/');
        let name = &head[place.len()..];
        if name.len() < 4 || place.is_empty() {
            continue;
        }
        return Some((place.len(), !place.ends_with(char::is_whitespace)));
    }
    None
}

/// `an internal issue.Kabul urged`, `says ISPR.Adds that`: a list's end was lost with its markup.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + 8);
    let letters: Vec<char> = text.chars().collect();
    for (at, c) in letters.iter().enumerate() {
        spaced.push(*c);
        let before = &letters[at.saturating_sub(3)..at];
        let next = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
        let runs_on = matches!(c, '.' | '?' | '!')
            && before.len() == 3
            && (before.iter().all(|c| c.is_lowercase()) && next(1).is_uppercase()
                || before.iter().all(|c| c.is_uppercase()) && next(1).is_uppercase() && next(2).is_lowercase());
        if runs_on {
            spaced.push(' ');
        }
    }
    spaced
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => {
            let head = &text[..end];
            let cut = head.rfind(char::is_whitespace).filter(|&at| at > end / 2).unwrap_or(end);
            format!("{}…", head[..cut].trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_no_sentence_of_the_report_is_left_out() {
        for (text, shown) in [
            ("Torkham opens. Trucks pass.", "Trucks pass."),
            ("• Two held • Court meets", ""),
            ("• Two held • Court meets LAHORE: Police hold two.", "LAHORE: Police hold two."),
            ("A lorry waits. — Courier/FileTORKHAM: The gate opened.", "TORKHAM: The gate opened."),
            ("Claim is internal.Kabul answers at last.", "Claim is internal. Kabul answers at last."),
            ("Twelve hurt, says ISPR.Adds two fled.", "Twelve hurt, says ISPR. Adds two fled."),
            ("Said dawn.com and the U.S.Army in a No.2 note.", "Said dawn.com and the U.S.Army in a No.2 note."),
            ("The minister told DAWN: wait and see.", "The minister told DAWN: wait and see."),
            ("PESHAWAR: Some crossed.", "PESHAWAR: Some crossed."),
            ("", ""),
        ] {
            assert_eq!(of(text, "Torkham opens"), shown, "{text}");
        }
    }

    #[test]
    fn a_long_summary_ends_with_a_whole_word() {
        let text = "word ".repeat(400);
        let shown = of(&text, "x");
        assert!(shown.ends_with("word…") && shown.chars().count() <= 601, "{shown}");
    }
}
