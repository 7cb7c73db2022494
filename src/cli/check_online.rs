//! `khyber check --online`: after the files, every feed is tried once, the mail server logged in to and the sender's DNS
//! records read; nothing is stored or sent.

mod dkim;
mod dmarc;
mod dns;
pub mod finding;
pub mod senders;
mod spf;

use super::check::{self, CheckArgs};
use super::feeds_list::health_name;
use super::table::count;
use super::{Exit, Global, poll};
use crate::config::{ChannelConfig, Config};
use crate::daemon::clock;
use crate::deliver::Channel;
use crate::deliver::imap::{ImapError, Mailbox};
use crate::fetch::{FetchOutcome, Fetcher, hosts::HostQueue};
use crate::model::{Document, Feed, FeedHealth, Timestamp, Validators};
use crate::parse::{FeedContext, parse};
use chrono::TimeDelta;
use finding::{Finding, State};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use std::collections::BTreeMap;
use tokio::sync::Semaphore;

/// A feed whose newest entry is older than this is frozen.
const STALE_AFTER: TimeDelta = TimeDelta::days(30);

/// How one feed answered.
#[derive(Debug, Serialize)]
struct Tried {
    feed: String,
    url: String,
    health: FeedHealth,
    entries: usize,
    newest: Option<Timestamp>,
    /// What is wrong, or would be better.
    remark: Option<String>,
    moved_to: Option<String>,
}

pub async fn run(args: &CheckArgs, global: &Global) -> anyhow::Result<Exit> {
    let loaded = check::offline(global).await?;
    let Some(config) = loaded.config.as_ref().filter(|_| args.online) else {
        check::print(&loaded, global)?;
        return Ok(if loaded.config.is_some() { Exit::Fine } else { Exit::Configuration });
    };
    if !global.json {
        check::print(&loaded, global)?;
    }
    let tried = try_all(config, global).await?;
    let mail = log_in(config).await;
    let mut sender = senders::check(config).await?;
    sender.extend(mailbox(config).await);
    let mut by_health: BTreeMap<String, usize> = BTreeMap::new();
    tried.iter().for_each(|tried| *by_health.entry(health_name(tried.health)).or_default() += 1);
    if global.json {
        let mut all = check::as_json(&loaded);
        all["online"] = serde_json::json!({
            "summary": by_health,
            "feeds": tried,
            "mail": { "ok": mail.is_ok(), "remark": mail.as_ref().err() },
            "sender": sender,
        });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        let parts: Vec<String> = by_health.iter().map(|(health, number)| format!("{number} {health}")).collect();
        println!("{} tried: {}", count(tried.len(), "feed", "feeds"), parts.join(", "));
        match &mail {
            Err(reason) => println!("mail: {reason}"),
            Ok(()) if !global.quiet => println!("mail: {}", ready(config)),
            Ok(()) => {}
        }
        tell(&sender, global);
    }
    let failed = tried.iter().any(|tried| super::feeds_list::is_failing(tried.health));
    let is_troubled = mail.is_err() || sender.iter().any(Finding::is_trouble);
    Ok(if failed || is_troubled { Exit::PartlyFailed } else { Exit::Fine })
}

fn ready(config: &Config) -> String {
    match &config.mail.channel {
        ChannelConfig::File { dir } => format!("goes into files under {}", dir.display()),
        ChannelConfig::Smtp(smtp) => {
            let login = if smtp.credentials.is_some() { " and takes the login" } else { ", without login" };
            format!("{}:{} answers{login}", smtp.host, smtp.port)
        }
    }
}

/// With `--quiet` only what is wrong.
fn tell(findings: &[Finding], global: &Global) {
    for finding in findings.iter().filter(|finding| !global.quiet || finding.is_trouble()) {
        println!("{finding}");
    }
}

