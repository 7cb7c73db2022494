//! DISPATCH: leased deliveries go out, and each outcome is recorded before anything else is leased.

use super::Khyber;
use super::pace::Pace;
use crate::deliver::retry;
use crate::failpoint;
use crate::model::{Delivery, DeliveryStatus, DeliveryUpdate, SendOutcome, Timestamp};
use crate::store::{Places, StoreError};
use chrono::TimeDelta;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A lease ends when this much has passed by the monotonic clock, and the connection with it. Longer than the longest SMTP
/// exchange (RFC 5321 §4.5.3.2: 5+5+5+2+3+10 minutes); the wait for the relay's rate comes before the lease.
const LEASE: Duration = Duration::from_secs(60 * 60);

/// How long nothing new is tried after the relay could not be used: the first time, and each time after that.
const REST: [i64; 4] = [60, 120, 300, 900];

/// A connection is kept while the relay's rate lets nothing pass for no longer than this.
const SHORT: Duration = Duration::from_secs(30);

/// What a dispatcher remembers from round to round, and over a reload.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Outcomes that could not be written down, with a full disk for instance. They are written before anything else is sent: an
    /// acceptance that is forgotten would be a second copy.
    unrecorded: Mutex<Vec<Ended>>,
    relay: Mutex<Relay>,
    pub(super) pace: Mutex<Pace>,
    /// The zero of `pace`: no jump of the wall clock lets more mails pass, or none.
    zero: OnceLock<Instant>,
    /// Mails were queued: they do not wait for the next look.
    queued: Notify,
    /// When the operator could not be told: not tried again at once, so that a broken webhook is not asked at every look.
    untold: Mutex<Option<Timestamp>>,
    /// Since when bounces can't be read, and why not.
    deaf: Mutex<Option<(Timestamp, String)>>,
}

