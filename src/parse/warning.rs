//! What was odd about a document that could be read all the same.

use super::limits;
use std::fmt;

/// One oddity; names its entry, or the feed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseWarning {
    /// Headline, link or place of the entry; `None` for the whole feed.
    pub entry: Option<String>,
    pub oddity: Oddity,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    TooManyEntries,
    TooManyElements,
    TooDeep,
    UnreadableDate(String),
    AbsurdDate(String),
    NoHeadline,
    NoLink,
    NothingInIt,
    RepeatedKey,
    /// The characters fit no encoding that the document or the server named.
    GuessedEncoding(&'static str),
    /// UTF-8 that was read as Windows-1252 and encoded again.
    DoubleEncoding,
    LongField,
    /// The document ends inside an element.
    Truncated,
}

impl ParseWarning {
    pub(crate) fn feed(oddity: Oddity) -> Self {
        Self { entry: None, oddity }
    }

    pub(crate) fn entry(name: &str, oddity: Oddity) -> Self {
        Self { entry: Some(name.chars().take(80).collect()), oddity }
    }
}

impl fmt::Display for ParseWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "entry `{entry}`: {}", self.oddity),
            None => write!(f, "feed: {}", self.oddity),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::TooManyEntries => write!(f, "more than {} entries; the rest is left unread", limits::ENTRIES),
            Oddity::TooManyElements => write!(f, "more than {} elements; the rest is left unread", limits::ELEMENTS),
            Oddity::TooDeep => write!(f, "elements nested deeper than {}; what lies deeper is left out", limits::DEPTH),
            Oddity::UnreadableDate(text) => write!(f, "`{text}` is no date that can be read"),
            Oddity::AbsurdDate(text) => write!(f, "the date {text} can't be meant"),
            Oddity::NoHeadline => write!(f, "no headline; the start of its summary stands in"),
            Oddity::NoLink => write!(f, "no link"),
            Oddity::NothingInIt => write!(f, "neither headline nor summary nor link; left out"),
            Oddity::RepeatedKey => write!(f, "shares its id and link with an earlier entry; left out"),
            Oddity::GuessedEncoding(name) => write!(f, "encoding not declared or wrong; read as {name}"),
            Oddity::DoubleEncoding => write!(f, "characters were encoded twice; one layer taken off"),
            Oddity::LongField => write!(f, "a field longer than {} bytes; its start is kept", limits::FIELD),
            Oddity::Truncated => write!(f, "the document ends in the middle; read up to there"),
        }
    }
}
