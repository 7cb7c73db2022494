//! Characters that XML 1.0 §2.2 forbids: out before anything else looks at the text.

use std::borrow::Cow;

pub(super) fn strip(text: &str) -> Cow<'_, str> {
    // By bytes: every forbidden character is ASCII or starts with 0xEF 0xBF.
    let suspect = |b: &u8| (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || *b == 0x7F;
    let wide = |c: char| matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if !text.as_bytes().iter().any(suspect) && !text.contains(wide) {
        return Cow::Borrowed(text);
    }
    let forbidden = |c: char| (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) || wide(c);
    Cow::Owned(text.chars().filter(|c| !forbidden(*c)).collect())
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn only_what_is_forbidden() {
        assert_eq!(strip("a\0b\u{8}c\td\r\ne\u{FFFE}f\u{7F}g\u{FFFD}"), "abc\td\r\nefg\u{FFFD}");
        assert!(matches!(strip("sound\n"), std::borrow::Cow::Borrowed(_)));
    }
}
