//! The kill sweep: the process dies at every fail-point, the first time and the nth, and by `kill -9` at any moment, while it
//! publishes and sends. Nothing may be lost, and a second copy may exist only where the promise allows one.
//!
//! `KHYBER_KILLS=10000` makes it longer; the default is 2,200 against Postfix, and always half as many
//! against a sink of our own, which also knows conversations without PIPELINING and what arrives before a 250.

mod desk;

use crate::replay::Post;
use crate::sink::{Sink, Taken};
use crate::{Need, needing};
use desk::{Death, Desk, Known};
use khyber::failpoint;
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const READERS: [&str; 7] =
    ["ayesha@x.test", "bilal@x.test", "zarghuna@x.test", "gul@x.test", "grey@x.test", "nouser@x.test", "left@x.test"];

pub fn tests() -> Vec<Trial> {
    let postfix = [Need::Shared, Need::Program("postfix"), Need::Program("openssl")];
    vec![
        needing("kills::nothing_is_lost_and_nothing_repeated_outside_the_window", &[], against_a_sink),
        needing("kills::nor_is_it_with_postfix", &postfix, against_postfix),
    ]
}

fn kills() -> usize {
    std::env::var("KHYBER_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(2_200)
}

/// How often each fail-point is reached in a round with seven readers, at most.
fn deaths() -> Vec<Death> {
    let times = |name: &str| match name {
        "smtp.written" | "smtp.answered" => 30,
        "smtp.connected" => 2,
        name if name.starts_with("store.edition") || name.starts_with("store.recover") => 1,
        name if name.starts_with("store.lease") => 3,
        _ => 6,
    };
    failpoint::ALL.iter().flat_map(|name| (1..=times(name)).map(|nth| Death::Point(name, nth))).collect()
}

/// A small generator, so that a sweep can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

fn hung() -> usize {
    desk::HUNG.load(Ordering::SeqCst)
}

/// What the sweep found.
#[derive(Debug, Default)]
struct Found {
    cases: usize,
    kills: BTreeMap<String, usize>,
    mails: usize,
    lost: usize,
    /// Second copies after a death between the final dot and the record.
    inside: usize,
    outside: usize,
    differing: usize,
    quarantined: usize,
    wrong: Vec<String>,
}

impl Found {
    fn killed(&self) -> usize {
        self.kills.values().sum()
    }

    /// A sweep that goes wrong again and again says so instead of going on for hours.
    fn goes_on(&self) -> bool {
        self.wrong.len() < 10 && hung() < 2
    }

    fn add(&mut self, other: Found) {
        for (death, times) in other.kills {
            *self.kills.entry(death).or_default() += times;
        }
        self.cases += other.cases;
        self.mails += other.mails;
        self.lost += other.lost;
        self.inside += other.inside;
        self.outside += other.outside;
        self.differing += other.differing;
        self.quarantined += other.quarantined;
        self.wrong.extend(other.wrong);
    }

    fn print(&self, relay: &str) {
        println!("kill sweep against {relay}: {} kills in {} cases", self.killed(), self.cases);
        for (death, times) in &self.kills {
            println!("  {times:>6}  {death}");
        }
        println!(
            "  mails {}, lost {}, second copies in the window {}, outside {}, differing {}, quarantined and released {}",
            self.mails, self.lost, self.inside, self.outside, self.differing, self.quarantined
        );
    }

    fn hold(&self) {
        assert!(self.wrong.is_empty(), "{} wrong, for instance {:?}", self.wrong.len(), self.wrong.first());
        assert_eq!((self.lost, self.outside, self.differing), (0, 0, 0));
        // One of some ten thousand may be Postfix's: a relay that says nothing is waited for, for minutes.
        assert!(hung() < 2, "{} rounds hung", hung());
    }
}

/// A migrated database with one reader who has left.
fn template() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let store = khyber::store::Store::open(folder.path()).await.unwrap();
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        store.suppress(&"left@x.test".parse().unwrap(), "left", None, now).await.unwrap();
        store.close().await;
    });
    folder
}

