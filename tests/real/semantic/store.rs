//! Vectors in the store, through the daemon's own step.

use super::{copy_of_model, model};
use chrono::TimeDelta;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::{EntryId, EntryKey, FeedState, Lang, NewEntry, Timestamp};
use khyber::semantic::fingerprint;
use khyber::store::{KnownMeaning, PageTry};
use std::path::Path;

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn entry(key: &str, headline: &str, lang: Lang) -> NewEntry {
    NewEntry {
        key: EntryKey(key.to_owned()),
        guid: None,
        url: None,
        headline: headline.to_owned(),
        summary: String::new(),
        author: None,
        source: None,
        categories: Vec::new(),
        lang,
        published: Some(noon()),
        updated: None,
    }
}

const TORKHAM: &str = "Torkham crossing between Pakistan and Afghanistan reopens after five days";
const POLIO: &str = "Polio drive starts in Kandahar, the Taliban health ministry says";

async fn desk(folder: &Path, model: &Path) -> Khyber {
    let text = format!(
        "[grouping]\nmodel = {model:?}\n[[feed]]\nid = 'herald'\nurl = 'https://herald.example/feed.xml'\npublisher = 'Herald'\n\
         [[digest]]\nid = 'daily'\ntitle = 'Daily'\nschedule = '0 6 * * *'\n"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
    let (config, _) = config::load(&folder.join("khyber.toml"), &|_| None).unwrap_or_else(|why| panic!("{why}"));
    Khyber::open(config, noon()).await.unwrap()
}

async fn ingest(khyber: &Khyber, entries: &[NewEntry]) {
    let state = |_: &_| FeedState { last_ok_at: Some(noon()), ..FeedState::default() };
    khyber.store.ingest(&"herald".parse().unwrap(), entries, noon(), state).await.unwrap();
}

/// The stories that an edition would have.
async fn stories(khyber: &Khyber) -> usize {
    let stored = khyber.store.entries_seen(noon() - TimeDelta::hours(1), noon()).await.unwrap();
    khyber.edit(khyber.entries(stored)).await.unwrap().stories.len()
}

async fn known(khyber: &Khyber, model: &str) -> Vec<KnownMeaning> {
    let mut known = khyber.store.meanings(model, EntryId(0), EntryId(i64::MAX)).await.unwrap();
    known.sort_by_key(|known| known.entry);
    known
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(test);
}

pub fn cache() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let khyber = desk(folder.path(), &model()).await;
        let fingerprint = fingerprint(&model()).unwrap();
        let urdu = "طورخم پر پاکستان اور افغانستان کی سرحد پانچ روز بعد کھول دی گئی";
        let cricket = "Striker scores twice in Madrid";
        let all = [
            entry("polio", POLIO, Lang::En),
            entry("cricket", cricket, Lang::En),
            entry("urdu", urdu, Lang::Ur),
            entry("torkham", TORKHAM, Lang::En),
        ];
        ingest(&khyber, &all).await;
        stories(&khyber).await;
        let first = known(&khyber, &fingerprint).await;
        // Torkham, Urdu, polio; what is not kept is not read, and what can't be read is not tried again.
        assert_eq!(first.iter().map(|known| known.vector.is_some()).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(first[0].vector.as_ref().map(Vec::len), Some(384));

        // Marked vectors would be overwritten by a second reading.
        let mut marked = first.clone();
        marked.iter_mut().filter_map(|known| known.vector.as_mut()).for_each(|vector| vector[0] = 0.5);
        khyber.store.keep_meanings(&fingerprint, &marked).await.unwrap();
        stories(&khyber).await;
        assert_eq!(known(&khyber, &fingerprint).await, marked);

        // Edited by the publisher: read again, and only this one.
        ingest(&khyber, &[entry("polio", &format!("{POLIO} again"), Lang::En)]).await;
        stories(&khyber).await;
        let edited = known(&khyber, &fingerprint).await;
        assert_eq!(edited[..2], marked[..2]);
        assert!(edited[2].text_hash != first[2].text_hash && edited[2].vector != marked[2].vector);

        // So is one whose page was read.
        let page = PageTry::Read("Trucks with fruit and cement moved on Monday.".to_owned());
        khyber.store.record_page(first[0].entry, &page, noon()).await.unwrap();
        stories(&khyber).await;
        assert_ne!(known(&khyber, &fingerprint).await[0].text_hash, first[0].text_hash);

        // Another model's vectors are not these.
        assert_eq!(known(&khyber, "another").await, []);
        let later = noon() + TimeDelta::days(1);
        khyber.store.prune(later, later, later).await.unwrap();
        assert_eq!(known(&khyber, &fingerprint).await, []);
    });
}

pub fn failing() {
    run(async {
        let (folder, copy) = (tempfile::tempdir().unwrap(), copy_of_model());
        let khyber = desk(folder.path(), copy.path()).await;
        ingest(&khyber, &[entry("polio", POLIO, Lang::En), entry("torkham", TORKHAM, Lang::En)]).await;
        std::fs::write(copy.path().join("tokenizer.json"), "{").unwrap();
        assert_eq!(stories(&khyber).await, 2);
        let damaged = fingerprint(copy.path()).unwrap();
        assert_eq!(known(&khyber, &damaged).await, []);
        std::fs::remove_file(copy.path().join("config.json")).unwrap();
        assert_eq!(stories(&khyber).await, 2);
    });
}
