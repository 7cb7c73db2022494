//! A full disk: polling stops first, nothing acknowledged is lost or sent twice, nothing is damaged, and all goes on by itself.
//!
//! The disk is a small tmpfs in a name space of its own (`unshare -rm`); where that is not permitted the test is shown as ignored.

use crate::needing;
use crate::sink::{Offers, Sink};
use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::{DeliveryStatus, Timestamp};
use khyber::store::DeliveryFilter;
use libtest_mimic::Trial;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub const INSIDE: &str = "KHYBER_TEST_SMALL_DISK";

pub fn tests() -> Vec<Trial> {
    let permitted = Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|output| output.status.success());
    let test = needing("disk::full_and_free_again", &[], full_and_free_again);
    vec![if permitted { test } else { test.with_ignored_flag(true) }]
}

fn full_and_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let itself = std::env::current_exe().unwrap();
    let output = Command::new("unshare").arg("-rm").arg(itself).env(INSIDE, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    println!("{said}");
}

/// Runs in the name space.
pub fn inside(folder: &Path) {
    polling_stops_first(&small_disk(&folder.join("a")));
    an_acceptance_that_cannot_be_recorded(&small_disk(&folder.join("b")));
    files_are_whole_or_absent(&small_disk(&folder.join("c")));
}

/// A desk whose data folder is a disk of four mebibytes.
fn small_disk(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.join("data")).status();
    assert!(mounted.unwrap().success(), "no tmpfs");
    folder.to_owned()
}

/// Writes until `left` bytes are free, or no write succeeds; a file that `free` removes.
fn fill(folder: &Path, left: u64) {
    let stat = rustix::fs::statvfs(folder.join("data")).unwrap();
    let mut missing = if left == 0 { u64::MAX } else { (stat.f_bavail * stat.f_frsize).saturating_sub(left) };
    let mut ballast = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("data/ballast")).unwrap();
    while missing > 0 {
        let part = missing.min(4096);
        if ballast.write_all(&vec![0; usize::try_from(part).unwrap()]).is_err() {
            return;
        }
        missing -= part;
    }
}

fn free(folder: &Path) {
    std::fs::remove_file(folder.join("data/ballast")).unwrap();
}

pub fn write_config(folder: &Path, smtp: &str, feed: &str) {
    let readers: String =
        (0..6).map(|n| format!("[[subscriber]]\nemail = \"reader{n}@x.test\"\ndigest = \"daily\"\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n{smtp}\n\
         [retention]\nreserve = \"1MiB\"\n{feed}\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

fn khyber(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(folder).env_clear().args(arguments).output().unwrap()
}

/// The desk with its database as it lies there, on a disk with room.
fn copied_elsewhere(folder: &Path) -> PathBuf {
    let copy = folder.join("copy");
    std::fs::create_dir_all(copy.join("data")).unwrap();
    std::fs::copy(folder.join("khyber.toml"), copy.join("khyber.toml")).unwrap();
    let files = std::fs::read_dir(folder.join("data")).unwrap().flatten();
    // Its shared memory is made anew from the log.
    for file in files.filter(|file| matches!(file.file_name().to_str(), Some("khyber.db" | "khyber.db-wal"))) {
        std::fs::copy(file.path(), copy.join("data").join(file.file_name())).unwrap();
    }
    copy
}

fn sound(folder: &Path) {
    let checked = khyber(folder, &["db", "check"]);
    assert!(checked.status.success(), "{checked:?}");
}

/// A feed with one entry more at each request; counts the requests.
pub fn feed() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let items: String = (0..=number)
                .map(|n| {
                    format!(
                        "<item><guid>{n}</guid><title>Torkham {n}</title><description>{}</description></item>",
                        "text ".repeat(900)
                    )
                })
                .collect();
            let body = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        }
    });
    (port, asked)
}

