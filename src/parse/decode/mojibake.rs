//! UTF-8 that some tool took for Windows-1252 and encoded a second time: `Ã©` for `é`.

/// The text with one layer taken off, when every character beyond ASCII belongs to such a pair; a text with one
/// honest accent is left alone.
pub(super) fn undo(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    let mut fixed = false;
    while let Some(at) = rest.iter().position(|b| !b.is_ascii()) {
        let run = rest[at..].iter().position(u8::is_ascii).map_or(rest.len(), |length| at + length);
        let bytes = std::str::from_utf8(&rest[at..run]).ok()?.chars().map(byte).collect::<Option<Vec<u8>>>()?;
        std::str::from_utf8(&bytes).ok()?;
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&bytes);
        rest = &rest[run..];
        fixed = true;
    }
    out.extend_from_slice(rest);
    fixed.then(|| String::from_utf8(out).ok())?
}

/// The Windows-1252 byte of a character.
fn byte(c: char) -> Option<u8> {
    const HIGH: [char; 27] = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•', '–', '—', '˜', '™',
        'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    const BYTES: [u8; 27] = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8E, 0x91, 0x92, 0x93, 0x94, 0x95,
        0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9E, 0x9F,
    ];
    match c as u32 {
        code @ 0x80..=0xFF => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|high| *high == c).map(|at| BYTES[at]),
    }
}

#[cfg(test)]
mod tests {
    use super::undo;

    #[test]
    fn takes_one_layer_off() {
        assert_eq!(undo("dÃ©jÃ\u{A0} vu â€œnaÃ¯veâ€\u{9D}").as_deref(), Some("déjà vu “naïve”"));
    }

    #[test]
    fn leaves_honest_text_alone() {
        for text in ["plain", "déjà vu", "Ã la carte", "پاکستان", "dÃ©jÃ\u{A0} vu, déjà"] {
            assert_eq!(undo(text), None, "{text}");
        }
    }
}
