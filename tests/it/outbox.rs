//! The outbox's state machine over a real database file: leases, the question before the final dot, poison, clocks.

use super::support::database;
use chrono::TimeDelta;
use khyber::model::*;
use khyber::store::*;

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

/// A store with one edition on its way to `readers`.
async fn outbox(readers: &[&str]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = database::open(folder.path()).await;
    let digest = "daily".parse().unwrap();
    let mail = |to: &&str| NewDelivery {
        subscriber: address(to),
        message: OutgoingMessage {
            envelope_from: address("khyber@desk.test"),
            to: address(to),
            message_id: format!("<{to}>"),
            bytes: format!("To: {to}\r\n\r\nnews\r\n").into_bytes(),
        },
    };
    let deliveries = readers.iter().map(mail).collect();
    let (state, upto) = (EditionState::Published, EntryId(7));
    let new = NewEdition { digest: &digest, cadence: "daily", slot: noon(), state, upto, content: None, deliveries };
    store.create_edition(new, noon()).await.unwrap();
    (folder, store)
}

fn update(status: DeliveryStatus, next_attempt_at: Option<Timestamp>) -> DeliveryUpdate {
    DeliveryUpdate { status, next_attempt_at, answer: "said so".to_owned() }
}

async fn accept(store: &Store, delivery: &Delivery) -> bool {
    let outcome = SendOutcome::Accepted { reply: "250 ok".to_owned() };
    store.record_attempt(delivery, &outcome, &update(DeliveryStatus::Accepted, None), noon()).await.unwrap()
}

async fn rows(store: &Store) -> Vec<DeliveryRow> {
    store.deliveries(&DeliveryFilter::default()).await.unwrap()
}

#[tokio::test]
async fn no_jump_of_the_clock_frees_a_lease_or_strands_a_row() {
    let (_folder, store) = outbox(&["a@x.test", "b@x.test"]).await;
    let held = store.lease(noon(), 1).await.unwrap().remove(0);
    let deferred = store.lease(noon(), 1).await.unwrap().remove(0);
    for years in [-30, 0, 30] {
        assert!(store.lease(noon() + TimeDelta::days(365 * years), 9).await.unwrap().is_empty(), "{years}");
    }
    let outcome = SendOutcome::Unknown { reason: "silence".to_owned() };
    let later = update(DeliveryStatus::Queued, Some(noon() + TimeDelta::minutes(5)));
    assert!(store.record_attempt(&deferred, &outcome, &later, noon()).await.unwrap());
    assert!(store.lease(noon(), 9).await.unwrap().is_empty(), "it is not due yet");
    // The clock is set back by a year: the five minutes would have become a year and five minutes.
    let again = store.lease(noon() - TimeDelta::days(365), 9).await.unwrap().remove(0);
    assert_eq!((again.id, again.attempt), (deferred.id, 2));
    assert!(accept(&store, &held).await && accept(&store, &again).await);
}

#[tokio::test]
async fn who_leaves_while_the_mail_is_under_way_gets_no_final_dot() {
    let readers = ["left@x.test", "erased@x.test", "cancelled@x.test", "stays@x.test"];
    let (_folder, store) = outbox(&readers).await;
    let leased = store.lease(noon(), 9).await.unwrap();
    store.suppress(&address("left@x.test"), "left", None, noon()).await.unwrap();
    store.erase(&address("erased@x.test"), noon()).await.unwrap();
    let gone = store.recover_leases(noon()).await.unwrap();
    assert_eq!(gone, (3, 0), "the erased one has ended");
    let leased_again = async |address: &str| {
        let again = store.lease(noon(), 1).await.unwrap();
        again.into_iter().find(|delivery| delivery.message.to.as_str() == address)
    };
    // The worker of the lost leases is refused, whoever it would write to.
    for delivery in &leased {
        assert!(matches!(store.before_dot(delivery, noon()).await, Go::Back(_)));
        assert!(!accept(&store, delivery).await);
    }
    let cancelled = leased_again("cancelled@x.test").await.unwrap();
    assert_eq!(store.before_dot(&cancelled, noon()).await, Go::Ahead);
    store.suppress(&address("cancelled@x.test"), "left at the last moment", None, noon()).await.unwrap();
    assert!(matches!(store.before_dot(&cancelled, noon()).await, Go::Back(_)));
    let stays = leased_again("stays@x.test").await.unwrap();
    assert_eq!(store.before_dot(&stays, noon()).await, Go::Ahead);
    assert!(accept(&store, &stays).await);
    let left = rows(&store).await.into_iter().find(|row| row.subscriber.as_str() == "left@x.test").unwrap();
    assert_eq!(left.status, DeliveryStatus::Suppressed);
}

