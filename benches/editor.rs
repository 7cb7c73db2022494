//! `cargo bench --bench editor`: what the editor costs. Ten thousand relevant entries of 72 hours through dedup and group, in
//! seconds of the processor and megabytes; then a day's window of a store that holds ever more, which must not take longer.

mod made_news;

use anyhow::Context;
use chrono::TimeDelta;
use khyber::config::coverage;
use khyber::daemon::editor::edit;
use khyber::model::meaning::Meanings;
use khyber::model::{Coverage, Entry, Feed, FeedHealth, FeedKind, FeedState, NewEntry, Owner, Side, Timestamp};
use khyber::store::Store;
use khyber::{dedup, group, relevance};
use std::path::Path;
use std::time::Instant;

const ENTRIES: usize = 10_000;
const HOURS: i64 = 72;
/// What the store holds, and how much of it the window holds.
const STORED: [usize; 3] = [10_000, 100_000, 1_000_000];
const WINDOW: usize = 2_000;
const BATCH: usize = 10_000;
const ROUNDS: usize = 3;

fn main() -> anyhow::Result<()> {
    let coverage = coverage::read(coverage::DEFAULT, Path::new(coverage::DEFAULT_FILE)).0.context("the coverage")?;
    let now: Timestamp = "2026-03-02T06:00:00Z".parse()?;
    dense_window(&coverage, now);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!();
    println!("{:>10} {:>12} {:>12} {:>10}", "stored", "read, ms", "edit, ms", "stories");
    for count in STORED {
        runtime.block_on(growing_store(&coverage, now, count))?;
    }
    Ok(())
}

fn dense_window(coverage: &Coverage, now: Timestamp) {
    let entries = made_news::entries(1, ENTRIES, now, HOURS);
    let kept = relevance::select(entries, coverage).kept;
    assert_eq!(kept.len(), ENTRIES, "all are relevant");
    let before = peak();
    let began = processor_seconds();
    let unique = dedup::dedup(kept);
    let folded = ENTRIES - unique.len();
    let deduped = processor_seconds();
    let stories = group::group(unique, &[], coverage, &Meanings::default());
    let grouped = processor_seconds();
    let largest = stories.iter().map(|story| story.reports.len()).max().unwrap_or(0);
    println!("{ENTRIES} relevant entries of {HOURS} hours, on one core");
    println!("dedup            {:>8.2} s, {folded} folded", deduped - began);
    println!("group            {:>8.2} s, {} stories, the largest of {largest}", grouped - deduped, stories.len());
    println!("together         {:>8.2} s", grouped - began);
    if let (Some(before), Some(after)) = (before, peak()) {
        println!("memory           {after:>8.0} MB at most, {before:.0} MB of it before");
    }
}

async fn growing_store(coverage: &Coverage, now: Timestamp, count: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path()).await?;
    let feed = feed()?;
    store.sync_feeds(std::slice::from_ref(&feed)).await?;
    let day = TimeDelta::hours(24);
    let mut stored = 0;
    // Ten thousand in five days, a million in five hundred: as a store grows.
    while stored < count - WINDOW {
        let batch = BATCH.min(count - WINDOW - stored);
        let until = now - day - TimeDelta::minutes((43 * (count - WINDOW - stored - batch) / 60) as i64);
        ingest(&store, &feed, made_news::entries(stored as i64, batch, until, 120), until).await?;
        stored += batch;
    }
    let fresh = made_news::entries(stored as i64, WINDOW, now, 24);
    ingest(&store, &feed, fresh, now - TimeDelta::hours(1)).await?;
    let (mut reads, mut edits, mut stories) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let window = store.entries_seen(now - day, now).await?;
        reads.push(began.elapsed().as_secs_f64());
        anyhow::ensure!(window.len() == WINDOW, "the window holds {}", window.len());
        let began = processor_seconds();
        let entries = window.into_iter().map(|stored| made_news::with_facts(&feed, stored)).collect();
        stories = edit(entries, coverage).stories.len();
        edits.push(processor_seconds() - began);
    }
    println!("{count:>10} {:>12.1} {:>12.1} {stories:>10}", 1e3 * least(&reads), 1e3 * least(&edits));
    store.close().await;
    Ok(())
}

async fn ingest(store: &Store, feed: &Feed, entries: Vec<Entry>, seen: Timestamp) -> anyhow::Result<()> {
    let entries: Vec<NewEntry> = entries.into_iter().map(made_news::as_read).collect();
    let state = |_: &khyber::store::Ingested| FeedState {
        health: FeedHealth::Ok,
        last_ok_at: Some(seen),
        ..FeedState::default()
    };
    store.ingest(&feed.id, &entries, seen, state).await?;
    Ok(())
}

fn feed() -> anyhow::Result<Feed> {
    Ok(Feed {
        id: "made".parse()?,
        url: "https://made.example/feed".parse()?,
        publisher: "Made News".to_owned(),
        side: Side::International,
        owner: Owner::Unknown,
        country: "INT".to_owned(),
        lang: None,
        kind: FeedKind::News,
        interval: None,
        enabled: true,
        full_text: false,
    })
}

fn least(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Of this process; the stages have one thread.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The most memory that this process has held, in MB, where the system tells.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
