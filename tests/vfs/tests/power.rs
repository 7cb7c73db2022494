//! Power cuts under Khyber's store: at any moment the disk holds what was acknowledged, whatever became of the rest.
//!
//! `KHYBER_CUTS=5000` tries more moments; the default is 600, and 200 for the control.
#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use khyber::model::*;
use khyber::store::*;
use khyber_lossy_vfs::{Disk, Loss, Op, mark, record, stop};
use libtest_mimic::{Arguments, Trial};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

fn main() {
    let trial = |name: &str, run: fn()| {
        Trial::test(name, move || {
            run();
            Ok(())
        })
    };
    // One after the other: there is one recorder in the process.
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let tests = vec![
        trial("power::nothing_acknowledged_is_lost", nothing_acknowledged_is_lost),
        trial("power::the_cuts_find_what_a_weaker_setting_loses", the_cuts_find_what_a_weaker_setting_loses),
    ];
    libtest_mimic::run(&arguments, tests).exit();
}

fn cuts(usual: usize) -> usize {
    let asked: Option<usize> = std::env::var("KHYBER_CUTS").ok().and_then(|cuts| cuts.parse().ok());
    asked.map_or(usual, |cuts| cuts * usual / 600)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn address(number: usize) -> EmailAddress {
    format!("reader{number}@x.test").parse().unwrap()
}

fn dice(seed: usize) -> impl FnMut(usize) -> usize {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit.max(1) as u64).unwrap()
    }
}

/// Everything that the store would answer, as one text.
async fn all(store: &Store) -> String {
    let rows = store.deliveries(&DeliveryFilter::default()).await.unwrap();
    let mut text = format!("{:?}\n{rows:#?}\n", store.editions(1000).await.unwrap());
    for row in &rows {
        let bytes = store.delivery_bytes(row.id).await.unwrap();
        text += &format!("{} {:?}\n", row.id, bytes.map(|bytes| (bytes.len(), bytes.last().copied())));
    }
    let mut feeds: Vec<FeedRow> = store.feeds().await.unwrap().into_values().collect();
    feeds.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    let entries = store.entries_seen(noon() - TimeDelta::days(400), noon() + TimeDelta::days(400)).await.unwrap();
    text += &format!("{feeds:#?}\n{entries:?}\n{:?}\n", store.suppressions().await.unwrap());
    text
}

fn mail(number: usize, size: usize) -> NewDelivery {
    let message = OutgoingMessage {
        envelope_from: "khyber@desk.test".parse().unwrap(),
        to: address(number),
        message_id: format!("<{number}@desk.test>"),
        bytes: vec![b'a' + u8::try_from(number % 26).unwrap(); size],
    };
    NewDelivery { subscriber: address(number), message }
}

fn entry(number: usize) -> NewEntry {
    NewEntry {
        key: EntryKey(format!("entry-{number}")),
        guid: None,
        url: None,
        headline: format!("Headline {number}"),
        summary: "Something happened at the border. ".repeat(number % 40),
        author: None,
        source: None,
        categories: Vec::new(),
        lang: Lang::En,
        published: Some(noon()),
        updated: None,
    }
}

/// Takes down what the store holds after each acknowledged step.
struct Diary<'a> {
    store: &'a Store,
    states: Vec<String>,
}

impl Diary<'_> {
    async fn acknowledged(&mut self) {
        // First the mark: reading writes nothing.
        mark(self.states.len());
        self.states.push(all(self.store).await);
    }
}

/// Polls, publishes and sends, step by step: every step is one transaction of the store's own.
async fn life(store: &Store, days: usize) -> Vec<String> {
    let mut diary = Diary { store, states: Vec::new() };
    diary.acknowledged().await;
    let (digest, feed): (DigestId, FeedId) = ("daily".parse().unwrap(), "indus".parse().unwrap());
    for day in 0..days {
        let now = noon() + TimeDelta::days(i64::try_from(day).unwrap());
        let etag = Some(format!("\"{day}\""));
        let state = FeedState {
            health: FeedHealth::Ok,
            validators: Validators { etag, ..Validators::default() },
            ..FeedState::default()
        };
        let entries: Vec<NewEntry> = (day * 7..day * 7 + 25).map(entry).collect();
        store.ingest(&feed, &entries, now, |_| state.clone()).await.unwrap();
        diary.acknowledged().await;
        let deliveries = (0..8).map(|reader| mail(reader, 9_000 + 4_000 * reader)).collect();
        let state = EditionState::Published;
        let upto = EntryId(7);
        let new = NewEdition { digest: &digest, cadence: "daily", slot: now, state, upto, content: None, deliveries };
        store.create_edition(new, now).await.unwrap();
        diary.acknowledged().await;
        send(store, now, &mut diary).await;
        store.suppress(&address(day), "left", None, now).await.unwrap();
        diary.acknowledged().await;
        let week = now - TimeDelta::days(2);
        store.prune(week, week, week).await.unwrap();
        diary.acknowledged().await;
    }
    diary.states
}

async fn send(store: &Store, now: Timestamp, diary: &mut Diary<'_>) {
    loop {
        let leased = store.lease_more(now, 3).await.unwrap();
        diary.acknowledged().await;
        if leased.is_empty() {
            return;
        }
        for delivery in leased {
            assert_eq!(store.before_dot(&delivery, now).await, Go::Ahead);
            diary.acknowledged().await;
            let answer = "250 2.0.0 ok".to_owned();
            let outcome = SendOutcome::Accepted { reply: answer.clone() };
            let update = DeliveryUpdate { status: DeliveryStatus::Accepted, next_attempt_at: None, answer };
            assert!(store.record_attempt(&delivery, &outcome, &update, now).await.unwrap());
            diary.acknowledged().await;
        }
    }
}

