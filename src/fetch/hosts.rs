//! Who may ask now: one request at a time to one host with a pause between two, so many exchanges in all, and few large bodies.

use super::guard::Guard;
use crate::config::FetchConfig;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use url::{Host, Url};

type Lane = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// An exchange that takes so many times as long as others gives its slot to another feed and goes on beside: servers that hang or
/// drip hold up nobody.
const PATIENCE: u32 = 4;
/// Not before this, or on a busy processor most would; and whether it is time is looked at so often.
pub(super) const LEAST_PATIENCE: Duration = Duration::from_millis(100);
/// Nor later than this, however slow the line.
const MOST_PATIENCE: Duration = Duration::from_secs(1);
/// Of what an exchange usually takes, the last one is this part.
const NEWEST: u32 = 8;
/// Exchanges that go on beside the slots; more than these hold on to their slots. Sockets are what they cost.
const BESIDE: usize = 512;
/// Bodies beyond a quarter of a mebibyte in memory at once, from the wire until they are stored.
const LARGE: usize = 2;

/// Other processes that ask the same hosts, and keep out of each other's way.
pub trait Neighbours: std::fmt::Debug + Send + Sync {
    /// Waits until no other asks `host`; `false` if it must not be asked now.
    fn enter<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool>;
    /// Whether a host that was entered may still be asked.
    fn still<'a>(&'a self, host: &'a str) -> BoxFuture<'a, bool>;
    /// What `enter` let in has left; the next may when this is through.
    fn leave(&self, host: String) -> BoxFuture<'static, ()>;
}

/// Hands out turns. Hosts of the own network (`allow_private`, loopback) are not held up unless the operator wants it
/// (`space_private`): they are the operator's, and one hanging feed there would hold up all the others on the same address.
#[derive(Debug)]
pub struct HostQueue {
    guard: Guard,
    spacing: Duration,
    space_private: bool,
    neighbours: Option<Arc<dyn Neighbours>>,
    lanes: Mutex<HashMap<String, Lane>>,
    concurrency: usize,
    slots: Arc<Semaphore>,
    beside: Arc<Semaphore>,
    large: Arc<Semaphore>,
    received: Arc<Semaphore>,
    /// What an exchange takes, those of late most.
    usual: Mutex<Duration>,
}

/// The right to ask one host; the pause before the next turn begins when it is dropped.
#[derive(Debug)]
pub struct Turn {
    lane: Option<OwnedMutexGuard<Option<Instant>>>,
    /// For whoever else asks this host.
    entered: Option<(Arc<dyn Neighbours>, String)>,
    slot: Option<OwnedSemaphorePermit>,
    /// For a large body; held with the turn until the document is dropped.
    large: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Whether another request to the same host may follow.
    pub(super) async fn goes_on(&self) -> bool {
        match &self.entered {
            Some((neighbours, host)) => neighbours.still(host).await,
            None => true,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(last) = &mut self.lane {
            **last = Some(Instant::now());
        }
        if let (Some((neighbours, host)), Ok(runtime)) = (self.entered.take(), tokio::runtime::Handle::try_current()) {
            // The lane ends with it: nobody here enters before that.
            let lane = self.lane.take();
            runtime.spawn(async move {
                neighbours.leave(host).await;
                drop(lane);
            });
        }
    }
}

impl HostQueue {
    pub fn new(config: &FetchConfig) -> Self {
        Self::among(None, config)
    }

    pub fn among(neighbours: Option<Arc<dyn Neighbours>>, config: &FetchConfig) -> Self {
        Self {
            guard: Guard::new(config),
            spacing: config.host_spacing,
            space_private: config.space_private,
            neighbours,
            lanes: Mutex::default(),
            concurrency: config.concurrency.max(1),
            slots: Arc::new(Semaphore::new(config.concurrency.max(1))),
            beside: Arc::new(Semaphore::new(BESIDE)),
            large: Arc::new(Semaphore::new(LARGE)),
            // So that the line is not idle while they are parsed and stored, and memory stays within bounds.
            received: Arc::new(Semaphore::new(config.concurrency.max(1))),
            usual: Mutex::new(MOST_PATIENCE),
        }
    }

    /// Waits until the host of `url` may be asked, and then for a slot among all exchanges: the other way round a slow host's queue
    /// would fill the slots. `None`: others ask it, and this process must not.
    pub async fn turn(&self, url: &Url) -> Option<Turn> {
        let host = self.held_up(url);
        let lane = match host.as_ref().map(|host| self.lane(host)) {
            None => None,
            Some(lane) => {
                let last = lane.lock_owned().await;
                let wait = pause(*last, self.spacing, Instant::now());
                if !wait.is_zero() {
                    tokio::time::sleep(wait).await;
                }
                Some(last)
            }
        };
        // Never closed.
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        let mut turn = Turn { lane, entered: None, slot, large: None };
        if let (Some(neighbours), Some(host)) = (&self.neighbours, host) {
            // Last of all: what was waited for may have taken longer than this process may be silent.
            if !neighbours.enter(&host).await {
                return None;
            }
            turn.entered = Some((neighbours.clone(), host));
        }
        Some(turn)
    }

