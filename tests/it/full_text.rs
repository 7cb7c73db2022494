//! Full text: pages of feeds that give only headlines, as robots.txt allows, and never at an entry's cost.

use super::support::database;
use crate::support::web::{Web, answer};
use khyber::config::Config;
use khyber::daemon::{Khyber, Which};
use khyber::model::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

const STORY: &str = "<html><head><title>Convoy</title></head><body><nav><a href=/>Home</a></nav><article>\
    <p>Trucks with fruit and cement crossed from Afghanistan into Pakistan at Torkham on Sunday, the first to do so after the \
    closure of nine days which both governments had blamed on each other, officials said.</p>\
    <p>Traders on both sides had counted their losses day by day and hoped that the agreement would last.</p></article></body></html>";

/// Paths with status line and headers, and body; what is not there is 404.
type Pages = Arc<Mutex<BTreeMap<String, (String, String)>>>;

struct Site {
    web: Web,
    pages: Pages,
}

impl Site {
    async fn start() -> Self {
        let pages = Pages::default();
        let served = pages.clone();
        let web = Web::start(move |head| {
            let path = head.split(' ').nth(1).unwrap();
            match served.lock().unwrap().get(path) {
                Some((head, body)) => answer(head, body.as_bytes()),
                None => answer("404 Not Found", b""),
            }
        })
        .await;
        Self { web, pages }
    }

    fn set(&self, path: &str, head: &str, body: &str) {
        self.pages.lock().unwrap().insert(path.to_owned(), (head.to_owned(), body.to_owned()));
    }

    fn page(&self, path: &str) {
        self.set(path, "200 OK\nContent-Type: text/html; charset=utf-8", STORY);
    }

    /// A feed of headlines: each entry's link is its number below /a/.
    fn feed(&self, numbers: std::ops::Range<u32>) {
        let items: String = numbers
            .map(|n| {
                format!(
                    "<item><title>Convoy {n} on its way</title><link>{}</link></item>",
                    self.web.url(&format!("/a/{n}"))
                )
            })
            .collect();
        let feed = format!("<rss version=\"2.0\"><channel><title>Wire</title>{items}</channel></rss>");
        self.set("/feed", "200 OK\nContent-Type: application/rss+xml", &feed);
    }

    /// How often a path was asked for.
    fn asked(&self, path: &str) -> usize {
        self.web.heads().iter().filter(|head| head.split(' ').nth(1) == Some(path)).count()
    }

    fn config(&self, folder: &Path, more: &str) -> Config {
        let text = format!(
            "data_dir = 'data'\n[fetch]\nallow_private = ['127.0.0.1']\n{more}\n\
             [[feed]]\nid = 'wire'\nurl = '{}'\npublisher = 'Wire'\nfull_text = true\n",
            self.web.url("/feed")
        );
        let file = folder.join("khyber.toml");
        std::fs::write(&file, text).unwrap();
        database::load(&file).unwrap().0
    }
}

fn at(hour: u32) -> Timestamp {
    format!("2026-03-01T{hour:02}:00:00Z").parse().unwrap()
}

/// Polls at that hour; headlines with their texts, newest first.
async fn polled(khyber: &Khyber, hour: u32) -> Vec<(String, String)> {
    let report = khyber.poll_once(Which::Named(&["wire".parse().unwrap()]), at(hour), &|_| {}).await.unwrap();
    assert_eq!(report.failed().count(), 0, "{report:?}");
    let entries = khyber.store.entries_seen(at(0), at(23)).await.unwrap();
    entries.into_iter().rev().map(|entry| (entry.entry.headline, entry.entry.summary)).collect()
}

#[tokio::test]
async fn pages_give_headlines_their_text() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.feed(1..4);
    (1..4).for_each(|n| site.page(&format!("/a/{n}")));
    let khyber = Khyber::open(site.config(folder.path(), ""), at(1)).await.unwrap();
    let entries = polled(&khyber, 1).await;
    assert_eq!(entries.len(), 3);
    for (headline, text) in &entries {
        assert!(text.starts_with("Trucks with fruit") && !text.contains("Home"), "{headline}: {text}");
    }
    let again = polled(&khyber, 3).await;
    assert_eq!(again, entries, "reading the feed again does not lose the pages");
    let asked = (site.asked("/robots.txt"), site.asked("/a/1"), site.asked("/a/3"));
    assert_eq!(asked, (1, 1, 1), "each page once, robots.txt once a day");
    let page = site.web.heads().into_iter().find(|head| head.starts_with("GET /a/1 ")).unwrap();
    assert!(page.to_lowercase().contains("accept: text/html") && !page.to_lowercase().contains("cookie"), "{page}");
    assert_eq!(khyber.store.pages_of(&"wire".parse().unwrap()).await.unwrap(), (3, None));
}

