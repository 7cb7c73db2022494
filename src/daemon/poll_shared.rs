//! POLL where several processes share the feeds: hosts that have something due are claimed, a few at a time, and their feeds polled
//! one after the other.

use super::Khyber;
use super::claims::{Claim, Claims, feed_name, host_name};
use super::poll::{FeedPoll, PollReport, Which, effective_url, is_wanted};
use crate::model::{Feed, FeedId, Timestamp};
use crate::store::{FeedRow, StoreError, Wanted};
use futures_util::StreamExt;
use futures_util::future::FutureExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::Instant;

/// How often is looked for room, beside each time that a host ends.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// How often is looked whether another left something of a host that it had.
const LOOK_AT_OTHERS: Duration = Duration::from_secs(2);

/// The due feeds of one host.
struct Work<'a> {
    wanted: Wanted,
    feeds: Vec<&'a Feed>,
}

type Polled = (Claim, Vec<Result<FeedPoll, StoreError>>);

impl Khyber {
    pub(super) async fn poll_shared(
        &self,
        claims: &Claims,
        which: Which<'_>,
        now: Timestamp,
        each: &(dyn Fn(&FeedPoll) + Sync),
    ) -> Result<PollReport, StoreError> {
        let mut fresh = self.work(which, now).await?;
        claims.announce(&fresh.iter().map(|work| work.wanted.clone()).collect::<Vec<_>>()).await?;
        let (mut passed, mut ended) = (Vec::new(), Vec::new());
        let mut report = Gathered { report: PollReport::default(), failed: None, each };
        // Also if the round is cut short.
        let mut under_way = UnderWay { claims, all: Vec::new() };
        let mut jobs = FuturesUnordered::new();
        let mut looked_at = Instant::now();
        loop {
            let room = self.hosts.room(jobs.len());
            let some = fresh.split_off(fresh.len().saturating_sub(room));
            let looked = !some.is_empty();
            let given_back: Vec<Claim> = std::mem::take(&mut ended);
            under_way.all.retain(|claim| !given_back.contains(claim));
            // Beside the jobs, and not between them: one that is not polled may hold a connection.
            let taken = {
                let mut taking = std::pin::pin!(self.take_on(claims, given_back, &some, room, which, now));
                loop {
                    tokio::select! {
                        biased;
                        Some(done) = jobs.next() => ended.push(report.note(done)),
                        taken = &mut taking => break taken?,
                    }
                }
            };
            let (mine, others): (Vec<Work<'_>>, Vec<Work<'_>>) =
                some.into_iter().partition(|work| taken.iter().any(|(claim, _)| claim.name == work.wanted.name));
            passed.extend(others);
            for (claim, rows) in taken {
                under_way.all.push(claim.clone());
                let feeds = mine.iter().find(|work| work.wanted.name == claim.name).map(|work| work.feeds.clone());
                jobs.push(self.poll_host(claims, claim, feeds.unwrap_or_default(), rows, which, now));
            }
            if fresh.is_empty() && !passed.is_empty() && !jobs.is_empty() && looked_at.elapsed() >= LOOK_AT_OTHERS {
                fresh = std::mem::take(&mut passed);
                looked_at = Instant::now();
            }
            if looked && !fresh.is_empty() && self.hosts.room(jobs.len()) > 0 {
                continue;
            }
            if jobs.is_empty() {
                if ended.is_empty() && fresh.is_empty() {
                    match soon_free(claims, &passed, which, now).await? {
                        Some(wait) => tokio::time::sleep(wait).await,
                        None => break,
                    }
                    fresh = std::mem::take(&mut passed);
                }
                continue;
            }
            tokio::select! {
                Some(done) = jobs.next() => ended.push(report.note(done)),
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            while let Some(Some(done)) = jobs.next().now_or_never() {
                ended.push(report.note(done));
            }
        }
        report.finish()
    }

    /// Each worker begins elsewhere, so that they meet seldom.
    async fn work(&self, which: Which<'_>, now: Timestamp) -> Result<Vec<Work<'_>>, StoreError> {
        let rows = self.store.feeds().await?;
        let mut work: BTreeMap<String, Work<'_>> = BTreeMap::new();
        for feed in &self.config.feeds {
            let Some(row) = rows.get(&feed.id).filter(|row| is_wanted(feed, row, which, now)) else { continue };
            let host = self.hosts.held_up(&effective_url(feed, row));
            let rest = host.as_ref().map_or(Duration::ZERO, |_| self.config.fetch.host_spacing);
            let name = host.map_or_else(|| feed_name(&feed.id), |host| host_name(&host));
            let wanted = || Wanted { name: name.clone(), rest, due: Vec::new() };
            let work = work.entry(name.clone()).or_insert_with(|| Work { wanted: wanted(), feeds: Vec::new() });
            work.feeds.push(feed);
            if matches!(which, Which::Due) {
                work.wanted.due.push(feed.id.clone());
            }
        }
        let mut work: Vec<Work<'_>> = work.into_values().collect();
        let places = i64::try_from(work.len()).unwrap_or(i64::MAX).max(1);
        // The golden section leaves every worker a stretch of its own.
        let first = (self.store.worker().0.wrapping_mul(618) % 1_000) * places / 1_000;
        work.rotate_left(usize::try_from(first).unwrap_or(0));
        Ok(work)
    }

    /// Claims hosts, and reads their feeds as whoever had them before left them.
    async fn take_on(
        &self,
        claims: &Claims,
        ended: Vec<Claim>,
        work: &[Work<'_>],
        room: usize,
        which: Which<'_>,
        now: Timestamp,
    ) -> Result<Vec<(Claim, HashMap<FeedId, FeedRow>)>, StoreError> {
        let wanted: Vec<Wanted> = work.iter().map(|work| work.wanted.clone()).collect();
        let taken = claims.exchange(ended, &wanted, room, now).await?;
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let of =
            |claim: &Claim| work.iter().find(|work| work.wanted.name == claim.name).map(|work| work.feeds.as_slice());
        let ids: Vec<&FeedId> = taken.iter().filter_map(of).flatten().map(|feed| &feed.id).collect();
        let mut rows = self.store.feeds_named(&ids).await?;
        let mine = |claim: Claim| {
            let feeds = of(&claim).unwrap_or_default();
            let wanted = feeds.iter().filter_map(|feed| {
                let row = rows.remove(&feed.id).filter(|row| is_wanted(feed, row, which, now))?;
                Some((feed.id.clone(), row))
            });
            let wanted = wanted.collect();
            (claim, wanted)
        };
        Ok(taken.into_iter().map(mine).collect())
    }

    async fn poll_host(
        &self,
        claims: &Claims,
        claim: Claim,
        feeds: Vec<&Feed>,
        rows: HashMap<FeedId, FeedRow>,
        which: Which<'_>,
        now: Timestamp,
    ) -> Polled {
        let mut polls = Vec::with_capacity(feeds.len());
        for feed in feeds {
            let Some(row) = rows.get(&feed.id).filter(|row| is_wanted(feed, row, which, now)) else { continue };
            if !claims.holds(&claim).await {
                break;
            }
            polls.push(self.poll_feed(feed, row, claim.by, now).await);
        }
        (claim, polls)
    }
}

/// How long to wait for what others have; `None` if they see to all of it.
async fn soon_free(
    claims: &Claims,
    passed: &[Work<'_>],
    which: Which<'_>,
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    if passed.is_empty() {
        return Ok(None);
    }
    let wanted: Vec<Wanted> = passed.iter().map(|work| work.wanted.clone()).collect();
    let soonest = claims.soonest(&wanted, now).await?;
    Ok(match which {
        Which::Due => soonest,
        Which::Named(_) => Some(soonest.unwrap_or(LOOK_AGAIN)),
    })
}

/// Hosts that this round has taken on.
struct UnderWay<'a> {
    claims: &'a Claims,
    all: Vec<Claim>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.iter().for_each(|claim| self.claims.abandon(claim));
    }
}

/// What came of the polls so far.
struct Gathered<'a> {
    report: PollReport,
    failed: Option<StoreError>,
    each: &'a (dyn Fn(&FeedPoll) + Sync),
}

impl Gathered<'_> {
    fn note(&mut self, (claim, polls): Polled) -> Claim {
        for poll in polls {
            match poll {
                Ok(poll) => {
                    (self.each)(&poll);
                    self.report.feeds.push(poll);
                }
                // The process was told so once.
                Err(StoreError::TakenOver) => {}
                Err(error) => self.failed = Some(error),
            }
        }
        claim
    }

    fn finish(mut self) -> Result<PollReport, StoreError> {
        self.report.feeds.sort_by(|a, b| a.feed.cmp(&b.feed));
        self.failed.map_or(Ok(self.report), Err)
    }
}
