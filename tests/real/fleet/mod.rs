//! Four processes with every role over one PostgreSQL: killed, stopped and woken, with the server itself killed. Nothing is lost,
//! published twice or repeated outside the window that SMTP leaves, and no publisher is asked impolitely.
//!
//! `KHYBER_FLEET=2000,20000` is the full size (feeds, readers); the default is a tenth of it. `KHYBER_FLEET_KILLS` is the
//! number of kills, 12 by default. `KHYBER_PROGRAM` is another build of the program than this test's, for figures (an absolute path).

mod figures;
mod newsstand;

use super::cluster::{Cluster, PASSWORD};
use super::sink::Sink;
use super::{Need, needing};
use libtest_mimic::Trial;
use newsstand::Newsstand;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const SPACING: Duration = Duration::from_secs(1);
const LATENCY: Duration = Duration::from_millis(100);
/// Whatever is waited for comes, or the test hangs until this.
const LONG: Duration = Duration::from_secs(600);
/// Writes down every leave to send a final dot.
const DOTS: &str = "CREATE TABLE dots (delivery bigint, fence bigint);
    CREATE FUNCTION write_dot() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO dots VALUES (NEW.id, NEW.fence); RETURN NEW; END';
    CREATE TRIGGER write_dot AFTER UPDATE ON deliveries FOR EACH ROW WHEN (NEW.stage = 'dot') EXECUTE FUNCTION write_dot()";

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Postgres];
    vec![
        needing("fleet::kills_cost_nothing_and_offend_nobody", &needs, kills_cost_nothing_and_offend_nobody),
        needing("fleet::a_worker_that_wakes_too_late_asks_nobody", &needs, a_worker_that_wakes_too_late_asks_nobody),
        needing("fleet::the_relays_limits_hold_for_all_together", &needs, the_relays_limits_hold_for_all_together),
        needing("fleet::more_workers_do_more", &needs, figures::more_workers_do_more),
    ]
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < LONG, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The processes of one desk, and what is around them.
struct Fleet {
    folder: tempfile::TempDir,
    cluster: Cluster,
    workers: Vec<(String, Child)>,
    begun: usize,
}

