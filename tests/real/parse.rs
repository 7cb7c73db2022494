//! The parser on the feed documents of `../shared`: the marks, and the gate over every document.

use crate::{Need, needing, shared};
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("python3"), Need::Program("tar")];
    vec![
        needing("parse: the marks on the feed corpus", &needs, marks),
        needing("parse: the gate on the feed corpus and on recorded feeds", &needs, gate),
    ]
}

/// The corpus, unpacked; gone with the folder.
fn corpus() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let archive = shared().join("data/feed-corpus.tar.gz");
    assert!(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()).status().unwrap().success());
    folder
}

/// `khyber parse` on a 2 MB stack; 4 says that some documents are no feed.
fn parsed(flags: &[&str], manifest: &Path) -> Vec<u8> {
    let script = "ulimit -s 2048 && exec \"$0\" parse \"$@\"";
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_khyber")).args(flags).arg("--manifest").arg(manifest);
    let ran = command.output().unwrap();
    assert!(matches!(ran.status.code(), Some(0 | 4)), "{:?}\n{}", ran.status, String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

fn marks() {
    let folder = corpus();
    let manifest = folder.path().join("manifest.jsonl");
    let results = folder.path().join("results.jsonl");
    fs::write(&results, parsed(&[], &manifest)).unwrap();
    let script = shared().join("tools/score_feeds.py");
    let scored = Command::new("python3").arg(script).arg(&manifest).arg(&results).arg("--json").output().unwrap();
    let figures: Value = serde_json::from_slice(&scored.stdout).unwrap();
    for (kind, floor) in [("tolerance", 96.5), ("real", 0.97), ("mut", 0.99), ("fuzz", 0.905), ("spec", 0.99)] {
        let reached = figures[kind].as_f64().unwrap_or_else(|| panic!("{figures}"));
        assert!(reached >= floor, "{kind} is {reached}, below {floor}");
    }
    assert_eq!(figures["nonfeed accepted"].as_u64(), Some(0), "{figures}");
}

/// Documents one after another in one process: none aborts it, none panics, none takes more than its share.
fn gate() {
    let folder = corpus();
    let mut measured = String::from_utf8(parsed(&["--measure"], &folder.path().join("manifest.jsonl"))).unwrap();
    let recorded = folder.path().join("recorded.jsonl");
    fs::write(&recorded, manifest_of(&files(&shared().join("data/feeds")))).unwrap();
    measured.push_str(std::str::from_utf8(&parsed(&["--measure"], &recorded)).unwrap());
    let (mut documents, mut worst) = (0, 0.0_f64);
    for line in measured.lines() {
        let cost: Value = serde_json::from_str(line).unwrap();
        let megabytes = cost["bytes"].as_f64().unwrap() / f64::from(1 << 20);
        let peak = cost["peak_bytes"].as_f64().unwrap() / f64::from(1 << 20);
        assert!(peak <= 64.0 + 10.0 * megabytes && cost["cpu_seconds"].as_f64().unwrap() <= 1.0 + megabytes, "{cost}");
        assert!(!cost["error"].as_str().is_some_and(|error| error.contains("gave up")), "{cost}");
        documents += 1;
        worst = worst.max(peak);
    }
    assert!(documents > 6_500, "{documents}");
    println!("{documents} documents, at most {worst:.0} MB");
}

fn manifest_of(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|file| format!("{}\n", serde_json::json!({ "id": file, "file": file, "url": "https://x.test/feed" })))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
