//! Characters that XML 1.0 §2.2 forbids: out before anything else looks at the text.

use std::borrow::Cow;

pub(super) fn strip(text: &str) -> Cow<'_, str> {
    // By bytes: every forbidden character is ASCII or starts with 0xEF 0xBF, and 0xEF is rare. In pieces without a way
    // out of them, so that they are looked at many bytes at a time.
    let suspect = |b: &u8| (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r')) || *b == 0x7F || *b == 0xEF;
    let any = |piece: &[u8]| piece.iter().fold(false, |found, b| found | suspect(b));
    let forbidden =
        |c: char| (c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if !text.as_bytes().chunks(1_024).any(any) || !text.contains(forbidden) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !forbidden(*c)).collect())
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn only_what_is_forbidden() {
        assert_eq!(strip("a\0b\u{8}c\td\r\ne\u{FFFE}f\u{7F}g\u{FFFD}"), "abc\td\r\nefg\u{FFFD}");
        assert!(matches!(strip("sound\n"), std::borrow::Cow::Borrowed(_)));
        assert!(matches!(strip("sound \u{FF21}\u{FFFD}"), std::borrow::Cow::Borrowed(_)));
    }
}
