//! A loopback web server for the sample feeds: strong ETags, 304 and gzip, as a good publisher serves them.

use super::{Day, SAMPLES, Sample, template};
use crate::model::Timestamp;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A running server; it ends when dropped.
pub struct FeedServer {
    port: u16,
    day: Arc<Mutex<Day>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Served {
    sample: &'static Sample,
    day: Arc<Mutex<Day>>,
    first: Timestamp,
}

impl FeedServer {
    /// Serves every sample on a free port of 127.0.0.1, dated as if the demo's first day were `first`.
    pub async fn start(first: Timestamp) -> io::Result<FeedServer> {
        let day = Arc::new(Mutex::new(Day::First));
        let mut router = Router::new();
        for sample in SAMPLES {
            let served = Served { sample, day: Arc::clone(&day), first };
            router = router.route(sample.path, get(answer).with_state(served));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the sample feed server ended");
            }
        });
        Ok(FeedServer { port, day, task })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From the next request on, the feeds are those of `day`.
    pub fn turn_to(&self, day: Day) {
        *self.day.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = day;
    }
}

impl Drop for FeedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(served): State<Served>, headers: HeaderMap) -> Response<Body> {
    let day = *served.day.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let filled = template::fill(served.sample.template, served.sample.lang, day, served.first);
    let response = filled.map_err(io::Error::other).and_then(|text| respond(served.sample, &text, &headers));
    response.unwrap_or_else(|error| {
        let mut failed = Response::new(Body::from(error.to_string()));
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

fn respond(sample: &Sample, text: &str, headers: &HeaderMap) -> io::Result<Response<Body>> {
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(text.as_bytes())[..8]));
    let response = Response::builder().header(ETAG, &etag).header(VARY, "Accept-Encoding");
    if names(headers, IF_NONE_MATCH, &etag) {
        return response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).map_err(io::Error::other);
    }
    let response = response.header(CONTENT_TYPE, sample.content_type);
    if !names(headers, ACCEPT_ENCODING, "gzip") {
        return response.body(Body::from(text.to_owned())).map_err(io::Error::other);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes())?;
    response.header(CONTENT_ENCODING, "gzip").body(Body::from(gzip.finish()?)).map_err(io::Error::other)
}

/// Whether a list header has `wanted` as one of its members, parameters aside.
fn names(headers: &HeaderMap, header: axum::http::HeaderName, wanted: &str) -> bool {
    let lists = headers.get_all(header).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|member| member.split(';').next().unwrap_or("").trim() == wanted)
}
