//! When a feed is asked next and how it does: pure, from what was known and what the poll brought.

use super::FetchOutcome;
use crate::model::{Feed, FeedHealth, FeedId, FeedState, Skips, Timestamp, Validators};
use chrono::TimeDelta;
use std::time::Duration;
use url::Url;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// A server's word is kept, but a mistaken year in a header must not silence a feed.
const LONGEST_FRESH: Duration = DAY;
const LONGEST_RETRY: Duration = Duration::from_secs(7 * 24 * 3_600);
/// For a feed whose rhythm is not known yet, or whose newest entry is this old at its first poll.
const STALE_AFTER: TimeDelta = TimeDelta::days(30);
/// A feed is stale when it has been silent for twenty of its usual pauses, but not for a long weekend.
const STALE_PAUSES: u64 = 20;
const STALE_AT_LEAST: TimeDelta = TimeDelta::days(4);
const STALE_AT_MOST: TimeDelta = TimeDelta::days(45);
/// A feed silent for sixteen hours is asked hourly, one silent for sixteen days daily. With an
/// eighth, a feed silent for four days would be asked twice a day at best, too late for some mornings' editions.
const SILENCE_SHARE: u32 = 16;
/// What a feed that answers but never had an entry counts as: it is asked four times a day.
const NEVER_ANYTHING: Duration = DAY.saturating_mul(4);
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
        skips: Skips,
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
        PollResult::Read { new_entries, newest, validators, fresh_for, ttl, skips, moved_to } => {
            let rhythm = if new_entries > 0 { rhythm(&previous, now) } else { previous.rhythm };
            let last_new_at = if new_entries > 0 { Some(now) } else { previous.last_new_at };
            let moved_to = match moved_to {
                Some(url) => Some(url.to_string()).filter(|url| url != feed.url.as_str()),
                None => previous.moved_to.clone(),
            };
            let frozen = newest.is_some_and(|date| now - date > STALE_AFTER);
            let health = if frozen { FeedHealth::Stale } else { FeedHealth::Ok };
            let min_interval = fresh_for.max(ttl).map(|length| length.as_secs());
            let state = FeedState { validators, last_new_at, moved_to, min_interval, skips, rhythm, ..previous };
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
    let silent = state.last_new_at.is_some_and(|at| now - at > stale_after(&state));
    let interval = feed.interval.unwrap_or_else(|| adaptive(&state, default_interval, now));
    let not_before = state.min_interval.map_or(Duration::ZERO, Duration::from_secs).min(LONGEST_FRESH);
    let wait = interval.max(not_before);
    FeedState {
        health: if silent { FeedHealth::Stale } else { health },
        last_ok_at: Some(now),
        next_poll_at: Some(state.skips.after(later(now, wait + share(wait.min(DAY) / 20, &feed.id, 0)))),
        failures: 0,
        last_error: None,
        ..state
    }
}

/// Between the configured interval and a day, in proportion to how often the feed changes and to how long it has been silent.
fn adaptive(state: &FeedState, default_interval: Duration, now: Timestamp) -> Duration {
    let silence = state.last_new_at.map_or(NEVER_ANYTHING, |at| (now - at).to_std().unwrap_or_default());
    let usual = state.rhythm.map_or(Duration::ZERO, Duration::from_secs);
    (silence.max(usual) / SILENCE_SHARE).clamp(default_interval, DAY.max(default_interval))
}

/// The moving average of the pauses, a fifth of it from the last one.
fn rhythm(previous: &FeedState, now: Timestamp) -> Option<u64> {
    let pause = u64::try_from((now - previous.last_new_at?).num_seconds()).ok()?;
    Some(previous.rhythm.map_or(pause, |usual| (usual * 4 + pause) / 5))
}

