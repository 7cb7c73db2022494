//! The encoding that the server or the document names.

use encoding_rs::Encoding;

/// `charset=` of a Content-Type header (RFC 9110 §8.3.1), quoted or not.
pub(super) fn by_server(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| label(value))?
    })
}

/// `encoding=` of the first XML declaration, wherever in the first kilobyte it ends.
pub(super) fn by_document(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(1024)];
    let start = find(head, b"<?xml")?;
    let head = &head[start..];
    let declaration = &head[..find(head, b"?>").unwrap_or(head.len())];
    let value = &declaration[find(declaration, b"encoding")? + b"encoding".len()..];
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *value.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let value = &value[1..];
    label(std::str::from_utf8(&value[..value.iter().position(|b| *b == quote)?]).ok()?)
}

/// `charset=` of a `<meta>` in the first kilobytes of a page, of either form (HTML, "prescan a byte stream").
pub(super) fn by_meta(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    head.match_indices("<meta").find_map(|(at, _)| {
        let tag = &head[at..at + head[at..].find('>')?];
        let value = tag[tag.find("charset=")? + "charset=".len()..].trim_start_matches(['"', '\'', ' ']);
        label(&value[..value.find(['"', '\'', ' ', ';', '/', '>']).unwrap_or(value.len())])
    })
}

fn label(text: &str) -> Option<&'static Encoding> {
    let text = text.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    Encoding::for_label(text.as_bytes()).or(match text.as_str() {
        // Names that the Encoding Standard left out.
        "gb_2312" | "cp936" | "ms936" => Some(encoding_rs::GBK),
        "cp950" => Some(encoding_rs::BIG5),
        "cp949" | "uhc" => Some(encoding_rs::EUC_KR),
        "cp932" | "windows-932" => Some(encoding_rs::SHIFT_JIS),
        "iso8859_1" | "8859-1" | "latin-1" => Some(encoding_rs::WINDOWS_1252),
        "cp1256" => Some(encoding_rs::WINDOWS_1256),
        _ => None,
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