    /// How many more hosts may be taken on while `taken` are: some wait for their next turn, and some have stepped aside.
    pub fn room(&self, taken: usize) -> usize {
        (2 * self.concurrency + BESIDE - self.beside.available_permits().min(BESIDE)).saturating_sub(taken)
    }

    /// Lets another feed have the slot of an exchange that has lasted for `elapsed`, if that is long; `false`: ask again later.
    pub(super) fn step_aside(&self, turn: &mut Turn, elapsed: Duration) -> bool {
        if self.is_slow(elapsed)
            && let Ok(place) = Arc::clone(&self.beside).try_acquire_owned()
        {
            turn.slot = Some(place);
            return true;
        }
        false
    }

    fn is_slow(&self, elapsed: Duration) -> bool {
        elapsed >= (PATIENCE * *self.usual()).clamp(LEAST_PATIENCE, MOST_PATIENCE)
    }

    /// The answer is here after `took`, and its slot another feed's. A document holds on to it if as many as there are slots wait to
    /// be stored.
    pub(super) fn answered(&self, turn: &mut Turn, took: Duration, document: bool) {
        self.learn(took);
        if !document {
            turn.slot = None;
        } else if turn.large.is_none()
            && let Ok(place) = Arc::clone(&self.received).try_acquire_owned()
        {
            turn.slot = Some(place);
        }
    }

    fn learn(&self, took: Duration) {
        let mut usual = self.usual();
        *usual = (*usual * (NEWEST - 1) + took.min(MOST_PATIENCE)) / NEWEST;
    }

    fn usual(&self) -> MutexGuard<'_, Duration> {
        self.usual.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one more large body may be in memory.
    pub(super) async fn enlarge(&self, turn: &mut Turn) {
        if turn.large.is_none() {
            // A large body waits without a slot, or two that hang could hold up everything.
            turn.slot = None;
            turn.large = Arc::clone(&self.large).acquire_owned().await.ok();
        }
    }

    /// The host of `url`, if requests to it come one after the other.
    pub fn held_up(&self, url: &Url) -> Option<String> {
        let host = url.host()?;
        let loopback = match &host {
            Host::Ipv4(v4) => v4.is_loopback(),
            Host::Ipv6(v6) => v6.is_loopback(),
            Host::Domain(name) => *name == "localhost",
        };
        let host = host.to_string();
        let private = loopback || self.guard.is_private(&host);
        (self.space_private || !private).then_some(host)
    }

    fn lane(&self, host: &str) -> Lane {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry(host.to_owned()).or_default().clone()
    }
}

/// What is left of the pause after the last request.
fn pause(last: Option<Instant>, spacing: Duration, now: Instant) -> Duration {
    last.map_or(Duration::ZERO, |last| spacing.saturating_sub(now.saturating_duration_since(last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn queue() -> HostQueue {
        let allow_private = vec!["wiki.intranet".to_owned()];
        HostQueue::new(&FetchConfig { allow_private, host_spacing: Duration::ZERO, ..FetchConfig::default() })
    }

    #[test]
    fn one_turn_at_a_time_for_one_host() {
        let queue = queue();
        let a: Url = "https://a.example/one.xml".parse().unwrap();
        let same: Url = "http://A.example/two.xml".parse().unwrap();
        let b: Url = "https://b.example/".parse().unwrap();
        let first = queue.turn(&a).now_or_never().expect("the first turn is free");
        assert!(queue.turn(&same).now_or_never().is_none(), "the host is being asked");
        assert!(queue.turn(&b).now_or_never().is_some(), "another host is free");
        drop(first);
        assert!(queue.turn(&same).now_or_never().is_some());
    }

    #[test]
    fn the_own_network_is_not_held_up() {
        let queue = queue();
        for text in ["http://127.0.0.1:8099/", "http://[::1]/", "http://localhost/", "http://wiki.intranet/"] {
            let url: Url = text.parse().unwrap();
            let _first = queue.turn(&url).now_or_never().expect(text);
            assert!(queue.turn(&url).now_or_never().is_some(), "{text}");
        }
    }

    #[test]
    fn an_exchange_is_slow_beside_the_others() {
        let queue = queue();
        let slow_from = |milliseconds: u64| {
            let span = Duration::from_millis(milliseconds);
            assert!(queue.is_slow(span) && !queue.is_slow(span - Duration::from_millis(milliseconds / 10)), "{span:?}");
        };
        slow_from(1_000);
        let learn = |milliseconds: u64| (0..50).for_each(|_| queue.learn(Duration::from_millis(milliseconds)));
        learn(5);
        slow_from(100);
        learn(200);
        slow_from(800);
        learn(60_000);
        slow_from(1_000);
        // One that gave up after a minute weighs no more than one that took a second.
        learn(5);
        queue.learn(Duration::from_secs(60));
        slow_from(530);
    }

    #[test]
    fn the_pause_counts_from_the_end_of_the_last_request() {
        let now = Instant::now();
        let two = Duration::from_secs(2);
        assert_eq!(pause(None, two, now), Duration::ZERO);
        assert_eq!(pause(Some(now), two, now), two);
        assert_eq!(pause(Some(now), two, now + Duration::from_secs(1)), Duration::from_secs(1));
        assert_eq!(pause(Some(now), two, now + Duration::from_secs(9)), Duration::ZERO);
    }
}
