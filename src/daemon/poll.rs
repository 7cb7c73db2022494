//! POLL: every due feed is fetched, read and stored; one bad feed costs only itself.

use super::Khyber;
use crate::fetch::FetchOutcome;
use crate::fetch::schedule::{PollResult, after};
use crate::model::{Document, Feed, FeedHealth, FeedId, FeedState, NewEntry, Timestamp};
use crate::parse::{FeedContext, ParsedFeed, parse};
use crate::store::{FeedRow, Ingested, Poll, StoreError, WorkerId};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;

/// Which feeds to poll.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those whose time has come.
    Due,
    /// These, now; also if they are paused or not due.
    Named(&'a [FeedId]),
}

/// What polling brought.
#[derive(Debug, Clone, Default)]
pub struct PollReport {
    pub feeds: Vec<FeedPoll>,
}

/// What polling one feed brought.
#[derive(Debug, Clone)]
pub struct FeedPoll {
    pub feed: FeedId,
    pub publisher: String,
    pub health: FeedHealth,
    pub ingested: Ingested,
    pub not_modified: bool,
    pub error: Option<String>,
    pub warnings: usize,
    /// Article pages that were read, for a feed with `full_text`.
    pub pages: usize,
}

impl PollReport {
    pub fn new_entries(&self) -> usize {
        self.feeds.iter().map(|feed| feed.ingested.new).sum()
    }

    pub fn failed(&self) -> impl Iterator<Item = &FeedPoll> {
        self.feeds.iter().filter(|feed| feed.error.is_some())
    }
}

impl Khyber {
    /// Polls the feeds that are due (or named) at `now`, `[fetch] concurrency` at a time, one request per host at once.
    /// `each` hears of every feed as it ends.
    pub async fn poll_once(
        &self,
        which: Which<'_>,
        now: Timestamp,
        each: &(dyn Fn(&FeedPoll) + Sync),
    ) -> Result<PollReport, StoreError> {
        if let Some(claims) = &self.claims {
            return self.poll_shared(claims, which, now, each).await;
        }
        let rows = self.store.feeds().await?;
        let known = self.config.feeds.iter().filter_map(|feed| Some((feed, rows.get(&feed.id)?)));
        let due: Vec<(&Feed, &FeedRow)> = known.filter(|(feed, row)| is_wanted(feed, row, which, now)).collect();
        let mut polls: FuturesUnordered<_> =
            due.into_iter().map(|(feed, row)| self.poll_feed(feed, row, WorkerId::default(), now)).collect();
        let mut report = PollReport::default();
        let mut failed = None;
        while let Some(poll) = polls.next().await {
            match poll {
                Ok(poll) => {
                    each(&poll);
                    report.feeds.push(poll);
                }
                // The store is in trouble (a full disk, say): the other feeds are tried all the same.
                Err(error) => failed = Some(error),
            }
        }
        report.feeds.sort_by(|a, b| a.feed.cmp(&b.feed));
        failed.map_or(Ok(report), Err)
    }

    /// How many feeds are due, for progress.
    pub async fn due_feeds(&self, which: Which<'_>, now: Timestamp) -> Result<usize, StoreError> {
        let rows: HashMap<FeedId, FeedRow> = self.store.feeds().await?;
        let wanted = |feed: &&Feed| rows.get(&feed.id).is_some_and(|row| is_wanted(feed, row, which, now));
        Ok(self.config.feeds.iter().filter(wanted).count())
    }

    pub(super) async fn poll_feed(
        &self,
        feed: &Feed,
        row: &FeedRow,
        worker: WorkerId,
        now: Timestamp,
    ) -> Result<FeedPoll, StoreError> {
        let url = effective_url(feed, row);
        let traced = self.fetcher.trace_in_turn(&self.hosts, &url, &row.state.validators, now).await;
        let (trace, turn) = traced.ok_or(StoreError::TakenOver)?;
        let mut poll = self.settle(feed, &row.state, trace.outcome, worker, now).await?;
        // Until here, so that no more documents are in memory than may be.
        drop(turn);
        if poll.error.is_none() {
            poll.pages = self.read_pages(feed, now).await?;
        }
        match &poll.error {
            Some(error) => tracing::warn!(feed = %feed.id, health = ?poll.health, %error, "poll failed"),
            None => {
                tracing::debug!(feed = %feed.id, new = poll.ingested.new, not_modified = poll.not_modified, "polled")
            }
        }
        Ok(poll)
    }

