//! The editor on the labelled news of `../shared`: figures that must not fall.

use crate::{Need, needing, shared};
use khyber::cli::Global;
use khyber::cli::eval::{EvalArgs, run};
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("python3")];
    vec![
        needing("editor: the marks on gold-dev", &needs, gold_dev),
        needing("editor: stories of other news by the same settings", &needs, other_news),
    ]
}

/// Floors a little below what is reached, so that a change which costs quality is seen.
fn gold_dev() {
    let figures = score("gold-dev");
    for (figure, part, floor) in [
        ("scope.bilateral", "f1", 0.90),
        ("scope.region", "f1", 0.96),
        ("kind.opinion", "f1", 0.78),
        ("story", "f1", 0.84),
        ("story.multi", "f1", 0.81),
        ("copy", "f1", 0.76),
    ] {
        let reached = figures[figure][part].as_f64().expect("a figure");
        assert!(reached >= floor, "{figure} {part} is {reached}, below {floor}");
    }
    let main = figures["topics.main"].as_f64().expect("a figure");
    assert!(main >= 0.80, "topics.main is {main}");
}

fn other_news() {
    for (set, floor) in [("gold-neus", 0.92), ("gold-kite", 0.84)] {
        let reached = score(set)["story"]["f1"].as_f64().expect("a figure");
        assert!(reached >= floor, "{set}: story is {reached}, below {floor}");
    }
}

fn score(set: &str) -> serde_json::Value {
    let gold = shared().join(format!("data/{set}.jsonl"));
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("predictions.jsonl");
    let args = EvalArgs { entries: Some(gold.clone()), out: Some(out.clone()), ..EvalArgs::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(run(&args, &Global::default())).expect("predictions");
    scored(&gold, &out)
}

fn scored(gold: &Path, predicted: &Path) -> serde_json::Value {
    let script = shared().join("tools/score.py");
    let output = Command::new("python3").arg(script).arg(gold).arg(predicted).arg("--json").output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("figures")
}
