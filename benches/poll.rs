//! `cargo bench --bench poll`: 850 feeds alone, among fifty that hang and fifty that drip, and among these and fifty bombs; five rounds each.
//! Then the 850 with twenty new entries each, over 10,000 stored entries and over a million (KHYBER_ENTRIES for another number), in turn.

#[path = "../tests/it/support/crowd.rs"]
#[allow(dead_code)]
#[allow(clippy::unwrap_used)]
mod crowd;
#[allow(dead_code)]
mod made_news;
#[path = "../tests/it/support/web.rs"]
#[allow(dead_code)]
#[allow(clippy::unwrap_used)]
mod web;

use chrono::TimeDelta;
use crowd::Manner;
use khyber::config;
use khyber::daemon::{FeedPoll, Khyber, Which};
use khyber::model::{FeedState, NewEntry, Timestamp};
use khyber::store::Store;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use web::Web;

const ROUNDS: usize = 5;
const FEW: usize = 10_000;
const AT_ONCE: usize = 2_000;
/// Days of polls over each store.
const DAYS: usize = 7;

/// Which feeds take part.
type Chosen = fn(Manner) -> bool;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let crowds: [(&str, Chosen); 3] = [
        ("850 feeds alone", |manner| manner == Manner::Good),
        ("among 100 that hang or drip", |manner| manner != Manner::Bomb),
        ("among these and 50 bombs", |_| true),
    ];
    let mut took = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((_, chosen), took) in crowds.iter().zip(&mut took) {
            took.push(runtime.block_on(stored(*chosen))?);
        }
    }
    let took = took.each_mut().map(|seconds| median(seconds));
    for ((name, _), seconds) in crowds.iter().zip(took) {
        println!("{name:<28} {seconds:>8.2} s   ratio {:>5.2}", seconds / took[0]);
    }
    let many = std::env::var("KHYBER_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    runtime.block_on(over_stored(many))
}

async fn over_stored(many: usize) -> anyhow::Result<()> {
    let day = Arc::new(AtomicUsize::new(0));
    let today = day.clone();
    let web = Web::start(move |head| {
        let number: usize = head.split(' ').nth(1).unwrap_or_default().trim_matches('/').parse().unwrap_or(0);
        let document = crowd::feed(number, today.load(Ordering::SeqCst) * crowd::ENTRIES);
        web::answer("200 OK\nContent-Type: application/rss+xml", document.as_bytes())
    })
    .await;
    let start: Timestamp = "2026-03-02T00:00:00Z".parse()?;
    let (few, lots) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let khybers = [filled(few.path(), &web, FEW, start).await?, filled(lots.path(), &web, many, start).await?];
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..DAYS {
        day.store(round, Ordering::SeqCst);
        for (khyber, took) in khybers.iter().zip(&mut took) {
            let began = Instant::now();
            let polled = khyber.poll_once(Which::Due, start + TimeDelta::days(i64::try_from(round)?), &|_| {}).await?;
            took.push(began.elapsed().as_secs_f64());
            let new = polled.new_entries();
            anyhow::ensure!(new == crowd::GOOD * crowd::ENTRIES, "{new} new entries on day {round}");
        }
    }
    let [few, lots] = took.each_mut().map(|seconds| median(seconds));
    println!("over {FEW:>7} stored entries  {few:>8.2} s");
    println!("over {many:>7} stored entries  {lots:>8.2} s   ratio {:>5.2}", lots / few);
    Ok(())
}

/// With so many entries of the days before, of all feeds.
async fn filled(folder: &Path, web: &Web, wanted: usize, now: Timestamp) -> anyhow::Result<Khyber> {
    crowd::write_config(folder, web, "", |manner| manner == Manner::Good);
    let (config, _) = config::load(&folder.join("khyber.toml"), &|_| None)?;
    std::fs::create_dir(folder.join("data"))?;
    let store = Store::open(&folder.join("data")).await?;
    for first in (0..wanted).step_by(AT_ONCE) {
        let made = made_news::entries(i64::try_from(first)?, AT_ONCE.min(wanted - first), now - TimeDelta::days(2), 24);
        let made: Vec<NewEntry> = made.into_iter().map(made_news::as_read).collect();
        let feed = crowd::id(first / AT_ONCE % crowd::FEEDS).parse()?;
        store.ingest(&feed, &made, now - TimeDelta::days(2), |_| FeedState::default()).await?;
    }
    store.close().await;
    Khyber::open(config, now).await
}

/// Seconds until the last of the good feeds was stored.
async fn stored(chosen: Chosen) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let web = crowd::start().await;
    crowd::write_config(folder.path(), &web, "", chosen);
    let (config, _) = config::load(&folder.path().join("khyber.toml"), &|_| None)?;
    let now: Timestamp = "2026-03-02T00:00:00Z".parse()?;
    let khyber = Khyber::open(config, now).await?;
    let (done, last) = (tokio::sync::Notify::new(), Mutex::new((0, Duration::ZERO)));
    let began = Instant::now();
    let each = |poll: &FeedPoll| {
        if poll.error.is_none()
            && let Ok(mut last) = last.lock()
        {
            *last = (last.0 + 1, began.elapsed());
            if last.0 == crowd::GOOD {
                done.notify_one();
            }
        }
    };
    tokio::select! {
        polled = khyber.poll_once(Which::Due, now, &each) => { polled?; }
        () = done.notified() => {}
    }
    let (count, took) = last.lock().map(|last| *last).unwrap_or_default();
    anyhow::ensure!(count == crowd::GOOD, "only {count} were stored");
    Ok(took.as_secs_f64())
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
