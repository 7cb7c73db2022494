//! The shipped feeds beside the facts that were gathered about them.

use crate::{Need, needing, shared};
use khyber::cli::opml::same;
use khyber::config::starter::FEEDS;
use libtest_mimic::Trial;
use std::collections::HashMap;

pub fn tests() -> Vec<Trial> {
    vec![needing("feeds_are_those_that_were_seen_to_work", &[Need::Shared], feeds_are_those_that_were_seen_to_work)]
}

/// Gave no entry in sixteen months of somebody's polling.
const DEAD: [&str; 3] =
    ["https://tribune.com.pk/feed", "https://www.brecorder.com/rss/rss.xml", "https://jang.com.pk/rss/english.xml"];

fn feeds_are_those_that_were_seen_to_work() {
    let mut rows = csv::Reader::from_path(shared().join("data/feeds.csv")).unwrap();
    let rows: HashMap<String, csv::StringRecord> =
        rows.records().map(Result::unwrap).map(|row| (same(&row[3].parse().unwrap()), row)).collect();
    let shipped: toml::Table = FEEDS.parse().unwrap();
    let shipped = shipped["feed"].as_array().unwrap();
    assert!((55..75).contains(&shipped.len()), "about sixty: {}", shipped.len());
    for feed in shipped {
        let word = |key: &str| feed.get(key).and_then(toml::Value::as_str);
        let url = word("url").unwrap();
        let row = rows.get(&same(&url.parse().unwrap())).unwrap_or_else(|| panic!("{url} was never seen"));
        assert_eq!(&row[4], "rss", "{url}");
        let lang = Some(&row[2]).filter(|lang| *lang != "mixed");
        assert_eq!(word("lang"), lang, "{url}");
        assert!(!DEAD.contains(&url.trim_end_matches('/')), "{url}");
        let frozen = url.contains("thenews.com.pk");
        assert_eq!(feed.get("enabled").and_then(toml::Value::as_bool), frozen.then_some(false), "{url}");
        let state = row[0].contains("(state)");
        assert_eq!(word("side") == Some("afghanistan-state"), state, "{url}");
    }
}