#[tokio::test]
async fn robots_txt_is_obeyed() {
    // Rules, whether /a/1 is asked for, and why not.
    let cases = [
        ("404 Not Found", "", true, ""),
        ("403 Forbidden", "", true, ""),
        ("200 OK", "User-agent: *\nDisallow: /b/", true, ""),
        ("200 OK", "User-agent: *\nDisallow: /a/", false, "robots.txt of 127.0.0.1 forbids it"),
        (
            "200 OK",
            "User-agent: khyber\nDisallow: /\n\nUser-agent: *\nAllow: /",
            false,
            "robots.txt of 127.0.0.1 forbids it",
        ),
        ("503 Service Unavailable", "", false, "robots.txt of 127.0.0.1: answered 503 Service Unavailable"),
        ("429 Too Many Requests", "", false, "robots.txt of 127.0.0.1: answered 429 Too Many Requests"),
    ];
    for (status, rules, allowed, why) in cases {
        let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
        site.feed(1..2);
        site.page("/a/1");
        site.set("/robots.txt", &format!("{status}\nContent-Type: text/plain"), rules);
        let khyber = Khyber::open(site.config(folder.path(), ""), at(1)).await.unwrap();
        let entries = polled(&khyber, 1).await;
        assert_eq!((entries.len(), site.asked("/a/1") == 1), (1, allowed), "{status} {rules}");
        assert_eq!(entries[0].1.is_empty(), !allowed, "{status} {rules}");
        let reason = khyber.store.pages_of(&"wire".parse().unwrap()).await.unwrap().1.unwrap_or_default();
        assert_eq!(reason, why, "{status} {rules}");
    }
}

#[tokio::test]
async fn a_page_that_fails_costs_nothing_and_is_tried_a_few_times() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.feed(1..6);
    site.page("/a/5");
    site.set("/a/2", "200 OK\nContent-Type: application/pdf", "%PDF");
    site.set("/a/3", "200 OK\nContent-Type: text/html", &format!("<html><body>{}", "<div>".repeat(5_000)));
    site.set("/a/4", "302 Found\nLocation: http://10.0.0.1/inside", "");
    site.set("/a/1", "500 Internal Server Error", "");
    let khyber = Khyber::open(site.config(folder.path(), ""), at(1)).await.unwrap();
    let first = polled(&khyber, 1).await;
    assert_eq!(first.len(), 5, "no entry is lost");
    assert!(first.iter().all(|(_, text)| text.is_empty()), "a site in trouble is left alone until the next poll");
    for hour in 2..9 {
        polled(&khyber, hour).await;
    }
    assert_eq!(site.asked("/a/1"), 3, "a few times and then no more");
    let last = polled(&khyber, 9).await;
    let read: Vec<&str> = last.iter().filter(|(_, text)| !text.is_empty()).map(|(head, _)| head.as_str()).collect();
    assert_eq!(read, ["Convoy 5 on its way"]);
    let asked: Vec<usize> = [2, 3, 5].map(|n| site.asked(&format!("/a/{n}"))).to_vec();
    assert_eq!(asked, [1, 1, 1], "what is no article is not asked for again");
}

#[tokio::test]
async fn a_long_list_is_read_in_portions_and_the_quote_stays_the_feeds_own() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let item = format!(
        "<item><title>Convoy</title><link>{}</link><description>Said in a sentence.</description></item>",
        site.web.url("/a/9")
    );
    site.set("/feed", "200 OK", &format!("<rss version=\"2.0\"><channel><title>W</title>{item}</channel></rss>"));
    site.page("/a/9");
    let khyber = Khyber::open(site.config(folder.path(), "pages_per_poll = 2"), at(1)).await.unwrap();
    let entries = polled(&khyber, 1).await;
    assert!(entries[0].1.starts_with("Said in a sentence. Trucks with fruit"), "{entries:?}");
    site.feed(10..15);
    (10..15).for_each(|n| site.page(&format!("/a/{n}")));
    let mut read = Vec::new();
    for hour in 2..5 {
        read.push(polled(&khyber, hour).await.iter().filter(|(_, text)| !text.is_empty()).count());
    }
    assert_eq!(read, [3, 5, 6]);
}

#[tokio::test]
async fn the_editor_judges_a_headline_by_its_page() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.feed(1..2);
    site.page("/a/1");
    let khyber = Khyber::open(site.config(folder.path(), ""), at(1)).await.unwrap();
    polled(&khyber, 1).await;
    let stored = khyber.store.entries_seen(at(0), at(23)).await.unwrap();
    let entries = khyber.entries(stored);
    let judged = khyber::relevance::judge(&entries[0], &khyber.config.coverage);
    assert_eq!(judged.scope.name(), "bilateral", "{judged:?}");
    let without = khyber::model::Entry { summary: String::new(), ..entries[0].clone() };
    let judged = khyber::relevance::judge(&without, &khyber.config.coverage);
    assert_eq!(judged.scope.name(), "none", "the headline alone says nothing of the two countries: {judged:?}");
}