#[tokio::test]
async fn the_poisoned_row_is_found_and_its_neighbours_go_out() {
    let readers = ["a@x.test", "b@x.test", "poison@x.test", "d@x.test"];
    let (_folder, store) = outbox(&readers).await;
    let (mut crashes, mut quarantined) = (0, 0);
    for _ in 0..20 {
        quarantined += store.recover_leases(noon()).await.unwrap().1;
        // One life of the process: whatever is leased is accepted, unless the poison is among it.
        loop {
            let leased = store.lease(noon(), 4).await.unwrap();
            if leased.is_empty() {
                break;
            }
            if leased.iter().any(|delivery| delivery.message.to.as_str() == "poison@x.test") {
                crashes += 1;
                break;
            }
            assert!(accept(&store, &leased[0]).await);
        }
    }
    assert_eq!((crashes, quarantined), (3, 1));
    for row in rows(&store).await {
        let poisoned = row.subscriber.as_str() == "poison@x.test";
        let expected = if poisoned { DeliveryStatus::Quarantined } else { DeliveryStatus::Accepted };
        assert_eq!(row.status, expected, "{}", row.subscriber);
    }
    let poison = rows(&store).await.into_iter().find(|row| row.status == DeliveryStatus::Quarantined).unwrap();
    assert!(poison.answer.unwrap().contains("three times"));
    let week = noon() + TimeDelta::days(30);
    store.prune(week, week, week).await.unwrap();
    assert!(store.delivery_bytes(poison.id).await.unwrap().is_some(), "it has not ended");
    assert_eq!(store.expire_quarantined(noon() - TimeDelta::seconds(1), week).await.unwrap(), 0);
    assert_eq!(store.retry_deliveries(&[poison.id], noon()).await.unwrap(), 1);
    assert_eq!(store.lease(noon(), 4).await.unwrap().len(), 1, "released");
}

#[tokio::test]
async fn after_a_crash_it_is_known_whether_anything_was_handed_over() {
    let (_folder, store) = outbox(&["before@x.test", "after@x.test"]).await;
    let leased = store.lease(noon(), 9).await.unwrap();
    assert_eq!(store.before_dot(&leased[1], noon()).await, Go::Ahead);
    store.recover_leases(noon()).await.unwrap();
    let answers: Vec<String> = rows(&store).await.into_iter().rev().filter_map(|row| row.answer).collect();
    assert!(answers[0].contains("nothing was handed over"), "{answers:?}");
    assert!(answers[1].contains("unknown whether it arrived"), "{answers:?}");
}

#[tokio::test]
async fn the_bytes_of_a_mail_go_seven_days_after_its_end_and_not_before() {
    let (_folder, store) = outbox(&["a@x.test", "waits@x.test"]).await;
    let ended = store.lease(noon(), 1).await.unwrap().remove(0);
    assert!(accept(&store, &ended).await);
    let prune = async |now: Timestamp| {
        let week = now - TimeDelta::days(7);
        store.prune(week, week, week).await.unwrap().messages
    };
    assert_eq!(prune(noon() + TimeDelta::days(7)).await, 0);
    assert!(store.delivery_bytes(ended.id).await.unwrap().is_some());
    assert_eq!(prune(noon() + TimeDelta::days(7) + TimeDelta::seconds(1)).await, 1);
    assert!(store.delivery_bytes(ended.id).await.unwrap().is_none());
    assert_eq!(prune(noon() + TimeDelta::days(90)).await, 0, "what waits keeps its bytes");
    assert_eq!(store.lease(noon() + TimeDelta::days(90), 9).await.unwrap().len(), 1);
}

