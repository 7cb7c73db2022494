//! The stable equivalent of tests/fuzz: its seeds, mutated as corruption happens, read or refused; the pre-pass is idempotent.
//! `KHYBER_FUZZ_CASES` sets how many documents each test reads; which ones, .cargo/config.toml.

use khyber::model::{Document, Timestamp};
use khyber::parse::prepare::{Opened, open, prepare};
use khyber::parse::{FeedContext, ParseError, parse, prepared_as_read};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::path::Path;

fn cases() -> Config {
    let asked = std::env::var("KHYBER_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(512), failure_persistence: None, ..Config::default() }
}

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 7);
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// One corruption; positions are parts of 65,536 of the document.
#[derive(Debug, Clone)]
enum Damage {
    Cut(u16),
    Drop(u16, u8),
    Repeat(u16, u16, u8),
    Flip(u16, u8),
    Insert(u16, Vec<u8>),
    Say(u16, usize),
    Splice(u16, usize, u16),
    Wide,
}

const SAYINGS: &[&str] = &[
    "<",
    ">",
    "&",
    "&#",
    "&#0;",
    "&#xD800;",
    "&amp;",
    "&nbsp;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE x [",
    "]>",
    "\"",
    "'",
    "=",
    "/",
    "</item>",
    "<item>",
    "</channel>",
    "</entry>",
    "<entry>",
    "<title>",
    "</title>",
    "<script>",
    "</",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\u0000",
    "\\ud800",
    "null",
    "\0",
    "\u{7}",
    "\u{85}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffe}",
    "xmlns='",
    "xml:base='http://['",
    " type='xhtml'",
    "<?xml version='1.0' encoding='utf-16'?>",
    "<?xml version='1.0' encoding='koi8-r'?>",
    "<rss>",
    "<feed>",
    "<a href=//[>",
    "١٢",
    "\r",
    "\r\n",
];

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let one = prop_oneof![
        any::<u16>().prop_map(Damage::Cut),
        any::<(u16, u8)>().prop_map(|(at, length)| Damage::Drop(at, length)),
        any::<(u16, u16, u8)>().prop_map(|(from, to, length)| Damage::Repeat(from, to, length)),
        any::<(u16, u8)>().prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (any::<u16>(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<u16>(), 0..SAYINGS.len()).prop_map(|(at, saying)| Damage::Say(at, saying)),
        (any::<u16>(), 0..SAYINGS.len()).prop_map(|(at, saying)| Damage::Say(at, saying)),
        (any::<u16>(), 0..7_usize, any::<u16>()).prop_map(|(at, seed, from)| Damage::Splice(at, seed, from)),
        Just(Damage::Wide),
    ];
    prop::collection::vec(one, 1..8)
}

fn damaged(seeds: &[Vec<u8>], seed: usize, damage: &[Damage]) -> Vec<u8> {
    let mut bytes = seeds[seed % seeds.len()].clone();
    let place = |bytes: &[u8], at: u16| bytes.len() * usize::from(at) / 65_536;
    for one in damage {
        match one {
            Damage::Cut(at) => bytes.truncate(place(&bytes, *at)),
            Damage::Drop(at, length) => {
                let from = place(&bytes, *at);
                bytes.drain(from..(from + usize::from(*length)).min(bytes.len()));
            }
            Damage::Repeat(from, to, length) => {
                let from = place(&bytes, *from);
                let piece = bytes[from..(from + usize::from(*length)).min(bytes.len())].repeat(3);
                let to = place(&bytes, *to);
                bytes.splice(to..to, piece);
            }
            Damage::Flip(at, bits) => {
                let at = place(&bytes, *at);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bits);
            }
            Damage::Insert(at, piece) => {
                let at = place(&bytes, *at);
                bytes.splice(at..at, piece.iter().copied());
            }
            Damage::Say(at, saying) => {
                let at = place(&bytes, *at);
                bytes.splice(at..at, SAYINGS[*saying].bytes());
            }
            Damage::Splice(at, seed, from) => {
                let other = &seeds[seed % seeds.len()];
                let (at, from) = (place(&bytes, *at), place(other, *from));
                bytes.splice(at.., other[from..].iter().copied());
            }
            Damage::Wide => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            }
        }
    }
    bytes
}

#[test]
fn damaged_documents_are_read_or_refused() {
    let seeds = seeds();
    let feed = "fuzz".parse().unwrap();
    let context = FeedContext { feed: &feed, lang: None, now: Timestamp::UNIX_EPOCH };
    proptest!(cases(), |(seed in any::<usize>(), damage in damage())| {
        let bytes = damaged(&seeds, seed, &damage);
        let document = Document { url: "https://feeds.example/dir/feed.xml".parse().unwrap(), content_type: None, bytes };
        let read = parse(&document, &context);
        prop_assert!(!matches!(&read, Err(ParseError::Unreadable(reason)) if reason.contains("gave up")), "{read:?}");
        // Keys are stable over polls, and no two entries of a document share one.
        if let Ok(read) = read {
            let again = parse(&document, &context).unwrap();
            prop_assert_eq!(&read, &again);
            let keys: std::collections::HashSet<_> = read.entries.iter().map(|entry| &entry.key).collect();
            prop_assert_eq!(keys.len(), read.entries.len());
        }
    });
}

#[test]
fn a_prepared_document_is_left_as_it_is() {
    let seeds = seeds();
    let url = "https://feeds.example/dir/feed.xml".parse().unwrap();
    proptest!(cases(), |(seed in any::<usize>(), damage in damage())| {
        let bytes = damaged(&seeds, seed, &damage);
        if let Ok(once) = prepare(&String::from_utf8_lossy(&bytes), &url) {
            let twice = prepare(&once.document, &url).map(|twice| twice.document);
            prop_assert_eq!(twice, Ok(once.document));
        }
    });
}

/// The shortcut changes nothing: the same fields come out of the clean document.
#[test]
fn what_is_read_at_once_is_what_feed_rs_reads_in_the_prepared_document() {
    let seeds = seeds();
    let url = "https://feeds.example/dir/feed.xml".parse().unwrap();
    let read = std::cell::Cell::new(0);
    proptest!(cases(), |(seed in any::<usize>(), damage in damage())| {
        let bytes = damaged(&seeds, seed, &damage);
        let text = String::from_utf8_lossy(&bytes);
        match (open(&text, &url), prepare(&text, &url)) {
            (Ok(Opened::Feed(feed)), Ok(prepared)) => {
                read.set(read.get() + feed.entries.len());
                prop_assert_eq!(Ok(feed), prepared_as_read(prepared));
            }
            (Ok(Opened::Json(same)), Ok(prepared)) => prop_assert_eq!(same, prepared),
            (refused, also) => prop_assert_eq!(refused.map(|_| ()), also.map(|_| ())),
        }
    });
    assert!(read.get() > 100, "{}", read.get());
}
