//! Mails that share sheets: each is, byte for byte, the mail made for its reader alone; and what is kept of it goes when it must.

use super::support::database;
use chrono::TimeDelta;
use khyber::daemon::{Khyber, Place};
use khyber::model::{Digest, Timestamp};
use khyber::store::{DeliveryFilter, DeliveryRow};
use std::fmt::Write;
use std::path::Path;

const READERS: usize = 160;

fn morning() -> Timestamp {
    "2026-03-02T06:05:00Z".parse().unwrap()
}

/// Readers with a dozen wishes, some alone with theirs, some with names that have to be encoded; with the web part, or without.
fn config(folder: &Path, more: &str) -> khyber::config::Config {
    let mut text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\nreply_to = \"desk@desk.test\"\n{more}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily – خبریں\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n"
    );
    for number in 0..READERS {
        let lang = ["en", "ur", "ps", "fa"][number % 4];
        let format = ["both", "html", "text"][number / 4 % 3];
        let name =
            ["", "name = \"Zarghuna\"", "name = \"زرغونہ خان کاکڑ، کوئٹہ اور پشاور کے درمیان سے، بہت لمبا نام\""]
                [number / 12 % 3];
        let most = if number % 53 == 7 { format!("max_stories = {}", number / 53 + 3) } else { String::new() };
        let address = format!("{}{number}@x{}.test", "r".repeat(number % 30 + 1), number % 3);
        writeln!(
            text,
            "[[subscriber]]\nemail = \"{address}\"\ndigest = \"daily\"\nlanguage = \"{lang}\"\nformat = \"{format}\"\n{name}\n{most}"
        )
        .unwrap();
    }
    let file = folder.join("khyber.toml");
    std::fs::write(&file, text).unwrap();
    database::load(&file).unwrap_or_else(|problems| panic!("{problems}")).0
}

/// Also the link to the edition's page.
async fn published(folder: &Path, more: &str) -> (Khyber, Digest, Option<String>, Vec<DeliveryRow>) {
    let khyber = Khyber::open(config(folder, more), morning()).await.unwrap();
    khyber.publish_due(None, morning()).await.unwrap();
    let row = khyber.store.editions(1).await.unwrap().remove(0);
    let view = khyber.archive_link(Place::Edition { digest: &row.digest, cadence: &row.cadence, slot: row.slot });
    let digest = khyber.store.edition(row.id).await.unwrap().unwrap().1.unwrap();
    let rows = khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    assert_eq!(rows.len(), READERS);
    (khyber, digest, view, rows)
}

#[tokio::test]
async fn a_mail_from_a_sheet_is_the_mail_made_for_its_reader_alone() {
    for more in ["", "[web]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://desk.example\"\n"] {
        let folder = tempfile::tempdir().unwrap();
        let (khyber, digest, view, rows) = published(folder.path(), more).await;
        let (mut readers, zone) = (khyber.config.subscribers.iter(), khyber.config.digests[0].timezone);
        for row in rows.iter().rev() {
            let reader = readers.next().unwrap();
            assert_eq!(row.subscriber, reader.email, "in the readers' order");
            let alone = khyber.message(&digest, reader, zone, view.as_deref()).unwrap();
            let kept = khyber.store.delivery_bytes(row.id).await.unwrap().unwrap();
            let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
            let differs = lines(&kept).into_iter().zip(lines(&alone.bytes)).find(|(kept, alone)| kept != alone);
            assert!(kept == alone.bytes, "{differs:?}");
            assert_eq!(row.message_id, alone.message_id);
        }
        let leased = khyber.store.lease(morning(), 1_000).await.unwrap();
        assert_eq!(leased.len(), READERS);
        for delivery in leased {
            assert_eq!(Some(delivery.message.bytes), khyber.store.delivery_bytes(delivery.id).await.unwrap());
        }
    }
}

