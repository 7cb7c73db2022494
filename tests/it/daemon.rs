//! The three cycles together, over real sockets and a real store, a day at a time.

use super::support::database;
use super::support::site::Site;
use axum::http::StatusCode;
use chrono::DateTime;
use khyber::daemon::{Khyber, Which};
use khyber::model::{DeliveryStatus, FeedHealth, Timestamp};
use khyber::store::{DeliveryFilter, EditionState};
use std::path::Path;

const SHUT: (&str, &str, &str, &str) = (
    "shut",
    "Torkham border crossing closed after Pakistani and Afghan forces exchange fire",
    "The Torkham crossing between Pakistan and Afghanistan was closed to trade and travellers on Sunday after an exchange of fire.",
    "Sun, 01 Mar 2026 03:00:00 +0000",
);
const TALKS: (&str, &str, &str, &str) = (
    "talks",
    "Pakistan and Afghanistan hold talks in Doha on Torkham",
    "Delegations from Islamabad and Kabul met in Doha to discuss reopening the Torkham crossing.",
    "Mon, 02 Mar 2026 03:00:00 +0000",
);
const CRICKET: (&str, &str, &str, &str) = (
    "cricket",
    "Babar Azam's century lifts Pakistan in second Test match",
    "The batsman scored an unbeaten hundred as the bowlers toiled on a flat pitch in Multan.",
    "Sun, 01 Mar 2026 04:00:00 +0000",
);
const OLD: (&str, &str, &str, &str) = (
    "old",
    "Pakistan and Afghanistan sign transit trade agreement in Kabul",
    "Ministers signed the long awaited agreement on transit trade between the two countries.",
    "Sun, 01 Feb 2026 03:00:00 +0000",
);

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A desk with one digest at 06:00 UTC, one reader, and the feeds given; mails become files.
fn write_config(folder: &Path, site: &Site, feeds: &[&str], schedule: &str) {
    let feeds: String = feeds
        .iter()
        .map(|feed| format!("[[feed]]\nid = \"{feed}\"\nurl = \"{}\"\npublisher = \"{feed}\"\n", site.url(feed)))
        .collect();
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n{feeds}\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"{schedule}\"\ntimezone = \"UTC\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

async fn open(folder: &Path, now: Timestamp) -> Khyber {
    let (config, _) = database::load(&folder.join("khyber.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    Khyber::open(config, now).await.unwrap()
}

/// What one `khyber run --once --at` does; returns how many mails were accepted.
async fn round(folder: &Path, now: &str) -> usize {
    let now = at(now);
    let khyber = open(folder, now).await;
    khyber.poll_once(Which::Due, now, &|_| {}).await.unwrap();
    khyber.publish_due(None, now).await.unwrap();
    let sent = khyber.dispatch_due(now, &|| false).await.unwrap();
    khyber.store.close().await;
    sent.accepted
}

fn mails(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder.join("data/outbox"))
        .map(|files| files.map(|file| file.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        mail.body_text(0).unwrap().into_owned()
    };
    files.iter().map(read).collect()
}

#[tokio::test]
async fn each_day_is_mailed_once_and_shows_what_is_new() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[CRICKET, SHUT]);
    write_config(folder, &site, &["indus"], "0 6 * * *");
    assert_eq!(round(folder, "2026-03-01T05:00:00Z").await, 0, "yesterday's slot is too long ago for a first start");
    assert_eq!(round(folder, "2026-03-01T06:05:00Z").await, 1);
    assert_eq!(round(folder, "2026-03-01T06:10:00Z").await, 0);
    site.set_feed("indus", &[TALKS, CRICKET, SHUT]);
    assert_eq!(round(folder, "2026-03-02T06:05:00Z").await, 1);
    assert_eq!(round(folder, "2026-03-02T18:00:00Z").await, 0);

    let mails = mails(folder);
    assert_eq!(mails.len(), 2);
    let holds = |text: &str| mails.iter().filter(|mail| mail.replace('\n', " ").contains(text)).count();
    assert_eq!(holds("talks in Doha"), 1);
    assert_eq!(holds("exchange fire"), 1, "yesterday's story is not told again");
    assert_eq!(holds("Babar"), 0);
}

#[tokio::test]
async fn a_new_feeds_backlog_stays_out() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.set_feed("indus", &[SHUT, OLD]);
    write_config(folder.path(), &site, &["indus"], "0 6 * * *");
    assert_eq!(round(folder.path(), "2026-03-01T06:05:00Z").await, 1);
    let mails = mails(folder.path());
    assert!(mails[0].contains("Torkham") && !mails[0].contains("transit trade agreement"), "{}", mails[0]);
}

