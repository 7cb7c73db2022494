//! Any bytes are read or refused: no abort, and no panic that had to be caught.
#![no_main]

use khyber::model::Document;
use khyber::parse::{FeedContext, ParseError, parse};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let feed = "fuzz".parse().unwrap();
    let context = FeedContext { feed: &feed, lang: None, now: chrono::DateTime::UNIX_EPOCH };
    let url = "https://feeds.example/dir/feed.xml".parse().unwrap();
    let read = parse(&Document { url, content_type: None, bytes: bytes.to_vec() }, &context);
    assert!(!matches!(read, Err(ParseError::Unreadable(reason)) if reason.contains("gave up")));
});
