//! `cargo bench --bench poll`: 850 feeds alone, and among a thousand of which fifty hang, fifty drip and fifty are bombs; three rounds each.

#[path = "../tests/it/support/crowd.rs"]
#[allow(dead_code)]
#[allow(clippy::unwrap_used)]
mod crowd;
#[path = "../tests/it/support/web.rs"]
#[allow(dead_code)]
#[allow(clippy::unwrap_used)]
mod web;

use crowd::Manner;
use khyber::config;
use khyber::daemon::{FeedPoll, Khyber, Which};
use khyber::model::Timestamp;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (mut alone, mut among) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(runtime.block_on(stored(|manner| manner == Manner::Good))?);
        among.push(runtime.block_on(stored(|_| true))?);
    }
    let (alone, among) = (median(&mut alone), median(&mut among));
    println!("850 feeds alone              {alone:>8.2} s");
    println!("850 feeds among 150 hostile  {among:>8.2} s");
    println!("ratio                        {:>8.2}", among / alone);
    Ok(())
}

/// Seconds until the last of the good feeds was stored.
async fn stored(chosen: fn(Manner) -> bool) -> anyhow::Result<f64> {
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
