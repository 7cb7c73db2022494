//! From a token to the reader and digest it stands for.

use crate::daemon::Khyber;
use crate::deliver::token;
use crate::model::{DigestId, EmailAddress, Timestamp};
use crate::store::StoreError;
use chrono::TimeDelta;
use std::collections::HashMap;

/// Links in mails stay good for this long after the configuration stopped naming their reader.
const MEMORY: TimeDelta = TimeDelta::days(90);

/// Tokens are one-way: every reader's is computed once, and then looked up.
pub(super) struct Index(HashMap<String, (EmailAddress, DigestId)>);

impl Index {
    pub async fn new(khyber: &Khyber, now: Timestamp) -> Result<Self, StoreError> {
        let config = &khyber.config;
        let configured = config
            .subscribers
            .iter()
            .flat_map(|reader| config.digests.iter().map(move |digest| (reader.email.clone(), digest.id.clone())));
        let past = khyber.store.recent_readers(now - MEMORY).await?;
        let token =
            |(address, digest): (EmailAddress, DigestId)| (khyber.leave_token(&address, &digest), (address, digest));
        Ok(Self(configured.chain(past).map(token).collect()))
    }

    pub fn find(&self, token: &str) -> Option<&(EmailAddress, DigestId)> {
        self.0.get(&token::normal(token)?)
    }
}
