//! Feed text made safe for a mail: no controls, no second header, no encoded word that the sender did not mean.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Directional embeddings, overrides and isolates: a headline can use them to show what it does not say.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line: controls and line separators become spaces, runs of spaces one, at most `max` characters.
pub(super) fn line(text: &str, max: usize) -> String {
    let text: String = text
        .chars()
        .filter(|&c| !is_bidi_control(c) && c != '\u{feff}')
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > max {
        line = line.chars().take(max.saturating_sub(1)).collect();
        line.truncate(line.trim_end().len());
        line.push('…');
    }
    line
}

/// A display name: a line without what could be read as an encoded word, which some readers decode even inside quotes.
pub(super) fn name(text: &str) -> String {
    line(text, 100).replace("=?", "= ?").replace("?=", "? =")
}

/// A body: line ends as CRLF (the last is lettre's to add), no other controls than the tab, no overriding of direction.
pub(super) fn body(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let mut body = String::with_capacity(unified.len() + unified.len() / 32);
    for c in unified.trim_end_matches('\n').chars() {
        match c {
            '\n' => body.push_str("\r\n"),
            '\t' => body.push(c),
            // Isolates stay: templates need them to put a Latin name into an Urdu line.
            '\u{202a}'..='\u{202e}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => body.push(c),
        }
    }
    body
}

/// An unstructured header value, folded (RFC 5322 §2.2.3) and, where it is not plain ASCII or holds something that
/// looks like an encoded word, encoded whole (RFC 2047): a reader then shows `=?utf-8?q?…?=` from a title as it stands.
pub(super) fn header_value(name: &str, text: &str) -> String {
    let plain = text.is_ascii() && !text.contains("=?") && text.split(' ').all(|word| word.len() <= 70);
    let mut column = name.len() + 2;
    let mut value = String::new();
    if plain {
        for (at, word) in text.split(' ').enumerate() {
            if at > 0 && column + 1 + word.len() > 76 {
                value.push_str("\r\n ");
                column = 1;
            } else if at > 0 {
                value.push(' ');
                column += 1;
            }
            value.push_str(word);
            column += word.len();
        }
        return value;
    }
    // 75 characters an encoded word at most: 12 of frame, and 4 for every 3 octets; the first line also holds the name.
    let mut chunk = String::new();
    let mut room = 45usize.saturating_sub(name.len());
    for c in text.chars() {
        if chunk.len() + c.len_utf8() > room {
            value.push_str(&format!("=?utf-8?B?{}?=\r\n ", STANDARD.encode(&chunk)));
            chunk.clear();
            room = 45;
        }
        chunk.push(c);
    }
    value.push_str(&format!("=?utf-8?B?{}?=", STANDARD.encode(&chunk)));
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(
            line("  Bannu\r\nBcc: all@x.test\0\u{7}\t siege\u{2028}ends ", 100),
            "Bannu Bcc: all@x.test siege ends"
        );
        assert_eq!(line("\u{202e}evil\u{2066}x\u{2069}", 100), "evilx");
        assert_eq!(line("one two three", 8), "one two…");
    }

    #[test]
    fn a_body_has_crlf_ends_and_no_controls() {
        assert_eq!(body("a\rb\nc\r\n\0\u{8}d\t\u{202e}e\n\n\n"), "a\r\nb\r\nc\r\nd\te");
        assert_eq!(body("\u{2067}پشاور\u{2069}"), "\u{2067}پشاور\u{2069}");
    }

    #[test]
    fn smuggled_words_are_encoded_and_plain_ones_are_not() {
        assert_eq!(header_value("Subject", "Daily: 3 stories"), "Daily: 3 stories");
        let smuggled = header_value("Subject", "=?utf-8?q?=0D=0ABcc=3A_x?=");
        assert!(smuggled.starts_with("=?utf-8?B?") && !smuggled.contains("?q?"));
        for text in ["word ".repeat(60).trim_end().to_owned(), "خبر ".repeat(60), "x".repeat(500)] {
            for line in header_value("Subject", &text).split("\r\n") {
                assert!(line.len() <= 76, "{line}");
            }
        }
    }
}