fn config(folder: &Path, smtp: &str, readers: &[&str]) -> std::path::PathBuf {
    let readers: String =
        readers.iter().map(|reader| format!("[[subscriber]]\nemail = \"{reader}\"\ndigest = \"daily\"\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[smtp]\nhost = \"127.0.0.1\"\nconcurrency = 2\nper_domain = 2\n{smtp}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n{readers}"
    );
    let file = folder.join("khyber.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// The deaths of one case: one of the list in turn, one at random, and one at a random moment.
fn three(list: &[Death], number: usize, dice: &mut Dice) -> [Death; 3] {
    let moment = Duration::from_micros(4_000 + dice.below(50_000) as u64);
    [list[number % list.len()].clone(), list[dice.below(list.len())].clone(), Death::Moment(moment)]
}

/// Says from time to time how far the sweep is.
fn count(done: &AtomicUsize, kills: usize, begun: Instant, relay: &str) {
    let before = done.fetch_add(kills, Ordering::SeqCst);
    let now = before + kills;
    if now / 500 > before / 500 {
        println!("{relay}: {now} kills after {} s", begun.elapsed().as_secs());
    }
}

fn named(death: &Death) -> String {
    match death {
        Death::Point(name, _) => (*name).to_owned(),
        Death::Moment(_) => "kill -9 at a random moment".to_owned(),
        Death::None => "none".to_owned(),
    }
}

/// Kills, looks after each death, and lets the rest finish. `seen` hears of the rows after each death.
fn case(desk: &Desk, deaths: &[Death], found: &mut Found, mut seen: impl FnMut(&[(i64, Known)])) -> Vec<(i64, Known)> {
    found.cases += 1;
    for death in deaths {
        if desk.round("2026-03-01T06:05:00Z", death) {
            *found.kills.entry(named(death)).or_default() += 1;
        }
        seen(&desk.rows());
    }
    for hour in (6..18).take_while(|_| hung() < 2) {
        let hung = desk.round(&format!("2026-03-01T{hour:02}:30:00Z"), &Death::None);
        let rows = desk.rows();
        if hung {
            seen(&rows);
        }
        let quarantined: Vec<i64> =
            rows.iter().filter(|(_, row)| row.status == "quarantined").map(|(id, _)| *id).collect();
        if !quarantined.is_empty() {
            found.quarantined += quarantined.len();
            desk.release_quarantined(&quarantined);
        } else if !rows.iter().any(|(_, row)| matches!(row.status.as_str(), "queued" | "sending" | "deferred")) {
            return rows;
        }
    }
    found.wrong.push(format!("never ended after {deaths:?}: {:?}", desk.rows()));
    desk.rows()
}

fn expected(reader: &str) -> &'static str {
    match reader {
        "nouser@x.test" => "refused",
        "left@x.test" => "suppressed",
        _ => "accepted",
    }
}

fn judge_ends(rows: &[(i64, Known)], readers: &[&str], deaths: &[Death], found: &mut Found) {
    if rows.len() != readers.len() {
        found.wrong.push(format!("{} deliveries of {} after {deaths:?}", rows.len(), readers.len()));
    }
    for (_, row) in rows {
        if row.status != expected(&row.subscriber) || row.crashes != 0 {
            found.wrong.push(format!("{row:?} after {deaths:?}"));
        }
    }
}

fn against_a_sink() {
    let (template, list, next, done) = (template(), deaths(), AtomicUsize::new(0), AtomicUsize::new(0));
    let begun = Instant::now();
    let worker = &|pipelining: bool| {
        let sink = if pipelining { Sink::pipelining() } else { Sink::start() };
        let (folder, mut found) = (tempfile::tempdir().unwrap(), Found::default());
        let file = config(folder.path(), &format!("port = {}\ntls = \"none\"", sink.port), &READERS);
        while done.load(Ordering::SeqCst) < kills() / 2 && found.goes_on() {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (number as u64 + 1));
            let deaths = three(&list, number, &mut dice);
            let before = found.killed();
            sink_case(&Desk::new(template.path(), &file), &sink, &deaths, &mut found);
            count(&done, found.killed() - before, begun, "the sink");
        }
        found
    };
    let mut found = Found::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|number| scope.spawn(move || worker(number > 0))).collect();
        workers.into_iter().for_each(|worker| found.add(worker.join().unwrap()));
    });
    found.print("a sink");
    found.hold();
    for name in failpoint::ALL {
        assert!(found.kills.contains_key(name), "nothing died at {name}");
    }
    assert!(found.inside > 0, "a sweep in which the window was never hit shows little");
}