#[tokio::test]
async fn missed_slots_fold_into_the_newest() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[SHUT]);
    write_config(folder, &site, &["indus"], "0 6 * * *");
    assert_eq!(round(folder, "2026-03-01T06:05:00Z").await, 1);
    site.set_feed("indus", &[TALKS, SHUT]);
    assert_eq!(round(folder, "2026-03-04T07:00:00Z").await, 1, "three slots later: one mail");
    assert!(mails(folder).iter().any(|mail| mail.contains("Doha")), "the news of the missed days is in it");
    let khyber = open(folder, at("2026-03-04T07:00:00Z")).await;
    let states: Vec<_> = khyber.store.editions(9).await.unwrap().iter().map(|row| row.state).collect();
    use EditionState::{Folded, Published};
    assert_eq!(states, [Published, Folded, Folded, Published]);
}

#[tokio::test]
async fn another_hour_does_not_repeat_what_was_told() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[SHUT]);
    write_config(folder, &site, &["indus"], "0 6 * * *");
    assert_eq!(round(folder, "2026-03-01T06:05:00Z").await, 1);
    write_config(folder, &site, &["indus"], "30 7 * * *");
    assert_eq!(round(folder, "2026-03-01T08:00:00Z").await, 0);
    assert_eq!(mails(folder).len(), 1);
}

#[tokio::test]
async fn a_broken_feed_costs_only_itself_and_is_shown() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[SHUT]);
    site.set("torn", StatusCode::INTERNAL_SERVER_ERROR, "oops");
    site.set("block", StatusCode::OK, "<!doctype html><title>Just a moment...</title><p>Checking your browser");
    write_config(folder, &site, &["block", "indus", "missing", "torn"], "0 6 * * *");
    assert_eq!(round(folder, "2026-03-01T06:05:00Z").await, 1);
    let khyber = open(folder, at("2026-03-01T06:06:00Z")).await;
    let rows = khyber.store.feeds().await.unwrap();
    let health = |feed: &str| rows[&feed.parse().unwrap()].state.health;
    assert_eq!(health("indus"), FeedHealth::Ok);
    assert_eq!(health("block"), FeedHealth::Blocked);
    assert_eq!((health("missing"), health("torn")), (FeedHealth::Failing, FeedHealth::Failing));
    for feed in ["block", "missing", "torn"] {
        let state = &rows[&feed.parse().unwrap()].state;
        assert!(state.last_error.is_some() && state.next_poll_at.unwrap() > at("2026-03-01T06:06:00Z"), "{feed}");
    }
}

#[tokio::test]
async fn a_mail_half_sent_at_a_crash_goes_out_again_unchanged() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[SHUT]);
    write_config(folder, &site, &["indus"], "0 6 * * *");
    let now = at("2026-03-01T06:05:00Z");
    let khyber = open(folder, now).await;
    khyber.poll_once(Which::Due, now, &|_| {}).await.unwrap();
    khyber.publish_due(None, now).await.unwrap();
    let leased = khyber.store.lease(now, 1).await.unwrap().remove(0);
    // The process dies here: the lock goes with it, the lease stays.
    khyber.store.close().await;
    drop(khyber);
    assert_eq!(round(folder, "2026-03-01T06:05:00Z").await, 1);
    let khyber = open(folder, now).await;
    let row = khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap().remove(0);
    assert_eq!((row.status, row.message_id.as_str()), (DeliveryStatus::Accepted, leased.message.message_id.as_str()));
    assert_eq!(khyber.store.delivery_bytes(row.id).await.unwrap().unwrap(), leased.message.bytes);
}

/// Leasing between two sends instead of beside them stood still here: a send that was not polled held the connection that writes.
#[tokio::test]
async fn leasing_never_waits_for_a_send_that_waits_for_it() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed("indus", &[SHUT]);
    write_config(folder, &site, &["indus"], "0 6 * * *");
    let readers = (0..60).map(|n| format!("[[subscriber]]\nemail = \"reader{n}@x.test\"\ndigest = \"daily\"\n"));
    let config = std::fs::read_to_string(folder.join("khyber.toml")).unwrap() + &readers.collect::<String>();
    std::fs::write(folder.join("khyber.toml"), config).unwrap();
    assert!(round(folder, "2026-03-01T06:05:00Z").await > 60);
}

#[tokio::test]
async fn two_processes_never_share_a_folder() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    write_config(folder.path(), &site, &["indus"], "0 6 * * *");
    let now = at("2026-03-01T06:05:00Z");
    let first = open(folder.path(), now).await;
    let (config, _) = database::load(&folder.path().join("khyber.toml")).unwrap();
    let error = Khyber::open(config, now).await.unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    drop(first);
}
