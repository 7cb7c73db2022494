//! The composition root: what the daemon and the command line both call. Each step takes `now`; the loops around them are dumb.

mod archive;
mod bounces;
mod claims;
pub mod clock;
mod confirm;
mod disk;
mod dispatch;
pub mod editor;
mod inbox;
mod lock;
mod mails;
pub mod meaning;
pub mod notice;
mod pace;
mod pages;
mod poll;
mod poll_shared;
mod publish;
mod readers;
mod serve;
mod served;
mod standing;
mod window;

use crate::config::{Config, StoreConfig};
use crate::deliver::Channel;
use crate::deliver::token::{Purpose, TokenKey};
use crate::fetch::hosts::{HostQueue, Neighbours};
use crate::fetch::{Fetcher, PageReader};
use crate::model::{DigestId, EmailAddress, Entry, Feed, FeedId, Lang, Role, Roles, Timestamp};
use crate::store::{Pruned, Store, StoreError, StoredEntry};
use anyhow::Context;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

pub use archive::Place;
pub use bounces::Heard;
pub use confirm::CONFIRM_WITHIN;
pub use disk::Room;
pub use dispatch::DispatchReport;
pub use inbox::{InboxReport, limited_from};
pub use lock::{DataLock, LockError};
pub use poll::{FeedPoll, PollReport, Which};
pub use publish::{PublishReport, Published};
pub use readers::Chosen;
pub use serve::serve;

/// Every worker wants to clean up four times a day.
const CLEANED_LATELY: Duration = Duration::from_secs(5 * 3600);

/// A running Khyber: one configuration over one data folder.
#[derive(Debug)]
pub struct Khyber {
    pub config: Arc<Config>,
    pub store: Store,
    fetcher: Fetcher,
    /// Where a feed wants `full_text`: the trusted certificates it would hold cost more than all the rest of a start.
    pages: Option<PageReader>,
    hosts: HostQueue,
    /// Where several processes share the work.
    claims: Option<Arc<claims::Claims>>,
    /// Documents parsed at once.
    parsers: Semaphore,
    channel: Channel,
    memory: Arc<dispatch::Memory>,
    served: served::Served,
    /// Makes Message-IDs unguessable.
    salt: String,
    /// `None` when only reading: previews and lists work beside a daemon.
    _lock: Option<Arc<DataLock>>,
}

impl Khyber {
    /// For work that changes state: takes the folder's lock, and queues again what a crash left half sent.
    pub async fn open(config: Config, now: Timestamp) -> anyhow::Result<Self> {
        Self::open_as(Roles::ALL, config, now).await
    }

    /// As `open`, for a part of the work: beside others that do the rest, if PostgreSQL keeps the desk.
    pub async fn open_as(roles: Roles, config: Config, now: Timestamp) -> anyhow::Result<Self> {
        create_folder(&config.data_dir)?;
        let lock = match config.store {
            StoreConfig::Sqlite => Some(Arc::new(DataLock::acquire(&config.data_dir)?)),
            // Its own locks hold across hosts, and several processes of one host may share a folder.
            StoreConfig::Postgres(_) => None,
        };
        let store = Store::of(&config.store, &config.data_dir).await?;
        store.hold(roles).await?;
        if roles.has(Role::Dispatch) {
            Self::recover(&store, now).await?;
        }
        let claims = claims::Claims::join(&store).await?;
        Self::assemble(config, store, lock, claims, Arc::default()).await
    }

    async fn recover(store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let (queued, quarantined) = store.recover_leases(now).await?;
        if queued > 0 {
            tracing::warn!(queued, "the last run ended while sending; these mails are sent again unchanged");
        }
        if quarantined > 0 {
            tracing::error!(quarantined, "mails were being sent at three crashes in a row; see `khyber outbox list`");
        }
        Ok(())
    }

    /// For reading beside a daemon: no lock, no recovery.
    pub async fn open_beside(config: Config) -> anyhow::Result<Self> {
        create_folder(&config.data_dir)?;
        let store = Store::of(&config.store, &config.data_dir).await?;
        Self::assemble(config, store, None, None, Arc::default()).await
    }

    /// The same store and lock under another configuration, for a reload.
    pub async fn reconfigured(&self, config: Config) -> anyhow::Result<Self> {
        anyhow::ensure!(
            config.data_dir == self.config.data_dir,
            "`data_dir` can't change while running; restart instead"
        );
        anyhow::ensure!(config.store == self.config.store, "`[store]` can't change while running; restart instead");
        let (lock, claims) = (self._lock.clone(), self.claims.clone());
        Self::assemble(config, self.store.clone(), lock, claims, self.memory.clone()).await
    }