impl Memory {
    pub(super) fn elapsed(&self) -> i64 {
        i64::try_from(self.zero.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    pub(super) fn may_tell(&self, now: Timestamp) -> bool {
        locked(&self.untold).is_none_or(|last| now < last || now - last >= TimeDelta::minutes(15))
    }

    pub(super) fn mailbox_was(&self, problem: Option<&String>, now: Timestamp) {
        let mut deaf = locked(&self.deaf);
        let since = deaf.as_ref().map_or(now, |(since, _)| (*since).min(now));
        *deaf = problem.map(|why| (since, why.clone()));
    }

    pub(super) fn deaf_since(&self) -> Option<(Timestamp, String)> {
        locked(&self.deaf).clone()
    }

    pub(super) fn could_not_tell(&self, now: Timestamp) {
        *locked(&self.untold) = Some(now);
    }
}

#[derive(Debug, Default)]
struct Relay {
    /// Attempts in a row that failed before any mail was named.
    failures: usize,
    rests: usize,
    until: Option<Timestamp>,
}

/// An attempt that has ended.
#[derive(Debug)]
struct Ended {
    delivery: Delivery,
    outcome: SendOutcome,
    update: DeliveryUpdate,
    at: Timestamp,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Relay {
    fn heard(&mut self, outcome: &SendOutcome) {
        match outcome {
            SendOutcome::Deferred { stage, .. } if stage.is_relay_only() => self.failures += 1,
            // Ours: the store could not be written, or the mail was called off.
            SendOutcome::Deferred { code: None, .. } => {}
            _ => *self = Relay::default(),
        }
    }

    /// Starts a rest once as many attempts failed as can be under way; `true` if it did.
    fn gives_up(&mut self, capacity: usize, now: Timestamp) -> bool {
        if self.failures < capacity.max(1) {
            return false;
        }
        let rest = TimeDelta::seconds(REST[self.rests.min(REST.len() - 1)]);
        (self.failures, self.rests, self.until) = (0, self.rests + 1, Some(now + rest));
        true
    }

    /// A rest that would last longer than the longest one was begun before the clock was set back.
    fn rests(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until && until - now <= TimeDelta::seconds(REST[REST.len() - 1]))
    }
}

/// What dispatching did.
#[derive(Debug, Clone, Default)]
pub struct DispatchReport {
    pub accepted: usize,
    pub deferred: usize,
    pub refused: usize,
    pub expired: usize,
    /// The last answer that was not an acceptance, without any address.
    pub last_problem: Option<String>,
    /// More is due, and the relay's rate lets it pass after this long.
    pub held_back: Option<Duration>,
}

impl DispatchReport {
    pub fn tried(&self) -> usize {
        self.accepted + self.deferred + self.refused + self.expired
    }

    fn add(&mut self, other: DispatchReport) {
        self.accepted += other.accepted;
        self.deferred += other.deferred;
        self.refused += other.refused;
        self.expired += other.expired;
        self.last_problem = other.last_problem.or(self.last_problem.take());
    }

    fn count(&mut self, status: DeliveryStatus, answer: &str) {
        match status {
            DeliveryStatus::Accepted => self.accepted += 1,
            DeliveryStatus::Refused => self.refused += 1,
            DeliveryStatus::Expired => self.expired += 1,
            _ => self.deferred += 1,
        }
        if status != DeliveryStatus::Accepted {
            self.last_problem = Some(answer.to_owned());
        }
    }
}

impl Khyber {
    pub(super) fn has_queued(&self) {
        self.memory.queued.notify_one();
    }

    /// Ends when this process has queued a mail since it was last asked.
    pub(super) async fn queued(&self) {
        self.memory.queued.notified().await;
    }

    /// Sends everything that is due at `now`, as the relay's rate allows, until nothing is or `stop` says so; then waits for the
    /// replies under way.
    pub async fn dispatch_due(
        &self,
        now: Timestamp,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<DispatchReport, StoreError> {
        let mut all = DispatchReport::default();
        loop {
            let report = self.dispatch(&|| now, stop).await?;
            let held_back = report.held_back;
            all.add(report);
            match held_back {
                Some(wait) if !stop() => tokio::time::sleep(wait).await,
                _ => return Ok(all),
            }
        }
    }

    /// As `dispatch_due`, under a clock that goes on; what the relay's rate holds back is left to the next call.
    pub async fn dispatch(
        &self,
        clock: &(dyn Fn() -> Timestamp + Sync),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<DispatchReport, StoreError> {
        self.record_left_over().await?;
        let mut report = DispatchReport::default();
        if !self.store.is_any_due(clock()).await? {
            self.channel.close().await;
            return Ok(report);
        }
        let mut under_way = FuturesUnordered::new();
        let mut failed = None;
        loop {
            // Leasing goes on beside the sends and not between them: a send that is not polled may hold the one connection that writes.
            let (held, wanted) = (under_way.len(), failed.is_none() && !stop());
            let mut leasing =
                std::pin::pin!(async { if wanted { self.lease_some(held, clock()).await } else { Ok(Vec::new()) } });
            let leased = loop {
                tokio::select! {
                    biased;
                    Some(ended) = under_way.next() => note(ended, &mut report, &mut failed),
                    leased = &mut leasing => break leased,
                }
            };
            match leased {
                Ok(leased) => under_way.extend(leased.into_iter().map(|delivery| self.send(delivery, clock))),
                Err(error) => failed = Some(error),
            }
            match under_way.next().await {
                Some(ended) => note(ended, &mut report, &mut failed),
                // With others under way, less was leased than is due.
                None if held > 0 => {}
                None => break,
            }
        }
        if failed.is_none() && !stop() {
            match self.held_back(clock()).await {
                Ok(held_back) => report.held_back = held_back,
                Err(error) => failed = Some(error),
            }
        }
        if report.held_back.is_none_or(|wait| wait > SHORT) {
            self.channel.close().await;
        }
        failed.map_or(Ok(report), Err)
    }

    /// Up to twice as many as there are connections, so that one goes on with the next mail while the record of the last is on its way to the
    /// disk; and none before several are wanted: what a claim costs hardly depends on how many. No more ahead than that: each waits for
    /// one exchange at most, and fewer are counted as begun should the process die.
    async fn lease_some(&self, under_way: usize, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        if self.relay_rests(now).await? {
            return Ok(Vec::new());
        }
        let capacity = self.channel.capacity();
        let rate = self.channel.rate();
        // What is leased takes places of `per_domain`, which other processes might use at once.
        let ahead = match self.claims {
            _ if rate.is_some() => 0,
            Some(_) => capacity / 2,
            None => capacity,
        };
        let free = (capacity + ahead).saturating_sub(under_way);
        if under_way > 0 && free * 4 < capacity + ahead {
            return Ok(Vec::new());
        }
        // A mail waits in the queue and not under a lease: whoever leaves meanwhile, or is cancelled, is spared.
        let free = match self.own_rate() {
            Some(rate) => free.min(self.allowed(rate, now).await?),
            None => free,
        };
        if free == 0 {
            return Ok(Vec::new());
        }
        let number = |places: usize| u32::try_from(places).unwrap_or(u32::MAX);
        let places = Places {
            free: number(free),
            a_domain: number(self.channel.per_domain()),
            rate: rate.filter(|_| self.own_rate().is_none()),
        };
        let leased = match under_way {
            0 => self.store.lease(now, places).await?,
            _ => self.store.lease_more(now, places).await?,
        };
        if self.own_rate().is_some() {
            locked(&self.memory.pace).begin(leased.iter().map(|delivery| delivery.id), self.memory.elapsed());
        }
        Ok(leased)
    }

    /// While the relay can't be used, what is too old ends, and the rest waits untried.
    pub(super) async fn relay_rests(&self, now: Timestamp) -> Result<bool, StoreError> {
        let begins = locked(&self.memory.relay).gives_up(self.channel.capacity(), now);
        if begins {
            let expired = self.store.expire_deliveries(now - self.config.mail.retry_for, now).await?;
            tracing::error!(expired, "the relay can't be used; the outbox rests for a while");
        }
        Ok(begins || locked(&self.memory.relay).rests(now))
    }

    async fn send(&self, delivery: Delivery, clock: &(dyn Fn() -> Timestamp + Sync)) -> Sent {
        let gate = async { self.store.before_dot(&delivery, clock()).await };
        let sent = tokio::time::timeout(LEASE, self.channel.send_if(&delivery.message, gate)).await;
        let lost = || SendOutcome::Unknown { reason: "no end within an hour; the connection was dropped".to_owned() };
        let outcome = sent.unwrap_or_else(|_| lost());
        failpoint::reached("deliver.outcome");
        locked(&self.memory.relay).heard(&outcome);
        if matches!(outcome, SendOutcome::Deferred { stage, .. } if stage.is_relay_only()) {
            locked(&self.memory.pace).take_back(delivery.id);
        }
        let (at, retry_for) = (clock(), self.config.mail.retry_for);
        let update = retry::after(&outcome, delivery.attempt, delivery.created_at, at, retry_for, delivery.id.0);
        let told = (update.status, update.answer.clone());
        self.record(Ended { delivery, outcome, update, at }).await?;
        Ok(told)
    }

    /// Writes an outcome down, or keeps it until it can be.
    async fn record(&self, ended: Ended) -> Result<(), StoreError> {
        let Ended { delivery, outcome, update, at } = &ended;
        match self.store.record_attempt(delivery, outcome, update, *at).await {
            Ok(recorded) => {
                log(&ended, recorded);
                Ok(())
            }
            Err(error) => {
                locked(&self.memory.unrecorded).push(ended);
                Err(error)
            }
        }
    }

    /// What could not be written down before.
    async fn record_left_over(&self) -> Result<(), StoreError> {
        let left_over = std::mem::take(&mut *locked(&self.memory.unrecorded));
        let mut failed = None;
        for ended in left_over {
            if let Err(error) = self.record(ended).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

type Sent = Result<(DeliveryStatus, String), StoreError>;

fn note(ended: Sent, report: &mut DispatchReport, failed: &mut Option<StoreError>) {
    match ended {
        Ok((status, answer)) => report.count(status, &answer),
        Err(error) => *failed = Some(error),
    }
}

fn log(ended: &Ended, recorded: bool) {
    let (delivery, to, update) = (ended.delivery.id, &ended.delivery.message.to, &ended.update);
    match update.status {
        _ if !recorded => tracing::warn!(%delivery, %to, "this delivery was ended by somebody else meanwhile"),
        DeliveryStatus::Accepted => tracing::info!(%delivery, %to, "accepted"),
        status => tracing::warn!(%delivery, %to, ?status, answer = %update.answer, "not accepted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery::Stage;

    fn t0() -> Timestamp {
        "2022-12-18T06:00:00Z".parse().unwrap()
    }

    fn down() -> SendOutcome {
        SendOutcome::Deferred { stage: Stage::Connect, code: None, reason: "refused".to_owned() }
    }

    #[test]
    fn a_dead_relay_is_left_alone_for_longer_and_longer() {
        let mut relay = Relay::default();
        let mut rests = Vec::new();
        for _ in 0..6 {
            for _ in 0..3 {
                relay.heard(&down());
                assert!(!relay.gives_up(4, t0()), "three of four connections say nothing");
            }
            relay.heard(&down());
            assert!(relay.gives_up(4, t0()));
            rests.push((relay.until.unwrap() - t0()).num_seconds());
        }
        assert_eq!(rests, [60, 120, 300, 900, 900, 900]);
        relay.heard(&SendOutcome::Rejected { stage: Stage::RcptTo, code: 550, reason: "no".to_owned() });
        assert!(!relay.rests(t0()), "it answers again");
    }

    #[test]
    fn a_clock_set_back_does_not_prolong_a_rest() {
        let mut relay = Relay::default();
        relay.heard(&down());
        assert!(relay.gives_up(1, t0()) && relay.rests(t0()) && relay.rests(t0() + TimeDelta::seconds(59)));
        assert!(!relay.rests(t0() + TimeDelta::seconds(60)));
        assert!(!relay.rests(t0() - TimeDelta::days(3)));
    }
}
