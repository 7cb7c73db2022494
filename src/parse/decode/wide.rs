//! UTF-16 and UTF-32, told by their mark or by where the zero bytes of the first characters stand.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE\0\0") {
        return Some(utf32(rest, u32::from_le_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\0\0\xFE\xFF") {
        return Some(utf32(rest, u32::from_be_bytes));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return Some(utf16(rest, UTF_16LE));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return Some(utf16(rest, UTF_16BE));
    }
    match bytes.get(..4)? {
        [a, 0, 0, 0] if *a != 0 => Some(utf32(bytes, u32::from_le_bytes)),
        [0, 0, 0, a] if *a != 0 => Some(utf32(bytes, u32::from_be_bytes)),
        [a, 0, b, 0] if *a != 0 && *b != 0 => Some(utf16(bytes, UTF_16LE)),
        [0, a, 0, b] if *a != 0 && *b != 0 => Some(utf16(bytes, UTF_16BE)),
        _ => None,
    }
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// encoding_rs leaves UTF-32 out, as the web does; feeds of test suites and of a few tools have it.
fn utf32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    let unit = |four: &[u8; 4]| char::from_u32(read(*four)).unwrap_or(char::REPLACEMENT_CHARACTER);
    bytes.as_chunks::<4>().0.iter().map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_marks() {
        let le: Vec<u8> = "<é/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "<?xml".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let wide: Vec<u8> = "<é/>".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        assert_eq!(decode(&le).as_deref(), Some("<é/>"));
        assert_eq!(decode(&be).as_deref(), Some("<?xml"));
        assert_eq!(decode(&wide).as_deref(), Some("<é/>"));
        assert_eq!(decode(&[b"\xFE\xFF".as_slice(), &be].concat()).as_deref(), Some("<?xml"));
        assert_eq!(decode(b"<?xml"), None);
    }
}
