//! From a token to the reader and digest it stands for.

use crate::daemon::Khyber;
use crate::deliver::token;
use crate::model::{DigestId, EmailAddress, Timestamp};
use crate::store::StoreError;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Links in mails stay good for this long after the configuration stopped naming their reader.
const MEMORY: TimeDelta = TimeDelta::days(90);

/// Tokens are one-way: every reader's is computed once, and then looked up.
pub(super) struct Index(RwLock<HashMap<String, (EmailAddress, DigestId)>>);

impl Index {
    pub async fn new(khyber: &Khyber, now: Timestamp) -> Result<Self, StoreError> {
        let config = &khyber.config;
        let web = khyber.web_subscribers().await?;
        let configured = config
            .subscribers
            .iter()
            .chain(&web)
            .flat_map(|reader| config.digests.iter().map(move |digest| (reader.email.clone(), digest.id.clone())));
        let past = khyber.store.recent_readers(now - MEMORY).await?;
        let token =
            |(address, digest): (EmailAddress, DigestId)| (khyber.leave_token(&address, &digest), (address, digest));
        Ok(Self(RwLock::new(configured.chain(past).map(token).collect())))
    }

    pub fn find(&self, token: &str) -> Option<(EmailAddress, DigestId)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&token::normal(token)?).cloned()
    }

    /// A reader who subscribed just now.
    pub fn add(&self, token: String, address: EmailAddress, digest: DigestId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(token, (address, digest));
    }
}
