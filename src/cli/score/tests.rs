//! The figures on sets small enough to reckon by hand.

use super::{Figure, Labels, figures, folds, reliability, spread};
use std::collections::HashMap;

fn row(id: &str, scope: &str, kind: &str, topics: &[&str], story: &str, copy_of: Option<&str>) -> Labels {
    Labels {
        id: id.to_owned(),
        date: Some(format!("2026-03-0{}T00:00:00Z", id.len())),
        scope: Some(scope.to_owned()),
        kind: Some(kind.to_owned()),
        topics: Some(topics.iter().map(|topic| (*topic).to_owned()).collect()),
        story: Some(story.to_owned()),
        copy_of: copy_of.map(str::to_owned),
        thread: None,
        score: None,
    }
}

fn scored(gold: &[Labels], decided: &[Labels]) -> HashMap<&'static str, Figure> {
    let by_id = decided.iter().map(|row| (row.id.as_str(), row)).collect();
    figures(gold, &by_id).into_iter().map(|figure| (figure.name, figure)).collect()
}

fn gold() -> Vec<Labels> {
    vec![
        row("a", "bilateral", "news", &["borders", "trade"], "x", None),
        row("bb", "bilateral", "opinion", &["trade"], "x", Some("a")),
        row("ccc", "pk", "news", &["security"], "y", None),
        row("dddd", "none", "sport", &[], "z", None),
    ]
}

#[test]
fn equal_decisions_score_one() {
    for figure in scored(&gold(), &gold()).values() {
        assert!((figure.value - 1.0).abs() < 1e-12, "{figure}");
    }
}

#[test]
fn each_mistake_shows_in_its_figure() {
    let mut decided = gold();
    decided[1] = row("bb", "pk", "news", &["borders"], "y", None);
    let figures = scored(&gold(), &decided);
    let value = |name: &str| (figures[name].value * 1e4).round() / 1e4;
    assert_eq!(figures["scope.bilateral"].parts, Some((1.0, 0.5)));
    assert_eq!(value("scope.region"), 1.0);
    assert_eq!((value("kind.opinion"), value("kind.accuracy")), (0.0, 0.75));
    assert_eq!((value("topics.main"), value("topics.micro")), (0.6667, 0.75));
    // Gold {a bb} {ccc}, decided {a} {bb ccc}: precision (1 + 1/2 + 1/2) / 3, recall (1/2 + 1/2 + 1) / 3.
    assert_eq!((value("story"), value("story.pairs"), value("copy")), (0.6667, 0.0, 0.0));
}

/// Rows without a labelled thread do not count, out of scope or not.
#[test]
fn threads_are_scored_over_the_rows_that_have_one() {
    let of = |threads: [Option<&str>; 4]| -> Vec<Labels> {
        let rows = gold().into_iter().zip(threads);
        rows.map(|(row, thread)| Labels { thread: thread.map(str::to_owned), ..row }).collect()
    };
    let labelled = of([Some("s"), Some("s"), None, Some("t")]);
    let figures = scored(&labelled, &of([Some("1"), Some("1"), Some("1"), Some("2")]));
    assert_eq!((figures["thread"].parts, figures["thread"].cases), (Some((1.0, 1.0)), 3));
    // {a bb} {dddd} as {a} {bb dddd}: precision (1 + 1/2 + 1/2) / 3, recall (1/2 + 1/2 + 1) / 3.
    let figures = scored(&labelled, &of([Some("1"), Some("2"), Some("2"), Some("2")]));
    assert!((figures["thread"].value - 2.0 / 3.0).abs() < 1e-12, "{}", figures["thread"]);
    assert!(!scored(&gold(), &labelled).contains_key("thread"));
}

#[test]
fn a_row_without_a_decision_counts_as_wrong() {
    let figures = scored(&gold(), &gold()[1..]);
    assert_eq!(figures["scope.bilateral"].parts, Some((1.0, 0.5)));
    assert!(figures["story"].value < 1.0 && figures["kind.accuracy"].value < 1.0);
}

#[test]
fn copies_in_a_ring_end() {
    let ring = [row("a", "pk", "news", &[], "x", Some("b")), row("b", "pk", "news", &[], "x", Some("a"))];
    assert!(scored(&ring, &ring).contains_key("copy"));
}

#[test]
fn folds_follow_time_and_show_the_spread() {
    let parts = folds(&gold());
    assert_eq!(parts.len(), 4);
    assert_eq!(parts[0][0].id, "a");
    let of = |value, cases| vec![Figure { name: "story", value, parts: None, cases }];
    let spread = spread("story", &[of(0.5, 9), of(0.9, 7), of(0.0, 1)]).unwrap();
    assert_eq!((spread.lowest, spread.highest), (0.5, 0.9));
    assert!((spread.deviation - 0.2).abs() < 1e-9);
}

#[test]
fn bands_show_what_was_promised_and_what_was_right() {
    let mut decided = gold();
    for (row, score) in decided.iter_mut().zip([0.6, 0.6, 0.9, 1.0]) {
        row.score = Some(score);
    }
    decided[0].scope = Some("pk".to_owned());
    let bands = reliability(&gold(), &decided.iter().map(|row| (row.id.as_str(), row)).collect());
    let seen: Vec<(usize, f64, f64)> = bands.iter().map(|band| (band.rows, band.said, band.right)).collect();
    assert_eq!(seen, [(2, 0.6, 0.5), (1, 0.9, 1.0), (1, 1.0, 1.0)]);
}
