//! Entries: one article as read from one feed.

use super::{EntryId, FeedId, FeedKind, Lang, Owner, Side, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stable identity of an entry within its feed; unique in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryKey(pub String);

/// A link with tracking parameters, AMP and mobile variants taken off; made by `parse::canonical` only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// For `parse::canonical`, and for the store reading back what that made.
    pub(crate) fn trusted(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of text an entry is, judged by its form, never by its viewpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    News,
    Opinion,
    Analysis,
    Official,
    Live,
    /// Rates, prayer times, weather tables.
    Service,
    Sport,
}

impl Kind {
    /// What a digest can hold, and a reader ask for.
    pub const SHOWN: [Kind; 5] = [Kind::News, Kind::Opinion, Kind::Analysis, Kind::Official, Kind::Live];

    /// Opinion and analysis never lead a story and never count as confirmation.
    pub fn is_opinion(self) -> bool {
        matches!(self, Kind::Opinion | Kind::Analysis)
    }

    pub fn name(self) -> &'static str {
        match self {
            Kind::News => "news",
            Kind::Opinion => "opinion",
            Kind::Analysis => "analysis",
            Kind::Official => "official",
            Kind::Live => "live",
            Kind::Service => "service",
            Kind::Sport => "sport",
        }
    }
}

/// One entry as `parse` made it: all text plain, NFC, without control or bidi characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    pub key: EntryKey,
    /// The feed's own guid, if any.
    pub guid: Option<String>,
    /// Where the article is read; absolute http(s), canonical.
    pub url: Option<CanonicalUrl>,
    pub headline: String,
    /// Plain text of the description or the start of the content, at most 4,000 characters.
    pub summary: String,
    pub author: Option<String>,
    /// RSS `<source>` or a wire credit in the text, as the feed gives it.
    pub source: Option<String>,
    pub categories: Vec<String>,
    pub lang: Lang,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

/// A stored entry with the facts of its feed, as the publishing stages read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: EntryId,
    pub feed: FeedId,
    pub publisher: String,
    pub side: Side,
    pub owner: Owner,
    pub country: String,
    pub feed_kind: FeedKind,
    pub key: EntryKey,
    pub url: Option<CanonicalUrl>,
    pub headline: String,
    pub summary: String,
    pub author: Option<String>,
    pub source: Option<String>,
    pub categories: Vec<String>,
    pub lang: Lang,
    pub published: Option<Timestamp>,
    pub first_seen: Timestamp,
}

impl Entry {
    /// When the article appeared: its date unless that lies after the poll that brought it.
    pub fn at(&self) -> Timestamp {
        self.published.map_or(self.first_seen, |date| date.min(self.first_seen))
    }
}
