//! One poll over the network: ask politely, follow carefully, read within limits, and say in plain words what went wrong.

mod address;
mod answer;
mod block;
mod body;
mod client;
mod exchange;
pub mod guard;
mod hints;
pub mod hosts;
mod names;
pub mod page;
pub mod post;
mod reason;
pub mod robots;
pub mod schedule;

pub use client::{Fetcher, Hop, Trace};
pub use hosts::HostQueue;
pub use names::Names;
pub use page::{PageOutcome, PageReader};
pub use schedule::PollResult;

use crate::model::{Document, FeedHealth, Validators};
use std::time::Duration;
use url::Url;

/// What one poll brought. Validators are handed back, never kept here: the store saves them together with the entries.
// One lives per poll, next to a body of up to 10 MiB: a box would save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchOutcome {
    /// 304: the validators, updated from the answer.
    NotModified { validators: Validators, fresh_for: Option<Duration> },
    /// 200 with a whole body, decoded from its content coding.
    Document {
        document: Document,
        validators: Validators,
        /// `Cache-Control: max-age` or `Expires`: not to be asked again before that.
        fresh_for: Option<Duration>,
        /// The address to ask from now on: every redirect of the chain was permanent (301 or 308).
        moved_to: Option<Url>,
    },
    /// 410: the publisher has ended the feed.
    Gone,
    Failed {
        health: FeedHealth,
        /// Plain words for the operator; never the URL, which may hold a key.
        reason: String,
        retry_after: Option<Duration>,
    },
}

/// The fetcher could not be made; only a broken installation or an impossible setting leads here.
#[derive(Debug, thiserror::Error)]
pub enum FetchSetupError {
    #[error("[fetch] user_agent has a character that an HTTP header can't carry")]
    UserAgent,
    #[error("the HTTP client could not be set up: {0}")]
    Client(#[from] reqwest::Error),
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
}
