//! Bytes to characters: BOM, then valid UTF-8, then the server's charset, then the XML declaration, then a guess.

mod declared;
mod packed;
mod stray;
mod wide;

pub(super) use packed::unpack;

use super::text::mojibake;
use super::warning::Oddity;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};
use std::borrow::Cow;
use url::Url;

#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub warning: Option<Oddity>,
}

impl<'a> From<Cow<'a, str>> for Decoded<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Decoded { text, warning: None }
    }
}

pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, url: &Url) -> Decoded<'a> {
    if let Some(text) = wide::decode(bytes) {
        return Decoded::from(Cow::Owned(text));
    }
    let bytes = without_marks(bytes);
    let named = [content_type.and_then(declared::by_server), declared::by_document(bytes)];
    if let Ok(text) = std::str::from_utf8(bytes) {
        // ISO-2022-JP is ASCII to the eye: only its declaration and its escapes tell.
        if let Some(encoding) = named.into_iter().flatten().find(|e| !e.is_ascii_compatible() && bytes.contains(&0x1B))
        {
            return Decoded::from(encoding.decode_without_bom_handling(bytes).0);
        }
        return match mojibake::undo(text) {
            Some(fixed) => Decoded { text: Cow::Owned(fixed), warning: Some(Oddity::DoubleEncoding) },
            None => Decoded::from(Cow::Borrowed(text)),
        };
    }
    if let Some(text) = stray::mostly_utf8(bytes) {
        return Decoded { text: Cow::Owned(text), warning: Some(Oddity::GuessedEncoding("UTF-8")) };
    }
    legacy(bytes, &named, url)
}

/// What `decode` takes the bytes for, in words.
pub(super) fn name(bytes: &[u8], content_type: Option<&str>, url: &Url) -> String {
    if wide::decode(bytes).is_some() {
        return "UTF-16 or UTF-32".to_owned();
    }
    if std::str::from_utf8(bytes).is_ok() {
        return "UTF-8".to_owned();
    }
    match decode(bytes, content_type, url).warning {
        Some(Oddity::GuessedEncoding(name)) => format!("{name} (guessed: nobody names one that fits)"),
        _ => {
            let named = [content_type.and_then(declared::by_server), declared::by_document(bytes)];
            named.into_iter().flatten().next().map_or("UTF-8", Encoding::name).to_owned()
        }
    }
}

/// As `decode`, for HTML, which names its encoding in a `<meta>`.
pub(super) fn decode_page<'a>(bytes: &'a [u8], content_type: Option<&str>, url: &Url) -> Cow<'a, str> {
    if wide::decode(bytes).is_none() && std::str::from_utf8(bytes).is_err() && stray::mostly_utf8(bytes).is_none() {
        let named = [content_type.and_then(declared::by_server), declared::by_meta(bytes)];
        return legacy(bytes, &named, url).text;
    }
    decode(bytes, content_type, url).text
}

/// The first named encoding in which the bytes make sense, else the guess of the detector browsers use.
fn legacy<'a>(bytes: &'a [u8], named: &[Option<&'static Encoding>], url: &Url) -> Decoded<'a> {
    let eligible = |e: &&'static Encoding| *e != UTF_8 && e.is_ascii_compatible();
    for encoding in named.iter().copied().flatten().filter(eligible) {
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        if !had_errors {
            return Decoded::from(text);
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let tld = url.domain().and_then(|domain| domain.rsplit('.').next()).map(|tld| tld.to_ascii_lowercase());
    let tld = tld.as_deref().map(str::as_bytes).filter(|tld| tld.is_ascii() && !tld.is_empty());
    let guess = detector.guess(tld, Utf8Detection::Deny);
    // A named encoding with a few bad bytes is still the best word there is, unless the guess reads all.
    let (text, had_errors) = guess.decode_without_bom_handling(bytes);
    match named.iter().copied().flatten().find(eligible) {
        Some(encoding) if had_errors => Decoded::from(encoding.decode_without_bom_handling(bytes).0),
        _ => Decoded { text, warning: Some(Oddity::GuessedEncoding(guess.name())) },
    }
}

/// UTF-8 byte order marks in front, however many a chain of editors added, after blanks too.
fn without_marks(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        match bytes.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], content_type: Option<&str>) -> String {
        decode(bytes, content_type, &Url::parse("http://example.org/feed").unwrap()).text.into_owned()
    }

    #[test]
    fn marks_beat_everything() {
        assert_eq!(text(b"\xEF\xBB\xBF\xEF\xBB\xBF<a>\xC3\xA9</a>", Some("text/xml; charset=iso-8859-1")), "<a>é</a>");
        assert_eq!(text(b"\xFE\xFF\0<\0a\0/\0>", None), "<a/>");
    }

    #[test]
    fn valid_utf8_beats_what_is_declared() {
        assert_eq!(
            text("<?xml version='1.0' encoding='utf-16'?><a>é</a>".as_bytes(), None),
            "<?xml version='1.0' encoding='utf-16'?><a>é</a>"
        );
    }

    #[test]
    fn the_server_beats_the_declaration() {
        let bytes = b"<?xml version='1.0' encoding='utf-8'?><a>\xEF\xF0\xE8\xE2\xE5\xF2</a>";
        assert!(text(bytes, Some("text/xml; charset=\"windows-1251\"")).contains("привет"));
    }

    #[test]
    fn a_declaration_past_byte_64_and_a_second_one_inside() {
        let long = b"<?xml  version=\"1.0\"                                                       encoding=\"koi8-r\" ?><a>\xD0\xD2\xC9</a>";
        assert!(text(long, None).contains("при"));
        let second = b"<?xml version='1.0' encoding='windows-1251'?><a>\xEF\xF0\xE8<?xml encoding='koi8-r'?></a>";
        assert!(text(second, None).contains("при"));
    }

    #[test]
    fn undeclared_bytes_are_guessed_and_told() {
        let bytes = b"<a>caf\xE9 d\xE9j\xE0 vu, na\xEFve</a>";
        let decoded = decode(bytes, None, &Url::parse("http://example.org/").unwrap());
        assert_eq!(decoded.text, "<a>café déjà vu, naïve</a>");
        assert_eq!(decoded.warning, Some(Oddity::GuessedEncoding("windows-1252")));
    }
}
