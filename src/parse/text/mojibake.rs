//! UTF-8 that some tool took for ISO 8859-1 and encoded a second time: `Ã©` for `é`.
//!
//! Undone for a document or a field only as a whole: every character must be a byte, and the bytes sound UTF-8. One honest
//! accent fails that, and so does the same accident by way of Windows-1252 (`â€™`), whose characters a publisher could
//! have meant; feedparser draws the same line.

pub fn undo(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|b| !b.is_ascii()) {
        let length = rest[start..].find(|c: char| c.is_ascii()).unwrap_or(rest.len() - start);
        let bytes: Option<Vec<u8>> =
            rest[start..start + length].chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        let fixed = String::from_utf8(bytes?).ok()?;
        if out.is_empty() {
            out.reserve(text.len());
        }
        out.push_str(&rest[..start]);
        out.push_str(&fixed);
        rest = &rest[start + length..];
    }
    if out.is_empty() {
        return None;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::undo;

    #[test]
    fn takes_one_layer_off() {
        let twice: String = "déjà vu “naïve” خبر".bytes().map(char::from).collect();
        assert_eq!(undo(&twice).as_deref(), Some("déjà vu “naïve” خبر"));
    }

    #[test]
    fn leaves_honest_text_alone() {
        for text in ["plain", "déjà vu", "Ã la carte", "پاکستان", "it\u{92}s", "isnâ€™t", "dÃ©jÃ vu, déjà"]
        {
            assert_eq!(undo(text), None, "{text}");
        }
    }
}
