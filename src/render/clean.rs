//! What may stand in a mail: text without tricks, links that lead where they say.

use unicode_segmentation::UnicodeSegmentation;
use url::Url;

/// Longer links are not worth a reader's trust, nor the bytes.
const MAX_URL: usize = 2_000;

/// Words before whose dot no sentence ends; those of one and two letters go without saying.
const TITLES: [&str; 7] = ["Gen", "Col", "Maj", "Capt", "Prof", "Sen", "Rev"];

/// A first sentence shorter than this alone tells too little (`Quetta, Monday.`).
const MIN_LEAD: usize = 40;

/// One line of visible text: no control, bidi or invisible characters, single blanks. The joiners U+200C and U+200D stay:
/// Persian and Pashto spelling needs them.
pub fn line(text: &str) -> String {
    // What the parser has cleaned is mostly so already.
    if is_line(text) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let start = clean.len();
        if start > 0 {
            clean.push(' ');
        }
        let before = clean.len();
        clean.extend(word.chars().filter(|&c| !is_hidden(c)));
        if clean.len() == before {
            clean.truncate(start);
        }
    }
    clean
}

fn is_line(text: &str) -> bool {
    let mut last = ' ';
    for c in text.chars() {
        let fits = match c {
            ' ' => last != ' ',
            '!'..='~' => true,
            _ => !(c.is_control() || c.is_whitespace() || is_hidden(c)),
        };
        if !fits {
            return false;
        }
        last = c;
    }
    !text.ends_with(' ')
}

/// Characters as a reader counts them.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    // Letters and marks that never join their neighbours need no table of Unicode's (UAX 29).
    let stands_alone = |c: char| {
        matches!(c, ' '..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{2FF}' | '\u{620}'..='\u{64A}' | '\u{660}'..='\u{66F}'
            | '\u{671}'..='\u{6D5}' | '\u{6EE}'..='\u{6FF}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203B}')
    };
    let mut chars = 0;
    for c in text.chars() {
        if !stands_alone(c) {
            return text.graphemes(true).count();
        }
        chars += 1;
    }
    chars
}

/// Bidi controls (Trojan Source), zero-width space, soft hyphen, byte-order mark, tags, variation and object fillers.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}' | '\u{E0000}'..='\u{E007F}')
}

/// A line of at most `max` characters as a reader counts them, cut at the end of a sentence or word.
pub fn shortened(text: &str, max: usize) -> String {
    let text = line(&text[..text.floor_char_boundary(max.saturating_mul(16))]);
    if text.len() <= max {
        return text;
    }
    // A grapheme may be thousands of combining marks long: bytes bound it too.
    let limit = text.floor_char_boundary(max.saturating_mul(8));
    let end = match width(&text) <= max {
        true => text.len(),
        false => text.grapheme_indices(true).nth(max).map_or(text.len(), |(end, _)| end),
    };
    let end = end.min(limit);
    if end == text.len() {
        return text;
    }
    let head = &text[..end];
    let sentence = head.rfind(['.', '!', '?', '۔', '؟']).filter(|&at| at >= end * 2 / 3 && ends_sentence(&text, at));
    if let Some(at) = sentence {
        let mark = head[at..].chars().next().map_or(1, char::len_utf8);
        return head[..at + mark].to_owned();
    }
    let cut = head.rfind(' ').filter(|&at| at > end / 2).unwrap_or(end);
    let head = head[..cut].trim_end_matches(|c: char| c.is_whitespace() || ".,;:–—-،؛".contains(c));
    format!("{head}…")
}

/// The first sentence, and the second where both fit in `max`; a first one that is longer is cut at a word.
pub fn sentences(text: &str, max: usize) -> String {
    let text = shortened(text, max.saturating_mul(3));
    let ends = text.match_indices(['.', '!', '?', '۔', '؟']);
    let ends = ends.filter(|(at, _)| ends_sentence(&text, *at)).map(|(at, mark)| at + mark.len()).take(2);
    let fitting = ends.filter(|end| width(&text[..*end]) <= max).last();
    match fitting {
        Some(end) if text[..end].chars().count() >= MIN_LEAD.min(max) => text[..end].to_owned(),
        _ => shortened(&text, max),
    }
}

