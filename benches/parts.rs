//! `cargo bench --bench parts`: the stages by themselves, on made news: what a document, a window, a mail costs.

#[allow(dead_code)] // what the store asks of it is for the bench of the editor
mod made_news;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use khyber::config::coverage;
use khyber::model::meaning::Meanings;
use khyber::model::{Digest, Document, Entry, Lang, MailFormat, Selection, Timestamp};
use khyber::parse::{FeedContext, parse};
use khyber::render::{Audience, Links, PLAIN, Reader, render};
use khyber::{dedup, group, relevance};
use std::fmt::Write;
use std::path::Path;

/// Of a document, and of a day's window.
const ENTRIES: usize = 30;
const WINDOW: usize = 1_000;

criterion_group!(parts, reading, editing, rendering);
criterion_main!(parts);

fn made(count: usize) -> (Vec<Entry>, Timestamp) {
    let now: Timestamp = "2026-03-02T06:00:00Z".parse().expect("a time");
    (made_news::entries(1, count, now, 24), now)
}

fn reading(criterion: &mut Criterion) {
    let (entries, now) = made(ENTRIES);
    let feed = "made".parse().expect("an id");
    let context = FeedContext { feed: &feed, lang: None, now };
    let mut group = criterion.benchmark_group("parse");
    for (name, document) in [("rss", rss(&entries)), ("json", json(&entries))] {
        let read = parse(&document, &context).expect("a feed");
        assert_eq!(read.entries.len(), ENTRIES);
        group.throughput(Throughput::Bytes(document.bytes.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| parse(&document, &context)));
    }
    group.finish();
}

fn editing(criterion: &mut Criterion) {
    let coverage = coverage::read(coverage::DEFAULT, Path::new(coverage::DEFAULT_FILE)).0.expect("the coverage");
    let (entries, _) = made(WINDOW);
    let kept = relevance::select(entries.clone(), &coverage).kept;
    let unique = dedup::dedup(kept.clone());
    let mut stages = criterion.benchmark_group("edit");
    stages.throughput(Throughput::Elements(WINDOW as u64)).sample_size(20);
    stages.bench_function("relevance", |bencher| {
        bencher.iter_batched(
            || entries.clone(),
            |entries| relevance::select(entries, &coverage),
            BatchSize::LargeInput,
        );
    });
    stages.bench_function("dedup", |bencher| {
        bencher.iter_batched(|| kept.clone(), dedup::dedup, BatchSize::LargeInput);
    });
    stages.bench_function("group", |bencher| {
        let stories = |unique| group::group(unique, &[], &coverage, &Meanings::default());
        bencher.iter_batched(|| unique.clone(), stories, BatchSize::LargeInput);
    });
    stages.finish();
}

fn rendering(criterion: &mut Criterion) {
    let digest: Digest =
        serde_json::from_str(include_str!("../tests/it/fixtures/digest/rich.json")).expect("the tests' edition");
    let select = Selection::default();
    let mut group = criterion.benchmark_group("render");
    for lang in Lang::DIGEST {
        let reader = Reader {
            lang,
            select: &select,
            timezone: chrono_tz::Asia::Karachi,
            format: MailFormat::Both,
            links: Links::default(),
            audience: Audience::Subscriber,
            theme: &PLAIN,
        };
        group.bench_function(lang.code(), |bencher| bencher.iter(|| render(&digest, &reader).expect("a mail")));
    }
    group.finish();
}

fn rss(entries: &[Entry]) -> Document {
    let mut text = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Made</title>".to_owned();
    for Entry { key, headline, summary, .. } in entries {
        let _ = write!(
            text,
            "<item><title>{headline}</title><link>https://made.example/{}?utm_source=rss</link><guid>{}</guid>\
             <pubDate>Mon, 02 Mar 2026 04:00:00 GMT</pubDate><description><![CDATA[<p>{summary}</p>]]></description></item>",
            key.0, key.0
        );
    }
    document("application/rss+xml", text + "</channel></rss>")
}

fn json(entries: &[Entry]) -> Document {
    let item = |entry: &Entry| {
        serde_json::json!({
            "id": entry.key.0, "url": format!("https://made.example/{}", entry.key.0), "title": entry.headline,
            "content_html": format!("<p>{}</p>", entry.summary), "date_published": "2026-03-02T04:00:00Z",
        })
    };
    let items: Vec<_> = entries.iter().map(item).collect();
    let feed = serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "Made", "items": items });
    document("application/feed+json", feed.to_string())
}

fn document(content_type: &str, text: String) -> Document {
    let url = "https://made.example/feed".parse().expect("a URL");
    Document { url, content_type: Some(content_type.to_owned()), bytes: text.into_bytes() }
}
