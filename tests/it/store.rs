//! The store's promises, one by one, over a real database file.

use super::support::database;
use chrono::{DateTime, TimeDelta};
use khyber::model::*;
use khyber::store::*;

fn noon() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-03-01T12:00:00Z").unwrap().to_utc()
}

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = database::open(folder.path()).await;
    (folder, store)
}

fn feed(url: &str) -> Feed {
    Feed {
        id: "indus".parse().unwrap(),
        url: url.parse().unwrap(),
        publisher: "Indus Courier".to_owned(),
        side: Side::Pakistan,
        owner: Owner::Unknown,
        country: "PK".to_owned(),
        lang: None,
        kind: FeedKind::News,
        interval: None,
        enabled: true,
        full_text: false,
    }
}

fn entry(key: &str, headline: &str) -> NewEntry {
    NewEntry {
        key: EntryKey(key.to_owned()),
        guid: None,
        url: None,
        headline: headline.to_owned(),
        summary: String::new(),
        author: None,
        source: None,
        categories: vec!["Pakistan".to_owned()],
        lang: Lang::En,
        published: Some(noon()),
        updated: None,
    }
}

fn read(etag: &str) -> FeedState {
    let validators = Validators { etag: Some(etag.to_owned()), last_modified: None, of: None };
    FeedState { health: FeedHealth::Ok, validators, last_ok_at: Some(noon()), ..FeedState::default() }
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn mail(to: &str) -> NewDelivery {
    let message = OutgoingMessage {
        envelope_from: address("khyber@desk.test"),
        to: address(to),
        message_id: "<1@desk.test>".to_owned(),
        bytes: format!("To: {to}\r\n\r\nnews\r\n").into_bytes(),
    };
    NewDelivery { subscriber: address(to), message }
}

fn edition<'a>(digest: &'a DigestId, slot: Timestamp, deliveries: Vec<NewDelivery>) -> NewEdition<'a> {
    let state = EditionState::Published;
    NewEdition { digest, cadence: "daily", slot, state, upto: EntryId(7), content: None, deliveries }
}

#[tokio::test]
async fn an_entry_is_stored_once_and_its_edits_are_kept() {
    let (_folder, store) = store().await;
    store.sync_feeds(&[feed("https://indus.test/rss")]).await.unwrap();
    let id = "indus".parse().unwrap();
    let first =
        store.ingest(&id, &[entry("a", "Border shut"), entry("b", "Talks")], noon(), |_| read("1")).await.unwrap();
    assert_eq!(first, Ingested { new: 2, changed: 0, known: 0 });
    let later = noon() + TimeDelta::hours(1);
    let again = [entry("a", "Border shut for third day"), entry("b", "Talks"), entry("c", "Quake")];
    let second = store.ingest(&id, &again, later, |_| read("2")).await.unwrap();
    assert_eq!(second, Ingested { new: 1, changed: 1, known: 1 });

    let stored = store.entries_seen(noon() - TimeDelta::hours(1), later).await.unwrap();
    let headlines: Vec<&str> = stored.iter().map(|entry| entry.entry.headline.as_str()).collect();
    assert_eq!(headlines, ["Talks", "Border shut for third day", "Quake"]);
    assert_eq!(stored.iter().map(|entry| entry.backlog).collect::<Vec<_>>(), [true, true, false]);
    let versions = store.headline_versions(stored[1].id).await.unwrap();
    assert_eq!(versions, [(later, "Border shut".to_owned())]);
    assert_eq!(store.feeds().await.unwrap()[&id].state.validators.etag.as_deref(), Some("2"));
}

