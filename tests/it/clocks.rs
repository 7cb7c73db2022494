//! Publishing under clocks that stop, jump and go back, with restarts: one edition a slot, in order, within `max_late`.

use chrono::TimeDelta;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::{DeliveryStatus, Timestamp};
use khyber::store::{DeliveryFilter, EditionRow, EditionState};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A digest that mails a note even when there is nothing to tell, so that every edition shows.
fn write_config(folder: &Path, schedule: &str, zone: &str, max_late: &str, readers: &[&str]) {
    let readers: String =
        readers.iter().map(|reader| format!("[[subscriber]]\ndigest = \"daily\"\n{reader}\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [[feed]]\nid = \"wire\"\nurl = \"http://127.0.0.1:9/feed\"\npublisher = \"Wire\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"{schedule}\"\ntimezone = \"{zone}\"\n\
         when_empty = \"send\"\nmax_late = \"{max_late}\"\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

async fn open(folder: &Path, now: Timestamp) -> Khyber {
    let (config, _) =
        config::load(&folder.join("khyber.toml"), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    Khyber::open(config, now).await.unwrap()
}

/// Who has a mail of which slot, and how often.
async fn mails(khyber: &Khyber) -> BTreeMap<(String, Timestamp), usize> {
    let slots: BTreeMap<_, _> = editions(khyber).await.into_iter().map(|row| (row.id, row.slot)).collect();
    let mut mails = BTreeMap::new();
    for row in khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap() {
        assert_ne!(row.status, DeliveryStatus::Suppressed);
        *mails.entry((row.subscriber.as_str().to_owned(), slots[&row.edition])).or_default() += 1;
    }
    mails
}

/// In the order in which they were made.
async fn editions(khyber: &Khyber) -> Vec<EditionRow> {
    let mut rows = khyber.store.editions(100_000).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

#[tokio::test]
async fn readers_whose_zones_have_the_same_hour_all_get_their_mail() {
    let folder = tempfile::tempdir().unwrap();
    let readers = [
        "email = \"karachi@x.test\"",
        "email = \"tashkent@x.test\"\ntimezone = \"Asia/Tashkent\"",
        "email = \"utc@x.test\"\ntimezone = \"UTC\"\nschedule = \"0 1 * * *\"",
        "email = \"later@x.test\"\nschedule = \"0 7 * * *\"",
    ];
    write_config(folder.path(), "0 6 * * *", "Asia/Karachi", "6h", &readers);
    for day in 1..=5 {
        let now = at(&format!("2026-03-0{day}T02:05:00Z"));
        let khyber = open(folder.path(), now).await;
        khyber.publish_due(None, now).await.unwrap();
        let mails = mails(&khyber).await;
        for reader in ["karachi", "tashkent", "utc", "later"] {
            let got = mails.keys().filter(|(address, _)| address.starts_with(reader)).count();
            assert_eq!(got, day, "{reader} on day {day}");
        }
        assert!(mails.values().all(|count| *count == 1));
    }
}

#[tokio::test]
async fn the_same_slot_written_another_way_is_not_mailed_again() {
    let folder = tempfile::tempdir().unwrap();
    let now = at("2026-03-01T01:05:00Z");
    for schedule in ["0 6 * * *", "00 06 * * *", "0 6 * * 0-6"] {
        write_config(folder.path(), schedule, "Asia/Karachi", "6h", &["email = \"a@x.test\""]);
        let khyber = open(folder.path(), now).await;
        for _ in 0..3 {
            khyber.publish_due(None, now).await.unwrap();
        }
        assert_eq!(mails(&khyber).await.into_values().collect::<Vec<_>>(), [1], "{schedule}");
    }
    // Who joins in that hour gets it, and nobody else a second time.
    write_config(
        folder.path(),
        "0 6 * * mon-sun",
        "Asia/Karachi",
        "6h",
        &["email = \"a@x.test\"", "email = \"b@x.test\""],
    );
    let khyber = open(folder.path(), now).await;
    khyber.publish_due(None, now).await.unwrap();
    assert_eq!(mails(&khyber).await.into_values().collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn who_comes_back_in_the_hour_of_a_rewritten_schedule_gets_their_mail() {
    let folder = tempfile::tempdir().unwrap();
    let (now, tomorrow) = (at("2026-03-01T01:05:00Z"), at("2026-03-02T01:05:00Z"));
    let readers = ["email = \"a@x.test\"", "email = \"b@x.test\""];
    let (b, daily) = ("b@x.test".parse().unwrap(), "daily".parse().unwrap());
    write_config(folder.path(), "0 6 * * *", "Asia/Karachi", "6h", &readers);
    let khyber = open(folder.path(), now).await;
    khyber.store.leave_digest(&b, &daily, now).await.unwrap();
    khyber.publish_due(None, now).await.unwrap();
    khyber.store.close().await;
    drop(khyber);
    write_config(folder.path(), "0 6 * * mon-sun", "Asia/Karachi", "6h", &readers);
    let khyber = open(folder.path(), now).await;
    let all =
        async || mails(&khyber).await.into_iter().map(|((reader, _), copies)| (reader, copies)).collect::<Vec<_>>();
    let one = |reader: &str| (reader.to_owned(), 1);
    for _ in 0..3 {
        khyber.publish_due(None, now).await.unwrap();
        assert_eq!(all().await, [one("a@x.test")], "found to be served, and asked no more");
    }
    khyber.store.come_back(&b, &daily, now).await.unwrap();
    for now in [now, now, tomorrow, tomorrow] {
        khyber.publish_due(None, now).await.unwrap();
    }
    assert_eq!(all().await, [one("a@x.test"), one("a@x.test"), one("b@x.test"), one("b@x.test")]);
}

/// A clock that runs, stands still for days, is set forward and back, and a daemon that is started again now and then.
#[derive(Debug, Clone)]
struct Step {
    seconds: i64,
    restart: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    const HOUR: i64 = 3600;
    let seconds = prop_oneof![
        6 => 60..2 * HOUR,
        4 => 12 * HOUR..26 * HOUR,
        2 => 24 * HOUR..24 * 9 * HOUR,
        1 => -2 * HOUR..0,
        1 => -24 * 9 * HOUR..-2 * HOUR,
    ];
    prop::collection::vec((seconds, prop::bool::weighted(0.3)), 5..25)
        .prop_map(|steps| steps.into_iter().map(|(seconds, restart)| Step { seconds, restart }).collect())
}

/// Schedules, the zones they are read in, and the start: some days before their clocks change.
const DESKS: [(&str, &str, &str, i64); 7] = [
    ("0 6 * * *", "Asia/Karachi", "2026-03-01T00:00:00Z", 12),
    ("30 2 * * *", "America/New_York", "2026-03-05T00:00:00Z", 6),
    ("30 1 * * *", "America/New_York", "2026-10-29T00:00:00Z", 6),
    ("0 0 * * *", "America/Havana", "2026-03-05T00:00:00Z", 1),
    ("15 2 * * *", "Australia/Lord_Howe", "2026-10-01T00:00:00Z", 20),
    ("30 4 * * sun,wed", "Asia/Kabul", "2026-03-01T00:00:00Z", 30),
    ("0 6,12,18 * * *", "Europe/London", "2026-03-27T00:00:00Z", 3),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 28, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_edition_a_slot_in_order_within_max_late(desk in 0..DESKS.len(), steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(DESKS[desk], &steps));
    }
}

/// What must hold after each look at the clock, whatever it showed before.
async fn live((schedule, zone, start, max_late): (&str, &str, &str, i64), steps: &[Step]) {
    let folder = tempfile::tempdir().unwrap();
    write_config(
        folder.path(),
        schedule,
        zone,
        &format!("{max_late}h"),
        &["email = \"a@x.test\"", "email = \"b@x.test\""],
    );
    let (schedule, zone): (khyber::model::Schedule, chrono_tz::Tz) = (schedule.parse().unwrap(), zone.parse().unwrap());
    let mut now = at(start);
    let mut khyber = Some(open(folder.path(), now).await);
    let mut first = None;
    // Of the run of the clock since it was last set back.
    let mut newest = None;
    for step in steps {
        now += TimeDelta::seconds(step.seconds);
        if step.seconds < 0 {
            newest = None;
        }
        if step.restart {
            khyber.take().unwrap().store.close().await;
            khyber = Some(open(folder.path(), now).await);
        }
        let desk = khyber.as_ref().unwrap();
        for edition in desk.publish_due(None, now).await.unwrap().editions {
            assert!(newest < Some(edition.slot), "{} after {newest:?}", edition.slot);
            newest = Some(edition.slot);
            first.get_or_insert(edition.slot);
            if edition.state == EditionState::Published {
                let late = now - edition.slot;
                assert!((TimeDelta::zero()..=TimeDelta::hours(max_late)).contains(&late), "{late}");
            }
        }
        assert!(desk.publish_due(None, now).await.unwrap().editions.is_empty(), "twice at {now}");
        let rows = editions(desk).await;
        let slot = schedule.last_slot(zone, now).unwrap();
        let made = rows.iter().any(|row| row.slot == slot && row.state == EditionState::Published);
        assert!(made || now - slot > TimeDelta::hours(max_late), "{slot} is missing at {now}");
        let settled: BTreeSet<Timestamp> = rows.iter().map(|row| row.slot).collect();
        assert_eq!(settled.len(), rows.len(), "a slot has two editions");
        let since = first.unwrap() - TimeDelta::seconds(1);
        for slot in schedule.slots_between(zone, since, now) {
            assert!(settled.contains(&slot), "{slot} is neither published nor recorded as missed at {now}");
        }
        let published = rows.iter().filter(|row| row.state == EditionState::Published).count();
        let mails = mails(desk).await;
        assert_eq!(mails.len(), 2 * published);
        assert!(mails.into_values().all(|count| count == 1), "a reader has two mails of a slot");
    }
}

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_costs_no_day() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), "0 6 * * *", "Asia/Karachi", "6h", &["email = \"a@x.test\""]);
    let days = ["2026-03-01", "2027-03-02", "2026-03-02", "2026-03-03", "2026-03-04"];
    for (number, day) in days.into_iter().enumerate() {
        let now = at(&format!("{day}T01:05:00Z"));
        let khyber = open(folder.path(), now).await;
        khyber.publish_due(None, now).await.unwrap();
        let mails = mails(&khyber).await;
        assert!(mails.contains_key(&("a@x.test".to_owned(), at(&format!("{day}T01:00:00Z")))), "{day}");
        assert_eq!(mails.len(), number + 1);
    }
}