impl Fleet {
    fn new(settings: &str, readers: usize, domains: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("khyber.toml"), settings).unwrap();
        let fleet = Self { folder, cluster: Cluster::start(), workers: Vec::new(), begun: 0 };
        assert!(fleet.command(&["outbox", "list"]).output().unwrap().status.success(), "the schema is made");
        fleet.cluster.sql("postgres", DOTS);
        let readers = format!(
            "INSERT INTO web_subscribers SELECT 'reader' || n || '@x' || n % {domains} || '.test', '[\"daily\"]', '[]', 'en', 0 FROM generate_series(1, {readers}) AS n"
        );
        fleet.cluster.sql("postgres", &readers);
        fleet
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = std::env::var_os("KHYBER_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_khyber").into());
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.folder.path()).args(["-c", "khyber.toml"]).args(arguments);
        command.env("KHYBER_STORE__URL", self.cluster.url("khyber", "postgres"));
        command.env("KHYBER_STORE__PASSWORD", PASSWORD).stdin(Stdio::null());
        command
    }

    /// Each life has a name, which stands in its requests.
    fn start(&mut self, roles: &str) -> &str {
        self.begun += 1;
        let name = format!("worker-{}", self.begun);
        let log = std::fs::File::create(self.log(&name)).unwrap();
        let mut command = self.command(&["run", "--roles", roles]);
        let child = command.env("KHYBER_FETCH__USER_AGENT", &name).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.workers.push((name, child));
        &self.workers.last().unwrap().0
    }

    fn log(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }

    fn says(&self, name: &str, part: &str) -> bool {
        std::fs::read_to_string(self.log(name)).unwrap().contains(part)
    }

    fn signal(&self, number: usize, signal: Signal) {
        kill_process(Pid::from_child(&self.workers[number].1), signal).unwrap();
    }

    fn kill(&mut self, number: usize) {
        let (_, mut child) = self.workers.remove(number);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn stop(&mut self) {
        for (name, _) in &self.workers {
            // Before that a signal ends it as it ends every process.
            until("it listens to signals", || self.says(name, "running"));
        }
        (0..self.workers.len()).for_each(|number| self.signal(number, Signal::TERM));
        while let Some((name, mut child)) = self.workers.pop() {
            let ended = child.wait().unwrap();
            assert!(ended.success(), "{name}: {ended}\n{}", std::fs::read_to_string(self.log(&name)).unwrap());
        }
    }

    fn done(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn count(&self, sql: &str) -> usize {
        self.cluster.sql("postgres", &format!("SELECT count(*) || '' FROM {sql}"))[0].parse().unwrap()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for (name, child) in &mut self.workers {
            let _ = (child.kill(), child.wait());
            if std::thread::panicking() {
                let log = std::fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap_or_default();
                let lines: Vec<&str> = log.lines().filter(|line| !line.contains("accepted")).collect();
                println!("{name}:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
            }
        }
    }
}

fn settings(stand: &Newsstand, feeds: usize, sink: &Sink, smtp: &str) -> String {
    format!(
        "data_dir = \"data\"\n[store]\nlease = \"2s\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n{smtp}\n\
         [fetch]\ninterval = \"1m\"\nhost_spacing = \"{}s\"\n{}{}\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"* * * * *\"\nwhen_empty = \"send\"\n",
        sink.port,
        SPACING.as_secs(),
        stand.private(),
        stand.feeds(feeds)
    )
}

/// Feeds and readers.
fn size() -> (usize, usize) {
    let named = std::env::var("KHYBER_FLEET").ok();
    let parsed = named.as_deref().and_then(|size| size.split_once(','));
    parsed.and_then(|(feeds, readers)| Some((feeds.parse().ok()?, readers.parse().ok()?))).unwrap_or((200, 2_000))
}

fn kills() -> usize {
    std::env::var("KHYBER_FLEET_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

fn kills_cost_nothing_and_offend_nobody() {
    let (feeds, readers) = size();
    let stand = Newsstand::open((feeds / 8).max(4), LATENCY);
    // So that sending goes on for as long whatever the size.
    let each = Duration::from_secs(120) / u32::try_from(readers).unwrap();
    let sink = Sink::start_with(super::sink::Offers::Pipelining, Arc::new(move || std::thread::sleep(each)));
    let mut fleet = Fleet::new(&settings(&stand, feeds, &sink, "concurrency = 4"), readers, 50);
    (0..4).for_each(|_| drop(fleet.start("poll,publish,dispatch,web").to_owned()));
    let names: Vec<String> = fleet.workers.iter().map(|(name, _)| name.clone()).collect();
    until("they run", || names.iter().all(|name| fleet.says(name, "running")));
    let mut dice = 0x9e37_79b9_u64;
    for kill in 0..kills() {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(300 + (dice >> 33) % 2_000));
        let victim = usize::try_from((dice >> 17) % 4).unwrap();
        match kill % 6 {
            2 => {
                fleet.cluster.kill_and_go();
            }
            4 => stop_and_wake(&mut fleet, victim),
            _ => {
                fleet.kill(victim);
                fleet.start("poll,publish,dispatch,web");
            }
        }
    }
    until("every feed was read", || fleet.count("feeds WHERE last_ok_at IS NULL") == 0);
    until("an edition is there", || fleet.count("editions") > 0);
    fleet.stop();
    drain(&mut fleet);
    judge(&fleet, &stand, &sink, feeds, readers);
}

/// Until others have what was its.
fn stop_and_wake(fleet: &mut Fleet, victim: usize) {
    let alive = |fleet: &Fleet, pid: u32| fleet.count(&format!("workers WHERE pid = {pid}")) > 0;
    let (name, pid) = (fleet.workers[victim].0.clone(), fleet.workers[victim].1.id());
    until("it has joined", || alive(fleet, pid));
    fleet.signal(victim, Signal::STOP);
    until("its lease runs out", || !alive(fleet, pid));
    fleet.signal(victim, Signal::CONT);
    until("it notices", || fleet.says(&name, "silent for longer than its lease"));
}

/// Nothing is published any more; what waits for another try is tried.
fn drain(fleet: &mut Fleet) {
    fleet.start("dispatch");
    until("the dead are buried", || fleet.count("workers") == 1);
    // However many there are: only that it comes to a halt is wrong.
    let waiting = |fleet: &Fleet| fleet.count("deliveries WHERE status IN ('queued', 'sending')");
    let mut left = waiting(fleet);
    while left > 0 {
        until("it goes on sending", || waiting(fleet) < left);
        left = waiting(fleet);
    }
    fleet.stop();
    for hours in 1.. {
        if fleet.count("deliveries WHERE status IN ('queued', 'sending', 'deferred', 'quarantined')") == 0 {
            return;
        }
        assert!(
            hours < 30,
            "{:?}",
            fleet.cluster.sql("postgres", "SELECT DISTINCT status || ' ' || answer FROM deliveries")
        );
        fleet.cluster.sql(
            "postgres",
            "UPDATE deliveries SET next_attempt_at = 0, status = 'queued' WHERE status IN ('deferred', 'quarantined')",
        );
        fleet.done(&["dispatch"]);
    }
}

fn judge(fleet: &Fleet, stand: &Newsstand, sink: &Sink, feeds: usize, readers: usize) {
    let impolite = stand.impolite(SPACING);
    let (asked, slots) = (stand.asked().len(), fleet.count("editions"));
    let (mails, copies) =
        sink.settled(|taken| (taken.copies.len(), taken.copies.values().map(Vec::len).sum::<usize>()));
    println!(
        "{feeds} feeds, {readers} readers, {} kills: {asked} requests, {} impolite; {slots} editions of {} slots; {mails} mails, {} copies more, in the window",
        kills(),
        impolite.len(),
        fleet.count("(SELECT DISTINCT slot FROM editions) AS slots"),
        copies - mails
    );
    assert!(impolite.is_empty(), "{:#?}", &impolite[..impolite.len().min(3)]);
    assert_eq!(fleet.count("entries"), 2 * feeds, "each entry once");
    assert_eq!(fleet.count("(SELECT DISTINCT slot FROM editions) AS slots"), slots, "each slot once");
    assert_eq!(fleet.count("deliveries WHERE status = 'accepted'"), slots * readers);
    assert_eq!(mails, slots * readers, "each mail arrived");
    let rows = fleet.cluster.sql(
        "postgres",
        "SELECT message_id || ' ' || (SELECT count(DISTINCT fence) FROM dots WHERE delivery = id) FROM deliveries",
    );
    sink.settled(|taken| {
        for row in &rows {
            let (id, dots) = row.rsplit_once(' ').unwrap();
            let copies = &taken.copies[id];
            assert!(copies.len() <= dots.parse().unwrap(), "{id}: {} copies, and leave for {dots}", copies.len());
            assert!(copies.windows(2).all(|pair| pair[0] == pair[1]), "{id}: not the same bytes");
        }
    });
    let twice = "attempts WHERE outcome LIKE '%accepted%' GROUP BY delivery HAVING count(*) > 1";
    assert_eq!(
        fleet.count(&format!("(SELECT delivery FROM {twice}) AS twice")),
        0,
        "no mail that was accepted is sent again"
    );
}

/// One worker is stopped while it asks a host; another finishes that host's feeds; when the first wakes it asks no more, and what it
/// brings is not written.
fn a_worker_that_wakes_too_late_asks_nobody() {
    let stand = Newsstand::open(1, Duration::from_millis(600));
    let sink = Sink::start();
    let mut fleet = Fleet::new(&settings(&stand, 6, &sink, ""), 0, 1);
    let first = fleet.start("poll").to_owned();
    until("it asks", || stand.asked().len() == 1 && stand.under_way() == 1);
    fleet.signal(0, Signal::STOP);
    let second = fleet.start("poll").to_owned();
    until("the other has read them all", || fleet.count("feeds WHERE last_ok_at IS NULL") == 0);
    let by = |name: &str| stand.asked().iter().filter(|asked| asked.by == name).count();
    fleet.signal(1, Signal::TERM);
    assert!(fleet.workers.remove(1).1.wait().unwrap().success());
    let before = (by(&first), by(&second), fleet.cluster.sql("postgres", STATES));
    assert_eq!(before.0 + before.1, 7, "one was asked for twice: its first answer came to nobody");
    fleet.signal(0, Signal::CONT);
    until("it notices", || fleet.says(&first, "silent for longer than its lease"));
    // Its next round comes after the one that was cut short.
    fleet.cluster.sql("postgres", "UPDATE feeds SET next_poll_at = NULL WHERE id = 'feed-0'");
    until("it asks under its new lease", || by(&first) > before.0);
    until("that is written", || fleet.count("feeds WHERE next_poll_at IS NULL") == 0);
    fleet.stop();
    assert_eq!((by(&first), by(&second)), (before.0 + 1, before.1), "it went on asking after it was taken over");
    let untouched =
        |states: &[String]| states.iter().filter(|state| !state.starts_with("feed-0 ")).cloned().collect::<Vec<_>>();
    assert_eq!(
        untouched(&fleet.cluster.sql("postgres", STATES)),
        untouched(&before.2),
        "what came late was not written"
    );
    assert!(stand.impolite(SPACING).is_empty(), "{:#?}", stand.impolite(SPACING));
    assert_eq!(fleet.count("entries"), 12);
}

const STATES: &str = "SELECT id || ' ' || last_polled_at || ' ' || failures || health FROM feeds ORDER BY id";

fn the_relays_limits_hold_for_all_together() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (now.clone(), most.clone());
    let taken = move || {
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(400));
        counted.fetch_sub(1, Ordering::SeqCst);
    };
    let (fleet, _) = sent_by_three("concurrency = 2\nper_domain = 4", 40, Arc::new(taken));
    let most = most.load(Ordering::SeqCst);
    assert!((3..=4).contains(&most), "{most} mails to one domain at once: four may be, and one worker sends two");
    assert!(fleet.count("(SELECT worker FROM deliveries GROUP BY worker) AS shares") > 1, "one sent everything");

    let (fleet, sink) = sent_by_three("concurrency = 4\nrate = \"20/s\"", 90, Arc::new(|| {}));
    let begun = fleet.cluster.sql("postgres", "SELECT begun || '' FROM attempts ORDER BY begun");
    let begun: Vec<i64> = begun.iter().map(|ms| ms.parse().unwrap()).collect();
    assert!(begun.windows(21).all(|span| span[20] - span[0] >= 1_000), "more than 20 began within a second: {begun:?}");
    assert_eq!((begun.len(), sink.settled(|taken| taken.copies.len())), (90, 90));
    assert!(fleet.count("(SELECT worker FROM deliveries GROUP BY worker) AS shares") > 1, "one sent everything");
}

fn sent_by_three(smtp: &str, readers: usize, taken: Arc<dyn Fn() + Send + Sync>) -> (Fleet, Sink) {
    let (stand, sink) = (Newsstand::open(1, LATENCY), Sink::start_with(super::sink::Offers::Nothing, taken));
    let mut fleet = Fleet::new(&settings(&stand, 1, &sink, smtp), readers, 1);
    let names: Vec<String> = (0..3).map(|_| fleet.start("dispatch").to_owned()).collect();
    until("they run", || names.iter().all(|name| fleet.says(name, "running")));
    fleet.done(&["publish"]);
    until("all are sent", || fleet.count("deliveries WHERE status = 'accepted'") == readers);
    fleet.stop();
    (fleet, sink)
}
