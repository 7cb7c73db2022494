//! A thousand feeds of which a hundred and fifty mean harm: the others are stored as if they were alone, and memory stays flat.

use super::support::crowd::{self, FEEDS, GOOD, Manner};
use super::support::database;
use khyber::daemon::{Khyber, Which};
use khyber::model::Timestamp;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Notify;

/// KiB.
const MOST_MEMORY: u64 = 150 << 10;

fn now() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

/// The allocator's settings of deploy/khyber.service. Without them glibc's heap may hold twice as much at the peak.
fn of_the_service() -> Vec<(&'static str, &'static str)> {
    let unit = include_str!("../../deploy/khyber.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("Environment=")).unwrap();
    line.split(' ').map(|pair| pair.split_once('=').unwrap()).collect()
}

/// No clock is looked at: the hanging feeds would hang for an hour, and the good ones are all stored before one of them has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feeds_that_hang_or_drip_take_no_place_from_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let web = crowd::start().await;
    crowd::write_config(folder.path(), &web, "", |_| true);
    let (mut config, _) = database::load(&folder.path().join("khyber.toml")).unwrap();
    for limit in [&mut config.fetch.header_timeout, &mut config.fetch.idle_timeout, &mut config.fetch.total_timeout] {
        *limit = Duration::from_secs(3_600);
    }
    let khyber = Khyber::open(config, now()).await.unwrap();
    let ended = Mutex::new(BTreeMap::<&str, usize>::new());
    let enough = Notify::new();
    let each = |poll: &khyber::daemon::FeedPoll| {
        let kind = match crowd::manner(crowd::number(poll.feed.as_str())) {
            Manner::Good => "good",
            Manner::Bomb => "bomb",
            Manner::Hangs | Manner::Drips => "waiting",
        };
        assert_eq!(poll.error.is_some(), kind != "good", "{}: {:?}", poll.feed, poll.error);
        assert!(kind != "good" || poll.ingested.new == 20, "{}: {:?}", poll.feed, poll.ingested);
        let mut ended = ended.lock().unwrap();
        *ended.entry(kind).or_default() += 1;
        if ended.values().sum::<usize>() == FEEDS - 100 {
            enough.notify_one();
        }
    };
    tokio::select! {
        polled = khyber.poll_once(Which::Due, now(), &each) => panic!("the hanging feeds ended: {:?}", polled.map(|report| report.feeds.len())),
        () = enough.notified() => {}
    }
    assert_eq!(*ended.lock().unwrap(), BTreeMap::from([("good", GOOD), ("bomb", 50)]));
    assert_eq!(khyber.store.count_entries().await.unwrap(), GOOD as i64 * 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_the_whole_poll_stays_below_150_mb() {
    let folder = tempfile::tempdir().unwrap();
    let web = crowd::start().await;
    let limits = "header_timeout = \"4s\"\nidle_timeout = \"4s\"\ntotal_timeout = \"8s\"";
    crowd::write_config(folder.path(), &web, limits, |_| true);
    let mut child = Command::new(env!("CARGO_BIN_EXE_khyber"))
        .current_dir(folder.path())
        .env_remove("KHYBER_CONFIG")
        .envs(of_the_service())
        .args(["-c", "khyber.toml", "poll"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    // The kernel keeps the peak; what is read last before the end is that of the whole run.
    let status = loop {
        most = crowd::peak(child.id()).unwrap_or(most).max(most);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    assert_eq!(status.code(), Some(4), "partly failed, as 150 feeds have");
    assert_eq!(web.heads().len(), FEEDS, "each feed was asked once");
    println!("peak memory: {} MB", most / 1_000);
    assert!((10 << 10..MOST_MEMORY).contains(&most), "{most} KiB");
}
