//! The parts of the report: hops, the feed with its gaps and first entries, a page.

use crate::fetch::Hop;
use crate::model::{Coverage, Entry, EntryId, Feed, FeedId, FeedKind, NewEntry, Timestamp};
use crate::parse::ParsedFeed;
use crate::relevance::Judge;
use serde::Serialize;
use url::Url;

/// Headers that say something about a feed; the rest are noise here.
const TELLING: [&str; 12] = [
    "location",
    "content-type",
    "content-encoding",
    "content-length",
    "etag",
    "last-modified",
    "cache-control",
    "expires",
    "age",
    "retry-after",
    "server",
    "cf-mitigated",
];
const FIRST: usize = 5;

#[derive(Debug, Serialize)]
pub struct HopSeen {
    pub url: String,
    pub status: u16,
    /// The address that answered.
    pub address: Option<String>,
    /// `IPv4` or `IPv6`.
    pub family: Option<&'static str>,
    pub protocol: String,
    /// Until the headers were complete: connecting and TLS included where the connection was new.
    pub first_byte_ms: u128,
    pub headers: Vec<(String, String)>,
}

/// A second request with the validators of the first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub enum Conditional {
    NotModified,
    WholeAgain,
    Failed { reason: String },
}

#[derive(Debug, Serialize)]
pub struct FeedSeen {
    pub format: String,
    pub encoding: String,
    pub title: Option<String>,
    pub entries: usize,
    pub ttl_s: Option<u64>,
    pub newest: Option<Timestamp>,
    pub missing: Vec<Missing>,
    /// What was repaired or odd.
    pub repaired: Vec<String>,
    /// Characters of the summaries, in the middle; a feed of headlines has few.
    pub summary_length: usize,
    pub first: Vec<EntrySeen>,
}

#[derive(Debug, Serialize)]
pub struct Missing {
    pub what: &'static str,
    pub entries: usize,
}

#[derive(Debug, Serialize)]
pub struct EntrySeen {
    pub published: Option<Timestamp>,
    pub lang: &'static str,
    pub headline: String,
    pub url: Option<String>,
    /// By the coverage; without a configuration nobody knows.
    pub scope: Option<&'static str>,
    pub kind: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "page")]
pub enum PageSeen {
    Article { url: String, headline: String, text: String },
    Nothing { url: String, reason: String },
}

impl HopSeen {
    pub fn of(hop: &Hop) -> Self {
        let telling = hop.headers.iter().filter(|(name, _)| TELLING.contains(&name.as_str()));
        HopSeen {
            url: without_credentials(&hop.url),
            status: hop.status,
            address: hop.peer.map(|peer| peer.ip().to_string()),
            family: hop.peer.map(|peer| if peer.is_ipv4() { "IPv4" } else { "IPv6" }),
            protocol: hop.protocol.clone(),
            first_byte_ms: hop.took.as_millis(),
            headers: telling.cloned().collect(),
        }
    }
}

impl FeedSeen {
    pub fn of(
        parsed: &ParsedFeed,
        encoding: String,
        feed: Option<&Feed>,
        coverage: Option<&Coverage>,
        now: Timestamp,
    ) -> Self {
        let entries = &parsed.entries;
        let judge = coverage.map(Judge::new);
        let mut lengths: Vec<usize> = entries.iter().map(|entry| entry.summary.chars().count()).collect();
        lengths.sort_unstable();
        FeedSeen {
            format: parsed.format.to_string(),
            encoding,
            title: parsed.title.clone(),
            entries: entries.len(),
            ttl_s: parsed.ttl.map(|ttl| ttl.as_secs()),
            newest: entries.iter().filter_map(|entry| entry.published).max(),
            missing: missing(entries),
            repaired: parsed.warnings.iter().map(ToString::to_string).collect(),
            summary_length: lengths.get(lengths.len() / 2).copied().unwrap_or(0),
            first: entries.iter().take(FIRST).map(|entry| seen(entry, feed, judge.as_ref(), now)).collect(),
        }
    }
}

fn missing(entries: &[NewEntry]) -> Vec<Missing> {
    let count = |what, lacks: fn(&NewEntry) -> bool| Missing {
        what,
        entries: entries.iter().filter(|entry| lacks(entry)).count(),
    };
    let counts = [
        count("a date", |entry| entry.published.is_none()),
        count("a link", |entry| entry.url.is_none()),
        count("a summary", |entry| entry.summary.is_empty()),
        count("an id of their own", |entry| entry.guid.is_none()),
    ];
    counts.into_iter().filter(|missing| missing.entries > 0).collect()
}

fn seen(new: &NewEntry, feed: Option<&Feed>, judge: Option<&Judge<'_>>, now: Timestamp) -> EntrySeen {
    let judged = judge.and_then(|judge| Some(judge.judge(&entry(new, feed, now)?)));
    EntrySeen {
        published: new.published,
        lang: new.lang.code(),
        headline: new.headline.clone(),
        url: new.url.as_ref().map(|url| url.as_str().to_owned()),
        scope: judged.as_ref().map(|judged| judged.scope.name()),
        kind: judged.as_ref().map(|judged| judged.kind.name()),
    }
}

/// As it would be stored, with the facts of its feed where these are known.
fn entry(new: &NewEntry, feed: Option<&Feed>, now: Timestamp) -> Option<Entry> {
    let new = new.clone();
    let id: FeedId = feed.map_or_else(|| "test".parse().ok(), |feed| Some(feed.id.clone()))?;
    Some(Entry {
        id: EntryId(0),
        feed: id,
        publisher: feed.map_or_else(String::new, |feed| feed.publisher.clone()),
        side: feed.map(|feed| feed.side).unwrap_or_default(),
        owner: feed.map(|feed| feed.owner.clone()).unwrap_or_default(),
        country: feed.map_or_else(|| "INT".to_owned(), |feed| feed.country.clone()),
        feed_kind: feed.map_or(FeedKind::News, |feed| feed.kind),
        key: new.key,
        url: new.url,
        headline: new.headline,
        summary: new.summary,
        author: new.author,
        source: new.source,
        categories: new.categories,
        lang: new.lang,
        published: new.published,
        first_seen: now,
    })
}

pub fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // Only URLs that can't have credentials refuse to lose them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}
