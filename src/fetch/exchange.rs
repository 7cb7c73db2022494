//! One poll from the first request to the last byte: along the redirects, in turn, within one time limit.

use super::answer::{self, Failure, Path};
use super::body::{BodyError, Coding, unpack};
use super::client::{Fetcher, Hop, Trace};
use super::hosts::{HostQueue, LEAST_PATIENCE, Turn};
use super::{FetchOutcome, reason};
use crate::model::{Document, Timestamp, Validators};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use url::Url;

/// Bodies up to this need no leave to be in memory.
const SMALL: u64 = 256 << 10;

/// What has happened so far; outlives the exchange when the total time-out cuts it short.
#[derive(Default)]
pub(super) struct Trail {
    pub(super) hops: Vec<Hop>,
    wire: Vec<u8>,
    wire_bytes: u64,
    reading: bool,
}

/// How far one piece of work came. Between two of them a poll may have to wait for others, which costs it no time of its own.
enum Progress {
    /// The next hop.
    On(Url, Path),
    /// A body larger than `SMALL`, on the wire or unpacked.
    Large(Box<Receiving>),
    End(Box<FetchOutcome>),
}

/// A body that is being read.
struct Receiving {
    url: Url,
    path: Path,
    coding: Coding,
    headers: HeaderMap,
    /// `None` when all of it is here.
    response: Option<Response>,
}

impl Fetcher {
    /// `None`: `queue` gave no turn.
    pub(super) async fn exchange(
        &self,
        configured: &Url,
        validators: &Validators,
        now: Timestamp,
        queue: Option<&HostQueue>,
    ) -> Option<(Trace, Option<Turn>)> {
        let mut trail = Trail::default();
        let mut turn = None;
        let (mut left, mut took) = (self.total_timeout, Duration::ZERO);
        let mut next = Progress::On(configured.clone(), Path::Direct);
        let mut asked: Option<String> = None;
        let outcome = loop {
            match (&next, queue) {
                (Progress::On(url, _), Some(queue)) if asked.as_deref() != url.host_str() => {
                    asked = url.host_str().map(str::to_owned);
                    // The turn at one host ends before that at the next begins: two polls never wait for each other.
                    drop(turn.take());
                    turn = Some(queue.turn(url).await?);
                }
                (Progress::On(..), Some(_)) => {
                    if let Some(turn) = &turn
                        && !turn.goes_on().await
                    {
                        return None;
                    }
                }
                (Progress::Large(_), Some(queue)) => {
                    if let Some(turn) = &mut turn {
                        queue.enlarge(turn).await;
                    }
                }
                _ => {}
            }
            let began = Instant::now();
            let work = timeout(left, self.advance(&mut trail, next, configured, validators, now));
            let done = match (queue, &mut turn) {
                (Some(queue), Some(turn)) => patiently(work, || queue.step_aside(turn, began.elapsed())).await,
                _ => work.await,
            };
            left = left.saturating_sub(began.elapsed());
            took += began.elapsed();
            match done {
                Ok(Ok(Progress::End(outcome))) => break *outcome,
                Ok(Ok(further)) => next = further,
                Ok(Err(failure)) => break failure.into(),
                Err(_) => {
                    let what = if trail.reading { "not finished" } else { "no answer" };
                    break Failure::new(format!("{what} within {}", reason::span(self.total_timeout))).into();
                }
            }
        };
        if let (Some(queue), Some(turn)) = (queue, &mut turn) {
            queue.answered(turn, took, matches!(outcome, FetchOutcome::Document { .. }));
        }
        Some((Trace { hops: trail.hops, outcome, took, wire_bytes: trail.wire_bytes }, turn))
    }

    async fn advance(
        &self,
        trail: &mut Trail,
        from: Progress,
        configured: &Url,
        validators: &Validators,
        now: Timestamp,
    ) -> Result<Progress, Failure> {
        match from {
            Progress::On(url, path) => self.hop(trail, configured, url, path, validators, now).await,
            Progress::Large(receiving) => {
                // At once, not by doubling: what the smaller halves leave behind in the heap adds up to more than the body.
                if receiving.response.is_some() {
                    let all = usize::try_from(self.max_bytes).unwrap_or(usize::MAX);
                    let _ = trail.wire.try_reserve_exact(all.saturating_sub(trail.wire.len()));
                }
                self.receive(trail, configured, *receiving, self.max_bytes, now).await
            }
            end @ Progress::End(_) => Ok(end),
        }
    }

