//! Which stored entries an edition reads, and which of them may make a story appear in it. Pure.

use crate::model::digest::FirstRun;
use crate::model::{DigestSpec, EntryId, Timestamp};
use crate::store::{Cursor, StoredEntry};
use chrono::TimeDelta;
use std::time::Duration;

/// After a long downtime an edition reaches back this far at most.
const LONGEST: Duration = Duration::from_secs(14 * 86_400);

/// The span of one edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Entries seen or dated before this are not read at all.
    pub since: Timestamp,
    /// Entries up to this one were there when the last edition was made.
    cursor: EntryId,
    /// Without an earlier edition, only what appeared since here is news.
    news_since: Timestamp,
    first_run: FirstRun,
}

impl Window {
    /// `last` is the edition before this one; `period` the time since the slot before this one.
    pub fn new(spec: &DigestSpec, slot: Timestamp, last: Option<Cursor>, period: Duration) -> Self {
        let usual = slot - spec.window;
        let since = last.map_or(usual, |last| usual.min(last.slot)).max(slot - LONGEST);
        let news_since = if last.is_some() { since } else { (slot - period).max(since) };
        Self { since, cursor: last.map_or(EntryId(0), |last| last.upto), news_since, first_run: spec.first_run }
    }

    /// Whether an entry may make its story appear; the others are context.
    pub fn is_news(&self, stored: &StoredEntry) -> bool {
        if stored.id <= self.cursor {
            return false;
        }
        let published = stored.entry.published.map(|date| date.min(stored.first_seen));
        if stored.backlog {
            return match self.first_run {
                FirstRun::OnlyNew => false,
                FirstRun::Span(span) => published.is_some_and(|date| date >= stored.first_seen - span),
            };
        }
        published.unwrap_or(stored.first_seen) >= self.news_since
    }

    /// Whether an entry is recent enough to be read.
    pub fn holds(&self, stored: &StoredEntry) -> bool {
        stored.entry.published.is_none_or(|date| date >= self.since)
    }
}

/// The time between a slot and the one before it; a day if the schedule is too rare to tell.
pub fn period(slot: Timestamp, before: Option<Timestamp>) -> Duration {
    let length = before.map_or(TimeDelta::days(1), |before| slot - before);
    length.to_std().unwrap_or(Duration::from_secs(86_400))
}
