//! What follows an attempt: done, never again, or again and when (RFC 5321 §4.5.4.1). Pure.

use crate::model::delivery::Stage;
use crate::model::{DeliveryStatus, DeliveryUpdate, SendOutcome, Timestamp};
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Waits after a 4xx: two soon ones for greylisting, then never below half an hour.
const RECIPIENT: [u64; 5] = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];
/// Waits while the relay itself fails: no stranger's server is asked, and the morning's digest should leave soon after it is back.
const RELAY: [u64; 5] = [2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE];
/// After a lost answer the second copy may be a repeat: soon once, as the reader may well have nothing, then as rarely as after a 4xx.
const UNKNOWN: [u64; 5] = [5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/// `attempt` counts from 1, the one that just ended. `jitter_seed` spreads deliveries that failed together; use the delivery's id.
pub fn after(
    outcome: &SendOutcome,
    attempt: u32,
    created_at: Timestamp,
    now: Timestamp,
    retry_for: Duration,
    jitter_seed: i64,
) -> DeliveryUpdate {
    let again = |status, waits: &[u64; 5], answer: String| {
        let deadline = created_at + delta(retry_for);
        if now >= deadline {
            return DeliveryUpdate { status: DeliveryStatus::Expired, next_attempt_at: None, answer };
        }
        let wait = waits[(attempt.max(1) as usize - 1).min(waits.len() - 1)];
        let next = now + delta(Duration::from_secs(wait + wait * jitter(jitter_seed, attempt) / 100));
        // The last try comes at the deadline itself, so that no span is promised and then not used.
        DeliveryUpdate { status, next_attempt_at: Some(next.min(deadline)), answer }
    };
    let ended = |status, answer: String| DeliveryUpdate { status, next_attempt_at: None, answer };
    match outcome {
        SendOutcome::Accepted { reply } => ended(DeliveryStatus::Accepted, reply.clone()),
        SendOutcome::Rejected { stage, code, reason } => {
            ended(DeliveryStatus::Refused, answer(*stage, Some(*code), reason))
        }
        SendOutcome::Deferred { stage, code, reason } => {
            let waits = if stage.is_relay_only() { &RELAY } else { &RECIPIENT };
            again(DeliveryStatus::Deferred, waits, answer(*stage, *code, reason))
        }
        SendOutcome::Unknown { reason } => again(DeliveryStatus::Queued, &UNKNOWN, format!("unknown: {reason}")),
    }
}

fn answer(stage: Stage, code: Option<u16>, reason: &str) -> String {
    match code {
        Some(code) => format!("{}: {code} {reason}", stage.name()),
        None => format!("{}: {reason}", stage.name()),
    }
}

/// 0 to 20 percent on top, never less than the wait; the same for the same delivery and attempt.
fn jitter(seed: i64, attempt: u32) -> u64 {
    let mut bits = seed.cast_unsigned() ^ u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) % 21
}

fn delta(span: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(span).unwrap_or(chrono::TimeDelta::days(3650))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE_DAYS: Duration = Duration::from_secs(5 * 24 * HOUR);

    fn t0() -> Timestamp {
        "2022-12-18T06:00:00Z".parse().unwrap()
    }

    fn deferred(stage: Stage, code: Option<u16>) -> SendOutcome {
        SendOutcome::Deferred { stage, code, reason: "4.2.0 later".into() }
    }

    /// The instants of every attempt of a delivery that is always answered the same.
    fn attempts(outcome: &SendOutcome, seed: i64) -> (Vec<Timestamp>, DeliveryUpdate) {
        let (mut now, mut at) = (t0(), vec![]);
        loop {
            at.push(now);
            let update = after(outcome, at.len() as u32, t0(), now, FIVE_DAYS, seed);
            match update.next_attempt_at {
                Some(next) => now = next,
                None => return (at, update),
            }
        }
    }

    #[test]
    fn a_greylisted_mail_is_tried_for_five_days_and_then_expires() {
        for seed in 0..200 {
            let (at, end) = attempts(&deferred(Stage::RcptTo, Some(450)), seed);
            assert_eq!(end.status, DeliveryStatus::Expired);
            assert_eq!(end.answer, "RCPT TO: 450 4.2.0 later");
            assert_eq!(*at.last().unwrap() - t0(), delta(FIVE_DAYS));
            // RFC 5321 §4.5.4.1: two soon, then at least 30 minutes apart; the last one may come early, at the deadline.
            assert!((25..=35).contains(&at.len()), "{}", at.len());
            for pair in at[1..at.len() - 1].windows(2) {
                assert!(pair[1] - pair[0] >= chrono::TimeDelta::minutes(30), "{pair:?}");
            }
        }
    }

    #[test]
    fn a_relay_that_is_down_is_asked_every_half_hour_or_so() {
        let (at, _) = attempts(&deferred(Stage::Connect, None), 7);
        let longest = at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(longest <= chrono::TimeDelta::minutes(36));
        assert!(at[1] - at[0] <= chrono::TimeDelta::minutes(3));
    }

    #[test]
    fn a_lost_answer_goes_back_to_the_queue_with_growing_waits() {
        let unknown = SendOutcome::Unknown { reason: "the connection ended".into() };
        let first = after(&unknown, 1, t0(), t0(), FIVE_DAYS, 1);
        assert_eq!(first.status, DeliveryStatus::Queued);
        let (at, end) = attempts(&unknown, 1);
        assert!(at[1] - at[0] < chrono::TimeDelta::minutes(7));
        assert!(at.len() < 40, "a relay that loses every answer must not fill a mailbox: {}", at.len());
        assert_eq!(end.status, DeliveryStatus::Expired);
    }

    #[test]
    fn a_refusal_and_an_acceptance_are_final() {
        let refused = SendOutcome::Rejected { stage: Stage::RcptTo, code: 550, reason: "5.1.1 no".into() };
        let update = after(&refused, 1, t0(), t0(), FIVE_DAYS, 1);
        assert_eq!((update.status, update.next_attempt_at), (DeliveryStatus::Refused, None));
        // Accepted long after the deadline is still accepted.
        let late = t0() + chrono::TimeDelta::days(9);
        let update = after(&SendOutcome::Accepted { reply: "250 ok".into() }, 1, t0(), late, FIVE_DAYS, 1);
        assert_eq!((update.status, update.answer.as_str()), (DeliveryStatus::Accepted, "250 ok"));
    }

    #[test]
    fn deliveries_that_failed_together_come_back_apart() {
        let next: std::collections::BTreeSet<_> = (0..100)
            .map(|seed| after(&deferred(Stage::RcptTo, Some(451)), 3, t0(), t0(), FIVE_DAYS, seed).next_attempt_at)
            .collect();
        assert!(next.len() > 15, "{}", next.len());
    }
}