/// As politely as the daemon: one request a host at a time, spaced, `[fetch] concurrency` at once. Tells of trouble as it
/// comes, with a bar on a terminal.
async fn try_all(config: &Config, global: &Global) -> anyhow::Result<Vec<Tried>> {
    let feeds: Vec<&Feed> = config.feeds.iter().filter(|feed| feed.enabled).collect();
    let fetcher = Fetcher::new(&config.fetch)?;
    let hosts = HostQueue::new(&config.fetch);
    let slots = Semaphore::new(config.fetch.concurrency.max(1));
    let bar = poll::progress(u64::try_from(feeds.len())?);
    let mut tries: FuturesUnordered<_> =
        feeds.into_iter().map(|feed| try_feed(&fetcher, &hosts, &slots, feed)).collect();
    let mut all = Vec::new();
    while let Some(tried) = tries.next().await {
        bar.inc(1);
        bar.set_message(tried.feed.clone());
        if let Some(remark) = tried.remark.as_ref().filter(|_| !global.json) {
            bar.suspend(|| println!("feed `{}` ({}): {remark}", tried.feed, tried.url));
        }
        all.push(tried);
    }
    bar.finish_and_clear();
    all.sort_by(|a, b| a.feed.cmp(&b.feed));
    Ok(all)
}

async fn try_feed(fetcher: &Fetcher, hosts: &HostQueue, slots: &Semaphore, feed: &Feed) -> Tried {
    let now = clock::now();
    let outcome = {
        let _turn = hosts.turn(&feed.url).await;
        let _slot = slots.acquire().await;
        fetcher.fetch(&feed.url, &Validators::default(), now).await
    };
    let mut tried = Tried {
        feed: feed.id.to_string(),
        url: feed.url.to_string(),
        health: FeedHealth::Ok,
        entries: 0,
        newest: None,
        remark: None,
        moved_to: None,
    };
    match outcome {
        FetchOutcome::Document { document, moved_to, .. } => {
            tried.read(feed, document, now).await;
            if let Some(url) = moved_to {
                let moved = format!("has moved for good to {url}; write that in the configuration");
                tried.remark = Some(tried.remark.map_or(moved.clone(), |remark| format!("{remark}; {moved}")));
                tried.moved_to = Some(url.to_string());
            }
        }
        FetchOutcome::NotModified { .. } => {}
        FetchOutcome::Gone => {
            tried.health = FeedHealth::Gone;
            tried.remark = Some("answered 410 Gone: it is there no more".to_owned());
        }
        FetchOutcome::Failed { health, reason, .. } => {
            tried.health = health;
            tried.remark = Some(reason);
        }
    }
    tried
}

impl Tried {
    /// Parsing is CPU work on untrusted bytes: it runs beside the event loop.
    async fn read(&mut self, feed: &Feed, document: Document, now: Timestamp) {
        let (id, lang) = (feed.id.clone(), feed.lang);
        let work = move || parse(&document, &FeedContext { feed: &id, lang, now });
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(parsed)) => {
                self.entries = parsed.entries.len();
                self.newest = parsed.entries.iter().filter_map(|entry| entry.published).max();
                if let Some(newest) = self.newest.filter(|newest| now - *newest > STALE_AFTER) {
                    self.health = FeedHealth::Stale;
                    self.remark = Some(format!("answers, but its newest entry is of {}", newest.format("%Y-%m-%d")));
                }
                if parsed.entries.is_empty() {
                    self.remark = Some("is a feed without entries".to_owned());
                }
            }
            Ok(Err(error)) => {
                self.health = error.health();
                self.remark = Some(error.to_string());
            }
            Err(_) => {
                self.health = FeedHealth::Broken;
                self.remark = Some("the parser gave up on this document; please report it".to_owned());
            }
        }
    }
}

/// Whether the bounces can be read, where that is over IMAP; nothing is marked.
async fn mailbox(config: &Config) -> Option<Finding> {
    let imap = config.bounce.as_ref()?.imap.as_ref()?;
    let tried = async {
        let mut mailbox = Mailbox::open(imap).await?;
        let unread = mailbox.unread().await?.len();
        mailbox.close().await;
        Ok::<_, ImapError>(unread)
    };
    let place = format!("{}:{}", imap.host, imap.port);
    Some(match tried.await {
        Ok(unread) => {
            let unread = count(unread, "message", "messages");
            Finding::new(
                "bounces",
                State::Fine,
                format!("{place} takes the login; {unread} unread in {}", imap.mailbox),
            )
        }
        Err(error) => Finding::new("bounces", State::Wrong, format!("{place} can't be read: {error}")),
    })
}

/// All that comes before a mail: connection, TLS, EHLO, login. `khyber send --test` goes all the way.
async fn log_in(config: &Config) -> Result<(), String> {
    let channel = Channel::from_config(&config.mail.channel).map_err(|error| error.to_string())?;
    channel.try_out().await
}
