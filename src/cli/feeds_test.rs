//! `khyber feeds test`: everything about one fetch, and what would be read from it. Nothing is stored.

mod seen;
mod shown;

use super::{Exit, Global, feeds, feeds_add, feeds_change};
use crate::config::{Config, FetchConfig};
use crate::fetch::{FetchOutcome, Fetcher, HostQueue, PageOutcome, PageReader, Trace};
use crate::model::{Document, Feed, FeedHealth, FeedId, Lang, Timestamp, Validators};
use crate::parse::article::article;
use crate::parse::{self, FeedContext, ParseError, ParsedFeed};
use seen::{Conditional, FeedSeen, HopSeen, PageSeen};
use serde::Serialize;
use std::time::Instant;
use url::{Host, Url};

#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// An address, or the id of a configured feed
    #[arg(value_name = "URL|FEED")]
    what: String,
    /// Also read the page of the newest entry and show its article, as full_text = true would
    #[arg(long)]
    full_text: bool,
}

/// What was seen, for people and as JSON.
#[derive(Debug, Serialize)]
pub struct Report {
    pub hops: Vec<HopSeen>,
    /// Looking the first host up; `null` for a literal address.
    pub dns_ms: Option<u128>,
    pub took_ms: u128,
    pub wire_bytes: u64,
    pub bytes: usize,
    pub fresh_for_s: Option<u64>,
    pub retry_after_s: Option<u64>,
    pub moved_to: Option<String>,
    pub validators: Validators,
    pub conditional: Option<Conditional>,
    pub health: FeedHealth,
    pub error: Option<String>,
    pub feed: Option<FeedSeen>,
    pub page: Option<PageSeen>,
}

/// Asks for the feed and prints what came; `Exit::Failed` when it can't be read as a feed.
pub async fn run(args: &TestArgs, global: &Global, now: Timestamp) -> anyhow::Result<Exit> {
    let config = feeds::config_if_any(global)?;
    let known = config.as_ref().map(|config| config.feeds.as_slice()).unwrap_or_default();
    let named = args.what.parse::<FeedId>().ok().filter(|_| !args.what.contains('.'));
    let feed = match &named {
        Some(id) => match known.iter().find(|feed| feed.id == *id) {
            Some(feed) => Some(feed),
            None => anyhow::bail!(feeds_change::no_such(id, known)),
        },
        None => None,
    };
    let url = feed.map_or_else(|| feeds_add::parse_url(&args.what), |feed| Ok(feed.url.clone()))?;
    let wish = match args.full_text || feed.is_some_and(|feed| feed.full_text) {
        true => Pages::TheNewest,
        false => Pages::None,
    };
    let fetch = feeds::fetch_of(config.as_ref());
    let (report, exit) = examine(&url, &fetch, Known { config: config.as_ref(), feed }, wish, now).await?;
    if global.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(exit)
}

/// The view itself, for a URL that is not configured.
pub async fn report(url: &Url, config: &FetchConfig, now: Timestamp) -> anyhow::Result<(String, Exit)> {
    let (report, exit) = examine(url, config, Known { config: None, feed: None }, Pages::None, now).await?;
    Ok((report.to_string(), exit))
}

/// What the configuration says, where there is one.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    config: Option<&'a Config>,
    feed: Option<&'a Feed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    None,
    TheNewest,
}

async fn examine(
    url: &Url,
    config: &FetchConfig,
    known: Known<'_>,
    pages: Pages,
    now: Timestamp,
) -> anyhow::Result<(Report, Exit)> {
    let fetcher = Fetcher::new(config)?;
    let dns_ms = lookup(url).await;
    let trace = fetcher.trace(url, &Validators::default(), now).await;
    let mut report = Report::of(&trace, dns_ms);
    let FetchOutcome::Document { document, validators, .. } = trace.outcome else {
        return Ok((report, Exit::Failed));
    };
    let hosts = HostQueue::new(config);
    if validators.etag.is_some() || validators.last_modified.is_some() {
        let _turn = hosts.turn(&document.url).await;
        report.conditional = Some(again(&fetcher, &document.url, &validators, now).await);
    }
    let encoding = parse::encoding(&document);
    let parsed = match parsed(document, known.feed.and_then(|feed| feed.lang), now).await? {
        Ok(parsed) => parsed,
        Err(error) => {
            report.health = error.health();
            report.error = Some(error.to_string());
            return Ok((report, Exit::Failed));
        }
    };
    let exit = if parsed.entries.is_empty() { Exit::PartlyFailed } else { Exit::Fine };
    if pages == Pages::TheNewest {
        let newest = parsed.entries.iter().find_map(|entry| entry.url.as_ref());
        if let Some(page) = newest.and_then(|url| Url::parse(url.as_str()).ok()) {
            report.page = Some(page_of(&page, config, &hosts, now).await?);
        }
    }
    let coverage = known.config.map(|config| &config.coverage);
    report.feed = Some(FeedSeen::of(&parsed, encoding, known.feed, coverage, now));
    Ok((report, exit))
}

