//! `khyber status`: feeds, editions, outbox, at a glance.

use super::at::At;
use super::table::{count, when};
use super::{Exit, Global, setup};
use crate::daemon::Room;
use crate::daemon::notice::Trouble;
use crate::model::{FeedHealth, Timestamp};
use crate::store::{EditionRow, FeedRow, Worker};
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
    /// The latest ones, newest first.
    last_editions: Vec<String>,
    next_slot: Option<String>,
    outbox: Vec<(&'static str, i64)>,
    next_attempt: Option<String>,
    relay: Relay,
    disk: Option<Room>,
    /// Processes that share the work, over PostgreSQL.
    workers: Vec<AtWork>,
    /// What the operator is told of, too; with any, the exit code is 4.
    troubles: Vec<Trouble>,
}

#[derive(Debug, Serialize)]
struct Relay {
    last_answer: String,
    failing_since: Option<String>,
    failures: i64,
    /// What came of the last attempt, without an address.
    last_said: String,
    /// Mails are due and wait for the relay's rate: for so many seconds.
    rate_wait_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct AtWork {
    host: String,
    pid: i64,
    version: String,
    roles: String,
    since_s: u64,
    /// Since it was last heard of.
    silent_s: u64,
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
    let now = args.at.now();
    let rows = khyber.store.feeds().await?;
    let mut troubled: Vec<Troubled> = khyber
        .config
        .feeds
        .iter()
        .filter_map(|feed| rows.get(&feed.id))
        .filter(|row| !matches!(row.state.health, FeedHealth::Ok | FeedHealth::New) || row.is_paused(now))
        .map(|row| trouble(row, now))
        .collect();
    troubled.sort_by(|a, b| a.feed.cmp(&b.feed));
    let (outbox, next) = khyber.store.outbox_counts().await?;
    let (editions, relay) = (khyber.store.editions(3).await?, khyber.store.relay_health().await?);
    let status = Status {
        database: khyber.store.path().display().to_string(),
        entries: khyber.store.count_entries().await?,
        feeds: khyber.config.feeds.len(),
        troubled,
        last_editions: editions.iter().map(edition).collect(),
        next_slot: khyber
            .next_slot(args.at.now())
            .await?
            .map(|(digest, slot)| format!("{digest} {}", when(Some(slot)))),
        outbox: outbox.iter().map(|(status, number)| (status.name(), *number)).collect(),
        next_attempt: next.map(|at| when(Some(at))),
        relay: Relay {
            last_answer: when(relay.last_answer),
            failing_since: relay.failing_since.map(|since| when(Some(since))),
            failures: relay.failures,
            last_said: relay.last_said.unwrap_or_default(),
            rate_wait_s: khyber.rate_wait(now).await?.map(|wait| wait.as_secs().max(1)),
        },
        disk: khyber.room(),
        workers: khyber.store.workers().await?.into_iter().map(at_work).collect(),
        troubles: khyber.troubles(args.at.now()).await?,
    };
    if global.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        print(&status);
    }
    Ok(if status.troubles.is_empty() { Exit::Fine } else { Exit::PartlyFailed })
}

fn at_work(worker: Worker) -> AtWork {
    let Worker { host, pid, version, roles, age, silent } = worker;
    AtWork { host, pid, version, roles, since_s: age.as_secs(), silent_s: silent.as_secs() }
}

fn edition(row: &EditionRow) -> String {
    let state = super::editions::state_name(row.state);
    format!("{} {} ({state}, {})", row.digest, when(Some(row.slot)), count(row.stories, "story", "stories"))
}

fn trouble(row: &FeedRow, now: Timestamp) -> Troubled {
    Troubled {
        feed: row.id.to_string(),
        health: if row.is_paused(now) { FeedHealth::Paused } else { row.state.health },
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
    println!("last edition  {}", dash(&status.last_editions.first().cloned()));
    for earlier in status.last_editions.iter().skip(1) {
        println!("              {earlier}");
    }
    println!("next slot     {}", dash(&status.next_slot));
    let outbox: Vec<String> = status.outbox.iter().map(|(name, number)| format!("{number} {name}")).collect();
    println!("outbox        {}", if outbox.is_empty() { "empty".to_owned() } else { outbox.join(", ") });
    if let Some(next) = &status.next_attempt {
        println!("next attempt  {next}");
    }
    match &status.relay.failing_since {
        Some(since) => println!("relay         failing since {since}; last answer {}", status.relay.last_answer),
        None => println!("relay         last answer {}", status.relay.last_answer),
    }
    if !status.relay.last_said.is_empty() {
        println!("              {}", status.relay.last_said);
    }
    if let Some(wait) = status.relay.rate_wait_s {
        println!("              mails that are due wait for the relay's `rate`: the next goes in {wait} s");
    }
    if let Some(room) = status.disk {
        println!("disk          {} MiB free, {} MiB kept in reserve", room.free >> 20, room.reserve >> 20);
    }
    for (number, worker) in status.workers.iter().enumerate() {
        let AtWork { host, pid, version, roles, silent_s, .. } = worker;
        let head = if number == 0 { "workers" } else { "" };
        println!("{head:<13} {host} {pid}: {roles} ({version}), last heard of {silent_s} s ago");
    }
    println!("feeds         {}, {} to look at", status.feeds, status.troubled.len());
    for feed in &status.troubled {
        let health = serde_json::to_value(feed.health).ok();
        let health = health.as_ref().and_then(|value| value.as_str()).unwrap_or("");
        let tries = if feed.failures > 0 { format!(" ({} in a row)", feed.failures) } else { String::new() };
        println!("  {:<24} {health}{tries}: {}; next poll {}", feed.feed, feed.error, feed.next_poll);
    }
    for trouble in &status.troubles {
        println!("! {}", trouble.text);
    }
}
