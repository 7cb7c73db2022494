//! Story figures with sentence vectors, on three sets of labelled news by one configuration.

use super::model;
use crate::shared;
use std::process::Command;

/// Floors a little below what is reached; on the mean as it is promised.
pub fn stories() {
    let mut reached = Vec::new();
    for (set, floor) in [("gold-dev", 0.885), ("gold-neus", 0.965), ("gold-kite", 0.92)] {
        let gold = shared().join(format!("data/{set}.jsonl"));
        let khyber = Command::new(env!("CARGO_BIN_EXE_khyber"))
            .args(["eval", "--model"])
            .arg(model())
            .arg("--score")
            .arg(&gold)
            .output()
            .unwrap();
        assert!(khyber.status.success(), "{}", String::from_utf8_lossy(&khyber.stderr));
        let printed = String::from_utf8(khyber.stdout).unwrap();
        let story = printed.lines().find(|line| line.starts_with("story ")).unwrap();
        let f1: f64 = story.split_whitespace().nth(1).unwrap().trim_end_matches(';').parse().unwrap();
        println!("{set}: {f1}");
        assert!(f1 >= floor, "{set}: story is {f1}, below {floor}");
        reached.push(f1);
    }
    let mean = reached.iter().sum::<f64>() / reached.len() as f64;
    // By words alone the mean is 0.918.
    assert!(mean >= 0.925, "{reached:?}: {mean} in the mean");
}