/// The tables of the database's file; `None` where it is a server's.
async fn asked(khyber: &Khyber, question: &'static str) -> Option<i64> {
    let file = khyber.store.path().is_file().then(|| khyber.store.path().to_owned())?;
    let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(file)).await.unwrap();
    let answer = sqlx::query_scalar(question).fetch_one(&pool).await.unwrap();
    pool.close().await;
    Some(answer)
}

#[tokio::test]
async fn wishes_that_are_equal_share_a_sheet_and_what_is_kept_of_each_is_little() {
    let folder = tempfile::tempdir().unwrap();
    let (khyber, ..) = published(folder.path(), "").await;
    if let Some(sheets) = asked(&khyber, "SELECT count(*) FROM sheets").await {
        assert_eq!(sheets, 12, "of twelve wishes that several have");
        let whole = asked(&khyber, "SELECT count(*) FROM deliveries WHERE bytes IS NOT NULL").await.unwrap();
        // The first of each wish, on each thread that comes upon it at the same time; and those who are alone with theirs.
        assert!((12 + 3..READERS as i64 / 2).contains(&whole), "{whole}");
        let most = asked(&khyber, "SELECT max(length(own)) FROM deliveries").await.unwrap();
        assert!(most < 700, "{most}");
    }
}

#[tokio::test]
async fn what_is_kept_of_a_mail_goes_with_its_reader_and_with_time_and_the_sheet_with_the_last_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let (khyber, _, _, rows) = published(folder.path(), "").await;
    let (gone, stays) = (&rows[0], &rows[12]);
    let before = khyber.store.delivery_bytes(stays.id).await.unwrap();
    assert_eq!(khyber.store.erase(&gone.subscriber, morning()).await.unwrap(), 1);
    assert_eq!(khyber.store.delivery_bytes(gone.id).await.unwrap(), None);
    assert_eq!(khyber.store.delivery_bytes(stays.id).await.unwrap(), before);
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    khyber.store.cancel_deliveries(&ids[..READERS - 20], morning()).await.unwrap();
    let (later, never) = (morning() + TimeDelta::days(8), morning() - TimeDelta::days(99));
    khyber.store.prune(never, never, later).await.unwrap();
    assert_eq!(khyber.store.delivery_bytes(stays.id).await.unwrap(), None);
    assert_eq!(khyber.store.retry_deliveries(&[stays.id], morning()).await.unwrap(), 0, "there is nothing to send");
    let waits = ids[READERS - 1];
    assert!(khyber.store.delivery_bytes(waits).await.unwrap().is_some());
    khyber.store.cancel_deliveries(&ids, morning()).await.unwrap();
    khyber.store.prune(never, never, later).await.unwrap();
    if let Some(sheets) = asked(&khyber, "SELECT count(*) FROM sheets").await {
        assert_eq!(sheets, 0);
        khyber.store.close().await;
        for file in ["data/khyber.db", "data/khyber.db-wal"] {
            let Ok(bytes) = std::fs::read(folder.path().join(file)) else { continue };
            let address = gone.subscriber.as_str().as_bytes();
            assert!(!bytes.windows(address.len()).any(|window| window == address), "{file}");
        }
    }
}

#[tokio::test]
async fn a_mail_whose_parts_were_damaged_is_put_aside_and_the_others_go() {
    let folder = tempfile::tempdir().unwrap();
    let (khyber, ..) = published(folder.path(), "").await;
    let damage = "UPDATE deliveries SET own = replace(own, 'To: ', 'To:  ') WHERE id = (SELECT max(id) FROM deliveries WHERE own IS NOT NULL) RETURNING id";
    let Some(id) = asked(&khyber, damage).await else { return };
    let leased = khyber.store.lease(morning(), 1_000).await.unwrap();
    assert_eq!(leased.len(), READERS - 1);
    let rows = khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    let row = rows.iter().find(|row| row.id.0 == id).unwrap();
    assert_eq!(row.status, khyber::model::DeliveryStatus::Quarantined);
    assert!(row.answer.as_ref().unwrap().contains("another hash; it was not sent"), "{:?}", row.answer);
}
