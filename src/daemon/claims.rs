//! What this process has claimed of a desk's work that several share, and the heartbeat that keeps it.

use super::clock;
use crate::fetch::hosts::Neighbours;
use crate::model::{FeedId, Timestamp};
use crate::store::{Store, StoreError, TakenOver, Wanted, WorkerId};
use futures_util::future::{BoxFuture, FutureExt};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::time::{Instant, sleep};

/// Another worker that has a host needs no longer than this for one feed of it.
const FOR_A_HOST: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const SOON: Duration = Duration::from_secs(2);

/// Claims of this process, over reloads of its configuration.
#[derive(Debug)]
pub(super) struct Claims {
    store: Store,
    /// How often each name is in use here, and under which number of this process it was claimed.
    held: Mutex<HashMap<String, (WorkerId, usize)>>,
    /// Something was claimed or given back, and the server did not say whether it heard; or nobody waited for it.
    unsure: AtomicBool,
    /// Held for writing while that is put right: nothing is claimed meanwhile.
    taking: RwLock<()>,
}

/// A claim, until it is given back to `Claims::end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub name: String,
    pub by: WorkerId,
}

pub(super) fn host_name(host: &str) -> String {
    format!("host {host}")
}

/// Of a feed whose host is asked without a pause.
pub(super) fn feed_name(feed: &FeedId) -> String {
    format!("feed {feed}")
}

