//! `khyber status`: feeds, editions, outbox, at a glance.

use super::at::At;
use super::table::{count, when};
use super::{Exit, Global, setup};
use crate::model::{DeliveryStatus, FeedHealth};
use crate::store::FeedRow;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Serialize)]
struct Status {
    database: String,
    entries: i64,
    feeds: usize,
    /// Feeds that need a look, with why.
    troubled: Vec<Troubled>,
    last_edition: Option<String>,
    next_slot: Option<String>,
    outbox: Vec<(&'static str, i64)>,
    next_attempt: Option<String>,
}

#[derive(Debug, Serialize)]
struct Troubled {
    feed: String,
    health: FeedHealth,
    failures: u32,
    error: String,
    next_poll: String,
}

pub async fn run(args: &StatusArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let rows = khyber.store.feeds().await?;
    let mut troubled: Vec<Troubled> = khyber
        .config
        .feeds
        .iter()
        .filter_map(|feed| rows.get(&feed.id))
        .filter(|row| !matches!(row.state.health, FeedHealth::Ok | FeedHealth::New) || row.paused)
        .map(trouble)
        .collect();
    troubled.sort_by(|a, b| a.feed.cmp(&b.feed));
    let (outbox, next) = khyber.store.outbox_counts().await?;
    let edition = khyber.store.editions(1).await?.pop();
    let status = Status {
        database: khyber.store.path().display().to_string(),
        entries: khyber.store.count_entries().await?,
        feeds: khyber.config.feeds.len(),
        troubled,
        last_edition: edition.map(|row| {
            let state = super::editions::state_name(row.state);
            format!("{} {} ({state}, {})", row.digest, when(Some(row.slot)), count(row.stories, "story", "stories"))
        }),
        next_slot: khyber
            .next_slot(args.at.now())
            .await?
            .map(|(digest, slot)| format!("{digest} {}", when(Some(slot)))),
        outbox: outbox.iter().map(|(status, number)| (status.name(), *number)).collect(),
        next_attempt: next.map(|at| when(Some(at))),
    };
    if global.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print(&status);
    }
    let quarantined = outbox.iter().any(|(status, number)| *status == DeliveryStatus::Quarantined && *number > 0);
    Ok(if quarantined { Exit::PartlyFailed } else { Exit::Fine })
}

fn trouble(row: &FeedRow) -> Troubled {
    Troubled {
        feed: row.id.to_string(),
        health: if row.paused { FeedHealth::Paused } else { row.state.health },
        failures: row.state.failures,
        error: row.state.last_error.clone().unwrap_or_default(),
        next_poll: when(row.state.next_poll_at),
    }
}

fn print(status: &Status) {
    let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    println!(
        "database      {} ({})",
        status.database,
        count(usize::try_from(status.entries).unwrap_or(0), "entry", "entries")
    );
    println!("last edition  {}", dash(&status.last_edition));
    println!("next slot     {}", dash(&status.next_slot));
    let outbox: Vec<String> = status.outbox.iter().map(|(name, number)| format!("{number} {name}")).collect();
    println!("outbox        {}", if outbox.is_empty() { "empty".to_owned() } else { outbox.join(", ") });
    if let Some(next) = &status.next_attempt {
        println!("next attempt  {next}");
    }
    println!("feeds         {}, {} to look at", status.feeds, status.troubled.len());
    for feed in &status.troubled {
        let health = serde_json::to_value(feed.health).ok();
        let health = health.as_ref().and_then(|value| value.as_str()).unwrap_or("");
        let tries = if feed.failures > 0 { format!(" ({} in a row)", feed.failures) } else { String::new() };
        println!("  {:<24} {health}{tries}: {}; next poll {}", feed.feed, feed.error, feed.next_poll);
    }
}
