//! The disk of a PostgreSQL server fills up: what it then answers is said once and in its words, nothing that was stored or sent is
//! lost or repeated, and all goes on when there is room.
//!
//! A trigger answers as the server does (SQLSTATE 53100) where a test says so: a server whose disk is really full may do so at any
//! statement.

use super::cluster::{Cluster, PASSWORD};
use super::disk::{feed, run, write_config};
use super::postgres::{Daemon, Desk};
use super::sink::Sink;
use super::{Need, needing};
use khyber::config;
use khyber::daemon::{Khyber, Which};
use khyber::model::{DeliveryStatus, Timestamp};
use khyber::store::DeliveryFilter;
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const ANSWER: &str = "No space left on device";

pub fn tests() -> Vec<Trial> {
    let server = [Need::Postgres];
    vec![
        needing("server_disk::a_poll_that_cannot_be_stored_comes_again", &server, a_poll_that_cannot_be_stored),
        needing("server_disk::an_acceptance_that_cannot_be_recorded_is_no_second_mail", &server, an_acceptance),
        needing("server_disk::the_daemon_says_it_once_and_goes_on", &server, the_daemon_says_it_once),
    ]
}

/// No row of `table` for which `when` holds can be written; the answers are counted, which no transaction undoes.
fn fill(cluster: &Cluster, table: &str, when: &str) {
    let full = format!(
        "CREATE SEQUENCE full_disk_answers;
         CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           PERFORM nextval('full_disk_answers');
           RAISE EXCEPTION 'could not extend file: {ANSWER}' USING ERRCODE = '53100', HINT = 'Check free disk space.'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION full_disk()"
    );
    cluster.sql("postgres", &full);
}

fn free(cluster: &Cluster, table: &str) {
    cluster.sql("postgres", &format!("DROP TRIGGER full_disk ON {table}"));
}

fn open(folder: &Path, cluster: &Cluster, now: Timestamp) -> Khyber {
    let url = cluster.url("khyber", "postgres");
    let env = move |key: &str| match key {
        "KHYBER_STORE__URL" => Some(url.clone()),
        "KHYBER_STORE__PASSWORD" => Some(PASSWORD.to_owned()),
        _ => None,
    };
    let loaded = config::load(&folder.join("khyber.toml"), &env);
    run(Khyber::open(loaded.unwrap_or_else(|problems| panic!("{problems}")).0, now)).unwrap()
}

fn a_poll_that_cannot_be_stored() {
    let (cluster, folder) = (Cluster::start(), tempfile::tempdir().unwrap());
    let (port, asked) = feed();
    let feed = format!("[[feed]]\nid = \"a\"\nurl = \"http://127.0.0.1:{port}/\"\npublisher = \"A\"\n");
    write_config(folder.path(), "", &feed);
    let now: Timestamp = "2026-03-01T06:05:00Z".parse().unwrap();
    let khyber = open(folder.path(), &cluster, now);
    let poll = |minute| run(khyber.poll_once(Which::Due, now + chrono::TimeDelta::minutes(minute), &|_| {}));
    assert_eq!(poll(0).unwrap().new_entries(), 1);
    fill(&cluster, "entries", "true");
    let error = poll(120).unwrap_err().to_string();
    assert!(error.contains(ANSWER), "{error}");
    free(&cluster, "entries");
    // What could not be stored was not taken for seen, and the feed did not have to wait for its next hour.
    assert_eq!(poll(121).unwrap().new_entries(), 2);
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 3);
    run(khyber.store.close());
}

fn an_acceptance() {
    let (cluster, folder) = (Cluster::start(), tempfile::tempdir().unwrap());
    let sink = Sink::start();
    let smtp = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nconcurrency = 2", sink.port);
    write_config(folder.path(), &smtp, "");
    let now: Timestamp = "2026-03-01T06:05:00Z".parse().unwrap();
    let khyber = open(folder.path(), &cluster, now);
    run(khyber.publish_due(None, now)).unwrap();
    fill(&cluster, "deliveries", "NEW.status = 'accepted'");
    let send = |minute| run(khyber.dispatch_due(now + chrono::TimeDelta::minutes(minute), &|| false));
    let failures = (0..20).filter(|minute| send(*minute).is_err()).count();
    assert!(failures > 0, "every round could write");
    free(&cluster, "deliveries");
    (20..60).for_each(|minute| drop(send(minute).unwrap()));
    let rows = run(khyber.store.deliveries(&DeliveryFilter::default())).unwrap();
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Accepted), "{rows:?}");
    let copies: Vec<usize> = sink.settled(|taken| taken.copies.values().map(Vec::len).collect());
    assert_eq!(copies, [1; 6]);
    run(khyber.store.close());
}

fn the_daemon_says_it_once() {
    let (cluster, desk) = (Cluster::start(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    let (fine, said) = desk.run(Some(&url), &["outbox", "list"]);
    assert!(fine, "{said}");
    fill(&cluster, "editions", "true");
    let mut daemon = Daemon::start(&desk, &url);
    daemon.until(ANSWER);
    while cluster.sql("postgres", "SELECT (last_value >= 3)::text FROM full_disk_answers") != ["true"] {
        std::thread::sleep(Duration::from_millis(200));
    }
    free(&cluster, "editions");
    daemon.until("published");
    let said = daemon.stop();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for line in said.iter().filter(|line| line.contains(ANSWER)) {
        *times.entry(line.split_once("ERROR").map_or(line.as_str(), |(_, what)| what)).or_default() += 1;
    }
    assert!(!times.is_empty() && times.values().all(|times| *times == 1), "{times:#?}");
}