    /// Reads and stores what came, and works out when to ask again.
    async fn settle(
        &self,
        feed: &Feed,
        state: &FeedState,
        outcome: FetchOutcome,
        worker: WorkerId,
        now: Timestamp,
    ) -> Result<FeedPoll, StoreError> {
        let (before, own, interval) = (state.clone(), feed.clone(), self.config.fetch.interval);
        let after = move |result: PollResult| after(&before, result, &own, interval, now);
        let FetchOutcome::Document { document, validators, fresh_for, moved_to } = outcome else {
            let result = PollResult::without_document(outcome).unwrap_or(PollResult::Gone);
            let not_modified = matches!(result, PollResult::NotModified { .. });
            let poll = self.store_poll(feed, Vec::new(), worker, now, move |_| after(result.clone())).await?;
            return Ok(FeedPoll { not_modified, ..poll });
        };
        let parsed = match self.read(feed, document, now).await {
            Ok(parsed) => parsed,
            Err((health, reason)) => {
                let result = PollResult::Unreadable { health, reason };
                return self.store_poll(feed, Vec::new(), worker, now, move |_| after(result.clone())).await;
            }
        };
        for warning in &parsed.warnings {
            tracing::debug!(feed = %feed.id, %warning, "entry needed a remedy");
        }
        let newest = parsed.entries.iter().filter_map(|entry| entry.published).max();
        let (ttl, skips) = (parsed.ttl, parsed.skips);
        let read = move |counts: &Ingested| {
            let (new_entries, validators, moved_to) = (counts.new, validators.clone(), moved_to.clone());
            after(PollResult::Read { new_entries, newest, validators, fresh_for, ttl, skips, moved_to })
        };
        let poll = self.store_poll(feed, parsed.entries, worker, now, read).await?;
        Ok(FeedPoll { warnings: parsed.warnings.len(), ..poll })
    }

    async fn store_poll(
        &self,
        feed: &Feed,
        entries: Vec<NewEntry>,
        worker: WorkerId,
        at: Timestamp,
        state: impl Fn(&Ingested) -> FeedState + Send + Sync + 'static,
    ) -> Result<FeedPoll, StoreError> {
        let poll = Poll { feed: feed.id.clone(), entries, at, worker, state: Box::new(state) };
        let (ingested, reached) = self.store.record_poll(poll).await?;
        Ok(FeedPoll::of(feed, reached, ingested))
    }

    /// Parsing is CPU work on untrusted bytes: it runs beside the event loop, on all cores but the writer's, and a panic in it costs
    /// one poll.
    async fn read(&self, feed: &Feed, document: Document, now: Timestamp) -> Result<ParsedFeed, (FeedHealth, String)> {
        let (id, lang) = (feed.id.clone(), feed.lang);
        let _core = self.parsers.acquire().await;
        let parsed = tokio::task::spawn_blocking(move || parse(&document, &FeedContext { feed: &id, lang, now })).await;
        match parsed {
            Ok(Ok(parsed)) => Ok(parsed),
            Ok(Err(error)) => Err((error.health(), error.to_string())),
            Err(_) => Err((FeedHealth::Broken, "the parser gave up on this document; please report it".to_owned())),
        }
    }
}

impl FeedPoll {
    fn of(feed: &Feed, reached: FeedState, ingested: Ingested) -> Self {
        let (id, publisher) = (feed.id.clone(), feed.publisher.clone());
        let error = reached.last_error;
        Self {
            feed: id,
            publisher,
            health: reached.health,
            ingested,
            not_modified: false,
            error,
            warnings: 0,
            pages: 0,
        }
    }
}

/// Where the feed has moved to for good, or as configured.
pub(super) fn effective_url(feed: &Feed, row: &FeedRow) -> url::Url {
    let moved = row.state.moved_to.as_deref().and_then(|url| url::Url::parse(url).ok());
    moved.unwrap_or_else(|| feed.url.clone())
}

pub(super) fn is_wanted(feed: &Feed, row: &FeedRow, which: Which<'_>, now: Timestamp) -> bool {
    match which {
        Which::Named(ids) => ids.contains(&feed.id),
        Which::Due => {
            let rests = !feed.enabled || row.is_paused(now) || row.state.health == FeedHealth::Gone;
            !rests && row.state.next_poll_at.is_none_or(|at| at <= now)
        }
    }
}
