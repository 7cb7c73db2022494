//! Feeds: what the operator configured, and what polling learned.

use super::{FeedId, Lang, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whose press a publisher is. A configured fact, never a verdict on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Pakistan,
    AfghanistanState,
    AfghanistanExile,
    Regional,
    International,
    UnNgo,
}

impl Side {
    pub const ALL: [Side; 6] = [
        Side::Pakistan,
        Side::AfghanistanState,
        Side::AfghanistanExile,
        Side::Regional,
        Side::International,
        Side::UnNgo,
    ];

    /// The name used in TOML and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Side::Pakistan => "pakistan",
            Side::AfghanistanState => "afghanistan-state",
            Side::AfghanistanExile => "afghanistan-exile",
            Side::Regional => "regional",
            Side::International => "international",
            Side::UnNgo => "un-ngo",
        }
    }
}

/// What a feed mostly carries; a prior for the kind of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedKind {
    #[default]
    News,
    Opinion,
    Analysis,
    Official,
    Aggregator,
}

/// One `[[feed]]`: one polled URL of one publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub id: FeedId,
    pub url: url::Url,
    /// The news organisation, as a reader should see it.
    pub publisher: String,
    pub side: Side,
    /// ISO 3166-1 alpha-2 of the publisher's country, upper case (`PK`, `AF`, …), or `INT`.
    pub country: String,
    /// The operator's word on the language; `None` lets the letters and the feed decide.
    pub lang: Option<Lang>,
    pub kind: FeedKind,
    /// Fixed poll interval; `None` uses `[fetch] interval`.
    pub interval: Option<Duration>,
    /// `false` keeps the feed's history and polls it no more.
    pub enabled: bool,
    /// The pages of new entries are read too: for feeds that give only a headline.
    pub full_text: bool,
}

/// RFC 9110 validators, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The URL that answered with them, redirects followed: they say nothing about any other.
    #[serde(default)]
    pub of: Option<String>,
}

/// The bytes of one successful poll, decoded from their content coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The URL after redirects; the base for relative links.
    pub url: url::Url,
    /// The `Content-Type` header as sent.
    pub content_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// How a feed does, in one word; `khyber feeds list` and `status` show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedHealth {
    /// Never polled.
    #[default]
    New,
    Ok,
    /// The last poll failed; it is tried again.
    Failing,
    /// Answers with a block or captcha page instead of a feed.
    Blocked,
    /// Answers, but the body can't be read as a feed.
    Broken,
    /// Answered 410; polled no more until the operator resumes it.
    Gone,
    /// Answers well, but nothing new has come for long.
    Stale,
    Paused,
}

/// What polling learned about a feed; stored with its entries in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedState {
    pub health: FeedHealth,
    pub validators: Validators,
    pub last_polled_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    /// When a poll last brought an entry that was not known.
    pub last_new_at: Option<Timestamp>,
    pub next_poll_at: Option<Timestamp>,
    /// Polls in a row that failed.
    pub failures: u32,
    /// The last failure in plain words; cleared by a success.
    pub last_error: Option<String>,
    /// Learned from a permanent redirect; polled in place of the configured URL until the configuration changes.
    pub moved_to: Option<String>,
    /// Length in seconds of the last `Cache-Control: max-age`, `Expires` or RSS `ttl`.
    pub min_interval: Option<u64>,
}
