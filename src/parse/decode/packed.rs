//! Documents that a server compressed without saying so, or twice.

use crate::parse::limits;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use std::borrow::Cow;
use std::io::Read;

/// Feeds shrink to a fifth or a tenth; what grows more than this is a bomb, read as far as that.
const RATIO: usize = 20;
const FLOOR: usize = 1 << 20;

/// The bytes as they are, or out of their gzip or zlib wrapping as far as that is sound.
pub(in crate::parse) fn unpack(bytes: &[u8]) -> Cow<'_, [u8]> {
    let limit = (bytes.len() * RATIO).clamp(FLOOR, limits::DOCUMENT) as u64;
    let mut text = Vec::new();
    // What was read before an error stays: a cut document is better than none.
    let _ = match bytes {
        [0x1F, 0x8B, 8, ..] => MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut text),
        // RFC 1950 §2.2: deflate with a 32 KB window, and a check that 31 divides.
        [0x78, flags, ..] if (0x7800 | u32::from(*flags)) % 31 == 0 => {
            ZlibDecoder::new(bytes).take(limit).read_to_end(&mut text)
        }
        _ => return Cow::Borrowed(bytes),
    };
    if text.is_empty() { Cow::Borrowed(bytes) } else { Cow::Owned(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{GzEncoder, ZlibEncoder};

    fn all(mut from: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn packed_or_not() {
        let text = b"<rss><channel/></rss>".repeat(50);
        let gzip = all(GzEncoder::new(&text[..], Compression::default()));
        assert_eq!(unpack(&gzip).as_ref(), text);
        assert_eq!(unpack(&all(ZlibEncoder::new(&text[..], Compression::default()))).as_ref(), text);
        assert!(text.starts_with(&unpack(&gzip[..gzip.len() - 9])));
        for plain in [&b"<rss/>"[..], b"x", b"", b"\x1F\x8B\x08"] {
            assert_eq!(unpack(plain).as_ref(), plain);
        }
    }

    #[test]
    fn a_bomb_is_read_up_to_its_limit() {
        let bomb = all(GzEncoder::new(&vec![b' '; 20 << 20][..], Compression::best()));
        assert!(unpack(&bomb).len() <= FLOOR.max(bomb.len() * RATIO));
    }
}
