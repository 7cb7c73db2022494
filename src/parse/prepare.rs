//! The pre-pass: whatever came in, rewritten as a document that feed-rs reads.

use super::error::ParseError;
use super::read::Format;
use super::warning::ParseWarning;
use std::time::Duration;
use url::Url;

/// A clean Atom or JSON Feed document, and what has no place in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub document: String,
    /// What the document was before.
    pub format: Format,
    pub ttl: Option<Duration>,
    /// One for each entry, in order.
    pub beside: Vec<Beside>,
    pub warnings: Vec<ParseWarning>,
}

/// What feed-rs has no field for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    pub lang: Option<String>,
    pub source: Option<String>,
}

pub fn prepare(text: &str, _base: &Url) -> Result<Prepared, ParseError> {
    Ok(Prepared {
        document: text.to_owned(),
        format: Format::Rss2,
        ttl: None,
        beside: Vec::new(),
        warnings: Vec::new(),
    })
}
