//! The demo's pieces: samples that every reader can read, a server with manners, and the whole job over loopback.

use khyber::demo::samples::BROKEN;
use khyber::demo::settings::{self, Ports, READERS};
use khyber::demo::tour::Tour;
use khyber::demo::{Day, FeedServer, SAMPLES, Sample, template};
use khyber::model::{Document, FeedHealth, FeedId, Lang, NewEntry, Timestamp};
use khyber::parse::{FeedContext, parse};
use std::collections::BTreeSet;

fn first_day() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn document(sample: &Sample, day: Day) -> Document {
    let text = template::fill(sample.template, sample.lang, day, first_day()).unwrap();
    let url = format!("http://127.0.0.1:8000{}", sample.path).parse().unwrap();
    Document { url, content_type: Some(sample.content_type.to_owned()), bytes: text.into_bytes() }
}

fn entries(sample: &Sample, day: Day) -> Vec<NewEntry> {
    let feed: FeedId = sample.id.parse().unwrap();
    let context = FeedContext { feed: &feed, lang: None, now: day.after(first_day()) };
    let parsed = parse(&document(sample, day), &context).unwrap_or_else(|error| panic!("{}: {error}", sample.id));
    assert!(parsed.warnings.is_empty(), "{}: {:?}", sample.id, parsed.warnings);
    parsed.entries
}

fn sound() -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().filter(|sample| sample.id != BROKEN)
}

#[test]
fn every_sample_but_one_is_read_without_a_remedy() {
    for (day, least) in [(Day::First, 55), (Day::Second, 80)] {
        let mut read = 0;
        for sample in sound() {
            let day_ends = day.after(first_day());
            for entry in entries(sample, day) {
                let at = entry.published.unwrap_or_else(|| panic!("{}: no date: {}", sample.id, entry.headline));
                assert!(at < day_ends, "{}: from the future: {}", sample.id, entry.headline);
                assert!(at > day_ends - chrono::TimeDelta::hours(48), "{}: old: {}", sample.id, entry.headline);
                assert!(entry.url.is_some() && entry.summary.len() > 60, "{}: thin: {}", sample.id, entry.headline);
                assert_eq!(entry.lang, sample.lang, "{}: {}", sample.id, entry.headline);
                read += 1;
            }
        }
        assert!(read >= least, "{read} entries on {day:?}");
    }
}

#[test]
fn the_broken_sample_is_told_apart_from_a_feed() {
    let sample = SAMPLES.iter().find(|sample| sample.id == BROKEN).unwrap();
    let feed: FeedId = BROKEN.parse().unwrap();
    let context = FeedContext { feed: &feed, lang: None, now: first_day() };
    let error = parse(&document(sample, Day::First), &context).unwrap_err();
    assert_eq!(error.health(), FeedHealth::Broken, "{error}");
}

#[test]
fn the_second_day_brings_new_entries_and_keeps_the_keys_of_the_first() {
    for sample in sound() {
        let keys = |day| entries(sample, day).into_iter().map(|entry| entry.key).collect::<BTreeSet<_>>();
        let (first, second) = (keys(Day::First), keys(Day::Second));
        assert!(first.is_subset(&second) && second.len() > first.len(), "{}", sample.id);
    }
    let languages: BTreeSet<Lang> = sound().map(|sample| sample.lang).collect();
    assert_eq!(languages, BTreeSet::from(Lang::DIGEST));
}

#[tokio::test]
async fn the_feed_server_speaks_etag_304_and_gzip() {
    let server = FeedServer::start(first_day()).await.unwrap();
    let url = format!("http://127.0.0.1:{}{}", server.port(), SAMPLES[0].path);
    let client = client();
    let plain = client.get(&url).header("Accept-Encoding", "identity").send().await.unwrap();
    let etag = plain.headers()["etag"].clone();
    assert_eq!(plain.headers()["content-type"], SAMPLES[0].content_type);
    assert!(!plain.headers().contains_key("content-encoding"));
    let body = plain.bytes().await.unwrap();

    let unchanged = client.get(&url).header("If-None-Match", etag.clone()).send().await.unwrap();
    assert_eq!(unchanged.status(), 304);
    assert!(unchanged.bytes().await.unwrap().is_empty());

    let zipped = client.get(&url).header("Accept-Encoding", "br;q=0.5, gzip;q=1.0").send().await.unwrap();
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    assert_eq!(zipped.headers()["etag"], etag);
    let zipped = zipped.bytes().await.unwrap();
    assert!(zipped.starts_with(&[0x1f, 0x8b]) && zipped.len() < body.len() / 2);

    server.turn_to(Day::Second);
    let next = client.get(&url).header("If-None-Match", etag.clone()).send().await.unwrap();
    assert_eq!(next.status(), 200);
    assert_ne!(next.headers()["etag"], etag);
}

#[test]
fn the_configuration_of_a_run_has_nothing_to_warn_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = settings::write(folder.path(), Ports { feeds: 8000, mail: 2525 }, first_day()).unwrap();
    let (config, warnings) = khyber::config::load(&file, &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!((config.feeds.len(), config.subscribers.len()), (SAMPLES.len(), READERS.len()));
    let digest = &config.digests[0];
    assert_eq!(digest.schedule.last_slot(digest.timezone, first_day()), Some(first_day()));
}

#[tokio::test]
async fn two_days_run_from_feeds_to_mails() {
    let folder = tempfile::tempdir().unwrap();
    let tour = Tour::start(folder.path(), first_day()).await.unwrap();

    let first = tour.day(Day::First).await.unwrap();
    assert_eq!((first.feeds, first.new_entries), (SAMPLES.len(), 61));
    let [(publisher, reason)] = first.broken.as_slice() else { panic!("broken: {:?}", first.broken) };
    assert_eq!(publisher, "Gandhara Bulletin");
    assert!(reason.contains("HTML"), "{reason}");
    // One agency text stands in three more papers.
    assert_eq!(first.digest.folded, 3);
    assert_eq!(first.mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), READERS.map(|(email, ..)| email));
    for mail in &first.mails {
        for shown in
            ["indus-courier.example/news/torkham-closed", "loy-watan.example/ps/", "the-handshake-and-the-hill"]
        {
            assert!(mail.html.contains(shown) && mail.text.contains(shown), "{}: {shown}", mail.to);
        }
        for absent in ["Sharjah", "شارجہ", "Ohio", "North Sea", "Gold rate"] {
            assert!(!mail.html.contains(absent) && !mail.text.contains(absent), "{}: {absent}", mail.to);
        }
    }

    let second = tour.day(Day::Second).await.unwrap();
    assert_eq!((second.new_entries, second.mails.len()), (31, READERS.len()));
    let english = &second.mails[0];
    assert!(english.html.contains("torkham-reopens") && !english.html.contains("bannu-checkpost-attack"));
    // One story in three languages: none of them stands a second time.
    let reopened = english.text.split("Torkham reopens to trucks").nth(2).unwrap();
    let reopened = reopened.split("Who covers it").next().unwrap();
    for publisher in ["روزنامہ ساحل", "لوی وطن خبري آژانس"] {
        assert!(reopened.contains(publisher), "{publisher}: {reopened}");
    }
    let ids: BTreeSet<&str> = first.mails.iter().chain(&second.mails).map(|mail| mail.message_id.as_str()).collect();
    assert_eq!(ids.len(), 2 * READERS.len());
}

/// Leaves content codings as they came.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().no_gzip().no_brotli().no_zstd().no_deflate().build().unwrap()
}
