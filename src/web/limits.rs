//! Limits on subscribing: by client, and in all; and on how many pages of the archive are made at once. What one address gets is
//! limited in the store.

use super::Site;
use super::server::PATIENCE;
use crate::model::Timestamp;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Forms that one client may send in an hour, and all clients together.
const OF_ONE: u32 = 10;
const OF_ALL: u32 = 300;
const HOUR: TimeDelta = TimeDelta::hours(1);
/// Clients remembered at most; OF_ALL bounds them well below.
const MOST_CLIENTS: usize = 1_000;

/// Pages of the archive made at once: fewer than the store has readers, so that however many ask, the daemon finds one free.
const AT_ONCE: usize = 3;

pub(super) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// Lets a request wait for its turn, and sends it away when that takes too long.
pub(super) async fn take_turns(State(site): State<Site>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, site.turns.0.acquire()).await {
        Ok(_turn) => next.run(request).await,
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "60")], "Too many ask at once.\n").into_response()
        }
    }
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

/// Forms sent within the current hour.
#[derive(Default)]
pub(super) struct Limits(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    began: Option<Timestamp>,
    all: u32,
    clients: HashMap<IpAddr, u32>,
}

impl Limits {
    /// Counts one more; `false` if it is one too many.
    pub fn allow(&self, client: IpAddr, now: Timestamp) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A beginning that lies ahead was noted before the clock was set back.
        if counts.began.is_none_or(|began| now < began || now - began >= HOUR) {
            *counts = Counts { began: Some(now), ..Counts::default() };
        }
        let known = counts.clients.get(&client).copied().unwrap_or(0);
        if counts.all >= OF_ALL || known >= OF_ONE || counts.clients.len() >= MOST_CLIENTS {
            return false;
        }
        counts.all += 1;
        counts.clients.insert(client, known + 1);
        true
    }
}

/// Who sent a request: the peer, or what the proxy's header says, the last address in it if there are several, since that one the
/// proxy wrote itself. Of an IPv6 address its network of 64 bits: one household has all of it.
pub(super) fn client(peer: Option<Peer>, headers: &HeaderMap, trusted: Option<&str>) -> IpAddr {
    let named = trusted.and_then(|name| headers.get_all(name).iter().next_back());
    let named = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    let unknown = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    match named.or(peer.map(|Peer(address)| address.ip())).unwrap_or(unknown).to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t0() -> Timestamp {
        "2026-03-01T06:00:00Z".parse().unwrap()
    }

    #[test]
    fn one_client_is_held_back_and_others_are_not() {
        let (limits, one, other) = (Limits::default(), "10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        for _ in 0..OF_ONE {
            assert!(limits.allow(one, t0()));
        }
        assert!(!limits.allow(one, t0()) && limits.allow(other, t0()));
        assert!(!limits.allow(one, t0() + TimeDelta::minutes(59)) && limits.allow(one, t0() + HOUR));
        assert!(limits.allow(one, t0() - TimeDelta::days(365)), "a clock set back locks nobody out");
    }

    #[test]
    fn many_clients_are_held_back_together() {
        let limits = Limits::default();
        let sent = (0..5_000_u32).filter(|n| limits.allow(IpAddr::V4((*n).into()), t0())).count();
        assert_eq!(sent, OF_ALL as usize);
    }

    #[test]
    fn a_header_counts_only_where_it_is_trusted() {
        let peer = Some(Peer("127.0.0.1:5000".parse().unwrap()));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 198.51.100.7".parse().unwrap());
        let of = |trusted| client(peer, &headers, trusted).to_string();
        assert_eq!((of(None), of(Some("x-forwarded-for"))), ("127.0.0.1".into(), "198.51.100.7".into()));
        assert_eq!(of(Some("x-real-ip")), "127.0.0.1");
        headers.insert("x-real-ip", "2001:db8:1:2:3:4:5:6".parse().unwrap());
        assert_eq!(client(peer, &headers, Some("x-real-ip")).to_string(), "2001:db8:1:2::");
    }
}
