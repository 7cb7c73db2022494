//! Characters that have no place in a line of text: controls, bidi overrides, zero-width ones, odd spaces.

use super::references;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, one line, single spaces, nothing that hides or turns the text around it.
pub fn clean(text: &str) -> String {
    let mut line = Line { text: String::with_capacity(text.len()), space: false };
    let mut rest = text;
    loop {
        let run = plain(rest.as_bytes());
        line.push(&rest[..run]);
        let mut chars = rest[run..].chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        // Windows-1252 read as ISO 8859-1: `it\u{92}s`.
        let c = references::c1(c);
        if c.is_whitespace() {
            line.space = true;
            continue;
        }
        let before = line.text.chars().next_back().filter(|_| !line.space);
        if !hidden(c) || joins(c, before, rest.chars().next()) {
            line.push(c.encode_utf8(&mut [0; 4]));
        }
    }
    let text = line.text;
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// Most of most texts is printable ASCII and letters and marks of the Arabic block, with one blank between two words, and stays as it is:
/// how much of the start.
fn plain(text: &[u8]) -> usize {
    let mut at = simple(text);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.iter().position(|b| !b.is_ascii_graphic()).unwrap_or(rest.len());
        at += match text.get(at..).unwrap_or_default() {
            // The mark that turns the text around.
            [0xD8, 0x9C, ..] | [b' ', 0xD8, 0x9C, ..] => return at,
            [0xD8..=0xDB, _, ..] => 2,
            [b' ', b'!'..=b'~' | 0xD8..=0xDB, ..] if at > 0 => 1,
            _ => return at,
        };
    }
}

/// How much of the start is printable ASCII with one blank between two words, by whole pieces: without a way out of them, so that they
/// are looked at many bytes at a time. What follows may begin with a blank.
fn simple(text: &[u8]) -> usize {
    const PIECE: usize = 32;
    if !text.first().is_some_and(u8::is_ascii_graphic) {
        return 0;
    }
    let printable = |b: u8| matches!(b, b' '..=b'~');
    let mut at = 1;
    while let (Some(before), Some(piece)) = (text.get(at - 1..at - 1 + PIECE), text.get(at..at + PIECE)) {
        let pairs = before.iter().zip(piece);
        if !pairs.fold(true, |sound, (a, b)| sound & printable(*b) & !((*a == b' ') & (*b == b' '))) {
            break;
        }
        at += PIECE;
    }
    // Whether the blank at the end stays is for what follows to say.
    if text[at - 1] == b' ' { at - 1 } else { at }
}

/// Words with one space between them, none in front and none behind.
struct Line {
    text: String,
    /// Whether blanks came since the last word.
    space: bool,
}

impl Line {
    fn push(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        if self.space && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.space = false;
        self.text.push_str(piece);
    }
}

/// Controls, bidi marks, embeddings, overrides and isolates, zero-width characters, tags, byte order marks.
fn hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

/// The zero-width joiners that spelling needs: between letters of Persian and Urdu words, and inside emoji.
fn joins(c: char, before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let arabic = |c: char| matches!(c, '\u{620}'..='\u{6FF}' | '\u{750}'..='\u{77F}');
    match c {
        '\u{200C}' => arabic(before) && arabic(after),
        '\u{200D}' => (arabic(before) && arabic(after)) || (before > '\u{2190}' && after > '\u{2190}'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;
    use proptest::prelude::*;

    #[test]
    fn hides_nothing() {
        assert_eq!(clean(" a\u{202E}b\u{200B}c\r\n\t d\u{7}\u{A0}e\u{FEFF} "), "abc d e");
        assert_eq!(clean("cafe\u{301} it\u{92}s"), "café it’s");
        for (text, cleaned) in
            [("", ""), (" ", ""), ("a b ", "a b"), (" a", "a"), ("a  b", "a b"), ("a b", "a b"), ("a\tb", "a b")]
        {
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn spelling_is_kept() {
        assert_eq!(clean(" طورخم\u{61C} بند\n ہے۔"), "طورخم بند ہے۔");
        assert_eq!(clean("می\u{200C}شود"), "می\u{200C}شود");
        assert_eq!(clean("\u{200C}می \u{200C} شود"), "می شود");
        assert_eq!(clean("👩\u{200D}🚒"), "👩\u{200D}🚒");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in ".{0,60}") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }

        /// What is hidden in front keeps the text from being looked at in pieces.
        #[test]
        fn pieces_change_nothing(text in "([a-z]{1,9}[ ,.]|[ -~]|[\\n  é\u{61C}\u{200C}خب]){0,120}") {
            prop_assert_eq!(clean(&format!("\u{200B}{text}")), clean(&text));
        }
    }
}
