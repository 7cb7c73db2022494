//! UTF-8 with a few stray bytes: text of another encoding pasted into it.

use encoding_rs::WINDOWS_1252;

/// The text when sound multi-byte characters outnumber the bad bytes by far; bad bytes are read as Windows-1252.
pub(super) fn mostly_utf8(bytes: &[u8]) -> Option<String> {
    let (mut sound, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if sound < 4 * bad {
        return None;
    }
    let mut text = String::with_capacity(bytes.len() + 2 * bad);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::mostly_utf8;

    #[test]
    fn one_bad_byte_among_many() {
        assert_eq!(mostly_utf8(b"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9 \xE9").as_deref(), Some("éééé é"));
        assert_eq!(mostly_utf8(b"\xC3\xA9 \xE9"), None);
        // Cyrillic in KOI8-R has pairs that happen to be valid.
        assert_eq!(
            mostly_utf8("привет мир".encode_utf16().map(|u| (u & 0xFF) as u8 | 0xC0).collect::<Vec<_>>().as_slice()),
            None
        );
    }
}