fn sink_case(desk: &Desk, sink: &Sink, deaths: &[Death], found: &mut Found) {
    sink.settled(|taken| *taken = Taken::default());
    // For each mail, the copies taken when the process died between the final dot and the record.
    let mut window: BTreeMap<String, usize> = BTreeMap::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let rows = case(desk, deaths, found, |rows| {
        let copies: BTreeMap<String, usize> =
            sink.settled(|taken| taken.copies.iter().map(|(id, copies)| (id.clone(), copies.len())).collect());
        for (_, row) in rows.iter().filter(|(_, row)| row.status != "accepted") {
            let (now, before) = (copies.get(&row.message_id), known.get(&row.message_id));
            let fresh = now.copied().unwrap_or(0) - before.copied().unwrap_or(0);
            if fresh > 0 && (row.status.as_str(), row.stage.as_deref()) != ("sending", Some("dot")) {
                wrong.push(format!("taken over, and the store does not know that it may be: {row:?}"));
            }
            *window.entry(row.message_id.clone()).or_default() += fresh;
        }
        known = copies;
    });
    found.wrong.append(&mut wrong);
    judge_ends(&rows, &READERS, deaths, found);
    found.wrong.extend(desk.damage());
    for (_, row) in rows.iter().filter(|(_, row)| row.status == "accepted") {
        found.mails += 1;
        let copies = sink.settled(|taken| taken.copies.get(&row.message_id).cloned().unwrap_or_default());
        let allowed = window.get(&row.message_id).copied().unwrap_or(0);
        found.lost += usize::from(copies.is_empty());
        found.inside += copies.len().saturating_sub(1).min(allowed);
        found.outside += copies.len().saturating_sub(1 + allowed);
        found.differing += usize::from(copies.windows(2).any(|pair| pair[0] != pair[1]));
    }
    let strangers = sink
        .settled(|taken| taken.copies.keys().filter(|id| !rows.iter().any(|(_, row)| row.message_id == **id)).count());
    if strangers > 0 || sink.settled(|taken| taken.asked.contains_key("left@x.test")) {
        found.wrong.push(format!("{strangers} mails that no delivery knows, or one to a reader who has left"));
    }
}

fn against_postfix() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::start(&folder.path().join("post"));
    let certificate = folder.path().join("post/etc/cert.pem");
    let smtp = format!("port = {}\ntls = \"starttls\"\nca_file = \"{}\"", post.port, certificate.display());
    let readers: Vec<&str> = READERS.into_iter().filter(|reader| !reader.starts_with("grey")).collect();
    let file = config(folder.path(), &smtp, &readers);
    let (template, list, next, done) = (template(), deaths(), AtomicUsize::new(0), AtomicUsize::new(0));
    let begun = Instant::now();
    let worker = || {
        // Message-ID → how often the process died after its final dot.
        let (mut found, mut allowed) = (Found::default(), BTreeMap::<String, usize>::new());
        while done.load(Ordering::SeqCst) < kills() && found.goes_on() {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let deaths = three(&list, number, &mut Dice(number as u64 + 77));
            let before = found.killed();
            let desk = Desk::new(template.path(), &file);
            desk.salt(&format!("case {number}"));
            let rows = case(&desk, &deaths, &mut found, |rows| {
                for (_, row) in rows.iter().filter(|(_, row)| row.stage.as_deref() == Some("dot")) {
                    *allowed.entry(row.message_id.clone()).or_default() += 1;
                }
            });
            judge_ends(&rows, &readers, &deaths, &mut found);
            for (_, row) in rows.iter().filter(|(_, row)| row.status == "accepted") {
                allowed.entry(row.message_id.clone()).or_default();
            }
            count(&done, found.killed() - before, begun, "Postfix");
        }
        (found, allowed)
    };
    let (mut found, mut allowed) = (Found::default(), BTreeMap::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let (its, mails) = worker.join().unwrap();
            found.add(its);
            allowed.extend(mails);
        }
    });
    judge_mailbox(&post, &allowed, &mut found);
    found.print("Postfix");
    found.hold();
}

fn judge_mailbox(post: &Post, allowed: &BTreeMap<String, usize>, found: &mut Found) {
    post.expect_mails(allowed.len());
    post.expect_empty_queue();
    let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in post.mails() {
        copies.entry(format!("<{}>", mail.message_id)).or_default().push(mail.content);
    }
    for (id, allowed) in allowed {
        let copies = copies.remove(id).unwrap_or_default();
        found.mails += 1;
        found.lost += usize::from(copies.is_empty());
        found.inside += copies.len().saturating_sub(1).min(*allowed);
        found.outside += copies.len().saturating_sub(1 + allowed);
        found.differing += usize::from(copies.windows(2).any(|pair| pair[0] != pair[1]));
    }
    if !copies.is_empty() {
        found.wrong.push(format!("{} mails that no delivery knows", copies.len()));
    }
}
