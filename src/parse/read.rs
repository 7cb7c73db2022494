//! A document as it was read: fields as the feed gives them, before they are cleaned into entries.

use super::warning::ParseWarning;
use crate::model::{Skips, Timestamp};
use std::fmt;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Rss2,
    /// 0.91 to 0.94, and RSS that names no version.
    Rss0,
    /// RSS 0.90 and 1.0.
    Rdf,
    Atom,
    Atom03,
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Rss2 => "RSS 2.0",
            Format::Rss0 => "RSS 0.9x",
            Format::Rdf => "RSS 1.0",
            Format::Atom => "Atom",
            Format::Atom03 => "Atom 0.3",
            Format::Json => "JSON Feed",
        })
    }
}

/// Text with its kind: only HTML has tags to take off and entities to decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    Plain(String),
    Html(String),
}

impl Text {
    pub fn as_str(&self) -> &str {
        match self {
            Text::Plain(text) | Text::Html(text) => text,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReadFeed {
    pub format: Format,
    pub title: Option<Text>,
    pub lang: Option<String>,
    pub ttl: Option<Duration>,
    pub skips: Skips,
    pub entries: Vec<ReadEntry>,
    pub warnings: Vec<ParseWarning>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadEntry {
    pub title: Option<Text>,
    /// Where the article is read; absolute.
    pub link: Option<String>,
    /// Every link of the entry, absolute.
    pub links: Vec<String>,
    /// The feed's own id; `None` where it gives none.
    pub id: Option<String>,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    pub summary: Option<Text>,
    pub content: Option<Text>,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub lang: Option<String>,
    /// RSS `<source>`, the title of an Atom `source`.
    pub source: Option<String>,
}