fn stale_after(state: &FeedState) -> TimeDelta {
    let silence = state.rhythm.and_then(|usual| i64::try_from(usual.saturating_mul(STALE_PAUSES)).ok());
    silence.map_or(STALE_AFTER, |seconds| {
        TimeDelta::try_seconds(seconds).unwrap_or(STALE_AT_MOST).clamp(STALE_AT_LEAST, STALE_AT_MOST)
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FeedKind, Owner, Side};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn now() -> Timestamp {
        "2022-12-18T06:00:00Z".parse().unwrap()
    }

    fn feed(id: &str) -> Feed {
        Feed {
            id: id.parse().unwrap(),
            url: "https://a.example/feed".parse().unwrap(),
            publisher: "A".to_owned(),
            side: Side::International,
            owner: Owner::Unknown,
            country: "INT".to_owned(),
            lang: None,
            kind: FeedKind::News,
            interval: None,
            enabled: true,
            full_text: false,
        }
    }

    fn etag(text: &str) -> Validators {
        Validators { etag: Some(text.to_owned()), last_modified: None, of: Some("https://a.example/feed".to_owned()) }
    }

    fn read(new_entries: usize) -> PollResult {
        PollResult::Read {
            new_entries,
            newest: None,
            validators: etag("\"2\""),
            fresh_for: None,
            ttl: None,
            skips: Skips::default(),
            moved_to: None,
        }
    }

    fn failure(retry_after: Option<Duration>) -> PollResult {
        PollResult::Failed { health: FeedHealth::Failing, reason: "answered 503".to_owned(), retry_after }
    }

    /// What lies between the poll and the next.
    fn wait(state: &FeedState) -> Duration {
        (state.next_poll_at.unwrap() - state.last_polled_at.unwrap()).to_std().unwrap()
    }

    #[test]
    fn a_success_clears_the_past_and_never_comes_back_too_soon() {
        let broken = FeedState { failures: 3, last_error: Some("x".to_owned()), ..FeedState::default() };
        for id in ["a", "b", "dawn", "tolo-news", "khaama"] {
            let state = after(&broken, read(4), &feed(id), HOUR, now());
            assert_eq!((state.health, state.failures, state.last_error.as_deref()), (FeedHealth::Ok, 0, None));
            assert_eq!((state.last_ok_at, state.last_new_at), (Some(now()), Some(now())));
            assert_eq!(state.validators, etag("\"2\""));
            assert!(wait(&state) >= HOUR && wait(&state) <= HOUR * 21 / 20, "{:?}", wait(&state));
            let odd = now() + TimeDelta::milliseconds(700);
            let state = after(&broken, read(4), &feed(id), HOUR, odd);
            let stored = state.next_poll_at.unwrap().timestamp();
            assert!(stored * 1000 >= (odd + TimeDelta::hours(1)).timestamp_millis(), "whole seconds, rounded up");
        }
    }

    #[test]
    fn the_servers_word_is_not_before_but_not_for_ever() {
        let fresh = |length| PollResult::NotModified { validators: etag("\"1\""), fresh_for: Some(length) };
        let lively = FeedState { last_new_at: Some(now()), ..FeedState::default() };
        let state = after(&lively, fresh(HOUR * 3), &feed("a"), HOUR, now());
        assert!(wait(&state) >= HOUR * 3 && wait(&state) < HOUR * 4);
        assert_eq!(state.min_interval, Some(3 * 3600));
        let state = after(&FeedState::default(), fresh(DAY * 365), &feed("a"), HOUR, now());
        assert!(wait(&state) >= DAY && wait(&state) <= DAY * 21 / 20);
        let own = Feed { interval: Some(HOUR / 4), ..feed("a") };
        let state = after(&FeedState::default(), fresh(HOUR * 3), &own, HOUR, now());
        assert!(wait(&state) >= HOUR * 3, "the operator's interval does not overrule the server");
    }

    #[test]
    fn quiet_feeds_are_asked_less_unless_the_operator_set_an_interval() {
        let quiet = |hours| FeedState { last_new_at: Some(now() - TimeDelta::hours(hours)), ..FeedState::default() };
        let hours = |state: &FeedState, feed: &Feed| wait(&after(state, read(0), feed, HOUR, now())).as_secs() / 3600;
        assert_eq!(hours(&quiet(4), &feed("a")), 1);
        assert_eq!(hours(&quiet(48), &feed("a")), 3);
        assert_eq!(hours(&quiet(20 * 24), &feed("a")), 24);
        assert_eq!(hours(&FeedState::default(), &feed("a")), 6, "one that never had an entry");
        let own = Feed { interval: Some(HOUR * 2), ..feed("a") };
        assert_eq!(hours(&quiet(20 * 24), &own), 2);
    }

    #[test]
    fn failures_back_off_up_to_a_day_and_keep_what_was_known() {
        let mut state = FeedState { validators: etag("\"1\""), last_new_at: Some(now()), ..FeedState::default() };
        let mut last = Duration::ZERO;
        for n in 1..=40 {
            state = after(&state, failure(None), &feed("a"), HOUR, now());
            assert_eq!(state.failures, n);
            assert!(wait(&state) > HOUR && wait(&state) <= DAY, "{n}: {:?}", wait(&state));
            assert!(n > 4 || wait(&state) > last, "{n} waits longer than before");
            last = wait(&state);
        }
        assert_eq!((state.health, &state.validators), (FeedHealth::Failing, &etag("\"1\"")));
        assert_eq!(state.last_error.as_deref(), Some("answered 503"));
        assert!(last > DAY / 2, "never given up, and not asked more than about once a day");
    }

    #[test]
    fn retry_after_is_kept_and_jitter_is_the_feeds_own() {
        let state = after(&FeedState::default(), failure(Some(HOUR * 48)), &feed("a"), HOUR, now());
        assert_eq!(wait(&state), HOUR * 48);
        let state = after(&FeedState::default(), failure(Some(DAY * 3650)), &feed("a"), HOUR, now());
        assert_eq!(wait(&state), DAY * 7);
        let waits: std::collections::HashSet<_> = (0..20)
            .map(|n| wait(&after(&FeedState::default(), failure(None), &feed(&format!("feed-{n}")), HOUR, now())))
            .collect();
        assert!(waits.len() > 15, "feeds that broke together come back apart: {waits:?}");
        let again = after(&FeedState::default(), failure(None), &feed("a"), HOUR, now());
        assert_eq!(again, after(&FeedState::default(), failure(None), &feed("a"), HOUR, now()));
    }

    #[test]
    fn gone_stale_broken_and_paused() {
        let gone = after(&FeedState::default(), PollResult::Gone, &feed("a"), HOUR, now());
        assert_eq!((gone.health, gone.next_poll_at), (FeedHealth::Gone, None));
        assert!(gone.last_error.is_some(), "the operator is told");

        let old = FeedState { last_new_at: Some(now() - TimeDelta::days(31)), ..FeedState::default() };
        assert_eq!(after(&old, read(0), &feed("a"), HOUR, now()).health, FeedHealth::Stale);
        assert_eq!(after(&old, read(1), &feed("a"), HOUR, now()).health, FeedHealth::Ok);
        let frozen = PollResult::Read {
            new_entries: 20,
            newest: Some(now() - TimeDelta::days(400)),
            validators: etag("x"),
            fresh_for: None,
            ttl: None,
            skips: Skips::default(),
            moved_to: None,
        };
        let stale = after(&FeedState::default(), frozen, &feed("a"), HOUR, now());
        assert_eq!(stale.health, FeedHealth::Stale, "a frozen feed is told at its first poll");
        let same = PollResult::NotModified { validators: etag("x"), fresh_for: None };
        assert_eq!(after(&stale, same, &feed("a"), HOUR, now()).health, FeedHealth::Stale);

        let unreadable = PollResult::Unreadable { health: FeedHealth::Broken, reason: "not a feed".to_owned() };
        let known = FeedState { validators: etag("\"1\""), ..FeedState::default() };
        let broken = after(&known, unreadable, &feed("a"), HOUR, now());
        assert_eq!((broken.health, broken.failures, broken.validators), (FeedHealth::Broken, 1, etag("\"1\"")));

        let paused = FeedState { health: FeedHealth::Paused, ..FeedState::default() };
        let polled = after(&paused, read(1), &feed("a"), HOUR, now());
        assert_eq!((polled.health, polled.next_poll_at), (FeedHealth::Paused, None));
    }

    #[test]
    fn a_permanent_move_is_learned_and_given_up_when_it_fails() {
        let moved = |to: &str| PollResult::Read {
            new_entries: 1,
            newest: None,
            validators: etag("x"),
            fresh_for: None,
            ttl: None,
            skips: Skips::default(),
            moved_to: Some(to.parse().unwrap()),
        };
        let mut state = after(&FeedState::default(), moved("https://b.example/feed"), &feed("a"), HOUR, now());
        assert_eq!(state.moved_to.as_deref(), Some("https://b.example/feed"));
        assert_eq!(after(&state, read(0), &feed("a"), HOUR, now()).moved_to, state.moved_to, "kept");
        let back = after(&state, moved("https://a.example/feed"), &feed("a"), HOUR, now());
        assert_eq!(back.moved_to, None, "back at the configured address");
        for _ in 0..4 {
            state = after(&state, failure(None), &feed("a"), HOUR, now());
            assert!(state.moved_to.is_some());
        }
        assert_eq!(after(&state, failure(None), &feed("a"), HOUR, now()).moved_to, None);
    }
}
