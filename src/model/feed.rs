//! Feeds: what the operator configured, and what polling learned.

use super::{FeedId, Lang, Timestamp};
use chrono::{Datelike, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whose press a publisher is. A configured fact, never a verdict on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Pakistan,
    AfghanistanState,
    AfghanistanExile,
    Regional,
    International,
    UnNgo,
    /// Not configured: nothing is concluded from it, not even that another side is missing.
    #[default]
    Unknown,
}

impl Side {
    pub const ALL: [Side; 7] = [
        Side::Pakistan,
        Side::AfghanistanState,
        Side::AfghanistanExile,
        Side::Regional,
        Side::International,
        Side::UnNgo,
        Side::Unknown,
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
            Side::Unknown => "unknown",
        }
    }
}

/// Who owns a publisher. A configured fact, as its side is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    #[default]
    Unknown,
    /// A government, or whoever rules.
    State,
    Named(String),
}

impl Owner {
    /// As written in TOML: `state`, or a name.
    pub fn of(word: &str) -> Self {
        match word.trim() {
            "" | "unknown" => Self::Unknown,
            "state" => Self::State,
            name => Self::Named(name.to_owned()),
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Unknown => "unknown",
            Self::State => "state",
            Self::Named(name) => name,
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
    pub owner: Owner,
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

/// RSS `skipHours` and `skipDays`, in UTC; a set bit is a time without polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skips {
    /// Bit 0 is the hour after midnight.
    pub hours: u32,
    /// Bit 0 is Monday.
    pub days: u8,
}

impl Skips {
    pub fn holds(self, at: Timestamp) -> bool {
        self.hours >> at.hour() & 1 == 1 || self.days >> at.weekday().num_days_from_monday() & 1 == 1
    }

    /// The first instant from `at` on that is not skipped; `at` itself if everything is, for a feed must be polled some time.
    pub fn after(self, at: Timestamp) -> Timestamp {
        let hour = at - TimeDelta::seconds(i64::from(at.minute() * 60 + at.second()));
        let starts = (1..=8 * 24).map(|hours| hour + TimeDelta::hours(hours));
        std::iter::once(at).chain(starts).find(|at| !self.holds(*at)).unwrap_or(at)
    }
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
    /// Hours and days on which the publisher asks not to be polled.
    pub skips: Skips,
    /// Seconds between two polls that brought something new, as a moving average: how often the feed really changes.
    pub rhythm: Option<u64>,
    /// Length in seconds of the last `Cache-Control: max-age`, `Expires` or RSS `ttl`.
    pub min_interval: Option<u64>,
}