/// What each domain's mails are leased for now, in the order of their numbers.
async fn leased(store: &Store, free: u32) -> Vec<String> {
    let leased = store.lease_more(noon(), Places { free, a_domain: 2, rate: None }).await.unwrap();
    leased.iter().map(|delivery| delivery.message.to.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_domain_that_is_full_holds_up_no_other_however_many_of_its_mails_are_due_first() {
    let crowd: Vec<String> = (0..400).map(|number| format!("r{number}@big.test")).collect();
    let few = ["a@b.test", "b@b.test", "c@b.test", "a@c.test", "a@a.test", "a@d.test"];
    let readers: Vec<&str> = crowd.iter().map(String::as_str).chain(few).collect();
    let (_folder, store) = outbox(&readers).await;
    assert_eq!(leased(&store, 3).await, ["r0@big.test", "r1@big.test", "a@a.test"]);
    // In turn: the domain that was served last comes last.
    assert_eq!(leased(&store, 2).await, ["a@b.test", "b@b.test"]);
    assert_eq!(leased(&store, 9).await, ["a@c.test", "a@d.test"]);
    assert!(leased(&store, 9).await.is_empty(), "the others wait for a place of their domain");
    store.recover_leases(noon()).await.unwrap();
    let rows = rows(&store).await;
    assert_eq!(rows.iter().filter(|row| row.status == DeliveryStatus::Queued).count(), 406);
}

#[tokio::test]
async fn those_who_left_are_passed_over_and_end_however_many_they_are() {
    let readers: Vec<String> = (0..150).map(|number| format!("r{number}@x.test")).collect();
    let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
    let (_folder, store) = outbox(&readers).await;
    for reader in &readers[..149] {
        // Only the table is changed, as by a process that is elsewhere: their rows wait on.
        store.suppress(&address(reader), "left", None, noon()).await.unwrap();
    }
    let last = store.lease(noon(), 1).await.unwrap();
    assert_eq!(last[0].message.to.as_str(), "r149@x.test");
    assert_eq!(rows(&store).await.iter().filter(|row| row.status == DeliveryStatus::Suppressed).count(), 149);
}

#[tokio::test]
async fn writes_that_wait_together_get_each_its_own_answer() {
    let readers: Vec<String> = (0..40).map(|number| format!("r{number}@x{number}.test")).collect();
    let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
    let (_folder, store) = outbox(&readers).await;
    let mut leased = store.lease(noon(), 40).await.unwrap();
    store.suppress(&leased[5].message.to.clone(), "left", None, noon()).await.unwrap();
    leased[7].fence -= 1;
    let dots = leased.iter().map(|delivery| store.before_dot(delivery, noon()));
    let dots = futures_util::future::join_all(dots).await;
    for (number, go) in dots.iter().enumerate() {
        assert_eq!(*go == Go::Ahead, ![5, 7].contains(&number), "{number}: {go:?}");
    }
    let ends = futures_util::future::join_all(leased.iter().map(|delivery| accept(&store, delivery))).await;
    for (number, recorded) in ends.iter().enumerate() {
        assert_eq!(*recorded, number != 7, "{number}");
    }
    let rows = rows(&store).await;
    assert_eq!(rows.iter().filter(|row| row.status == DeliveryStatus::Accepted).count(), 39);
    assert!(
        rows.iter()
            .all(|row| row.answer.as_deref() == Some("said so") || row.at_dot || row.status == DeliveryStatus::Sending)
    );
}