/// They wait for each other's commit, and share the next.
#[tokio::test]
async fn polls_that_end_together_are_stored_each_as_if_it_were_alone() {
    let (_folder, store) = store().await;
    let ids: Vec<FeedId> = (0..40).map(|number| format!("wire-{number}").parse().unwrap()).collect();
    let feeds: Vec<Feed> = ids.iter().map(|id| Feed { id: id.clone(), ..feed("https://indus.test/rss") }).collect();
    store.sync_feeds(&feeds).await.unwrap();
    let poll = |id: &FeedId, etag: &str, entries: Vec<NewEntry>| {
        let etag = etag.to_owned();
        let state = move |counts: &Ingested| FeedState { failures: counts.new as u32, ..read(&etag) };
        store.record_poll(Poll {
            feed: id.clone(),
            entries,
            at: noon(),
            worker: WorkerId::default(),
            state: Box::new(state),
        })
    };
    // The same keys in every feed, and one that a document has twice.
    let document = |what: &str| vec![entry("a", what), entry("b", "Talks"), entry("b", "Early talks")];
    let first = futures_util::future::join_all(ids.iter().map(|id| poll(id, "1", document("Gate shut")))).await;
    for done in first {
        let (counts, state) = done.unwrap();
        assert_eq!((counts, state.failures), (Ingested { new: 2, changed: 1, known: 0 }, 2));
    }
    let again = ids.iter().map(|id| poll(id, "2", document("Gate open"))).chain([poll(&ids[0], "3", Vec::new())]);
    for done in futures_util::future::join_all(again).await.into_iter().take(40) {
        assert_eq!(done.unwrap().0, Ingested { new: 0, changed: 3, known: 0 });
    }
    let stored = store.entries_seen(noon() - TimeDelta::hours(1), noon()).await.unwrap();
    assert_eq!(stored.len(), 80);
    assert!(
        stored.iter().all(|entry| ["Gate open", "Talks"].contains(&entry.entry.headline.as_str()) && entry.backlog)
    );
    assert_eq!(store.headline_versions(stored[1].id).await.unwrap()[0].1, "Gate shut");
    let known = store.feeds().await.unwrap();
    let etags: Vec<_> = ids.iter().map(|id| known[id].state.validators.etag.as_deref().unwrap()).collect();
    assert!(etags[0] == "3" && etags[1..].iter().all(|etag| *etag == "2"), "{etags:?}");
}

/// The words of new entries are taken in later, so a process may die in between.
#[tokio::test]
async fn what_was_stored_is_found_even_if_nothing_took_in_its_words_before_the_end() {
    let (folder, store) = store().await;
    let id = "indus".parse().unwrap();
    store.ingest(&id, &[entry("a", "Zeppelin over Torkham")], noon(), |_| read("1")).await.unwrap();
    store.close().await;
    let store = database::open(folder.path()).await;
    assert_eq!(store.search("zeppelin", None, 9).await.unwrap().len(), 1);
    store.ingest(&id, &[entry("b", "Second zeppelin")], noon(), |_| read("2")).await.unwrap();
    // Edited before its words were ever taken in.
    store.ingest(&id, &[entry("b", "A balloon, then")], noon(), |_| read("3")).await.unwrap();
    assert_eq!(store.search("balloon", None, 9).await.unwrap().len(), 1);
    assert_eq!(store.search("zeppelin", None, 9).await.unwrap().len(), 1, "the edited headline is found no more");
}

#[tokio::test]
async fn validators_never_move_to_another_url() {
    let (_folder, store) = store().await;
    let id = "indus".parse().unwrap();
    store.sync_feeds(&[feed("https://indus.test/rss")]).await.unwrap();
    store.ingest(&id, &[entry("a", "x")], noon(), |_| read("1")).await.unwrap();
    store.sync_feeds(&[feed("https://indus.test/rss")]).await.unwrap();
    assert_eq!(store.feeds().await.unwrap()[&id].state.validators.etag.as_deref(), Some("1"));
    store.sync_feeds(&[feed("https://indus.test/atom")]).await.unwrap();
    let row = &store.feeds().await.unwrap()[&id];
    assert_eq!((row.state.validators.clone(), row.url.as_str()), (Validators::default(), "https://indus.test/atom"));
}

