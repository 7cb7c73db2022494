//! What is wrong, and which of it is news to the operator. No address stands unmasked in any of it.

use super::Khyber;
use crate::model::{DeliveryStatus, Feed, FeedHealth, Timestamp};
use crate::store::{BOUNCED, COMPLAINED, DeliveryFilter, FeedRow, StoreError, Suppression, Told};
use chrono::TimeDelta;

const DAY: TimeDelta = TimeDelta::days(1);
/// A relay is restarted now and then; what lasts longer than this is worth a message.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
const DEAD_FEED: TimeDelta = TimeDelta::days(30);
/// How long an expired mail counts as news.
const RECENT: TimeDelta = TimeDelta::days(7);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Relay,
    Disk,
    Quarantined,
    Expired,
    Suppressed,
    Mailbox,
    /// The bounces can't be read.
    Deaf,
    Feed,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::Relay,
        Kind::Disk,
        Kind::Quarantined,
        Kind::Expired,
        Kind::Suppressed,
        Kind::Mailbox,
        Kind::Deaf,
        Kind::Feed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Relay => "relay",
            Kind::Disk => "disk",
            Kind::Quarantined => "quarantined",
            Kind::Expired => "expired",
            Kind::Suppressed => "suppressed",
            Kind::Mailbox => "mailbox",
            Kind::Deaf => "deaf",
            Kind::Feed => "feed",
        }
    }

    /// Whether it is told again while it lasts; the others are told once for each subject.
    fn stands(self) -> bool {
        matches!(self, Kind::Relay | Kind::Disk | Kind::Deaf)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Trouble {
    pub kind: Kind,
    /// The feed or delivery; empty for what there is only one of.
    pub subject: String,
    pub text: String,
}

pub(super) async fn find(khyber: &Khyber, now: Timestamp) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    let relay = khyber.store.relay_health().await?;
    if let Some(since) = relay.failing_since.filter(|since| now - *since >= PATIENCE) {
        let since = since.format("%Y-%m-%d %H:%MZ");
        let text =
            format!("the mail relay can't be used since {since} ({} attempts); see `khyber outbox`", relay.failures);
        found.push(Trouble { kind: Kind::Relay, subject: String::new(), text });
    }
    if let Some(room) = khyber.room().filter(|room| room.is_short()) {
        let text = format!(
            "{} MiB are free in the data folder and {} MiB are kept in reserve: nothing is polled until there is room",
            room.free >> 20,
            room.reserve >> 20
        );
        found.push(Trouble { kind: Kind::Disk, subject: String::new(), text });
    }
    let statuses = vec![DeliveryStatus::Quarantined];
    for row in khyber.store.deliveries(&DeliveryFilter { statuses, ..DeliveryFilter::default() }).await? {
        let text = format!(
            "the process died three times while sending mail {0}; `khyber outbox retry {0}` releases it",
            row.id
        );
        found.push(Trouble { kind: Kind::Quarantined, subject: row.id.to_string(), text });
    }
    for id in khyber.store.expired_since(now - RECENT).await? {
        let text = format!("mail {id} was not accepted within the retry span and is given up; see `khyber outbox`");
        found.push(Trouble { kind: Kind::Expired, subject: id.to_string(), text });
    }
    found.extend(suppressed(&khyber.store.suppressions().await?, now));
    if let (unclear, Some(last)) = khyber.store.unclear_since(now - RECENT).await? {
        let text = format!(
            "{unclear} mails to the bounce address within {} days say nothing that a program understands; a reader may want to leave: \
             look at them",
            RECENT.num_days()
        );
        found.push(Trouble { kind: Kind::Mailbox, subject: last.format("%Y-%m-%d").to_string(), text });
    }
    if let Some((since, why)) = khyber.memory.deaf_since().filter(|(since, _)| now - *since >= PATIENCE) {
        let text = format!("bounces can't be read since {}: {why}", since.format("%Y-%m-%d %H:%MZ"));
        found.push(Trouble { kind: Kind::Deaf, subject: String::new(), text });
    }
    let rows = khyber.store.feeds().await?;
    let enabled = khyber.config.feeds.iter().filter(|feed| feed.enabled);
    found.extend(enabled.filter_map(|feed| dead_feed(feed, rows.get(&feed.id)?, now)));
    Ok(found)
}

/// What came back by mail; a reader who left is no trouble.
fn suppressed(all: &[Suppression], now: Timestamp) -> Vec<Trouble> {
    let by_mail = |one: &&Suppression| {
        (one.reason.starts_with(BOUNCED) || one.reason.starts_with(COMPLAINED)) && now - one.created_at <= RECENT
    };
    let trouble = |one: &Suppression| Trouble {
        kind: Kind::Suppressed,
        subject: format!("{} {}", one.address.masked(), one.created_at.timestamp()),
        text: format!("{} gets no more mail ({}); see `khyber suppressions list`", one.address.masked(), one.reason),
    };
    all.iter().filter(by_mail).map(trouble).collect()
}

