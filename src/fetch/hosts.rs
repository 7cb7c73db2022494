//! One request at a time to one host, with a pause between two.

use super::guard::Guard;
use crate::config::FetchConfig;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OwnedMutexGuard;
use url::{Host, Url};

type Lane = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// Hands out turns. Hosts of the own network (`allow_private`, loopback) are not held up: the operator owns them, and
/// one hanging feed there would hold up all the others on the same address.
#[derive(Debug)]
pub struct HostQueue {
    guard: Guard,
    spacing: Duration,
    lanes: Mutex<HashMap<String, Lane>>,
}

/// The right to ask one host; the pause before the next turn begins when it is dropped.
#[derive(Debug)]
pub struct Turn(Option<OwnedMutexGuard<Option<Instant>>>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(last) = &mut self.0 {
            **last = Some(Instant::now());
        }
    }
}

impl HostQueue {
    pub fn new(config: &FetchConfig) -> Self {
        Self { guard: Guard::new(config), spacing: config.host_spacing, lanes: Mutex::default() }
    }

    /// Waits until the host of `url` may be asked. Take the turn first and the slot among all polls second, or a
    /// slow host's queue would fill the slots.
    pub async fn turn(&self, url: &Url) -> Turn {
        let Some(lane) = self.lane(url) else { return Turn(None) };
        let last = lane.lock_owned().await;
        let wait = pause(*last, self.spacing, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Turn(Some(last))
    }

    fn lane(&self, url: &Url) -> Option<Lane> {
        let host = url.host()?;
        let loopback = match &host {
            Host::Ipv4(v4) => v4.is_loopback(),
            Host::Ipv6(v6) => v6.is_loopback(),
            Host::Domain(name) => *name == "localhost",
        };
        let host = host.to_string();
        if loopback || self.guard.is_private(&host) {
            return None;
        }
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Some(lanes.entry(host).or_default().clone())
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
    fn the_pause_counts_from_the_end_of_the_last_request() {
        let now = Instant::now();
        let two = Duration::from_secs(2);
        assert_eq!(pause(None, two, now), Duration::ZERO);
        assert_eq!(pause(Some(now), two, now), two);
        assert_eq!(pause(Some(now), two, now + Duration::from_secs(1)), Duration::from_secs(1));
        assert_eq!(pause(Some(now), two, now + Duration::from_secs(9)), Duration::ZERO);
    }
}