fn polling_stops_first(folder: &Path) {
    let (sink, (port, asked)) = (Sink::start(), feed());
    let url = format!("[[feed]]\nid = \"indus\"\nurl = \"http://127.0.0.1:{port}/\"\npublisher = \"Indus\"\n");
    write_config(folder, &format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"", sink.port), &url);
    let round = |at: &str| khyber(folder, &["run", "--once", "--at", at]);
    let mails = || sink.settled(|taken| taken.copies.values().map(Vec::len).sum::<usize>());

    let usual = round("2026-03-01T06:05:00Z");
    assert_eq!((asked.load(Ordering::SeqCst), mails()), (1, 6), "{}", String::from_utf8_lossy(&usual.stderr));
    fill(folder, 700 << 10);
    let short = round("2026-03-02T06:05:00Z");
    assert_eq!(short.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&short.stderr).contains("nothing is polled"), "{short:?}");
    assert_eq!((asked.load(Ordering::SeqCst), mails()), (1, 12), "what is stored is still published and sent");
    let status = khyber(folder, &["status"]);
    assert_eq!(status.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&status.stdout).contains("nothing is polled until there is room"));

    fill(folder, 0);
    for hour in 6..12 {
        round(&format!("2026-03-03T{hour:02}:05:00Z"));
        // What a round gives back when it ends is taken by others.
        fill(folder, 0);
    }
    // Not a page of 4 KiB is left, and SQLite needs some for as long as a database is open.
    let checked = khyber(folder, &["db", "check"]);
    let complaint = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert!(complaint.contains("data/khyber.db: its disk has no room"), "{complaint}");
    sound(&copied_elsewhere(folder));
    let while_full = mails();
    free(folder);
    for hour in 12..17 {
        round(&format!("2026-03-03T{hour:02}:05:00Z"));
    }
    sound(folder);
    assert!(asked.load(Ordering::SeqCst) > 1, "polling has resumed");
    let copies: Vec<usize> = sink.settled(|taken| taken.copies.values().map(Vec::len).collect());
    println!("full disk: {} mails before, {while_full} while full, {} at the end", 12, copies.len());
    assert_eq!(copies, [1; 18], "three editions, six readers, one copy each");
}

fn open(folder: &Path, now: Timestamp) -> Khyber {
    let loaded = config::load(&folder.join("khyber.toml"), &|_| None);
    run(Khyber::open(loaded.unwrap_or_else(|problems| panic!("{problems}")).0, now)).unwrap()
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    use std::sync::OnceLock;
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    RUNTIME.get_or_init(runtime).block_on(future)
}

/// The disk fills up between the final dot and the record of the 250: one process must neither forget nor repeat.
fn an_acceptance_that_cannot_be_recorded(folder: &Path) {
    let armed = Arc::new(AtomicBool::new(true));
    let (home, trigger) = (folder.to_owned(), armed.clone());
    let sink = Sink::start_with(
        Offers::Nothing,
        Arc::new(move || {
            if trigger.load(Ordering::SeqCst) {
                fill(&home, 0);
            }
        }),
    );
    write_config(
        folder,
        &format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nconcurrency = 2", sink.port),
        "",
    );
    let now: Timestamp = "2026-03-01T06:05:00Z".parse().unwrap();
    let khyber = open(folder, now);
    run(khyber.publish_due(None, now)).unwrap();
    let mut failures = 0;
    for minute in 0..20 {
        let now = now + chrono::TimeDelta::minutes(minute);
        failures += usize::from(run(khyber.dispatch_due(now, &|| false)).is_err());
    }
    assert!(failures > 0, "the disk was never full enough");
    armed.store(false, Ordering::SeqCst);
    free(folder);
    for minute in 20..60 {
        let now = now + chrono::TimeDelta::minutes(minute);
        run(khyber.dispatch_due(now, &|| false)).unwrap();
    }
    let rows = run(khyber.store.deliveries(&DeliveryFilter::default())).unwrap();
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Accepted), "{rows:?}");
    assert!(run(khyber.store.integrity()).unwrap().is_empty());
    let copies: Vec<usize> = sink.settled(|taken| taken.copies.values().map(Vec::len).collect());
    println!("an acceptance on a full disk: {failures} of 20 rounds could not write; copies {copies:?}");
    assert_eq!(copies, [1; 6]);
    run(khyber.store.close());
}

fn files_are_whole_or_absent(folder: &Path) {
    write_config(folder, "", "");
    let now: Timestamp = "2026-03-01T06:05:00Z".parse().unwrap();
    let khyber = open(folder, now);
    run(khyber.publish_due(None, now)).unwrap();
    let files = || {
        let files = std::fs::read_dir(folder.join("data/outbox")).into_iter().flatten().flatten();
        files.map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().len())).collect::<Vec<_>>()
    };
    fill(folder, 0);
    for minute in 0..5 {
        let _ = run(khyber.dispatch_due(now + chrono::TimeDelta::minutes(minute), &|| false));
    }
    assert!(files().iter().all(|(name, size)| name.ends_with(".eml") && *size > 500), "{:?}", files());
    assert!(files().len() < 6, "the disk was never full");
    free(folder);
    for hour in 0..5 {
        run(khyber.dispatch_due(now + chrono::TimeDelta::hours(hour), &|| false)).unwrap();
    }
    assert_eq!(files().len(), 6);
    assert!(files().iter().all(|(name, size)| name.ends_with(".eml") && *size > 500), "{:?}", files());
    run(khyber.store.close());
}
