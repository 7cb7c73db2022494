//! An article's page over the network: asked for as politely as a feed, and only where robots.txt lets us.

use super::hosts::HostQueue;
use super::robots::{Robots, Verdict};
use super::{FetchOutcome, FetchSetupError, Fetcher, Names};
use crate::config::FetchConfig;
use crate::model::{Document, Timestamp, Validators};
use std::time::Duration;
use url::Url;

const WANTED: &str = "text/html, application/xhtml+xml, text/plain;q=0.5, */*;q=0.1";
/// No news page has more; a feed may.
const LARGEST: u64 = 3 << 20;
/// A site that wants a longer pause gets one request a poll.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What came of asking for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageOutcome {
    Page(Document),
    /// The site does not want it or has it no more.
    Refused(String),
    /// This page may come another time.
    Failed(String),
    /// The whole site is in trouble: the next page would fare no better now.
    Unreachable(String),
    /// Others ask this site, and this process must not.
    CalledOff,
}

/// Asks for pages; remembers what each site's robots.txt said.
#[derive(Debug)]
pub struct PageReader {
    fetcher: Fetcher,
    robots: Robots,
}

/// A page, and how long the site wants to be left alone before the next.
pub struct PageAnswer {
    pub outcome: PageOutcome,
    pub pause: Option<Duration>,
}

impl PageReader {
    pub fn new(config: &FetchConfig) -> Result<Self, FetchSetupError> {
        let config = FetchConfig { max_bytes: config.max_bytes.min(LARGEST), ..config.clone() };
        Ok(Self { fetcher: Fetcher::asking_for(WANTED, &config, Names::System)?, robots: Robots::default() })
    }

    pub async fn page(&self, url: &Url, hosts: &HostQueue, now: Timestamp) -> PageAnswer {
        let (outcome, pause) = match self.robots.verdict(&self.fetcher, hosts, url, now).await {
            Verdict::Forbidden => (PageOutcome::Refused(forbidden(url)), None),
            Verdict::CalledOff => (PageOutcome::CalledOff, None),
            Verdict::Unknown(reason) => {
                (PageOutcome::Unreachable(format!("robots.txt of {}: {reason}", host(url))), None)
            }
            Verdict::Allowed { delay } => (self.fetch(url, hosts, now).await, delay),
        };
        PageAnswer { outcome, pause }
    }

    async fn fetch(&self, url: &Url, hosts: &HostQueue, now: Timestamp) -> PageOutcome {
        let trace = {
            let Some(_turn) = hosts.turn(url).await else { return PageOutcome::CalledOff };
            self.fetcher.trace(url, &Validators::default(), now).await
        };
        let status = trace.hops.last().map(|hop| hop.status);
        match trace.outcome {
            FetchOutcome::Document { document, .. } if document.url.origin() != url.origin() => {
                self.elsewhere(document, hosts, now).await
            }
            FetchOutcome::Document { document, .. } => PageOutcome::Page(document),
            FetchOutcome::Gone => PageOutcome::Refused("answered 410 Gone".to_owned()),
            FetchOutcome::NotModified { .. } => PageOutcome::Failed("answered 304 to a first request".to_owned()),
            FetchOutcome::Failed { reason, .. } => match status {
                Some(429 | 500..) | None => PageOutcome::Unreachable(reason),
                Some(400..=499) => PageOutcome::Refused(reason),
                Some(_) => PageOutcome::Failed(reason),
            },
        }
    }

    /// A page behind a redirect to another site counts only if that site lets us read it too.
    async fn elsewhere(&self, page: Document, hosts: &HostQueue, now: Timestamp) -> PageOutcome {
        match self.robots.verdict(&self.fetcher, hosts, &page.url, now).await {
            Verdict::Allowed { .. } => PageOutcome::Page(page),
            Verdict::Forbidden => PageOutcome::Refused(forbidden(&page.url)),
            Verdict::CalledOff => PageOutcome::CalledOff,
            Verdict::Unknown(reason) => PageOutcome::Failed(format!("robots.txt of {}: {reason}", host(&page.url))),
        }
    }
}

impl PageAnswer {
    /// Whether another page of the same feed may follow in this round, and after which pause.
    pub fn next(&self) -> Option<Duration> {
        if matches!(self.outcome, PageOutcome::Unreachable(_) | PageOutcome::CalledOff) {
            return None;
        }
        Some(self.pause.unwrap_or_default()).filter(|pause| *pause <= LONGEST_DELAY)
    }
}

fn forbidden(url: &Url) -> String {
    format!("robots.txt of {} forbids it", host(url))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the site")
}
