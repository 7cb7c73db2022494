//! `cargo bench --bench parse`: the whole parse (decode, repair, feed-rs, clean) on one core, beside feedparser in the same rounds.
//! Seconds are those of the processor, so that what else the machine does does not count.
//!
//! Documents are the real ones of `../shared`; without it, the project's own fixtures. feedparser comes from PyPI into `target/`.

use khyber::model::{Document, Timestamp};
use khyber::parse::{self, FeedContext};
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 5;
/// As the score tool names it.
const FEEDPARSER: &str = "feedparser==6.0.14";
/// Reads paths from standard input, prints seconds: without Python's start, and without reading the files.
const PEER: &str = "import sys,time,feedparser\nd=[open(p,'rb').read() for p in sys.stdin.read().splitlines()]\n\
t=time.process_time()\nfor x in d: feedparser.parse(x)\nprint(time.process_time()-t)";

fn main() {
    let scratch = tempfile::tempdir().expect("a folder");
    let files = documents(scratch.path());
    let documents: Vec<Document> = files.iter().map(|file| document(file)).collect();
    let megabytes = documents.iter().map(|document| document.bytes.len()).sum::<usize>() as f64 / 1e6;
    println!("{} documents, {megabytes:.1} MB, median of {ROUNDS} paired rounds on one core", documents.len());
    let python = feedparser();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(khyber(&documents));
        theirs.extend(python.as_deref().map(|python| peer(python, &files)));
    }
    let own = row("khyber", &mut ours, megabytes);
    match python {
        Some(_) => {
            let peer = row(FEEDPARSER, &mut theirs, megabytes);
            println!("{:<24} {:>8.1} ×", "faster by", peer / own);
        }
        None => println!("{FEEDPARSER} could not be installed: its row is skipped"),
    }
}

fn row(name: &str, seconds: &mut [f64], megabytes: f64) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let (median, least, most) = (seconds[seconds.len() / 2], seconds[0], seconds[seconds.len() - 1]);
    println!("{name:<24} {:>8.1} MB/s  {median:.3} s ({least:.3} to {most:.3})", megabytes / median);
    median
}

fn khyber(documents: &[Document]) -> f64 {
    let feed = "bench".parse().expect("an id");
    let context = FeedContext { feed: &feed, lang: None, now: Timestamp::UNIX_EPOCH };
    let began = processor_seconds();
    for document in documents {
        let _ = std::hint::black_box(parse::parse(document, &context));
    }
    processor_seconds() - began
}

/// Of this process; the bench has one thread.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn peer(python: &Path, files: &[PathBuf]) -> f64 {
    use std::io::Write;
    let mut child = Command::new(python)
        .args(["-c", PEER])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("python");
    let list: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    child.stdin.take().expect("a pipe").write_all(list.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("python");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("seconds")
}

/// A Python with feedparser, if one can be had.
fn feedparser() -> Option<PathBuf> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/feedparser");
    let python = venv.join("bin/python");
    let has = || Command::new(&python).args(["-c", "import feedparser"]).status().is_ok_and(|status| status.success());
    if !python.is_file() {
        Command::new("python3").args(["-m", "venv"]).arg(&venv).status().ok()?;
        Command::new(&python)
            .args(["-m", "pip", "install", "-q", "--disable-pip-version-check", FEEDPARSER])
            .status()
            .ok()?;
    }
    has().then(|| python.clone())
}

fn document(file: &Path) -> Document {
    let bytes = std::fs::read(file).expect("a file");
    Document { url: "https://feeds.example/feed".parse().expect("a URL"), content_type: None, bytes }
}

/// Real feeds: those the corpus calls real, and those recorded; else the fixtures.
fn documents(scratch: &Path) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/data");
    if !shared.is_dir() {
        return files(&root.join("tests/it/fixtures/feeds"));
    }
    let archive = shared.join("feed-corpus.tar.gz");
    let unpacked = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(scratch).status();
    assert!(unpacked.is_ok_and(|status| status.success()), "tar");
    let manifest = std::fs::read_to_string(scratch.join("manifest.jsonl")).expect("a manifest");
    let rows = manifest.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let real = rows.filter(|row| row["kind"] == "real");
    let mut found: Vec<PathBuf> = real.filter_map(|row| Some(scratch.join(row["file"].as_str()?))).collect();
    for year in ["2016", "2020", "2026"] {
        found.extend(files(&shared.join("feeds").join(year)));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