/// `U.N. troops`, `3.5` and `www.example.org` go on after the dot.
fn ends_sentence(text: &str, at: usize) -> bool {
    let mut after = text[at..].chars().skip(1);
    let next_is_gap = after.next().is_none_or(char::is_whitespace);
    let word = text[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    next_is_gap && word.chars().count() > 2 && !TITLES.contains(&word)
}

/// An absolute http(s) link without user information, or nothing.
pub fn link(url: Option<&str>) -> Option<String> {
    let parsed = Url::parse(url?.trim()).ok()?;
    let web = matches!(parsed.scheme(), "http" | "https") && parsed.host_str().is_some();
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    (web && plain && parsed.as_str().len() <= MAX_URL).then(|| parsed.into())
}

/// The way out may be a mailbox too.
pub fn leaving_link(url: Option<&str>) -> Option<String> {
    let parsed = Url::parse(url?.trim().trim_start_matches('<').trim_end_matches('>')).ok()?;
    if parsed.scheme() == "mailto" { Some(parsed.into()) } else { link(Some(parsed.as_str())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_taken_out_and_spelling_stays() {
        assert_eq!(line("  Border\u{202E} \r\n\tre\u{200B}opens\0 today "), "Border reopens today");
        assert_eq!(line("می\u{200C}رود"), "می\u{200C}رود");
        assert_eq!(line("\u{200B} \u{FEFF}"), "");
    }

    #[test]
    fn cut_at_a_sentence_else_at_a_word() {
        assert_eq!(shortened("Short.", 20), "Short.");
        assert_eq!(shortened("The crossing reopened. Trucks moved on at noon", 26), "The crossing reopened.");
        assert_eq!(shortened("The crossing, closed for a week, reopened", 34), "The crossing, closed for a week…");
        assert_eq!(shortened("It was said that the U.N. envoy would come", 30), "It was said that the U.N…");
        assert_eq!(shortened(&"x".repeat(50), 10), format!("{}…", "x".repeat(10)));
        assert!(shortened(&format!("a{}", "\u{301}".repeat(10_000)), 9).len() < 80);
    }

    #[test]
    fn width_is_the_number_of_graphemes() {
        for text in [
            "plain",
            "“curly” — dash…",
            "طورخم کی سرحد بند ہے",
            "می‌رود",
            "e\u{301}a\u{301}",
            "👩‍👩‍👧 и café",
            "ﷺ",
            "کَابُل",
            "\u{600}ا",
            "",
        ] {
            assert_eq!(width(text), text.graphemes(true).count(), "{text}");
        }
        let alone = (' '..='\u{203B}').filter(|c| !c.is_control());
        for c in alone.filter(|c| width(&format!("é{c}é")) != 3) {
            assert_eq!(width(&format!("é{c}é")), format!("é{c}é").graphemes(true).count(), "{c:?}");
        }
        for c in ('\u{A1}'..='\u{203B}').filter(|c| !matches!(c, '\u{AD}')) {
            let text = format!("a{c}ب");
            assert_eq!(width(&text), text.graphemes(true).count(), "{c:?}");
        }
    }

    #[test]
    fn only_web_links_are_links() {
        assert_eq!(link(Some("https://example.org/a?b=1&c")).as_deref(), Some("https://example.org/a?b=1&c"));
        for bad in
            ["javascript:alert(1)", "data:text/html,x", "/a", "", "https://user:pw@example.org/", "ftp://example.org/"]
        {
            assert_eq!(link(Some(bad)), None, "{bad}");
        }
        assert_eq!(link(Some(&format!("https://example.org/{}", "a".repeat(2_000)))), None);
    }

    #[test]
    fn leaving_may_be_by_mail() {
        let mail = leaving_link(Some("<mailto:leave@example.org?subject=leave>"));
        assert_eq!(mail.as_deref(), Some("mailto:leave@example.org?subject=leave"));
        assert_eq!(leaving_link(Some("javascript:x")), None);
    }
}
