//! Character references: decimal, hexadecimal, HTML names; bare ampersands stay what they are.

use std::borrow::Cow;
use std::ops::Range;

/// Decodes every reference once: `&amp;lt;` becomes `&lt;`.
pub fn decode(text: &str) -> Cow<'_, str> {
    decode_with(text, |_| None)
}

/// As [`decode`], asking `declared` first for names of the document's own DTD.
pub fn decode_with<'a>(text: &'a str, declared: impl Fn(&str) -> Option<&'a str>) -> Cow<'a, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    loop {
        // `rest` starts with an ampersand.
        let taken = match reference(rest) {
            Some((body, end)) if decode_one(&rest[body.clone()], &declared, &mut out) => end,
            _ => {
                out.push('&');
                1
            }
        };
        rest = &rest[taken..];
        let Some(next) = memchr::memchr(b'&', rest.as_bytes()) else { break };
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The name or number after an ampersand, and where the reference ends; numbers may lack their semicolon.
fn reference(text: &str) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    let numeric = bytes.get(1) == Some(&b'#');
    let body = |b: &u8| b.is_ascii_alphanumeric() || (numeric && *b == b'#');
    let length = bytes[1..].iter().take(40).take_while(|b| body(b) || matches!(**b, b'_' | b'.' | b'-')).count();
    let end = 1 + length;
    match bytes.get(end) {
        Some(b';') if length > 0 => Some((1..end, end + 1)),
        _ if numeric && length > 1 => {
            let digits = bytes[2..].iter().take_while(|b| b.is_ascii_digit()).count();
            (digits > 0 && digits < 8).then_some((1..2 + digits, 2 + digits))
        }
        _ => None,
    }
}

fn decode_one<'a>(body: &str, declared: &impl Fn(&str) -> Option<&'a str>, out: &mut String) -> bool {
    if let Some(number) = body.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let all_digits = number.trim_start_matches(['x', 'X']).bytes().all(|b| b.is_ascii_hexdigit());
        match code {
            Ok(code) => out.extend(character(code)),
            // Too big for a number is as meaningless as U+110000.
            Err(_) if all_digits && number.len() > 6 => {}
            Err(_) => return false,
        }
        return true;
    }
    let known = declared(body).or_else(|| quick_xml::escape::resolve_html5_entity(body));
    known.inspect(|value| out.push_str(value)).is_some()
}

/// Windows-1252 where ISO 8859-1 has controls.
const C1: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The character a number means: 128–159 as Windows-1252 (HTML §13.5), controls and impossible ones nothing.
fn character(code: u32) -> Option<char> {
    match code {
        9 | 10 | 13 => char::from_u32(code),
        0..=31 | 127 | 0xFFFE | 0xFFFF => None,
        _ => char::from_u32(code).map(c1),
    }
}

/// A C1 control as the Windows-1252 character that was meant.
pub(super) fn c1(c: char) -> char {
    match u32::from(c) {
        code @ 128..=159 => C1[code as usize - 128],
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once() {
        assert_eq!(decode("&lt;b&gt; &amp;lt; &#65;&#x42;&#X43; &eacute;&hellip;"), "<b> &lt; ABC é…");
        assert_eq!(decode("&#150;&#8211;"), "––");
    }

    #[test]
    fn bare_ampersands_stay() {
        for text in ["AT&T", "a & b", "&", "?a=1&b=2", "&;", "& ;", "&nosuchname;", "&#;", "R&D;", "&#x;"] {
            assert_eq!(decode(text), text);
        }
        assert_eq!(decode("a & b; &amp; &copy c"), "a & b; & &copy c");
    }

    #[test]
    fn numbers_that_mean_nothing_vanish() {
        assert_eq!(decode("a&#0;b&#x1F;c&#x110000;d&#99999999999;e&#xD800;f"), "abcdef");
        assert_eq!(decode("&#8217s"), "’s");
    }

    #[test]
    fn a_name_of_the_documents_own() {
        assert_eq!(decode_with("&desk;&amp;", |name| (name == "desk").then_some("Khyber")), "Khyber&");
    }
}
