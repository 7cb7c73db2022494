//! Stories across languages: how many reports of one event in two languages are joined, and how many are joined wrongly.

use std::collections::HashMap;
use std::process::Command;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/editor/events.jsonl");

type Row = serde_json::Value;

fn rows(text: &str) -> Vec<Row> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Story by entry, as the editor decides.
fn decided() -> HashMap<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("predictions.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_khyber")).args(["eval", EVENTS, "--out"]).arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = |row: &Row, key: &str| row[key].as_str().unwrap().to_owned();
    rows(&std::fs::read_to_string(out).unwrap()).iter().map(|row| (text(row, "id"), text(row, "story"))).collect()
}

#[test]
fn reports_in_two_languages_join_rarely_wrongly() {
    let (labelled, decided) = (rows(&std::fs::read_to_string(EVENTS).unwrap()), decided());
    let (mut both, mut labels, mut found) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (at, a) in labelled.iter().enumerate() {
        for b in labelled.iter().skip(at + 1).filter(|b| b["lang"] != a["lang"]) {
            let story = |row: &Row| &decided[row["id"].as_str().unwrap()];
            let (same, joined) = (a["story"].is_string() && a["story"] == b["story"], story(a) == story(b));
            labels += usize::from(same);
            found += usize::from(joined);
            both += usize::from(same && joined);
            if joined && !same {
                wrong.push(format!("{} | {}", a["title"], b["title"]));
            }
        }
    }
    let (recall, precision) = (both as f64 / labels as f64, both as f64 / found as f64);
    let said = format!("recall {recall:.3} of {labels}, precision {precision:.3} of {found}\n{}", wrong.join("\n"));
    println!("{said}");
    assert!(labels >= 60, "{said}");
    assert!(precision >= 0.90, "{said}");
    assert!(recall >= 0.10, "{said}");
}
