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
        needing("workers::any_number_of_processes_share_each_role", &needs, any_number_of_processes_share_each_role),
        needing(
            "workers::what_a_dead_worker_sent_is_taken_over_when_its_lease_runs_out",
            &needs,
            what_a_dead_worker_sent_is_taken_over_when_its_lease_runs_out,
        ),
        needing("workers::mails_queued_by_one_process_wake_another", &needs, mails_queued_by_one_process_wake_another),
        needing("workers::an_older_binary_and_one_with_roles_exclude_each_other", &needs, an_older_binary_is_kept_out),
    ]
}

const STATUS: &str = "SELECT status || ' ' || crashes FROM deliveries";

/// No time is long enough for a machine that is busy; whatever is waited for comes or the test hangs until this.
const LONG: Duration = Duration::from_secs(120);

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn any_number_of_processes_share_each_role() {
    let (cluster, desk, other) = (Cluster::start(), Desk::every_minute(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    let mut workers: Vec<Daemon> = [(&desk, "dispatch"), (&other, "poll,dispatch"), (&other, "poll,publish,dispatch")]
        .into_iter()
        .map(|(desk, roles)| Daemon::in_roles(desk, &url, roles))
        .collect();
    workers.iter_mut().for_each(|worker| worker.until("running"));
    until("the mails of the edition are accepted", || {
        cluster.sql("postgres", STATUS).iter().any(|status| status == "accepted 0")
    });
    let (fine, said) = other.run(Some(&url), &["status", "--json"]);
    assert!(
        said.contains("\"roles\": \"poll,publish,dispatch\"") && said.contains("\"roles\": \"dispatch\""),
        "{fine} {said}"
    );
    let (fine, said) = other.run(Some(&url), &["run", "--roles", "web"]);
    assert!(!fine && said.contains("there is nothing to do without [web]"), "{said}");
    let (fine, said) = other.run(Some(&url), &["run", "--roles", "polish"]);
    assert!(!fine && said.contains("`polish` is no role"), "{said}");
    workers.into_iter().for_each(|worker| drop(worker.stop()));
    assert_eq!(cluster.sql("postgres", "SELECT count(*) || '' FROM workers"), ["0"], "they took leave");
    let twice = "SELECT subscriber FROM deliveries GROUP BY edition, subscriber HAVING count(*) > 1";
    assert!(cluster.sql("postgres", twice).is_empty());
}

/// What one worker sends is no business of others that come, until its lease has run out.
fn what_a_dead_worker_sent_is_taken_over_when_its_lease_runs_out() {
    let (cluster, desk) = (Cluster::start(), Desk::every_minute());
    let url = cluster.url("khyber", "postgres");
    assert!(desk.run(Some(&url), &["publish"]).0);
    let living = "INSERT INTO workers (host, pid, version, roles, started_at, alive_until)
        VALUES ('elsewhere', 7, '0', 'dispatch', 0, clock_ms() + 3600000);
        UPDATE deliveries SET status = 'sending', stage = 'dot', fence = 1, attempts = 1, worker = (SELECT max(id) FROM workers)";
    cluster.sql("postgres", living);
    let (fine, said) = desk.run(Some(&url), &["dispatch"]);
    assert!(fine && said.contains("sent 0 of 0"), "{said}");
    let mut worker = Daemon::with(&desk, &url, "dispatch", &[("KHYBER_STORE__LEASE", "2s")]);
    worker.until("running");
    assert_eq!(cluster.sql("postgres", STATUS), ["sending 0"], "it is another's");
    cluster.sql("postgres", "UPDATE workers SET alive_until = clock_ms() - 1 WHERE host = 'elsewhere'");
    worker.until("7 of elsewhere");
    until("the mail is sent again", || cluster.sql("postgres", STATUS) == ["accepted 0"]);
    let fences = cluster.sql("postgres", "SELECT fence || ' ' || attempts FROM deliveries");
    assert_eq!(fences, ["3 2"], "claimed, taken over, claimed again");
    worker.stop();
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
    // One that knew roles, and took each for itself alone.
    assert_eq!(cluster.sql("postgres", &BEFORE_ROLES.replace("1263032644", "1263032688")), ["false"]);
    poller.stop();
    assert_eq!(cluster.sql("postgres", BEFORE_ROLES), ["true"]);
}