    async fn assemble(
        config: Config,
        store: Store,
        lock: Option<Arc<DataLock>>,
        claims: Option<Arc<claims::Claims>>,
        memory: Arc<dispatch::Memory>,
    ) -> anyhow::Result<Self> {
        // A hundred certificates and more are read beside what the store has to do.
        let fetch = config.fetch.clone();
        let fetcher = tokio::task::spawn_blocking(move || Fetcher::new(&fetch));
        store.sync_feeds(&config.feeds).await?;
        let fetcher = fetcher.await?.context("the HTTP client could not be made")?;
        let full_text = config.feeds.iter().any(|feed| feed.full_text);
        let pages = full_text.then(|| PageReader::new(&config.fetch)).transpose();
        let pages = pages.context("the HTTP client could not be made")?;
        let channel = Channel::from_config(&config.mail.channel).context("the mail channel could not be made")?;
        let spacing = config.fetch.host_spacing;
        let neighbours =
            claims.clone().map(|claims| Arc::new(claims::Hosts { claims, spacing }) as Arc<dyn Neighbours>);
        let hosts = HostQueue::among(neighbours, &config.fetch);
        // A core is left to the writer: beside as many parsers as cores it falls behind, and is alone with its work in the end.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let parsers = Semaphore::new(cores.saturating_sub(1).max(1));
        let salt = store.salt().await?;
        Ok(Self {
            config: Arc::new(config),
            store,
            fetcher,
            pages,
            hosts,
            claims,
            parsers,
            channel,
            memory,
            served: served::Served::default(),
            salt,
            _lock: lock,
        })
    }

    /// What stands for one reader of one digest in a link.
    pub fn leave_token(&self, address: &EmailAddress, digest: &DigestId) -> String {
        leave_token(&self.salt, address, digest)
    }

    /// The page where one reader leaves, pauses or chooses; `None` without `[web]`.
    pub fn leave_link(&self, address: &EmailAddress, digest: &DigestId, lang: Lang) -> Option<String> {
        leave_link(&self.config, &self.salt, address, digest, lang)
    }

    /// Whether this process is the one that reads what comes back and tells the operator; it stays so for as long as it lives.
    async fn speaks_for_all(&self) -> Result<bool, StoreError> {
        match &self.claims {
            Some(claims) => claims.keep("operator").await,
            None => Ok(true),
        }
    }

    /// As `prune`, unless another worker has done so lately.
    pub async fn clean_up(&self, now: Timestamp) -> Result<Pruned, StoreError> {
        let Some(claims) = &self.claims else { return self.prune(now).await };
        let Some(claim) = claims.take("clean-up", CLEANED_LATELY).await? else { return Ok(Pruned::default()) };
        let pruned = self.prune(now).await;
        claims.end(vec![claim]).await?;
        pruned
    }

    /// Removes what `[retention]` no longer keeps.
    pub async fn prune(&self, now: Timestamp) -> Result<Pruned, StoreError> {
        let keep = &self.config.retention;
        // A week more than a mail that is tried: the operator was told, and may be away.
        let given_up = now - self.config.mail.retry_for - chrono::TimeDelta::days(7);
        self.store.expire_quarantined(given_up, now).await?;
        self.store.forget_bounces(now - chrono::TimeDelta::days(400)).await?;
        self.store.forget_unconfirmed(now).await?;
        self.store.prune(now - keep.entries, now - keep.editions, now - keep.messages).await
    }

    /// Stored entries with the configured facts of their feeds; those of feeds no longer configured are left out.
    pub fn entries(&self, stored: Vec<StoredEntry>) -> Vec<Entry> {
        let feeds: HashMap<&FeedId, &Feed> = self.config.feeds.iter().map(|feed| (&feed.id, feed)).collect();
        stored.into_iter().filter_map(|entry| Some(with_facts(feeds.get(&entry.feed)?, entry))).collect()
    }
}

fn leave_token(salt: &str, address: &EmailAddress, digest: &DigestId) -> String {
    TokenKey::new(salt, Purpose::Leave).token(&[address.as_str(), digest.as_str()])
}

fn leave_link(config: &Config, salt: &str, address: &EmailAddress, digest: &DigestId, lang: Lang) -> Option<String> {
    let web = config.web.as_ref()?;
    Some(web.page(&format!("leave/{}?lang={}", leave_token(salt, address, digest), lang.code())))
}

fn create_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: the data folder can't be made; check `data_dir`", folder.display()))
}

fn with_facts(feed: &Feed, stored: StoredEntry) -> Entry {
    let entry = stored.entry;
    Entry {
        id: stored.id,
        feed: stored.feed,
        publisher: feed.publisher.clone(),
        side: feed.side,
        owner: feed.owner.clone(),
        country: feed.country.clone(),
        feed_kind: feed.kind,
        key: entry.key,
        url: entry.url,
        headline: entry.headline,
        summary: entry.summary,
        author: entry.author,
        source: entry.source,
        categories: entry.categories,
        lang: entry.lang,
        published: entry.published,
        first_seen: stored.first_seen,
    }
}