    async fn hop(
        &self,
        trail: &mut Trail,
        configured: &Url,
        url: Url,
        path: Path,
        validators: &Validators,
        now: Timestamp,
    ) -> Result<Progress, Failure> {
        let conditional = applies(validators, &url, path);
        let response = self.ask(trail, &url, conditional.then_some(validators)).await?;
        let status = response.status();
        if is_redirect(status) {
            let next = self.next(trail, &url, &response)?;
            let permanent = matches!(status.as_u16(), 301 | 308) && path != Path::Detour;
            return Ok(Progress::On(next, if permanent { Path::Moved } else { Path::Detour }));
        }
        match status.as_u16() {
            200 | 203 => {
                let coding = text(response.headers().get(CONTENT_ENCODING));
                let coding = Coding::of(coding.as_deref()).map_err(|error| Failure::new(error.to_string()))?;
                let headers = response.headers().clone();
                trail.reading = true;
                let receiving = Receiving { url, path, coding, headers, response: Some(response) };
                self.receive(trail, configured, receiving, SMALL.min(self.max_bytes), now).await
            }
            304 if conditional => {
                Ok(Progress::End(Box::new(answer::not_modified(validators, response.headers(), now))))
            }
            _ => Ok(Progress::End(Box::new(answer::without_body(status, response.headers(), path, now)))),
        }
    }

    /// Reads and unpacks what is left of a body, up to `limit`; beyond it, only as a large one.
    async fn receive(
        &self,
        trail: &mut Trail,
        configured: &Url,
        mut receiving: Receiving,
        limit: u64,
        now: Timestamp,
    ) -> Result<Progress, Failure> {
        let may_grow = limit < self.max_bytes;
        if let Some(mut response) = receiving.response.take()
            && !self.collect(trail, &receiving.url, &mut response, limit).await?
        {
            if may_grow {
                receiving.response = Some(response);
                return Ok(Progress::Large(Box::new(receiving)));
            }
            return Err(Failure::new(BodyError::TooLarge(limit).to_string()));
        }
        let wire = std::mem::take(&mut trail.wire);
        let (wire, unpacked) = self.unpacked(receiving.coding, wire, limit).await?;
        match unpacked {
            Ok(bytes) => {
                let content_type = text(receiving.headers.get(CONTENT_TYPE));
                let document = Document { url: receiving.url, content_type, bytes };
                Ok(Progress::End(Box::new(answer::document(
                    configured,
                    document,
                    &receiving.headers,
                    receiving.path,
                    now,
                ))))
            }
            Err(BodyError::TooLarge(_)) if may_grow => {
                trail.wire = wire;
                Ok(Progress::Large(Box::new(receiving)))
            }
            Err(error) => Err(Failure::new(error.to_string())),
        }
    }

    /// Unpacking 10 MiB takes long enough to hold up the other polls of this thread. The wire bytes come back with the result.
    async fn unpacked(
        &self,
        coding: Coding,
        wire: Vec<u8>,
        limit: u64,
    ) -> Result<(Vec<u8>, Result<Vec<u8>, BodyError>), Failure> {
        if coding == Coding::Identity {
            return Ok((Vec::new(), Ok(wire)));
        }
        let _core = self.unpackers.acquire().await;
        let work = tokio::task::spawn_blocking(move || {
            let unpacked = unpack(coding, &wire, limit);
            (wire, unpacked)
        });
        work.await.map_err(|_| Failure::new("the body could not be unpacked"))
    }

    /// `false`: there is more than `limit`, and the rest is still to be read.
    async fn collect(
        &self,
        trail: &mut Trail,
        url: &Url,
        response: &mut Response,
        limit: u64,
    ) -> Result<bool, Failure> {
        while trail.wire_bytes <= limit {
            let piece = match timeout(self.idle_timeout, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => return Ok(true),
                Ok(Err(error)) => return Err(self.broke(&error, url)),
                Err(_) => {
                    let silent = reason::span(self.idle_timeout);
                    return Err(Failure::new(format!("silent for {silent} within the body")));
                }
            };
            trail.wire_bytes += piece.len() as u64;
            if trail.wire_bytes > self.max_bytes {
                return Ok(false);
            }
            trail.wire.extend_from_slice(&piece);
        }
        Ok(false)
    }
}

/// Waits for `work`; on the way `give_way` is asked now and then, until it has.
async fn patiently<T>(work: impl Future<Output = T>, mut give_way: impl FnMut() -> bool) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = sleep(LEAST_PATIENCE) => if give_way() { break },
        }
    }
    work.await
}

/// Validators without a known URL come from a store that did not keep it yet: they are for the configured one.
fn applies(validators: &Validators, url: &Url, path: Path) -> bool {
    let any = validators.etag.is_some() || validators.last_modified.is_some();
    any && validators.of.as_ref().map_or(path == Path::Direct, |of| of == url.as_str())
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn text(value: Option<&HeaderValue>) -> Option<String> {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
