//! Figures for Prometheus, in its text format 0.0.4. No address is a label, nor a part of one.

use crate::daemon::Khyber;
use crate::model::{DeliveryStatus, FeedHealth, Timestamp};
use crate::store::StoreError;
use std::collections::BTreeMap;
use std::fmt::Write;

struct Text(String);

impl Text {
    /// The head of one gauge.
    fn gauge(&mut self, name: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: i64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, help: &str, value: i64) {
        self.gauge(name, help);
        self.value(name, &[], value);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

pub(super) async fn text(khyber: &Khyber, now: Timestamp) -> Result<String, StoreError> {
    let mut text = Text(String::new());
    text.gauge("khyber_build_info", "The running version.");
    text.value("khyber_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    feeds(&mut text, khyber, now).await?;
    deliveries(&mut text, khyber).await?;
    let editions = khyber.store.edition_counts().await?;
    text.gauge("khyber_editions", "Published editions that are kept, by digest.");
    editions
        .iter()
        .for_each(|(digest, count, _)| text.value("khyber_editions", &[("digest", digest.as_str())], *count));
    text.gauge("khyber_last_edition_timestamp_seconds", "The slot of the last published edition, by digest.");
    for (digest, _, slot) in &editions {
        text.value("khyber_last_edition_timestamp_seconds", &[("digest", digest.as_str())], slot.timestamp());
    }
    if let Some((_, slot)) = khyber.next_slot(now).await? {
        text.one("khyber_next_edition_timestamp_seconds", "The next slot of any digest.", slot.timestamp());
    }
    text.one("khyber_entries", "Entries that are kept.", khyber.store.count_entries().await?);
    let readers = khyber.mailed(now).await?.len();
    text.one("khyber_subscribers", "Subscribers who want mail now.", i64::try_from(readers).unwrap_or(i64::MAX));
    text.one(
        "khyber_unconfirmed",
        "Who asked to subscribe and has not confirmed.",
        khyber.store.count_unconfirmed().await?,
    );
    let troubles = i64::try_from(khyber.troubles(now).await?.len()).unwrap_or(i64::MAX);
    text.one("khyber_troubles", "What the operator should look at.", troubles);
    if let Some(room) = khyber.room() {
        text.one("khyber_disk_free_bytes", "Free space under data_dir.", i64::try_from(room.free).unwrap_or(i64::MAX));
    }
    Ok(text.0)
}

async fn feeds(text: &mut Text, khyber: &Khyber, now: Timestamp) -> Result<(), StoreError> {
    let rows = khyber.store.feeds().await?;
    let mut healths: BTreeMap<String, i64> = BTreeMap::new();
    for row in khyber.config.feeds.iter().filter_map(|feed| rows.get(&feed.id)) {
        let health = if row.is_paused(now) { FeedHealth::Paused } else { row.state.health };
        *healths.entry(health_name(health)).or_default() += 1;
    }
    text.gauge("khyber_feeds", "Configured feeds, by health.");
    healths.iter().for_each(|(health, count)| text.value("khyber_feeds", &[("health", health)], *count));
    Ok(())
}

async fn deliveries(text: &mut Text, khyber: &Khyber) -> Result<(), StoreError> {
    let (counts, next) = khyber.store.outbox_counts().await?;
    text.gauge("khyber_deliveries", "Mails that are kept, by state.");
    for status in DeliveryStatus::ALL {
        let count = counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count);
        text.value("khyber_deliveries", &[("status", status.name())], count);
    }
    if let Some(next) = next {
        text.one("khyber_next_attempt_timestamp_seconds", "When the next mail is due.", next.timestamp());
    }
    let relay = khyber.store.relay_health().await?;
    text.one("khyber_relay_failures", "Attempts at the relay that failed in a row.", relay.failures);
    Ok(())
}

/// As in `khyber feeds list`.
pub(super) fn health_name(health: FeedHealth) -> String {
    let name = serde_json::to_value(health).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
