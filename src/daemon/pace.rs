//! The relay's rate: how many mails may be begun now, and when the next may.

use super::Khyber;
use super::dispatch::locked;
use crate::config::Rate;
use crate::model::{DeliveryId, Timestamp};
use crate::store::StoreError;
use chrono::TimeDelta;
use std::collections::VecDeque;
use std::time::Duration;

/// When mails were begun, in milliseconds of a clock that only goes forward; its zero means nothing.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The rate that `begun` was gathered for.
    rate: Option<Rate>,
    begun: VecDeque<Begun>,
}

#[derive(Debug, Clone, Copy)]
struct Begun {
    at: i64,
    /// `None`: before a start.
    delivery: Option<DeliveryId>,
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Pace {
    /// Whether what was begun under this rate has to be told by `remember` first: at a start, and after a change.
    pub fn is_new(&self, rate: Rate) -> bool {
        self.rate != Some(rate)
    }

    /// `ages`: how long ago each mail was begun.
    pub fn remember(&mut self, rate: Rate, mut ages: Vec<Duration>, now: i64) {
        ages.sort_unstable_by(|a, b| b.cmp(a));
        self.begun = ages.into_iter().map(|age| Begun { at: now - millis(age), delivery: None }).collect();
        self.rate = Some(rate);
    }

    pub fn free(&mut self, rate: Rate, now: i64) -> usize {
        let gone = now - millis(rate.span);
        while self.begun.front().is_some_and(|begun| begun.at <= gone) {
            self.begun.pop_front();
        }
        (rate.mails as usize).saturating_sub(self.begun.len())
    }

    pub fn begin(&mut self, mails: impl Iterator<Item = DeliveryId>, now: i64) {
        self.begun.extend(mails.map(|delivery| Begun { at: now, delivery: Some(delivery) }));
    }

    /// The relay was not reached: no mail of it was begun.
    pub fn take_back(&mut self, delivery: DeliveryId) {
        if let Some(at) = self.begun.iter().rposition(|begun| begun.delivery == Some(delivery)) {
            self.begun.remove(at);
        }
    }

    /// Until the next may be begun.
    pub fn wait(&mut self, rate: Rate, now: i64) -> Duration {
        if self.free(rate, now) > 0 {
            return Duration::ZERO;
        }
        let leaves = self.begun.len() - rate.mails as usize;
        let until = self.begun.get(leaves).map_or(0, |begun| begun.at + millis(rate.span) - now);
        Duration::from_millis(u64::try_from(until).unwrap_or(0))
    }
}

impl Khyber {
    /// How long the relay's rate keeps back what is due.
    pub(super) async fn held_back(&self, now: Timestamp) -> Result<Option<Duration>, StoreError> {
        let Some(rate) = self.channel.rate() else { return Ok(None) };
        let wait = match self.store.lease_span() {
            Some(_) => self.store.rate_wait(rate).await?,
            None => locked(&self.memory.pace).wait(rate, self.memory.elapsed()),
        };
        if wait.is_zero() || self.relay_rests(now).await? {
            return Ok(None);
        }
        let (_, next) = self.store.outbox_counts().await?;
        Ok(next.is_some_and(|next| next <= now).then_some(wait))
    }

    /// How long the relay's rate keeps back what is due, as a process beside the daemon can tell.
    pub async fn rate_wait(&self, now: Timestamp) -> Result<Option<Duration>, StoreError> {
        if let Some(rate) = self.own_rate() {
            self.allowed(rate, now).await?;
        }
        self.held_back(now).await
    }

    /// The relay's rate, if this process alone keeps it; several keep it in the store.
    pub(super) fn own_rate(&self) -> Option<Rate> {
        self.channel.rate().filter(|_| self.store.lease_span().is_none())
    }

    /// How many more the relay's rate lets pass now. Attempts that reached the relay count, whatever came of them, and so do those
    /// before a restart.
    pub(super) async fn allowed(&self, rate: Rate, now: Timestamp) -> Result<usize, StoreError> {
        if locked(&self.memory.pace).is_new(rate) {
            let span = TimeDelta::from_std(rate.span).unwrap_or(TimeDelta::MAX);
            let begun = self.store.attempts_since(now - span).await?;
            // The second in which it began is over, whatever part of it was left.
            let age = |at: Timestamp| (now - at - TimeDelta::seconds(1)).to_std().unwrap_or_default();
            let ages = begun.into_iter().map(age).collect();
            locked(&self.memory.pace).remember(rate, ages, self.memory.elapsed());
        }
        Ok(locked(&self.memory.pace).free(rate, self.memory.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: i64 = 60_000;

    fn ids(mails: usize) -> impl Iterator<Item = DeliveryId> {
        (0..mails).map(|id| DeliveryId(i64::try_from(id).unwrap()))
    }

    fn rate(mails: u32) -> Rate {
        Rate { mails, span: Duration::from_secs(60) }
    }

    #[test]
    fn no_span_ever_has_more_than_the_rate_and_nothing_waits_without_need() {
        let (mut pace, mut now, mut all, mut waits) = (Pace::default(), 5_i64, Vec::new(), 0);
        let mut state = 7_u64;
        for _ in 0..3_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wanted = usize::try_from((state >> 33) % 9).unwrap();
            let begun = pace.free(rate(10), now).min(wanted);
            pace.begin(ids(begun), now);
            all.extend(std::iter::repeat_n(now, begun));
            match pace.wait(rate(10), now) {
                Duration::ZERO => now += i64::try_from((state >> 40) % 4_000).unwrap(),
                wait => {
                    waits += 1;
                    let until = now + millis(wait);
                    assert_eq!(pace.free(rate(10), until - 1), 0, "it would have waited too long");
                    now = until;
                    assert!(pace.free(rate(10), now) > 0, "it would have waited too little");
                }
            }
        }
        assert!(waits > 100, "the rate was hardly ever reached: {waits}");
        for window in all.windows(11) {
            assert!(window[10] - window[0] >= SPAN, "{window:?}");
        }
    }

    #[test]
    fn what_was_begun_before_a_start_or_a_change_counts() {
        let mut pace = Pace::default();
        assert!(pace.is_new(rate(3)));
        pace.remember(rate(3), vec![Duration::from_secs(10), Duration::from_secs(50)], 1_000);
        assert!(!pace.is_new(rate(3)) && pace.is_new(rate(2)));
        assert_eq!(pace.free(rate(3), 1_000), 1);
        pace.begin(ids(1), 1_000);
        assert_eq!(pace.wait(rate(3), 1_000), Duration::from_secs(10));
        // Lowered: two of three have to leave first.
        assert_eq!(pace.wait(rate(2), 1_000), Duration::from_secs(50));
    }

    #[test]
    fn what_was_not_begun_gives_its_place_back_and_no_other() {
        let mut pace = Pace::default();
        pace.begin([DeliveryId(1)].into_iter(), 0);
        pace.begin([DeliveryId(2)].into_iter(), 30_000);
        pace.take_back(DeliveryId(1));
        pace.take_back(DeliveryId(1));
        assert_eq!(pace.wait(rate(1), 61_000), Duration::from_secs(29), "the second one counts as long as before");
    }
}
