//! From a URL that a person has to a feed: taken as it is if it is one, else looked for on the page that it is.

use crate::config::FetchConfig;
use crate::fetch::{FetchOutcome, Fetcher, HostQueue};
use crate::model::{Document, FeedId, Timestamp, Validators};
use crate::parse::discover::{Found, discover};
use crate::parse::{FeedContext, ParseError, ParsedFeed, parse};
use std::fmt;
use url::Url;

/// Where sites have their feeds when they do not say so, the commonest first.
const COMMON: [&str; 9] =
    ["feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/posts/default", "feed.json", "rss/latest"];
/// Named feeds that are tried before giving up.
const TRIED: usize = 8;

/// Whether addresses that nobody named may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    No,
    CommonPaths,
}

/// A URL that was read as a feed.
#[derive(Debug)]
pub struct Read {
    /// What to configure: where permanent redirects lead, else what was asked.
    pub url: Url,
    pub feed: ParsedFeed,
}

/// What the search came to.
#[derive(Debug, Default)]
pub struct Search {
    pub chosen: Option<Read>,
    /// The feeds that the page names, the best first.
    pub named: Vec<Found>,
    /// Addresses that were tried and gave no feed, and why.
    pub failed: Vec<(Url, String)>,
    /// The URL is a page, and was not itself in trouble.
    pub is_page: bool,
}

pub struct Finder {
    fetcher: Fetcher,
    hosts: HostQueue,
    now: Timestamp,
}

enum Answer {
    Feed(Read),
    Page(Document, String),
    Neither(String),
}

impl Finder {
    pub fn new(config: &FetchConfig, now: Timestamp) -> anyhow::Result<Self> {
        Ok(Self { fetcher: Fetcher::new(config)?, hosts: HostQueue::new(config), now })
    }

    pub async fn find(&self, url: &Url, guess: Guess) -> anyhow::Result<Search> {
        let mut search = Search::default();
        let page = match self.ask(url).await? {
            Answer::Feed(read) => {
                search.chosen = Some(read);
                return Ok(search);
            }
            Answer::Page(page, reason) => {
                search.is_page = true;
                search.failed.push((url.clone(), reason));
                page
            }
            // Nothing is guessed at a site that can't be reached or turns us away.
            Answer::Neither(reason) => {
                search.failed.push((url.clone(), reason));
                return Ok(search);
            }
        };
        search.named = discover(&page);
        let named: Vec<Url> = search.named.iter().take(TRIED).map(|found| found.url.clone()).collect();
        self.first_of(named, &mut search).await?;
        if search.chosen.is_none() && guess == Guess::CommonPaths {
            self.guess(&page.url, &mut search).await?;
        }
        Ok(search)
    }

    /// Below the page itself first, as sites with one feed for each section have them; then at the top of the site.
    async fn guess(&self, page: &Url, search: &mut Search) -> anyhow::Result<()> {
        let mut folder = page.clone();
        folder.set_query(None);
        folder.set_fragment(None);
        folder.set_path(&format!("{}/", page.path().trim_end_matches('/')));
        let below = folder.join("feed").into_iter().filter(|_| folder.path() != "/");
        let top = COMMON.iter().filter_map(|path| page.join(&format!("/{path}")).ok());
        let urls: Vec<Url> =
            below.chain(top).filter(|url| !search.failed.iter().any(|(tried, _)| tried == url)).collect();
        self.first_of(urls, search).await
    }

    async fn first_of(&self, urls: Vec<Url>, search: &mut Search) -> anyhow::Result<()> {
        for url in urls {
            match self.ask(&url).await? {
                Answer::Feed(read) => {
                    search.chosen = Some(read);
                    return Ok(());
                }
                Answer::Page(_, reason) | Answer::Neither(reason) => search.failed.push((url, reason)),
            }
        }
        Ok(())
    }

    async fn ask(&self, url: &Url) -> anyhow::Result<Answer> {
        let outcome = {
            let _turn = self.hosts.turn(url).await;
            self.fetcher.fetch(url, &Validators::default(), self.now).await
        };
        let (document, moved_to) = match outcome {
            FetchOutcome::Document { document, moved_to, .. } => (document, moved_to),
            FetchOutcome::Failed { reason, .. } => return Ok(Answer::Neither(reason)),
            FetchOutcome::Gone => return Ok(Answer::Neither("answered 410 Gone: it is there no more".to_owned())),
            FetchOutcome::NotModified { .. } => {
                return Ok(Answer::Neither("answered 304 to a first request".to_owned()));
            }
        };
        let (id, now, kept): (FeedId, _, _) = ("new".parse()?, self.now, document.clone());
        let read = move || parse(&document, &FeedContext { feed: &id, lang: None, now });
        Ok(match tokio::task::spawn_blocking(read).await? {
            Ok(feed) => Answer::Feed(Read { url: moved_to.unwrap_or_else(|| url.clone()), feed }),
            Err(error @ ParseError::HtmlPage(_)) => Answer::Page(kept, error.to_string()),
            Err(error) => Answer::Neither(error.to_string()),
        })
    }
}

impl fmt::Display for Search {
    /// What was seen on the way, for the person who typed the URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.named.is_empty() {
            writeln!(f, "the page names {}:", super::table::count(self.named.len(), "feed", "feeds"))?;
        }
        for found in &self.named {
            let chosen = self.chosen.as_ref().is_some_and(|read| read.url == found.url);
            let title = found.title.as_deref().map(|title| format!("  \"{title}\"")).unwrap_or_default();
            let comments = if found.comments { "  (readers' comments)" } else { "" };
            writeln!(f, "{} {}  {}{title}{comments}", if chosen { "*" } else { "-" }, found.format, found.url)?;
        }
        for (url, reason) in self.failed.iter().filter(|(url, _)| self.chosen.is_none() || self.is_named(url)) {
            writeln!(f, "{url}: {reason}")?;
        }
        Ok(())
    }
}

impl Search {
    fn is_named(&self, url: &Url) -> bool {
        self.named.iter().any(|found| found.url == *url)
    }

    /// What may help when nothing was found.
    pub fn advice(&self, url: &Url, guess: Guess) -> String {
        let guess_it = format!("`khyber feeds add --guess {url}` tries usual addresses such as /feed and /rss.xml");
        let look = "look on the site for a link called RSS and give its address";
        match (self.is_page, self.named.is_empty(), guess) {
            (false, ..) => format!("`khyber feeds test {url}` shows the whole answer"),
            (true, true, Guess::No) => format!("the page names no feed. {guess_it}; or {look}"),
            (true, false, Guess::No) => format!("none of the feeds that the page names can be read. {guess_it}"),
            (true, _, Guess::CommonPaths) => {
                format!("no usual address has a feed either; {look}, or ask the publisher")
            }
        }
    }
}