impl Claims {
    /// This process joins those at work. `None` where it is alone.
    pub async fn join(store: &Store) -> Result<Option<Arc<Self>>, StoreError> {
        let Some(lease) = store.lease_span() else { return Ok(None) };
        store.join(&own_host()).await?;
        let claims = Arc::new(Self {
            store: store.clone(),
            held: Mutex::default(),
            unsure: AtomicBool::new(false),
            taking: RwLock::default(),
        });
        // A task of its own: what keeps the loops busy does not end the lease.
        tokio::spawn(beat(Arc::downgrade(&claims), lease));
        Ok(Some(claims))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, (WorkerId, usize)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn announce(&self, wanted: &[Wanted]) -> Result<(), StoreError> {
        self.store.announce(wanted).await
    }

    /// Claims what is free of `wanted`, `limit` at most, after `ended` were given back.
    pub async fn exchange(
        &self,
        ended: Vec<Claim>,
        wanted: &[Wanted],
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        self.end(ended).await?;
        if limit == 0 || wanted.is_empty() {
            return Ok(Vec::new());
        }
        let _taking = self.taking.read().await;
        let by = self.store.worker();
        let taken = self.store.claim_work(wanted, limit, now).await;
        self.unsure.fetch_or(taken.is_err(), Ordering::SeqCst);
        let taken = taken?;
        let mut held = self.held();
        Ok(taken
            .into_iter()
            .map(|name| {
                held.insert(name.clone(), (by, 1));
                Claim { name, by }
            })
            .collect())
    }

    /// Gives back what is in use nowhere else here.
    pub async fn end(&self, ended: Vec<Claim>) -> Result<(), StoreError> {
        let mut free: Vec<Claim> = Vec::new();
        {
            let mut held = self.held();
            for claim in ended {
                match held.get_mut(&claim.name) {
                    Some((by, uses)) if *by == claim.by && *uses > 1 => *uses -= 1,
                    Some((by, _)) if *by == claim.by => {
                        held.remove(&claim.name);
                        free.push(claim);
                    }
                    _ => {}
                }
            }
        }
        let Some(by) = free.first().map(|claim| claim.by) else { return Ok(()) };
        let names: Vec<String> = free.into_iter().filter(|claim| claim.by == by).map(|claim| claim.name).collect();
        let freed = self.store.free_work(&names, by).await;
        self.unsure.fetch_or(freed.is_err(), Ordering::SeqCst);
        freed
    }

    /// As `end`, for what nobody waits for: the next heartbeat gives it back.
    pub fn abandon(&self, claim: &Claim) {
        let mut held = self.held();
        match held.get_mut(&claim.name) {
            Some((by, uses)) if *by == claim.by && *uses > 1 => *uses -= 1,
            Some((by, _)) if *by == claim.by => drop(held.remove(&claim.name)),
            _ => return,
        }
        self.unsure.store(true, Ordering::SeqCst);
    }

    async fn put_right(&self) {
        if !self.unsure.swap(false, Ordering::SeqCst) {
            return;
        }
        let _taking = self.taking.write().await;
        let held: Vec<String> = self.held().keys().cloned().collect();
        if self.store.free_but(&held, self.store.worker()).await.is_err() {
            self.unsure.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the claim holds; asked before each thing that others would see.
    pub async fn holds(&self, claim: &Claim) -> bool {
        // Where the server can't say, nobody knows.
        self.store.still_claimed(&claim.name, claim.by).await.unwrap_or(false)
    }

    pub async fn soonest(&self, wanted: &[Wanted], now: Timestamp) -> Result<Option<Duration>, StoreError> {
        self.store.soonest_free(wanted, now).await
    }

    /// Takes `name` if it is free.
    pub async fn take(&self, name: &str, rest: Duration) -> Result<Option<Claim>, StoreError> {
        let wanted = [Wanted { name: name.to_owned(), rest, due: Vec::new() }];
        self.announce(&wanted).await?;
        Ok(self.exchange(Vec::new(), &wanted, 1, clock::now()).await?.pop())
    }

    /// As `take`, after a short wait for another's round to end.
    pub async fn take_soon(&self, name: &str) -> Result<Option<Claim>, StoreError> {
        let began = Instant::now();
        loop {
            match self.take(name, Duration::ZERO).await? {
                None if began.elapsed() < SOON => sleep(LOOK_AGAIN).await,
                taken => return Ok(taken),
            }
        }
    }

    /// As `take`, and keeps it for as long as this process lives.
    pub async fn keep(&self, name: &str) -> Result<bool, StoreError> {
        let held = self.held().get(name).map(|(by, _)| Claim { name: name.to_owned(), by: *by });
        match held {
            Some(claim) => Ok(self.holds(&claim).await),
            None => Ok(self.take(name, Duration::ZERO).await?.is_some()),
        }
    }

    /// One more use of what is claimed here already.
    fn share(&self, name: &str) -> Option<Claim> {
        let mut held = self.held();
        let (by, uses) = held.get_mut(name)?;
        *uses += 1;
        Some(Claim { name: name.to_owned(), by: *by })
    }

    async fn enter(&self, host: &str, rest: Duration) -> bool {
        let (name, began) = (host_name(host), Instant::now());
        while began.elapsed() < FOR_A_HOST {
            if let Some(claim) = self.share(&name) {
                let holds = self.holds(&claim).await;
                if !holds {
                    let _ = self.end(vec![claim]).await;
                }
                return holds;
            }
            match self.take(&name, rest).await {
                Ok(Some(claim)) => return self.holds(&claim).await,
                Ok(None) => sleep(LOOK_AGAIN).await,
                Err(_) => return false,
            }
        }
        false
    }
}

/// The hosts of one configuration.
#[derive(Debug)]
pub(super) struct Hosts {
    pub claims: Arc<Claims>,
    pub spacing: Duration,
}

impl Neighbours for Hosts {
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool> {
        self.claims.enter(host, self.spacing).boxed()
    }

    fn still<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool> {
        let name = host_name(host);
        let held = self.claims.held().get(&name).map(|(by, _)| *by);
        async move {
            match held {
                Some(by) => self.claims.holds(&Claim { name, by }).await,
                None => false,
            }
        }
        .boxed()
    }

    fn leave(&self, host: String) -> BoxFuture<'static, ()> {
        let claims = self.claims.clone();
        async move {
            let name = host_name(&host);
            let by = claims.held().get(&name).map(|(by, _)| *by);
            if let Some(by) = by
                && let Err(error) = claims.end(vec![Claim { name, by }]).await
            {
                tracing::debug!(%host, "not given back: {error}");
            }
        }
        .boxed()
    }
}

/// Renews the lease four times before it would run out, and takes over from those who did not: only after having been in touch
/// with the server for a whole lease, since a server that was away heard nothing of anybody.
async fn beat(claims: Weak<Claims>, lease: Duration) {
    let (mut in_touch, mut last) = (Instant::now(), Instant::now());
    let mut wait = lease / 4;
    loop {
        sleep(wait).await;
        let Some(claims) = claims.upgrade() else { return };
        wait = lease / 4;
        match claims.store.renew().await {
            Ok(true) => claims.put_right().await,
            Ok(false) => claims.start_anew().await,
            Err(_) if claims.store.is_closed() => return,
            Err(_) => {
                wait = wait.min(Duration::from_secs(1));
                in_touch = Instant::now();
                continue;
            }
        }
        if last.elapsed() > lease {
            in_touch = Instant::now();
        }
        last = Instant::now();
        if in_touch.elapsed() >= lease {
            match claims.store.take_over(clock::now()).await {
                Ok(taken) => tell(&taken),
                Err(error) => tracing::debug!("taking over: {error}"),
            }
        }
    }
}

fn tell(taken: &TakenOver) {
    if !taken.workers.is_empty() {
        tracing::warn!(workers = taken.workers.join(", "), "the lease ran out; others do its work now");
    }
    if taken.queued > 0 {
        tracing::warn!(queued = taken.queued, "a worker ended while sending; these mails are sent again unchanged");
    }
    if taken.quarantined > 0 {
        let quarantined = taken.quarantined;
        tracing::error!(quarantined, "mails were being sent at three crashes in a row; see `khyber outbox list`");
    }
}

impl Claims {
    async fn start_anew(&self) {
        self.held().clear();
        match self.store.join(&own_host()).await {
            Ok(_) => tracing::warn!("this process was silent for longer than its lease: others have what it was at"),
            Err(error) => tracing::debug!("joining again: {error}"),
        }
    }
}

fn own_host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "unnamed".to_owned() } else { name.trim().to_owned() }
}
