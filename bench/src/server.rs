//! A feed server on loopback: validators and 304, a delay for each answer, another day at will.

use crate::news;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves `/feed/N.xml`.
pub struct FeedServer {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    seed: u64,
    feeds: u64,
    day: AtomicU64,
    documents: RwLock<Arc<Vec<Bytes>>>,
    latency: Duration,
    answered: AtomicU64,
    not_modified: AtomicU64,
}

impl FeedServer {
    /// On threads of its own, until the process ends.
    pub fn start(seed: u64, feeds: u64, latency: Duration) -> anyhow::Result<Self> {
        let (day, documents) = (AtomicU64::new(0), RwLock::new(documents(seed, feeds, 0)));
        let (answered, not_modified) = (AtomicU64::new(0), AtomicU64::new(0));
        let shared = Arc::new(Shared { seed, feeds, day, documents, latency, answered, not_modified });
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let state = Arc::clone(&shared);
        std::thread::spawn(move || runtime.block_on(accept(listener, state)));
        Ok(Self { port, shared })
    }

    pub fn urls(&self) -> Vec<String> {
        (0..self.shared.feeds).map(|number| format!("http://127.0.0.1:{}/feed/{number}.xml", self.port)).collect()
    }

    pub fn turn_to(&self, day: u64) {
        let documents = documents(self.shared.seed, self.shared.feeds, day);
        *self.shared.documents.write().expect("no writer panics") = documents;
        self.shared.day.store(day, Ordering::SeqCst);
    }

    /// Whole answers and 304s since the last call.
    pub fn counts(&self) -> (u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::SeqCst);
        (take(&self.shared.answered), take(&self.shared.not_modified))
    }
}

fn documents(seed: u64, feeds: u64, day: u64) -> Arc<Vec<Bytes>> {
    Arc::new((0..feeds).map(|number| Bytes::from(news::feed(seed, number, day))).collect())
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let listener = TcpListener::from_std(listener).expect("a listener that does not block");
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(answer(&shared, &request).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(shared: &Shared, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    if !shared.latency.is_zero() {
        tokio::time::sleep(shared.latency).await;
    }
    let number = request.uri().path().strip_prefix("/feed/").and_then(|rest| rest.strip_suffix(".xml"));
    let documents = Arc::clone(&shared.documents.read().expect("no writer panics"));
    let document = number.and_then(|number| documents.get(number.parse::<usize>().ok()?));
    let mut response = Response::new(Full::default());
    let Some(document) = document else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let day = shared.day.load(Ordering::SeqCst);
    let (etag, changed) = (format!("\"{}-{day}\"", shared.seed), news::changed_at(day));
    let said = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let known = match said(header::IF_NONE_MATCH) {
        Some(tags) => tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag),
        None => said(header::IF_MODIFIED_SINCE) == Some(changed.as_str()),
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag.parse().expect("a tag"));
    headers.insert(header::LAST_MODIFIED, changed.parse().expect("a date"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        shared.not_modified.fetch_add(1, Ordering::SeqCst);
    } else {
        headers.insert(header::CONTENT_TYPE, "application/rss+xml; charset=utf-8".parse().expect("a type"));
        *response.body_mut() = Full::new(document.clone());
        shared.answered.fetch_add(1, Ordering::SeqCst);
    }
    response
}
