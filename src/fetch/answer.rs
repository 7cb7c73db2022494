//! From the last answer of a chain to the outcome of the poll.

use super::{FetchOutcome, block, hints, reason};
use crate::model::{Document, FeedHealth, Timestamp, Validators};
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED};
use std::time::Duration;
use url::Url;

/// A validator longer than this is not kept: echoing it would only earn a 431.
const MAX_VALIDATOR: usize = 2048;

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub health: FeedHealth,
    pub reason: String,
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn new(reason: impl Into<String>) -> Self {
        Self { health: FeedHealth::Failing, reason: reason.into(), retry_after: None }
    }
}

impl From<Failure> for FetchOutcome {
    fn from(failure: Failure) -> Self {
        let Failure { health, reason, retry_after } = failure;
        FetchOutcome::Failed { health, reason, retry_after }
    }
}

/// How the answer was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    Direct,
    /// Every redirect was 301 or 308.
    Moved,
    /// At least one redirect was for now only.
    Detour,
}

/// An answer without a document: what the status alone decides.
pub fn without_body(status: StatusCode, headers: &HeaderMap, path: Path, now: Timestamp) -> FetchOutcome {
    // A 410 behind a temporary redirect speaks of the detour, not of the feed.
    if status == StatusCode::GONE && path != Path::Detour {
        return FetchOutcome::Gone;
    }
    let blocked = block::admits(status, headers);
    let health = if blocked { FeedHealth::Blocked } else { FeedHealth::Failing };
    let reason = reason::status(status);
    Failure { health, reason, retry_after: hints::retry_after(headers, now) }.into()
}

/// A 200: the document, unless a wall came in its place. `moved_to` only for a chain of permanent redirects that does
/// not lead from https back to http.
pub fn document(configured: &Url, document: Document, headers: &HeaderMap, path: Path, now: Timestamp) -> FetchOutcome {
    if let Some(title) = block::page(&document.bytes) {
        let reason = format!("answers with a block page instead of the feed (\"{title}\")");
        return Failure { health: FeedHealth::Blocked, reason, retry_after: None }.into();
    }
    let downgrade = configured.scheme() == "https" && document.url.scheme() == "http";
    let secret = !configured.username().is_empty() || configured.password().is_some();
    let learn = path == Path::Moved && !downgrade && !secret && document.url != *configured;
    FetchOutcome::Document {
        validators: validators(headers, &document.url),
        fresh_for: hints::fresh_for(headers, now),
        moved_to: learn.then(|| document.url.clone()),
        document,
    }
}

/// A 304: what it names replaces the old value, what it leaves out stays.
pub fn not_modified(old: &Validators, headers: &HeaderMap, now: Timestamp) -> FetchOutcome {
    let validators = Validators {
        etag: read(headers, &ETAG).or_else(|| old.etag.clone()),
        last_modified: read(headers, &LAST_MODIFIED).or_else(|| old.last_modified.clone()),
        of: old.of.clone(),
    };
    FetchOutcome::NotModified { validators, fresh_for: hints::fresh_for(headers, now) }
}

/// Both together, so that a validator which the server has dropped is dropped here too.
fn validators(headers: &HeaderMap, url: &Url) -> Validators {
    let (etag, last_modified) = (read(headers, &ETAG), read(headers, &LAST_MODIFIED));
    let of = (etag.is_some() || last_modified.is_some()).then(|| url.to_string());
    Validators { etag, last_modified, of }
}

/// Header bytes as characters of the same number, so that every byte comes back as it was: RFC 9110 lets an ETag hold
/// bytes above 0x7f in no declared charset.
fn read(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let bytes = headers.get(name)?.as_bytes();
    (!bytes.is_empty() && bytes.len() <= MAX_VALIDATOR).then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The way back from `read`.
pub fn written(validator: &str) -> Option<HeaderValue> {
    let bytes: Vec<u8> = validator.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
    HeaderValue::from_bytes(&bytes).ok()
}
