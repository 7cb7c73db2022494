//! What several workers do in a second, and what it costs the server. `KHYBER_PROGRAM=$PWD/target/release/khyber KHYBER_FLEET=200,1000
//! cargo test --test real fleet::more -- --nocapture` (feeds, readers) prints figures; otherwise it is small, to see that it works.

use super::newsstand::Newsstand;
use super::{Fleet, settings, size, until};
use crate::sink::Sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What one, two and four workers poll and send in a second, where each answer takes its time; and what it costs the server.
pub(super) fn more_workers_do_more() {
    let (feeds, readers) = if std::env::var_os("KHYBER_FLEET").is_some() { size() } else { (24, 60) };
    println!("workers | feeds/s (each answer 500 ms, 4 at once a worker) | mails/s (each 100 ms, 4 at once a worker)");
    for workers in [1, 2, 4] {
        let stand = Newsstand::open(feeds, Duration::from_millis(500));
        let times: Arc<std::sync::Mutex<Vec<Instant>>> = Arc::default();
        let noted = times.clone();
        let taken = move || {
            std::thread::sleep(Duration::from_millis(100));
            noted.lock().unwrap().push(Instant::now());
        };
        let sink = Sink::start_with(crate::sink::Offers::Pipelining, Arc::new(taken));
        let text = settings(&stand, feeds, &sink, "concurrency = 4").replace("[fetch]\n", "[fetch]\nconcurrency = 4\n");
        let mut fleet = Fleet::new(&text, readers, 50);
        let mut costs = Costs { wal: fleet.wal(), said: Vec::new() };
        (0..workers).for_each(|_| drop(fleet.start("poll").to_owned()));
        until("every feed was read", || fleet.count("feeds WHERE last_ok_at IS NULL") == 0);
        costs.note(&fleet, "a first poll of two entries", feeds);
        let bytes = fleet.number("pg_total_relation_size('entries') + pg_total_relation_size('entries_text')");
        costs.said.push(format!("bytes of an entry of six words, its indexes with it: {}", bytes / (2 * feeds)));
        costs.said.push(format!("connections of a worker that polls: {}", fleet.connections() / workers));
        fleet.stop();
        let polls = stand.asked();
        let span = polls.iter().map(|one| one.ended).max().unwrap() - polls.iter().map(|one| one.began).min().unwrap();
        fleet.cluster.sql("postgres", "UPDATE feeds SET next_poll_at = NULL");
        costs.wal = fleet.wal();
        fleet.done(&["poll"]);
        costs.note(&fleet, "an unchanged poll", feeds);
        let began = Instant::now();
        fleet.done(&["publish"]);
        costs.said.push(format!("mails queued in a second: {:.0}", readers as f64 / began.elapsed().as_secs_f64()));
        costs.note(&fleet, "a mail queued", readers);
        let bytes = fleet.number("pg_total_relation_size('deliveries')");
        costs.said.push(format!("bytes of a queued mail, its indexes with it: {}", bytes / readers));
        (0..workers).for_each(|_| drop(fleet.start("dispatch").to_owned()));
        until("every mail was sent", || fleet.count("deliveries WHERE status = 'accepted'") == readers);
        costs.note(&fleet, "a mail sent", readers);
        costs.said.push(format!("connections of a worker that sends: {}", fleet.connections() / workers));
        fleet.stop();
        let times = times.lock().unwrap();
        let sending = times[times.len() - 1] - times[0];
        let (fetched, sent) = (polls.len() as f64 / span.as_secs_f64(), times.len() as f64 / sending.as_secs_f64());
        println!("{workers} | {fetched:.0} | {sent:.0}");
        costs.said.iter().for_each(|cost| println!("    {cost}"));
        assert_eq!((polls.len(), times.len()), (feeds, readers), "nothing twice");
    }
}

/// What the server wrote for what was done.
struct Costs {
    wal: usize,
    said: Vec<String>,
}

impl Costs {
    fn note(&mut self, fleet: &Fleet, what: &str, times: usize) {
        let now = fleet.wal();
        self.said.push(format!("bytes of WAL for {what}: {}", (now - self.wal) / times));
        self.wal = now;
    }
}

impl Fleet {
    fn number(&self, sql: &str) -> usize {
        self.cluster.sql("postgres", &format!("SELECT ({sql})::bigint || ''"))[0].parse().unwrap()
    }

    fn wal(&self) -> usize {
        self.number("pg_current_wal_insert_lsn() - '0/0'")
    }

    fn connections(&self) -> usize {
        self.number("(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'khyber')")
    }
}
