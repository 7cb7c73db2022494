//! Characters that have no place in a line of text: controls, bidi overrides, zero-width ones, odd spaces.

use super::references;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, one line, single spaces, nothing that hides or turns the text around it.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // Windows-1252 read as ISO 8859-1: `it\u{92}s`.
        let c = references::c1(c);
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let before = out.chars().next_back().filter(|_| !space);
        if hidden(c) && !joins(c, before, chars.peek().copied()) {
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        out.push(c);
    }
    if is_nfc_quick(out.chars()) == IsNormalized::Yes { out } else { out.nfc().collect() }
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
    }

    #[test]
    fn spelling_is_kept() {
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
    }
}
