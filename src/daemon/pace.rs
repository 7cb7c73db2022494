//! The relay's rate: how many mails may be begun now, and when the next may.

use crate::config::Rate;
use std::collections::VecDeque;
use std::time::Duration;

/// When mails were begun, in milliseconds of a clock that only goes forward; its zero means nothing.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The rate that `begun` was gathered for.
    rate: Option<Rate>,
    begun: VecDeque<i64>,
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
        self.begun = ages.into_iter().map(|age| now - millis(age)).collect();
        self.rate = Some(rate);
    }

    pub fn free(&mut self, rate: Rate, now: i64) -> usize {
        let gone = now - millis(rate.span);
        while self.begun.front().is_some_and(|begun| *begun <= gone) {
            self.begun.pop_front();
        }
        (rate.mails as usize).saturating_sub(self.begun.len())
    }

    pub fn begin(&mut self, mails: usize, now: i64) {
        self.begun.extend(std::iter::repeat_n(now, mails));
    }

    /// Until the next may be begun.
    pub fn wait(&mut self, rate: Rate, now: i64) -> Duration {
        if self.free(rate, now) > 0 {
            return Duration::ZERO;
        }
        let leaves = self.begun.len() - rate.mails as usize;
        let until = self.begun.get(leaves).map_or(0, |begun| begun + millis(rate.span) - now);
        Duration::from_millis(u64::try_from(until).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: i64 = 60_000;

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
            pace.begin(begun, now);
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
        pace.begin(1, 1_000);
        assert_eq!(pace.wait(rate(3), 1_000), Duration::from_secs(10));
        // Lowered: two of three have to leave first.
        assert_eq!(pace.wait(rate(2), 1_000), Duration::from_secs(50));
    }
}