impl Report {
    fn of(trace: &Trace, dns_ms: Option<u128>) -> Self {
        let mut report = Report {
            hops: trace.hops.iter().map(HopSeen::of).collect(),
            dns_ms,
            took_ms: trace.took.as_millis(),
            wire_bytes: trace.wire_bytes,
            bytes: 0,
            fresh_for_s: None,
            retry_after_s: None,
            moved_to: None,
            validators: Validators::default(),
            conditional: None,
            health: FeedHealth::Ok,
            error: None,
            feed: None,
            page: None,
        };
        match &trace.outcome {
            FetchOutcome::Document { document, validators, fresh_for, moved_to } => {
                report.bytes = document.bytes.len();
                report.validators = validators.clone();
                report.fresh_for_s = fresh_for.map(|wait| wait.as_secs());
                report.moved_to = moved_to.as_ref().map(seen::without_credentials);
            }
            FetchOutcome::NotModified { .. } => {
                report.health = FeedHealth::Failing;
                report.error = Some("answered 304 although nothing had been read before".to_owned());
            }
            FetchOutcome::Gone => {
                report.health = FeedHealth::Gone;
                report.error = Some("the publisher has ended this feed (410)".to_owned());
            }
            FetchOutcome::Failed { health, reason, retry_after } => {
                report.health = *health;
                report.error = Some(reason.clone());
                report.retry_after_s = retry_after.map(|wait| wait.as_secs());
            }
        }
        report
    }
}

/// How long the system's resolver takes; what it says is vetted again when the client asks.
async fn lookup(url: &Url) -> Option<u128> {
    let Some(Host::Domain(name)) = url.host() else { return None };
    let started = Instant::now();
    let found = tokio::net::lookup_host((name, 0)).await;
    found.is_ok().then(|| started.elapsed().as_millis())
}

/// Whether the server keeps its own word about what has changed.
async fn again(fetcher: &Fetcher, url: &Url, validators: &Validators, now: Timestamp) -> Conditional {
    match fetcher.trace(url, validators, now).await.outcome {
        FetchOutcome::NotModified { .. } => Conditional::NotModified,
        FetchOutcome::Document { .. } => Conditional::WholeAgain,
        FetchOutcome::Gone => Conditional::Failed { reason: "answered 410 Gone".to_owned() },
        FetchOutcome::Failed { reason, .. } => Conditional::Failed { reason },
    }
}

/// Parsing is heavy work and has its own thread.
async fn parsed(
    document: Document,
    lang: Option<Lang>,
    now: Timestamp,
) -> anyhow::Result<Result<ParsedFeed, ParseError>> {
    let feed: FeedId = "test".parse()?;
    let work = move || parse::parse(&document, &FeedContext { feed: &feed, lang, now });
    Ok(tokio::task::spawn_blocking(work).await?)
}

async fn page_of(url: &Url, config: &FetchConfig, hosts: &HostQueue, now: Timestamp) -> anyhow::Result<PageSeen> {
    let answer = PageReader::new(config)?.page(url, hosts, now).await;
    let url = seen::without_credentials(url);
    let page = match answer.outcome {
        PageOutcome::Page(page) => page,
        PageOutcome::Refused(reason) | PageOutcome::Failed(reason) | PageOutcome::Unreachable(reason) => {
            return Ok(PageSeen::Nothing { url, reason });
        }
        PageOutcome::CalledOff => return Ok(PageSeen::Nothing { url, reason: "called off".to_owned() }),
    };
    Ok(match tokio::task::spawn_blocking(move || article(&page)).await? {
        Ok(found) => PageSeen::Article { url, headline: found.headline, text: found.text },
        Err(nothing) => PageSeen::Nothing { url, reason: nothing.to_string() },
    })
}
