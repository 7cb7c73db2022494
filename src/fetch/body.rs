//! A body out of its content coding, never larger than allowed.

use std::io::{BufReader, ErrorKind, Read};

/// Below this a high ratio is only a small, regular feed.
const RATIO_FREE: u64 = 1 << 20;
const RATIO: u64 = 100;
/// RFC 9659: a zstd frame sent over HTTP may ask for a window of 8 MiB at most; the library alone would give 128.
const ZSTD_WINDOW_LOG: u32 = 23;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is larger than {} MiB", .0 >> 20)]
    TooLarge(u64),
    #[error("the compressed body grows more than {RATIO} times when unpacked, as only an attack does")]
    Bomb,
    #[error("the body is packed in a way nobody asked for (`{0}`)")]
    Coding(String),
    #[error("the compressed body is damaged")]
    Damaged,
    #[error("the compressed body breaks off")]
    Cut,
}

/// The codings of `Accept-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// From `Content-Encoding`. Stacked codings are refused: no server needs them, and they hide bombs.
    pub fn of(header: Option<&str>) -> Result<Self, BodyError> {
        let text = header.unwrap_or("").trim().to_ascii_lowercase();
        match text.as_str() {
            "" | "identity" | "none" | "utf-8" => Ok(Coding::Identity),
            "gzip" | "x-gzip" => Ok(Coding::Gzip),
            "deflate" => Ok(Coding::Deflate),
            "br" => Ok(Coding::Brotli),
            "zstd" => Ok(Coding::Zstd),
            _ => Err(BodyError::Coding(text.chars().filter(|c| matches!(c, ' '..='~')).take(40).collect())),
        }
    }
}

/// Unpacks `wire`, checking the limits after each piece of 64 KiB. What is not packed is not copied either: see `Coding::Identity`.
pub fn unpack(coding: Coding, bytes: &[u8], max: u64) -> Result<Vec<u8>, BodyError> {
    let limits = Limits { max, ratio: (bytes.len() as u64).saturating_mul(RATIO).max(RATIO_FREE) };
    match coding {
        // An empty body needs no gzip header: servers send none for feeds without content.
        _ if bytes.is_empty() => Ok(Vec::new()),
        Coding::Identity => drain(bytes, &limits),
        Coding::Gzip => gunzip(bytes, &limits),
        Coding::Deflate if is_zlib(bytes) => drain(flate2::bufread::ZlibDecoder::new(bytes), &limits),
        Coding::Deflate => drain(flate2::bufread::DeflateDecoder::new(bytes), &limits),
        Coding::Brotli => drain(brotli::Decompressor::new(bytes, 16 << 10), &limits),
        Coding::Zstd => {
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(BufReader::new(bytes)).map_err(|_| BodyError::Damaged)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|_| BodyError::Damaged)?;
            drain(decoder, &limits)
        }
    }
}

/// RFC 9110 says zlib, some servers send bare deflate: told apart by the header's check bits (RFC 1950 §2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// All members of a gzip stream; whatever else follows the last one is padding, which curl and browsers ignore too.
fn gunzip(mut bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, BodyError> {
    let mut out = Vec::new();
    loop {
        let mut decoder = flate2::bufread::GzDecoder::new(bytes);
        limits.drain_into(&mut decoder, &mut out)?;
        bytes = decoder.into_inner();
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(out);
        }
    }
}

fn drain(mut source: impl Read, limits: &Limits) -> Result<Vec<u8>, BodyError> {
    let mut out = Vec::new();
    limits.drain_into(&mut source, &mut out)?;
    Ok(out)
}

struct Limits {
    max: u64,
    ratio: u64,
}

impl Limits {
    fn drain_into(&self, source: &mut impl Read, out: &mut Vec<u8>) -> Result<(), BodyError> {
        let mut piece = vec![0; 64 << 10];
        loop {
            match source.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(n) => out.extend_from_slice(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(BodyError::Cut),
                Err(_) => return Err(BodyError::Damaged),
            }
            if out.len() as u64 > self.ratio {
                return Err(BodyError::Bomb);
            }
            if out.len() as u64 > self.max {
                return Err(BodyError::TooLarge(self.max));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = b"<rss version='2.0'><channel><title>Torkham</title></channel></rss>";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        brotli::CompressorWriter::new(&mut out, 4096, 5, 20).write_all(bytes).unwrap();
        out
    }

    #[test]
    fn every_coding_gives_the_text_back() {
        let raw_deflate = zlib(TEXT)[2..].to_vec();
        let padded = [gzip(TEXT), vec![0; 512]].concat();
        let members = [gzip(&TEXT[..20]), gzip(&TEXT[20..])].concat();
        let packed = [
            (Coding::Identity, TEXT.to_vec()),
            (Coding::Gzip, gzip(TEXT)),
            (Coding::Gzip, padded),
            (Coding::Gzip, members),
            (Coding::Deflate, zlib(TEXT)),
            (Coding::Deflate, raw_deflate),
            (Coding::Brotli, brotli(TEXT)),
            (Coding::Zstd, zstd::encode_all(TEXT, 3).unwrap()),
        ];
        for (coding, wire) in packed {
            assert_eq!(unpack(coding, &wire, 1 << 20).as_deref(), Ok(TEXT), "{coding:?}");
        }
    }

    #[test]
    fn cut_and_damaged_bodies_are_told() {
        for (coding, wire) in
            [(Coding::Gzip, gzip(TEXT)), (Coding::Deflate, zlib(TEXT)), (Coding::Brotli, brotli(TEXT))]
        {
            let cut = wire[..wire.len() / 2].to_vec();
            assert!(matches!(unpack(coding, &cut, 1 << 20), Err(BodyError::Cut | BodyError::Damaged)), "{coding:?}");
            assert!(unpack(coding, &[0xff; 300], 1 << 20).is_err(), "{coding:?}");
        }
        let cut = zstd::encode_all(TEXT, 3).unwrap();
        assert_eq!(unpack(Coding::Zstd, &cut[..cut.len() - 4], 1 << 20), Err(BodyError::Cut));
    }

    #[test]
    fn bombs_stop_at_the_ratio_and_large_bodies_at_the_limit() {
        let zeros = vec![0; 32 << 20];
        for (coding, wire) in [
            (Coding::Gzip, gzip(&zeros)),
            (Coding::Deflate, zlib(&zeros)),
            (Coding::Brotli, brotli(&zeros)),
            (Coding::Zstd, zstd::encode_all(zeros.as_slice(), 3).unwrap()),
        ] {
            assert_eq!(unpack(coding, &wire, 64 << 20), Err(BodyError::Bomb), "{coding:?}");
        }
        let noise: Vec<u8> = (0u32..500_000).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert_eq!(unpack(Coding::Gzip, &gzip(&noise), 1 << 20), Err(BodyError::TooLarge(1 << 20)));
        assert_eq!(unpack(Coding::Identity, &noise, 1 << 20), Err(BodyError::TooLarge(1 << 20)));
    }

    #[test]
    fn a_zstd_frame_may_not_ask_for_a_huge_window() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&vec![b'x'; 100_000]).unwrap();
        let wire = encoder.finish().unwrap();
        assert_eq!(unpack(Coding::Zstd, &wire, 1 << 20), Err(BodyError::Damaged));
    }

    #[test]
    fn stacked_codings_are_refused() {
        assert_eq!(Coding::of(Some("gzip, gzip")), Err(BodyError::Coding("gzip, gzip".to_owned())));
        assert_eq!(Coding::of(Some(" GZip ")), Ok(Coding::Gzip));
        assert_eq!(Coding::of(None), Ok(Coding::Identity));
    }
}
