//! Fourteen virtual days of recorded news on the replay server: little is asked, nothing is missed. What a publisher sees of one
//! request is checked in tests/it/manners.rs; here are the counts over real rhythms.

use super::replay::News;
use super::{Need, needing, shared};
use chrono::{DateTime, TimeDelta};
use khyber::config;
use khyber::daemon::{Khyber, Which};
use khyber::model::{FeedHealth, Timestamp};
use libtest_mimic::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

const START: &str = "2022-12-05T00:00:00Z";
const DAYS: i64 = 14;
const TICK: TimeDelta = TimeDelta::minutes(15);
/// Leaves for good on the fourth day.
const GONE: &str = "cnbc";
/// Asks to be left alone for two hours, all the fifth day.
const BUSY: &str = "nbc-news";

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("python3")];
    vec![needing("manners::fourteen_days_of_news_cost_publishers_little_and_miss_nothing", &needs, || {
        tokio::runtime::Runtime::new().unwrap().block_on(fourteen_days());
    })]
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
struct Asked {
    requests: usize,
    not_modified: usize,
    bytes: usize,
}

fn start() -> Timestamp {
    DateTime::parse_from_rfc3339(START).unwrap().to_utc()
}

fn stats(news: &News) -> BTreeMap<String, Asked> {
    serde_json::from_str(&news.get("/stats")).unwrap()
}

async fn open(folder: &Path, now: Timestamp) -> Khyber {
    let (config, _) = config::load(&folder.join("khyber.toml"), &|_| None).unwrap();
    Khyber::open(config, now).await.unwrap()
}

async fn fourteen_days() {
    let (folder, news) = (tempfile::tempdir().unwrap(), News::start(START));
    let config = "include = [\"feeds.toml\"]\noperator = \"desk@x.test\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n";
    std::fs::write(folder.path().join("khyber.toml"), config).unwrap();
    std::fs::write(folder.path().join("feeds.toml"), news.get("/feeds.toml")).unwrap();
    let mut khyber = open(folder.path(), start()).await;
    // Polls that brought something, by feed; and what had been asked of one feed when a day began.
    let (mut fruitful, mut at_dawn) = (BTreeMap::<String, usize>::new(), Vec::new());
    for tick in 0..DAYS * 96 {
        let now = start() + TICK * i32::try_from(tick).unwrap();
        news.set_clock(&now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        if tick % 96 == 0 {
            at_dawn.push(stats(&news));
            match tick / 96 {
                3 => news.fault(GONE, "410"),
                4 => news.fault(BUSY, "503-retry-after"),
                5 => news.fault(BUSY, "none"),
                _ => {}
            }
        }
        if tick % 96 == 37 {
            khyber.store.close().await;
            drop(khyber);
            khyber = open(folder.path(), now).await;
        }
        for poll in khyber.poll_once(Which::Due, now, &|_| {}).await.unwrap().feeds {
            *fruitful.entry(poll.feed.to_string()).or_default() += usize::from(poll.ingested.new > 0);
        }
    }
    let asked = stats(&news);
    let of_day = |feed: &str, day: usize| at_dawn[day + 1][feed].requests - at_dawn[day][feed].requests;
    assert_eq!(asked.len(), fruitful.len());
    for (feed, asked) in &asked {
        assert!(asked.requests <= 24 * DAYS as usize, "{feed}: oftener than hourly: {asked:?}");
        assert!((1..DAYS as usize).all(|day| feed == GONE || asked.requests > day), "{feed}: abandoned: {asked:?}");
        if ![GONE, BUSY].contains(&feed.as_str()) {
            let whole = asked.requests - asked.not_modified;
            // The first; and where an item left the list of the newest without another coming.
            assert!(whole <= fruitful[feed] + 2, "{feed}: {whole} whole answers for {} with news", fruitful[feed]);
        }
    }
    let health = khyber.store.feeds().await.unwrap()[&GONE.parse().unwrap()].state.health;
    assert_eq!((health, of_day(GONE, 3), of_day(GONE, 4)), (FeedHealth::Gone, 1, 0), "one 410 is enough");
    assert!((1..=12).contains(&of_day(BUSY, 4)), "Retry-After of two hours: {} requests", of_day(BUSY, 4));
    let (rare, often) = (asked["washington-examiner"].requests, asked["fox-news"].requests);
    assert!(rare * 3 < often, "a feed with news once a week is asked {rare} times, a busy one {often}");
    complete(&khyber).await;
    let sum = |of: fn(&Asked) -> usize| asked.values().map(of).sum::<usize>();
    println!(
        "{} requests to {} feeds in {DAYS} days, {} answered 304; {} whole answers, {} of which brought news",
        sum(|asked| asked.requests),
        asked.len(),
        sum(|asked| asked.not_modified),
        sum(|asked| asked.requests - asked.not_modified),
        fruitful.values().sum::<usize>(),
    );
}

/// Everything recorded of the other feeds up to a day before the end is stored.
async fn complete(khyber: &Khyber) {
    let end = start() + TimeDelta::days(DAYS);
    let stored = khyber.store.entries_seen(start() - TimeDelta::days(1), end).await.unwrap();
    let stored: BTreeSet<String> = stored.iter().filter_map(|entry| entry.entry.guid.clone()).collect();
    let mut text = String::new();
    let file = std::fs::File::open(shared().join("data/stream-2022-12.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let due = rows.filter(|row| {
        let date = row["date"].as_str().and_then(|date| DateTime::parse_from_rfc3339(date).ok());
        let within = date.is_some_and(|date| date > start() && date < end - TimeDelta::days(1));
        within && row["source"].as_str().is_some_and(|source| !["CNBC", "NBC News"].contains(&source))
    });
    let due: Vec<String> = due.map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let missed = due.iter().filter(|id| !stored.contains(*id)).count();
    assert!(due.len() > 1_000, "{}", due.len());
    assert_eq!(missed, 0, "of {} recorded entries", due.len());
}
