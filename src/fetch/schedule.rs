//! When a feed is asked next and how it does: pure, from what was known and what the poll brought.

use super::FetchOutcome;
use crate::model::{Feed, FeedHealth, FeedId, FeedState, Timestamp, Validators};
use chrono::TimeDelta;
use std::time::Duration;
use url::Url;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// A server's word is kept, but a mistaken year in a header must not silence a feed.
const LONGEST_FRESH: Duration = DAY;
const LONGEST_RETRY: Duration = Duration::from_secs(7 * 24 * 3_600);
const STALE_AFTER: TimeDelta = TimeDelta::days(30);
/// A feed silent for eight hours is asked hourly, one silent for eight days daily.
const SILENCE_SHARE: u32 = 8;
/// After this many failures in a row a learned address is given up for the configured one.
const FORGET_MOVE_AFTER: u32 = 5;

/// What a poll came to, after parsing and storing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollResult {
    NotModified {
        validators: Validators,
        fresh_for: Option<Duration>,
    },
    Read {
        /// Entries that the store did not know.
        new_entries: usize,
        /// The latest date among all entries, so that a frozen feed is told at its first poll.
        newest: Option<Timestamp>,
        validators: Validators,
        fresh_for: Option<Duration>,
        /// RSS `ttl`.
        ttl: Option<Duration>,
        moved_to: Option<Url>,
    },
    Gone,
    Failed {
        health: FeedHealth,
        reason: String,
        retry_after: Option<Duration>,
    },
    /// A document that can't be read as a feed; its validators are not kept, so that the next poll gets a whole one.
    Unreadable {
        health: FeedHealth,
        reason: String,
    },
}

impl PollResult {
    /// What an outcome without a document comes to; a document has to be parsed first and is handed back.
    pub fn without_document(outcome: FetchOutcome) -> Result<Self, Box<FetchOutcome>> {
        match outcome {
            FetchOutcome::NotModified { validators, fresh_for } => {
                Ok(PollResult::NotModified { validators, fresh_for })
            }
            FetchOutcome::Gone => Ok(PollResult::Gone),
            FetchOutcome::Failed { health, reason, retry_after } => {
                Ok(PollResult::Failed { health, reason, retry_after })
            }
            document @ FetchOutcome::Document { .. } => Err(Box::new(document)),
        }
    }
}

/// The state after a poll at `now`. A paused feed that was polled by hand stays paused.
pub fn after(
    previous: &FeedState,
    what: PollResult,
    feed: &Feed,
    default_interval: Duration,
    now: Timestamp,
) -> FeedState {
    let paused = previous.health == FeedHealth::Paused;
    let previous = FeedState { last_polled_at: Some(now), ..previous.clone() };
    let mut state = match what {
        PollResult::NotModified { validators, fresh_for } => {
            let state = FeedState { validators, min_interval: fresh_for.map(|length| length.as_secs()), ..previous };
            let health = if state.health == FeedHealth::Stale { FeedHealth::Stale } else { FeedHealth::Ok };
            answered(state, health, feed, default_interval, now)
        }
        PollResult::Read { new_entries, newest, validators, fresh_for, ttl, moved_to } => {
            let last_new_at = if new_entries > 0 { Some(now) } else { previous.last_new_at };
            let moved_to = match moved_to {
                Some(url) => Some(url.to_string()).filter(|url| url != feed.url.as_str()),
                None => previous.moved_to.clone(),
            };
            let frozen = newest.is_some_and(|date| now - date > STALE_AFTER);
            let health = if frozen { FeedHealth::Stale } else { FeedHealth::Ok };
            let min_interval = fresh_for.max(ttl).map(|length| length.as_secs());
            let state = FeedState { validators, last_new_at, moved_to, min_interval, ..previous };
            answered(state, health, feed, default_interval, now)
        }
        PollResult::Gone => {
            let last_error = Some("answered 410 Gone: the publisher has ended this feed".to_owned());
            FeedState { health: FeedHealth::Gone, last_error, next_poll_at: None, ..previous }
        }
        PollResult::Failed { health, reason, retry_after } => {
            failed(previous, health, reason, retry_after, feed, default_interval, now)
        }
        PollResult::Unreadable { health, reason } => {
            failed(previous, health, reason, None, feed, default_interval, now)
        }
    };
    if paused {
        state.health = FeedHealth::Paused;
        state.next_poll_at = None;
    }
    state
}

fn answered(
    state: FeedState,
    health: FeedHealth,
    feed: &Feed,
    default_interval: Duration,
    now: Timestamp,
) -> FeedState {
    let silent = state.last_new_at.is_some_and(|at| now - at > STALE_AFTER);
    let interval = feed.interval.unwrap_or_else(|| adaptive(state.last_new_at, default_interval, now));
    let not_before = state.min_interval.map_or(Duration::ZERO, Duration::from_secs).min(LONGEST_FRESH);
    let wait = interval.max(not_before);
    FeedState {
        health: if silent { FeedHealth::Stale } else { health },
        last_ok_at: Some(now),
        next_poll_at: Some(later(now, wait + share(wait.min(DAY) / 20, &feed.id, 0))),
        failures: 0,
        last_error: None,
        ..state
    }
}

/// Between the configured interval and a day, in proportion to how long nothing new has come.
fn adaptive(last_new_at: Option<Timestamp>, default_interval: Duration, now: Timestamp) -> Duration {
    let silence = last_new_at.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
    (silence / SILENCE_SHARE).clamp(default_interval, DAY.max(default_interval))
}

/// Validators stay: an error says nothing about the document that they stand for.
fn failed(
    previous: FeedState,
    health: FeedHealth,
    reason: String,
    retry_after: Option<Duration>,
    feed: &Feed,
    default_interval: Duration,
    now: Timestamp,
) -> FeedState {
    let failures = previous.failures.saturating_add(1);
    let wait = back_off(feed, failures, default_interval).max(retry_after.unwrap_or_default().min(LONGEST_RETRY));
    FeedState {
        health,
        failures,
        last_error: Some(reason),
        next_poll_at: Some(later(now, wait)),
        moved_to: previous.moved_to.filter(|_| failures < FORGET_MOVE_AFTER),
        ..previous
    }
}

/// Doubles with each failure up to a day, plus up to a quarter by which feeds that broke together come back apart.
/// A feed is never given up: one that fails for good costs its host one request a day.
fn back_off(feed: &Feed, failures: u32, default_interval: Duration) -> Duration {
    let interval = feed.interval.unwrap_or(default_interval);
    let longest = (DAY * 4 / 5).max(interval);
    let wait = interval.saturating_mul(2u32.saturating_pow(failures.min(16))).min(longest);
    wait + share(wait / 4, &feed.id, failures)
}

/// A share of `length` that depends on nothing but the feed and the attempt (FNV-1a), so that a run can be repeated.
fn share(length: Duration, feed: &FeedId, attempt: u32) -> Duration {
    let bytes = feed.as_str().bytes().chain(attempt.to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    length.mul_f64(((hash >> 32) as u32) as f64 / f64::from(u32::MAX))
}

/// In whole seconds, rounded up: the store keeps seconds, and a fraction cut off would be a poll too soon.
fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let at = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(7));
    let fraction = TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()));
    if fraction.is_zero() { at } else { at - fraction + TimeDelta::seconds(1) }
}
