//! One desk in PostgreSQL, worked on by several processes in their roles.

use super::cluster::Cluster;
use super::postgres::{Daemon, Desk};
use super::{Need, needing};
use khyber::config::{PostgresConfig, Secret};
use khyber::store::Store;
use libtest_mimic::Trial;
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Postgres];
    vec![
        needing("workers::each_role_is_one_process_and_leaves_the_others_theirs", &needs, each_role_is_one_process),
        needing("workers::mails_queued_by_one_process_wake_another", &needs, mails_queued_by_one_process_wake_another),
        needing("workers::an_older_binary_and_one_with_roles_exclude_each_other", &needs, an_older_binary_is_kept_out),
    ]
}

const STATUS: &str = "SELECT status || ' ' || crashes FROM deliveries";

fn each_role_is_one_process() {
    let (cluster, desk, other) = (Cluster::start(), Desk::every_minute(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    let mut dispatcher = Daemon::in_roles(&desk, &url, "dispatch");
    dispatcher.until("running");
    let mut poller = Daemon::in_roles(&other, &url, "poll,web");
    poller.until("running");
    let (fine, said) = other.run(Some(&url), &["publish"]);
    assert!(fine, "{said}");
    while cluster.sql("postgres", STATUS) != ["accepted 0"] {
        std::thread::sleep(Duration::from_millis(100));
    }
    for taken in [["run", "--roles", "publish,dispatch"].as_slice(), &["dispatch"], &["poll"], &["run", "--once"]] {
        let (fine, said) = other.run(Some(&url), taken);
        assert!(
            !fine && said.contains("another Khyber is at work on this database, in one of the same roles"),
            "{said}"
        );
    }
    let (fine, said) = other.run(Some(&url), &["run", "--roles", "web"]);
    assert!(!fine && said.contains("there is nothing to do without [web]"), "{said}");
    let (fine, said) = other.run(Some(&url), &["run", "--roles", "polish"]);
    assert!(!fine && said.contains("`polish` is no role"), "{said}");
    // What a dispatcher is sending is no business of those that start beside it, and its successor's at once.
    dispatcher.kill();
    cluster.sql("postgres", "UPDATE deliveries SET status = 'sending', stage = 'dot'");
    assert!(other.run(Some(&url), &["publish"]).0);
    let first = "FROM deliveries ORDER BY id LIMIT 1";
    assert_eq!(cluster.sql("postgres", &format!("SELECT status || ' ' || crashes {first}")), ["sending 0"]);
    let (fine, said) = other.run(Some(&url), &["dispatch"]);
    assert!(fine, "{said}");
    let after = cluster.sql("postgres", &format!("SELECT status || ' ' || fence {first}"));
    assert_eq!(after, ["accepted 3"], "claimed, taken over, claimed again");
    poller.stop();
}

fn mails_queued_by_one_process_wake_another() {
    let (cluster, desk) = (Cluster::start(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    let config = PostgresConfig::from_url(Secret::new(cluster.url_with_password("postgres"))).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::connect(&config).await.unwrap();
        let mut queued = store.queued();
        queued.prepare().await;
        let publishing = tokio::task::spawn_blocking(move || desk.run(Some(&url), &["publish"]));
        // There is no tick here: without the server's word this would never end.
        tokio::time::timeout(Duration::from_secs(120), queued.next()).await.expect("nothing was heard");
        let (fine, said) = publishing.await.unwrap();
        assert!(fine, "{said}");
        drop(queued);
        store.close().await;
    });
}

/// The statement by which a Khyber before roles takes the desk.
const BEFORE_ROLES: &str = "SELECT pg_try_advisory_lock(1263032644, hashtext(current_schema()))::text";

fn an_older_binary_is_kept_out() {
    let (cluster, desk) = (Cluster::start(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    let mut poller = Daemon::in_roles(&desk, &url, "poll");
    poller.until("running");
    assert_eq!(cluster.sql("postgres", BEFORE_ROLES), ["false"]);
    poller.stop();
    assert_eq!(cluster.sql("postgres", BEFORE_ROLES), ["true"]);
}