fn dead_feed(feed: &Feed, row: &FeedRow, now: Timestamp) -> Option<Trouble> {
    let subject = feed.id.to_string();
    let trouble = |text| Some(Trouble { kind: Kind::Feed, subject: subject.clone(), text });
    if row.is_paused(now) {
        return None;
    }
    if row.state.health == FeedHealth::Gone {
        return trouble(format!(
            "feed {subject} is gone for good (410) and polled no more; remove it or give it a new url"
        ));
    }
    let failing = row.state.failures > 0;
    let ok = row.state.last_ok_at.filter(|ok| failing && now - *ok >= DEAD_FEED)?;
    let error = row.state.last_error.as_deref().unwrap_or("no answer");
    trouble(format!("feed {subject} has not worked since {}: {error}", ok.format("%Y-%m-%d")))
}

/// What to tell now: of each kind nothing if it was spoken of within a day, and otherwise what is standing or was never told.
/// A moment of telling that lies in the future was written before the clock was set back, and does not count.
pub(super) fn due<'a>(troubles: &'a [Trouble], told: &[Told], now: Timestamp) -> Vec<&'a Trouble> {
    let known = |one: &Trouble| told.iter().any(|told| told.kind == one.kind.name() && told.subject == one.subject);
    let quiet = |kind: Kind| told.iter().any(|told| told.kind == kind.name() && told.at <= now && now - told.at < DAY);
    troubles.iter().filter(|one| !quiet(one.kind) && (one.kind.stands() || !known(one))).collect()
}

/// One message for all of it; a long list is cut.
pub(super) fn text(due: &[&Trouble], now: Timestamp) -> String {
    const MOST: usize = 20;
    let mut text = format!("Khyber, {}:\n", now.format("%Y-%m-%d %H:%MZ"));
    for one in due.iter().take(MOST) {
        text.push_str("- ");
        text.push_str(&one.text);
        text.push('\n');
    }
    if due.len() > MOST {
        text.push_str(&format!("- and {} more; see `khyber status`\n", due.len() - MOST));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t0() -> Timestamp {
        "2026-03-01T06:00:00Z".parse().unwrap()
    }

    fn one(kind: Kind, subject: &str) -> Trouble {
        Trouble { kind, subject: subject.to_owned(), text: format!("{} {subject}", kind.name()) }
    }

    /// A daemon's life in steps of a quarter of an hour: the messages that go out, by hours since the start.
    fn life(days: i64, troubles: impl Fn(i64) -> Vec<Trouble>) -> Vec<(i64, Vec<String>)> {
        let (mut told, mut messages) = (Vec::<Told>::new(), Vec::new());
        for quarter in 0..days * 96 {
            let now = t0() + TimeDelta::minutes(15 * quarter);
            let troubles = troubles(quarter / 4);
            let due = due(&troubles, &told, now);
            if due.is_empty() {
                continue;
            }
            messages.push((quarter / 4, due.iter().map(|one| one.text.clone()).collect()));
            for one in due {
                told.retain(|told| told.kind != one.kind.name() || told.subject != one.subject);
                told.push(Told { kind: one.kind.name().to_owned(), subject: one.subject.clone(), at: now });
            }
        }
        messages
    }

    #[test]
    fn a_relay_that_is_down_for_a_week_is_told_once_a_day() {
        let messages = life(7, |_| vec![one(Kind::Relay, "")]);
        assert_eq!(messages.iter().map(|(hour, _)| *hour).collect::<Vec<_>>(), [0, 24, 48, 72, 96, 120, 144]);
        let flapping = life(7, |hour| if hour % 2 == 0 { vec![one(Kind::Relay, "")] } else { vec![] });
        assert_eq!(flapping.len(), 7);
    }

    #[test]
    fn a_thousand_mails_that_expire_over_a_day_are_two_messages() {
        let messages = life(10, |hour| (0..hour.min(24) * 42).map(|n| one(Kind::Expired, &n.to_string())).collect());
        assert_eq!(messages.len(), 2, "{:?}", messages.iter().map(|(hour, _)| hour).collect::<Vec<_>>());
        let all: usize = messages.iter().map(|(_, texts)| texts.len()).sum();
        assert_eq!(all, 24 * 42, "each is told, and none twice");
    }

    #[test]
    fn one_kind_never_silences_another() {
        let messages = life(1, |hour| {
            let relay = vec![one(Kind::Relay, "")];
            if hour < 5 { relay } else { [relay, vec![one(Kind::Disk, ""), one(Kind::Feed, "dawn")]].concat() }
        });
        assert_eq!(messages, [(0, vec!["relay ".to_owned()]), (5, vec!["disk ".to_owned(), "feed dawn".to_owned()])]);
    }

    #[test]
    fn a_clock_set_back_does_not_silence_for_a_year() {
        let told = [Told { kind: "disk".to_owned(), subject: String::new(), at: t0() + TimeDelta::days(365) }];
        assert_eq!(due(&[one(Kind::Disk, "")], &told, t0()).len(), 1);
    }

    #[test]
    fn a_long_list_is_cut() {
        let troubles: Vec<Trouble> = (0..500).map(|n| one(Kind::Expired, &n.to_string())).collect();
        let text = text(&troubles.iter().collect::<Vec<_>>(), t0());
        assert_eq!(text.lines().count(), 22);
        assert!(text.ends_with("and 480 more; see `khyber status`\n"));
    }
}
