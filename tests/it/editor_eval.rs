//! `khyber eval`: the set of our own is decided on and scored, and bad input is told with its line.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Output};

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/editor/events.jsonl");

fn khyber(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_khyber")).args(arguments).output().unwrap()
}

/// Figures by name from what `--score` prints.
fn figures(printed: &str) -> HashMap<String, f64> {
    let figure = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.trim_end_matches(';').parse().ok()?))
    };
    printed.lines().filter_map(figure).collect()
}

#[test]
fn the_set_of_our_own_is_scored_in_four_languages() {
    let output = khyber(&["eval", "--score", EVENTS]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let figures = figures(&printed);
    for (figure, floor) in [
        ("scope.bilateral", 0.93),
        ("scope.region", 0.96),
        ("kind.opinion", 0.90),
        ("kind.accuracy", 0.96),
        ("topics.main", 0.88),
        ("copy", 0.99),
    ] {
        assert!(figures[figure] >= floor, "{figure} is {}, below {floor}\n{printed}", figures[figure]);
    }
    assert!(printed.contains("parts in time"), "{printed}");
}

#[test]
fn each_language_holds_on_its_own() {
    let rows = std::fs::read_to_string(EVENTS).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for lang in ["en", "ur", "ps", "fa"] {
        let own: Vec<&str> = rows.lines().filter(|row| row.contains(&format!("\"lang\": \"{lang}\""))).collect();
        assert!(own.len() >= 20, "{lang}: {}", own.len());
        let file = dir.path().join(lang);
        std::fs::write(&file, own.join("\n")).unwrap();
        let output = khyber(&["eval", "--score", file.to_str().unwrap()]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let figures = figures(&printed);
        for (figure, floor) in [("scope.region", 0.92), ("scope.bilateral", 0.88), ("topics.main", 0.80)] {
            assert!(figures[figure] >= floor, "{lang}: {figure} is {}, below {floor}\n{printed}", figures[figure]);
        }
    }
}

#[test]
fn a_broken_row_is_told_with_its_line_and_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (rows, out) = (dir.path().join("rows.jsonl"), dir.path().join("out.jsonl"));
    std::fs::write(
        &rows,
        "{\"id\": \"a\", \"title\": \"Kabul talks\"}\n\n{\"id\": 7}\n{\"id\": \"c\", \"title\": \"x\"}\n",
    )
    .unwrap();
    let output = khyber(&["eval", rows.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(told.contains("rows.jsonl:3: "), "{told}");
    let ids: Vec<String> = std::fs::read_to_string(&out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["a", "c"]);
}

#[test]
fn what_cannot_be_read_or_scored_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(dir.path().join("bare.jsonl"), "{\"id\": \"a\", \"title\": \"Kabul talks\"}\n").unwrap();
    std::fs::write(dir.path().join("coverage.toml"), "id = \"x\"\ntopic = 3\n").unwrap();
    let (bare, absent, coverage) = (at("bare.jsonl"), at("absent.jsonl"), at("coverage.toml"));
    for (args, code, part) in [
        (vec!["eval", absent.as_str(), "--out", "o"], 1, "absent.jsonl"),
        (vec!["eval", "--score", absent.as_str()], 1, "absent.jsonl"),
        (vec!["eval", "--score", bare.as_str()], 1, "no row has a label"),
        (vec!["eval", "--score", bare.as_str(), "--coverage", coverage.as_str()], 1, "coverage.toml:2"),
        (vec!["eval", bare.as_str()], 2, "--out"),
        (vec!["eval"], 2, "ENTRIES"),
    ] {
        let output = khyber(&args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains(part), "{args:?}: {told}");
    }
    assert!(!Path::new("o").exists());
}

/// `khyber check` on a desk's own coverage file: all at once, each with file, line and key.
#[test]
fn check_tells_every_mistake_of_a_coverage_file() {
    let dir = tempfile::tempdir().unwrap();
    let config = "coverage = \"desk.toml\"\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"@daily\"\n\
                  timezone = \"UTC\"\n";
    let coverage = [
        "id = \"desk\"",
        "[[home]]",
        "scope = \"pk\"",
        "country = \"Pakistan\"",
        "[[entity]]",
        "id = \"chaman\"",
        "kind = \"crossing\"",
        "scope = \"bilateral\"",
        "weight = 50",
        "names.en = [\"Chaman\", \"the\"]",
        "[[entity]]",
        "id = \"gate\"",
        "kind = \"crossing\"",
        "scope = \"bilateral\"",
        "names.en = [\"\", \"CHAMAN\", \"chaman\"]",
        "[[entity]]",
        "id = \"nameless\"",
        "kind = \"crossing\"",
        "scope = \"bilateral\"",
        "[[topic]]",
        "id = \"silent\"",
        "titles.en = \"Silent\"",
    ];
    std::fs::write(dir.path().join("khyber.toml"), config).unwrap();
    std::fs::write(dir.path().join("desk.toml"), coverage.join("\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(&dir).arg("check").output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{told}");
    for key in ["home[0].country", "entity[0].weight", "entity[1].names.en", "entity[2].names", "topic[0].terms"] {
        assert!(told.contains(key), "{key}: {told}");
    }
    for (line, part) in [
        (4, "`PAKISTAN` is not a country"),
        (9, "a weight of 50 is out of range"),
        (10, "`the` is a stop word"),
        (15, "an empty name"),
        (15, "`chaman` is already a name of `chaman`"),
        (17, "entity `nameless` has no name"),
        (21, "nothing can match topic `silent`"),
    ] {
        assert!(told.contains(part), "{part}: {told}");
        assert!(told.contains(&format!("desk.toml:{line}:")), "line {line}: {told}");
    }
}
