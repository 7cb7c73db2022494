//! The HTTP client: one GET after another along the redirects, each hop guarded, all of it within one time limit.

use super::answer::{self, Failure};
use super::exchange::Trail;
use super::guard::Guard;
use super::hosts::{HostQueue, Turn};
use super::names::{Names, VettedNames};
use super::{FetchOutcome, FetchSetupError, reason};
use crate::config::FetchConfig;
use crate::model::{Timestamp, Validators};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, USER_AGENT,
};
use reqwest::{Client, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

const WANTED: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                      application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/// Asks for feeds. Cheap to clone; connections are shared.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    guard: Arc<Guard>,
    pub(super) connect_timeout: Duration,
    pub(super) header_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) total_timeout: Duration,
    pub(super) max_bytes: u64,
    pub(super) max_redirects: usize,
    /// Bodies unpacked at once: as many as there are cores.
    pub(super) unpackers: Arc<Semaphore>,
}

/// One request of a poll and the head of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub url: Url,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// Until the headers were complete.
    pub took: Duration,
    /// The address that answered.
    pub peer: Option<SocketAddr>,
    /// Such as `HTTP/1.1`.
    pub protocol: String,
}

/// Everything about one poll, for `khyber feeds test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub hops: Vec<Hop>,
    pub outcome: FetchOutcome,
    pub took: Duration,
    /// Bytes of the body as they came over the wire.
    pub wire_bytes: u64,
}

impl Trace {
    fn called_off() -> Self {
        let outcome = Failure::new("called off").into();
        Self { hops: Vec::new(), outcome, took: Duration::ZERO, wire_bytes: 0 }
    }
}

impl Fetcher {
    pub fn new(config: &FetchConfig) -> Result<Self, FetchSetupError> {
        Self::with_names(config, Names::System)
    }

    /// With addresses from elsewhere than the system's resolver; they are vetted all the same.
    pub fn with_names(config: &FetchConfig, names: Names) -> Result<Self, FetchSetupError> {
        Self::asking_for(WANTED, config, names)
    }

    /// Asks for something else than feeds, with the same guard and limits.
    pub(super) fn asking_for(
        wanted: &'static str,
        config: &FetchConfig,
        names: Names,
    ) -> Result<Self, FetchSetupError> {
        let guard = Arc::new(Guard::new(config));
        let mut headers = HeaderMap::new();
        let agent = HeaderValue::from_str(&config.user_agent).map_err(|_| FetchSetupError::UserAgent)?;
        headers.insert(USER_AGENT, agent);
        headers.insert(ACCEPT, HeaderValue::from_static(wanted));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd, deflate"));
        let client = Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            // Bodies are unpacked in `body`, which knows their size on the wire.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(VettedNames { names: Arc::new(names), guard: guard.clone() })
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(20))
            // One of the own network is asked so often at once; any other host has one exchange at a time.
            .pool_max_idle_per_host(config.concurrency)
            .build()?;
        Ok(Self {
            client,
            guard,
            connect_timeout: config.connect_timeout,
            header_timeout: config.header_timeout,
            idle_timeout: config.idle_timeout,
            total_timeout: config.total_timeout,
            max_bytes: config.max_bytes,
            max_redirects: config.max_redirects,
            // One: unpacking is faster than any line, and its windows (16 MiB for brotli) are the largest thing in memory.
            unpackers: Arc::new(Semaphore::new(1)),
        })
    }

    /// One poll. `validators` are sent to the URL they came from and to no other.
    pub async fn fetch(&self, url: &Url, validators: &Validators, now: Timestamp) -> FetchOutcome {
        self.trace(url, validators, now).await.outcome
    }

    /// `fetch` with everything that was seen on the way.
    pub async fn trace(&self, url: &Url, validators: &Validators, now: Timestamp) -> Trace {
        let alone = self.exchange(url, validators, now, None).await;
        // Without a queue there is nobody to refuse a turn.
        alone.map_or_else(Trace::called_off, |(trace, _)| trace)
    }

    /// `trace` in its turn: each host on the way is asked when `queue` says so. The document may be kept as long as the turn.
    /// `None`: other processes ask a host on the way, and this one must not.
    pub async fn trace_in_turn(
        &self,
        queue: &HostQueue,
        url: &Url,
        validators: &Validators,
        now: Timestamp,
    ) -> Option<(Trace, Option<Turn>)> {
        self.exchange(url, validators, now, Some(queue)).await
    }

    pub(super) async fn ask(
        &self,
        trail: &mut Trail,
        url: &Url,
        validators: Option<&Validators>,
    ) -> Result<Response, Failure> {
        self.guard.check(url).map_err(|refused| Failure::new(refused.to_string()))?;
        let mut request = self.client.get(url.clone());
        let value = |text: &Option<String>| text.as_deref().and_then(answer::written);
        if let Some(etag) = validators.and_then(|known| value(&known.etag)) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = validators.and_then(|known| value(&known.last_modified)) {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        let started = Instant::now();
        let response = match timeout(self.header_timeout, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.broke(&error, url)),
            Err(_) => return Err(Failure::new(format!("no answer within {}", reason::span(self.header_timeout)))),
        };
        trail.hops.push(Hop {
            url: url.clone(),
            status: response.status().as_u16(),
            headers: pairs(response.headers()),
            took: started.elapsed(),
            peer: response.remote_addr(),
            protocol: format!("{:?}", response.version()),
        });
        Ok(response)
    }

    /// Where a redirect leads; its own credentials are dropped, those of the feed stay within the origin.
    pub(super) fn next(&self, trail: &Trail, url: &Url, response: &Response) -> Result<Url, Failure> {
        let status = reason::status(response.status());
        let location =
            response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let location = location.ok_or_else(|| Failure::new(format!("{status} without saying where to")))?;
        let mut next = url.join(&location).map_err(|_| Failure::new(format!("{status} with an unusable address")))?;
        let same_origin = next.origin() == url.origin();
        let (user, password) = if same_origin { (url.username(), url.password()) } else { ("", None) };
        // These fail only for URLs that can't have credentials, which the guard refuses in a moment.
        let _ = next.set_username(user);
        let _ = next.set_password(password);
        next.set_fragment(None);
        if trail.hops.len() > self.max_redirects {
            return Err(Failure::new(format!("more than {} redirects", self.max_redirects)));
        }
        if trail.hops.iter().any(|hop| hop.url == next) {
            return Err(Failure::new("redirects in a circle"));
        }
        Ok(next)
    }

    pub(super) fn broke(&self, error: &reqwest::Error, url: &Url) -> Failure {
        Failure::new(reason::transport(error, host(url), self.connect_timeout))
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the host")
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&reqwest::header::HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(pair).collect()
}

/// rustls with ring, named here rather than installed for the process, and the platform's roots. A machine without any
/// root still reads http feeds; https then fails with the words of an untrusted issuer.
pub(super) fn tls() -> Result<rustls::ClientConfig, FetchSetupError> {
    let mut roots = rustls::RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(native.certs);
    if roots.is_empty() {
        tracing::warn!("this machine has no trusted certificates (package ca-certificates): https feeds will fail");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
