//! `khyber feeds test URL`: everything about one fetch, and what would be read from it. Nothing is stored.

use super::Exit;
use crate::config::FetchConfig;
use crate::fetch::{FetchOutcome, Fetcher, Hop, Trace};
use crate::model::{Document, FeedId, NewEntry, Timestamp, Validators};
use crate::parse::{self, FeedContext, ParseError, ParsedFeed};
use anyhow::Context;
use std::fmt::{self, Write};
use url::Url;

/// Headers that say something about a feed; the rest are noise here.
const TELLING: [&str; 11] = [
    "location",
    "content-type",
    "content-encoding",
    "etag",
    "last-modified",
    "cache-control",
    "expires",
    "age",
    "retry-after",
    "server",
    "cf-mitigated",
];
const SHOWN: usize = 5;

/// Asks for `url` once and prints what came; `Exit::Failed` when it can't be read as a feed.
pub async fn run(url: &str, config: &FetchConfig, now: Timestamp) -> anyhow::Result<Exit> {
    let url = Url::parse(url.trim()).with_context(|| format!("`{}` is not a URL", url.trim()))?;
    let (text, exit) = report(&url, config, now).await?;
    print!("{text}");
    Ok(exit)
}

/// The view itself.
pub async fn report(url: &Url, config: &FetchConfig, now: Timestamp) -> anyhow::Result<(String, Exit)> {
    let trace = Fetcher::new(config)?.trace(url, &Validators::default(), now).await;
    let mut out = String::new();
    for (number, hop) in trace.hops.iter().enumerate() {
        write_hop(&mut out, number + 1, hop)?;
    }
    let exit = write_outcome(&mut out, &trace, now).await?;
    Ok((out, exit))
}

fn write_hop(out: &mut String, number: usize, hop: &Hop) -> fmt::Result {
    writeln!(out, "{number}  {}  {}  {} ms", hop.status, shown_url(&hop.url), hop.took.as_millis())?;
    for (name, value) in hop.headers.iter().filter(|(name, _)| TELLING.contains(&name.as_str())) {
        writeln!(out, "     {name}: {}", clean(value, 200))?;
    }
    Ok(())
}

async fn write_outcome(out: &mut String, trace: &Trace, now: Timestamp) -> anyhow::Result<Exit> {
    match &trace.outcome {
        FetchOutcome::Document { document, fresh_for, moved_to, .. } => {
            let took = trace.took.as_millis();
            writeln!(out, "read {} bytes ({} on the wire) in {took} ms", document.bytes.len(), trace.wire_bytes)?;
            if let Some(wait) = fresh_for {
                writeln!(out, "fresh for {} s: not asked again before that", wait.as_secs())?;
            }
            if let Some(to) = moved_to {
                writeln!(out, "moved for good: change its url to {}", shown_url(to))?;
            }
            write_feed(out, document.clone(), now).await
        }
        FetchOutcome::NotModified { .. } => {
            writeln!(out, "answered 304 although nothing had been read before")?;
            Ok(Exit::Failed)
        }
        FetchOutcome::Gone => {
            writeln!(out, "gone: the publisher has ended this feed (410)")?;
            Ok(Exit::Failed)
        }
        FetchOutcome::Failed { health, reason, retry_after } => {
            writeln!(out, "{}: {reason}", format!("{health:?}").to_lowercase())?;
            if let Some(wait) = retry_after {
                writeln!(out, "asks to wait {} s before the next try", wait.as_secs())?;
            }
            Ok(Exit::Failed)
        }
    }
}

async fn write_feed(out: &mut String, document: Document, now: Timestamp) -> anyhow::Result<Exit> {
    match parsed(document, now).await? {
        Ok(feed) => {
            write_entries(out, &feed)?;
            Ok(if feed.entries.is_empty() { Exit::PartlyFailed } else { Exit::Fine })
        }
        Err(error) => {
            writeln!(out, "{}: {error}", format!("{:?}", error.health()).to_lowercase())?;
            Ok(Exit::Failed)
        }
    }
}

/// Parsing is heavy work and has its own thread.
async fn parsed(document: Document, now: Timestamp) -> anyhow::Result<Result<ParsedFeed, ParseError>> {
    let feed: FeedId = "test".parse()?;
    let work = move || parse::parse(&document, &FeedContext { feed: &feed, lang: None, now });
    Ok(tokio::task::spawn_blocking(work).await?)
}

fn write_entries(out: &mut String, feed: &ParsedFeed) -> fmt::Result {
    let title = feed.title.as_deref().unwrap_or("(no title)");
    let entries = &feed.entries;
    writeln!(out, "{} \"{}\", {} entries", feed.format, clean(title, 100), entries.len())?;
    let missing = |what: &str, lacks: fn(&NewEntry) -> bool| {
        let count = entries.iter().filter(|entry| lacks(entry)).count();
        (count > 0).then(|| format!("{count} without {what}"))
    };
    let gaps: Vec<String> = [
        missing("a date", |entry| entry.published.is_none()),
        missing("a link", |entry| entry.url.is_none()),
        missing("a summary", |entry| entry.summary.is_empty()),
        missing("an id of their own", |entry| entry.guid.is_none()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !gaps.is_empty() {
        writeln!(out, "missing: {}", gaps.join(", "))?;
    }
    for warning in feed.warnings.iter().take(SHOWN) {
        writeln!(out, "  repaired or noticed: {}", clean(&warning.to_string(), 200))?;
    }
    if feed.warnings.len() > SHOWN {
        writeln!(out, "  and {} more", feed.warnings.len() - SHOWN)?;
    }
    for entry in entries.iter().take(SHOWN) {
        let date =
            entry.published.map_or_else(|| "no date".to_owned(), |date| date.format("%Y-%m-%d %H:%M UTC").to_string());
        writeln!(out, "- {date}  [{}]  {}", entry.lang.code(), clean(&entry.headline, 120))?;
        if let Some(url) = &entry.url {
            writeln!(out, "  {url}")?;
        }
    }
    Ok(())
}

/// Foreign text on a terminal: one line, no control characters, not longer than `most`.
fn clean(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

/// Without credentials.
fn shown_url(url: &Url) -> String {
    let mut url = url.clone();
    // Only URLs that can't have credentials refuse to lose them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}