#[tokio::test]
async fn a_slot_has_one_edition_and_the_second_writes_nothing() {
    let (_folder, store) = store().await;
    let digest = "daily".parse().unwrap();
    let first = edition(&digest, noon(), vec![mail("a@x.test")]);
    store.create_edition(first, noon()).await.unwrap();
    let error = store.create_edition(edition(&digest, noon(), vec![mail("b@x.test")]), noon()).await.unwrap_err();
    assert!(matches!(error, StoreError::SlotTaken), "{error}");
    let rows = store.deliveries(&DeliveryFilter::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.subscriber.as_str()).collect::<Vec<_>>(), ["a@x.test"]);
}

#[tokio::test]
async fn a_dead_workers_record_is_refused_and_the_bytes_stay_the_same() {
    let (_folder, store) = store().await;
    let digest = "daily".parse().unwrap();
    store.create_edition(edition(&digest, noon(), vec![mail("a@x.test")]), noon()).await.unwrap();
    let dead = store.lease(noon(), 10).await.unwrap().remove(0);
    assert!(store.lease(noon(), 10).await.unwrap().is_empty(), "a lease is exclusive");
    assert_eq!(store.recover_leases(noon()).await.unwrap(), (1, 0));
    let next = store.lease(noon(), 10).await.unwrap().remove(0);
    assert_eq!(next.message, dead.message);

    let outcome = SendOutcome::Accepted { reply: "250 2.0.0 Ok".to_owned() };
    let answer = "250 2.0.0 Ok".to_owned();
    let update = DeliveryUpdate { status: DeliveryStatus::Accepted, next_attempt_at: None, answer };
    assert!(!store.record_attempt(&dead, &outcome, &update, noon()).await.unwrap());
    assert!(store.record_attempt(&next, &outcome, &update, noon()).await.unwrap());
    assert!(store.lease(noon() + TimeDelta::days(9), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_row_that_kills_the_process_three_times_waits_for_the_operator() {
    let (_folder, store) = store().await;
    let digest = "daily".parse().unwrap();
    store.create_edition(edition(&digest, noon(), vec![mail("a@x.test")]), noon()).await.unwrap();
    let mut ends = Vec::new();
    for _ in 0..3 {
        assert_eq!(store.lease(noon(), 10).await.unwrap().len(), 1);
        ends.push(store.recover_leases(noon()).await.unwrap());
    }
    assert_eq!(ends, [(1, 0), (1, 0), (0, 1)]);
    assert!(store.lease(noon(), 10).await.unwrap().is_empty());
    let row = store.deliveries(&DeliveryFilter::default()).await.unwrap().remove(0);
    assert_eq!(row.status, DeliveryStatus::Quarantined);
    assert_eq!(store.retry_deliveries(&[row.id], noon()).await.unwrap(), 1);
    assert_eq!(store.lease(noon(), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_suppression_beats_a_queued_mail_and_a_new_edition() {
    let (_folder, store) = store().await;
    let digest = "daily".parse().unwrap();
    store.create_edition(edition(&digest, noon(), vec![mail("a@x.test")]), noon()).await.unwrap();
    store.suppress(&address("a@x.test"), "left", None, noon()).await.unwrap();
    assert!(store.lease(noon(), 10).await.unwrap().is_empty());
    let tomorrow = noon() + TimeDelta::days(1);
    store.create_edition(edition(&digest, tomorrow, vec![mail("a@x.test")]), tomorrow).await.unwrap();
    assert!(store.lease(tomorrow, 10).await.unwrap().is_empty());
    let (counts, next) = store.outbox_counts().await.unwrap();
    assert_eq!((counts, next), (vec![(DeliveryStatus::Suppressed, 2)], None));
}

#[tokio::test]
async fn erasing_a_reader_leaves_no_address_behind() {
    let (folder, store) = store().await;
    let digest = "daily".parse().unwrap();
    store.create_edition(edition(&digest, noon(), vec![mail("reader@x.test")]), noon()).await.unwrap();
    assert_eq!(store.erase(&address("reader@x.test"), noon()).await.unwrap(), 1);
    assert!(store.lease(noon(), 10).await.unwrap().is_empty());
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    let bytes = std::fs::read(copy).unwrap();
    assert!(!bytes.windows(7).any(|part| part == b"reader@"));
    assert!(store.integrity().await.unwrap().is_empty());
}

#[tokio::test]
async fn pruning_keeps_the_cursor_and_what_still_waits() {
    let (_folder, store) = store().await;
    let digest: DigestId = "daily".parse().unwrap();
    let days: Vec<Timestamp> = (0..3).map(|day| noon() + TimeDelta::days(day)).collect();
    for day in &days {
        store.create_edition(edition(&digest, *day, vec![mail("a@x.test")]), *day).await.unwrap();
    }
    let later = noon() + TimeDelta::days(90);
    let pruned = store.prune(later, later, later).await.unwrap();
    assert_eq!(pruned.editions, 0, "all three still wait to be sent");
    let ids: Vec<_> = store.deliveries(&DeliveryFilter::default()).await.unwrap().iter().map(|row| row.id).collect();
    store.cancel_deliveries(&ids, days[2]).await.unwrap();
    let pruned = store.prune(later, later, later).await.unwrap();
    assert_eq!(pruned, Pruned { entries: 0, editions: 2, messages: 3 });
    let cursor = store.cursor(&digest, Some("daily"), later).await.unwrap().unwrap();
    assert_eq!(cursor, Cursor { upto: EntryId(7), slot: days[2] });
}

#[tokio::test]
async fn a_sentence_vector_is_kept_for_its_text_and_model_as_long_as_its_entry() {
    let (_folder, store) = store().await;
    store.sync_feeds(&[feed("https://indus.test/rss")]).await.unwrap();
    let id = "indus".parse().unwrap();
    store.ingest(&id, &[entry("a", "Border shut"), entry("b", "Talks")], noon(), |_| read("1")).await.unwrap();
    let stored = store.entries_seen(noon() - TimeDelta::hours(1), noon()).await.unwrap();
    let known = |at: usize, text: &str, vector: Option<Vec<f32>>| KnownMeaning {
        entry: stored[at].id,
        text_hash: text.to_owned(),
        vector,
    };
    let made = vec![known(0, "t1", Some(vec![0.6, -0.8, f32::MIN_POSITIVE])), known(1, "t2", None)];
    store.keep_meanings("small", &made).await.unwrap();
    let all = || store.meanings("small", EntryId(i64::MIN), EntryId(i64::MAX));
    assert_eq!(all().await.unwrap(), made);
    assert_eq!(store.meanings("small", stored[1].id, stored[1].id).await.unwrap(), made[1..]);
    assert_eq!(store.meanings("large", EntryId(0), EntryId(i64::MAX)).await.unwrap(), []);

    // A new text or a new model takes the place of the old; an entry that is gone takes none.
    let gone = KnownMeaning { entry: EntryId(9_999), ..known(0, "t3", None) };
    let anew = known(0, "t3", Some(vec![1.0, 0.0]));
    store.keep_meanings("small", &[anew.clone(), gone]).await.unwrap();
    assert_eq!(all().await.unwrap(), [anew, made[1].clone()]);
    store.keep_meanings("large", &made).await.unwrap();
    assert_eq!(all().await.unwrap(), []);
    let later = noon() + TimeDelta::days(90);
    store.prune(later, later, later).await.unwrap();
    assert_eq!(store.meanings("large", EntryId(i64::MIN), EntryId(i64::MAX)).await.unwrap(), []);
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("khyber.db"), b"this is no database at all, but long enough to look like one")
        .unwrap();
    let error = Store::open(folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("khyber.db") && error.contains("Is it a Khyber database"), "{error}");
}
