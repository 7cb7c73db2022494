//! A slot on which there is nothing to tell: settled without a mail, or with one that says so, as `when_empty` has it.

use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::Timestamp;
use khyber::store::{DeliveryFilter, EditionState};
use std::collections::BTreeSet;
use std::path::Path;

const NOW: &str = "2026-03-02T06:05:00Z";
const READERS: usize = 120;

async fn open(folder: &Path, when_empty: &str) -> Khyber {
    let reader = |n: usize| format!("[[subscriber]]\nemail = \"reader-{n}@x.test\"\ndigest = \"daily\"\n");
    let readers: String = (0..READERS).map(reader).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n{when_empty}\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
    let loaded = config::load(&folder.join("khyber.toml"), &|_| None);
    let now = NOW.parse().unwrap();
    Khyber::open(loaded.unwrap_or_else(|problems| panic!("{problems}")).0, now).await.unwrap()
}

/// The state of the one edition, and whose mails it has.
async fn published(when_empty: &str) -> (EditionState, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let khyber = open(folder.path(), when_empty).await;
    let now: Timestamp = NOW.parse().unwrap();
    assert_eq!(khyber.publish_due(None, now).await.unwrap().editions.len(), 1);
    // The slot is settled: asking again makes nothing.
    assert!(khyber.publish_due(None, now).await.unwrap().editions.is_empty());
    let editions = khyber.store.editions(10).await.unwrap();
    assert_eq!((editions.len(), editions[0].stories), (1, 0));
    assert_eq!(editions[0].slot, "2026-03-02T06:00:00Z".parse::<Timestamp>().unwrap());
    let rows = khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    (editions[0].state, rows.into_iter().map(|row| row.subscriber.as_str().to_owned()).collect())
}

#[tokio::test]
async fn skip_mails_nothing_and_records_the_edition() {
    assert_eq!(published("when_empty = \"skip\"").await, (EditionState::Empty, Vec::new()));
    assert_eq!(published("").await, (EditionState::Empty, Vec::new()), "unless said otherwise");
}

/// So many readers are mailed by several threads.
#[tokio::test]
async fn note_mails_every_reader_once() {
    let (state, readers) = published("when_empty = \"note\"").await;
    let expected: BTreeSet<String> = (0..READERS).map(|n| format!("reader-{n}@x.test")).collect();
    assert_eq!((state, readers.len()), (EditionState::Published, READERS));
    assert_eq!(BTreeSet::from_iter(readers), expected);
}
