//! Bytes of a feed to entries: decoding, tolerance, the feed-rs adapter, canonical URLs, dates, text.
//!
//! ```text
//! Document ─decode→ str ─prepare→ ReadFeed ─refine→ ParsedFeed
//!                        └→ clean Atom or JSON Feed ─adapter (feed-rs)→ ReadFeed
//! ```
//!
//! A document is hostile until read: size, depth, elements and entries are capped. feed-rs reads JSON Feed, and is the measure for the
//! rest: what is read of a damaged document is what feed-rs reads in the clean one (`tests/it/parse_fuzz.rs`).

mod adapter;
pub mod article;
pub mod canonical;
pub mod dates;
mod decode;
pub mod discover;
mod error;
mod identity;
mod lang;
mod limits;
pub mod prepare;
mod quirks;
mod read;
mod refine;
pub mod text;
mod warning;
mod xml;

pub use error::ParseError;
pub use read::{Format, ReadEntry, ReadFeed, Text};
pub use warning::{Oddity, ParseWarning};

use crate::model::{Document, FeedId, Lang, NewEntry, Skips, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// What parsing has to know about the feed.
#[derive(Debug, Clone, Copy)]
pub struct FeedContext<'a> {
    pub feed: &'a FeedId,
    /// The operator's word on the language; `None` lets the letters and the feed decide.
    pub lang: Option<Lang>,
    pub now: Timestamp,
}

/// A document read to the end, its entries clean.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedFeed {
    pub format: Format,
    pub title: Option<String>,
    pub entries: Vec<NewEntry>,
    pub warnings: Vec<ParseWarning>,
    /// RSS `ttl`: how long the publisher asks readers to wait.
    pub ttl: Option<Duration>,
    /// RSS `skipHours` and `skipDays`: when nothing new is to be expected.
    pub skips: Skips,
}

/// Reads a document into entries. Blocking work: call it from a blocking thread.
pub fn parse(document: &Document, context: &FeedContext<'_>) -> Result<ParsedFeed, ParseError> {
    let feed = read(document)?;
    guarded(|| Ok(refine::refine(feed, &document.url, context)))
}

/// The encoding in which a document's bytes make sense, and where nobody named it, that this was guessed.
pub fn encoding(document: &Document) -> String {
    decode::name(&decode::unpack(&document.bytes), document.content_type.as_deref(), &document.url)
}

/// Reads a document as it is, for `khyber parse`: the fields as given, links absolute.
pub fn read(document: &Document) -> Result<ReadFeed, ParseError> {
    if document.bytes.len() > limits::DOCUMENT {
        return Err(ParseError::TooLarge { bytes: document.bytes.len(), limit: limits::DOCUMENT });
    }
    guarded(|| {
        let bytes = decode::unpack(&document.bytes);
        let decoded = decode::decode(&bytes, document.content_type.as_deref(), &document.url);
        let mut feed = match prepare::open(&decoded.text, &document.url)? {
            prepare::Opened::Feed(feed) => feed,
            prepare::Opened::Json(prepared) => prepared_as_read(prepared)?,
        };
        feed.warnings.extend(decoded.warning.map(ParseWarning::feed));
        Ok(feed)
    })
}

/// What feed-rs reads in a prepared document.
pub fn prepared_as_read(prepared: prepare::Prepared) -> Result<ReadFeed, ParseError> {
    adapter::read(prepared).map_err(ParseError::Unreadable)
}

/// A crate that panics on a document costs that document only.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParseError>) -> Result<T, ParseError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(ParseError::Unreadable("a parser gave up on it".to_owned())))
}