/// The number of the last mark in each prefix of the log.
fn last_mark(log: &[Op]) -> usize {
    log.iter().rev().find_map(|op| if let Op::Mark(number) = op { Some(*number) } else { None }).unwrap_or(0)
}

/// What came of the cuts.
#[derive(Debug, Default)]
struct Found {
    cuts: usize,
    unsynced: usize,
    lost: usize,
    damaged: usize,
}

/// Cuts the power at `count` moments spread over the log. `check` gets the folder as found and the last acknowledged step.
fn cut_everywhere(log: &[Op], home: &Path, count: usize, mut check: impl FnMut(&Path, usize) -> Option<bool>) -> Found {
    let first = log.iter().position(|op| matches!(op, Op::Mark(0))).unwrap() + 1;
    let (mut found, mut disk, mut at) = (Found::default(), Disk::default(), 0);
    for cut in 0..count {
        let moment = first + (log.len() - first) * cut / count;
        log[at..moment].iter().for_each(|op| disk.go_on(op));
        at = moment;
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let loss = [Loss::Any, Loss::Everything, Loss::Tail][cut % 3];
        for (path, bytes) in disk.cut(loss, &mut dice(cut + 1)) {
            std::fs::write(folder.path().join(path.strip_prefix(home).unwrap()), bytes).unwrap();
        }
        found.cuts += 1;
        found.unsynced += usize::from(disk.unsynced() > 0);
        match check(folder.path(), last_mark(&log[..moment])) {
            Some(true) => {}
            Some(false) => found.lost += 1,
            None => found.damaged += 1,
        }
    }
    found
}

/// Two lives of the daemon, with the checkpoint at the end of the first.
fn nothing_acknowledged_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().canonicalize().unwrap();
    record(folder.clone());
    let states = run(async {
        let store = Store::open(&folder).await.unwrap();
        store.sync_feeds(&[feed()]).await.unwrap();
        let states = life(&store, 6).await;
        store.close().await;
        states
    });
    let log = stop();
    let checkpoints = log.iter().filter(|op| matches!(op, Op::Sync(path) if path.ends_with("khyber.db"))).count();
    assert!(checkpoints > 2, "a sweep without a checkpoint shows little");
    let found = cut_everywhere(&log, &folder, cuts(600), |folder, marked| {
        run(async {
            let store = Store::open(folder).await.ok()?;
            let sound = store.integrity().await.is_ok_and(|findings| findings.is_empty());
            let state = all(&store).await;
            // The step that was under way is there as a whole or not at all.
            let kept = states[marked..states.len().min(marked + 2)].contains(&state);
            store.recover_leases(noon()).await.ok()?;
            store.close().await;
            sound.then_some(kept)
        })
    });
    println!(
        "power cuts, the store's own settings: {found:?} of {} file operations, {} steps",
        log.len(),
        states.len()
    );
    assert!(found.unsynced > found.cuts / 4, "too few cuts with something to lose");
    assert_eq!((found.lost, found.damaged), (0, 0));
}

fn feed() -> Feed {
    Feed {
        id: "indus".parse().unwrap(),
        url: "https://indus.test/rss".parse().unwrap(),
        publisher: "Indus".to_owned(),
        side: Side::Pakistan,
        owner: Owner::Unknown,
        country: "PK".to_owned(),
        lang: None,
        kind: FeedKind::default(),
        interval: None,
        enabled: true,
        full_text: false,
    }
}

/// The same cuts over the same tables with `synchronous = NORMAL`: if they found nothing there, they would show nothing above.
fn the_cuts_find_what_a_weaker_setting_loses() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().canonicalize().unwrap();
    const STEPS: usize = 150;
    run(async {
        let store = Store::open(&folder).await.unwrap();
        store.sync_feeds(&[feed()]).await.unwrap();
        store.close().await;
    });
    // What was there before the recording began is on the disk.
    let mut log: Vec<Op> = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        log.extend([Op::Write { path: path.clone(), offset: 0, bytes }, Op::Sync(path)]);
    }
    record(folder.clone());
    run(async {
        let options = SqliteConnectOptions::new().filename(folder.join("khyber.db"));
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal);
        let mut weak = options.connect().await.unwrap();
        mark(0);
        for step in 1..=STEPS {
            let sql = "INSERT INTO suppressions (address, reason, created_at) VALUES ($1, 'left', 0)";
            sqlx::query(sql).bind(address(step).as_str().to_owned()).execute(&mut weak).await.unwrap();
            mark(step);
        }
        weak.close().await.unwrap();
    });
    log.extend(stop());
    let found = cut_everywhere(&log, &folder, cuts(200), |folder, marked| {
        run(async {
            let store = Store::open(folder).await.ok()?;
            let kept = store.suppressions().await.ok()?.len() >= marked;
            store.close().await;
            Some(kept)
        })
    });
    println!("power cuts, synchronous = NORMAL (control): {found:?}");
    assert!(found.lost > found.cuts / 4, "the control must lose: {found:?}");
    assert_eq!(found.damaged, 0);
}
