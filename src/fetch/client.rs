//! The HTTP client: one GET after another along the redirects, each hop guarded, all of it within one time limit.

use super::answer::{self, Failure, Path};
use super::body::{Coding, unpack};
use super::guard::Guard;
use super::names::{Names, VettedNames};
use super::{FetchOutcome, FetchSetupError, reason};
use crate::config::FetchConfig;
use crate::model::{Document, Timestamp, Validators};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LOCATION, USER_AGENT,
};
use reqwest::{Client, Response, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use url::Url;

const WANTED: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, \
                      application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/// Asks for feeds. Cheap to clone; connections are shared.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    guard: Arc<Guard>,
    connect_timeout: Duration,
    header_timeout: Duration,
    idle_timeout: Duration,
    total_timeout: Duration,
    max_bytes: u64,
    max_redirects: usize,
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

/// What has happened so far; outlives the exchange when the total time-out cuts it short.
#[derive(Default)]
struct Trail {
    hops: Vec<Hop>,
    wire: Vec<u8>,
    wire_bytes: u64,
    reading: bool,
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
            .pool_max_idle_per_host(1)
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
        })
    }

    /// One poll. `validators` are sent to the URL they came from and to no other.
    pub async fn fetch(&self, url: &Url, validators: &Validators, now: Timestamp) -> FetchOutcome {
        self.trace(url, validators, now).await.outcome
    }

    /// `fetch` with everything that was seen on the way.
    pub async fn trace(&self, url: &Url, validators: &Validators, now: Timestamp) -> Trace {
        let started = Instant::now();
        let mut trail = Trail::default();
        let outcome = match timeout(self.total_timeout, self.follow(&mut trail, url, validators, now)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(failure)) => failure.into(),
            Err(_) => {
                let what = if trail.reading { "not finished" } else { "no answer" };
                Failure::new(format!("{what} within {}", reason::span(self.total_timeout))).into()
            }
        };
        Trace { hops: trail.hops, outcome, took: started.elapsed(), wire_bytes: trail.wire_bytes }
    }

    async fn follow(
        &self,
        trail: &mut Trail,
        configured: &Url,
        validators: &Validators,
        now: Timestamp,
    ) -> Result<FetchOutcome, Failure> {
        let (mut url, mut path) = (configured.clone(), Path::Direct);
        loop {
            let conditional = applies(validators, &url, path);
            let response = self.ask(trail, &url, conditional.then_some(validators)).await?;
            let status = response.status();
            if is_redirect(status) {
                url = self.next(trail, &url, &response)?;
                let permanent = matches!(status.as_u16(), 301 | 308) && path != Path::Detour;
                path = if permanent { Path::Moved } else { Path::Detour };
                continue;
            }
            return match status.as_u16() {
                200 | 203 => self.read(trail, configured, url, path, response, now).await,
                304 if conditional => Ok(answer::not_modified(validators, response.headers(), now)),
                _ => Ok(answer::without_body(status, response.headers(), path, now)),
            };
        }
    }

    async fn ask(&self, trail: &mut Trail, url: &Url, validators: Option<&Validators>) -> Result<Response, Failure> {
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
    fn next(&self, trail: &Trail, url: &Url, response: &Response) -> Result<Url, Failure> {
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

    async fn read(
        &self,
        trail: &mut Trail,
        configured: &Url,
        url: Url,
        path: Path,
        mut response: Response,
        now: Timestamp,
    ) -> Result<FetchOutcome, Failure> {
        let coding = text(response.headers().get(CONTENT_ENCODING));
        let coding = Coding::of(coding.as_deref()).map_err(|error| Failure::new(error.to_string()))?;
        let headers = response.headers().clone();
        trail.reading = true;
        self.collect(trail, &url, &mut response).await?;
        let (wire, max) = (std::mem::take(&mut trail.wire), self.max_bytes);
        // Unpacking 10 MiB takes long enough to hold up the other polls of this thread.
        let unpacked = tokio::task::spawn_blocking(move || unpack(coding, wire, max)).await;
        let bytes = match unpacked {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) => return Err(Failure::new(error.to_string())),
            Err(_) => return Err(Failure::new("the body could not be unpacked")),
        };
        let document = Document { url, content_type: text(headers.get(CONTENT_TYPE)), bytes };
        Ok(answer::document(configured, document, &headers, path, now))
    }

    fn broke(&self, error: &reqwest::Error, url: &Url) -> Failure {
        Failure::new(reason::transport(error, host(url), self.connect_timeout))
    }

    async fn collect(&self, trail: &mut Trail, url: &Url, response: &mut Response) -> Result<(), Failure> {
        loop {
            let piece = match timeout(self.idle_timeout, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(self.broke(&error, url)),
                Err(_) => {
                    return Err(Failure::new(format!(
                        "silent for {} within the body",
                        reason::span(self.idle_timeout)
                    )));
                }
            };
            trail.wire_bytes += piece.len() as u64;
            if trail.wire_bytes > self.max_bytes {
                return Err(Failure::new(super::body::BodyError::TooLarge(self.max_bytes).to_string()));
            }
            trail.wire.extend_from_slice(&piece);
        }
    }
}

/// Validators without a known URL come from a store that did not keep it yet: they are for the configured one.
fn applies(validators: &Validators, url: &Url, path: Path) -> bool {
    let any = validators.etag.is_some() || validators.last_modified.is_some();
    any && validators.of.as_ref().map_or(path == Path::Direct, |of| of == url.as_str())
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the host")
}

fn text(value: Option<&HeaderValue>) -> Option<String> {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
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
