//! What comes back by mail: each message is read once, and whoever it is about gets no more mail or is counted.

use super::Khyber;
use crate::config::BounceConfig;
use crate::deliver::bounce::{self, Said};
use crate::deliver::token;
use crate::model::{DigestId, EmailAddress, Timestamp};
use crate::store::{BounceKind, BounceReport, SoftLimit, StoreError, Taken};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

/// Links and reports in mails stay good for this long after the configuration stopped naming their reader.
const MEMORY: TimeDelta = TimeDelta::days(90);

/// What became of one message. The texts name no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Suppressed {
        reason: String,
    },
    Counted {
        status: String,
        days: usize,
        of: usize,
    },
    Left {
        digest: DigestId,
    },
    /// Nothing changed.
    Nothing {
        why: &'static str,
    },
    /// Nothing changed; the operator is told that somebody may want something.
    Unclear {
        why: &'static str,
    },
}

impl std::fmt::Display for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Heard::Suppressed { reason } => write!(f, "{reason}: this reader gets no more mail"),
            Heard::Counted { status, days, of } => write!(f, "soft bounce {status}: counted, day {days} of {of}"),
            Heard::Left { digest } => write!(f, "a reader left the digest `{digest}`"),
            Heard::Nothing { why } | Heard::Unclear { why } => write!(f, "nothing changed: {why}"),
        }
    }
}

/// One answer for a token that is nobody's and for a message without any.
const NOBODY: &str = "no valid token";

impl Khyber {
    /// Takes one message in.
    pub async fn hear(&self, bytes: &[u8], recipient: Option<&str>, now: Timestamp) -> Result<Heard, StoreError> {
        let address = self.config.bounce.as_ref().map(|bounce| bounce.address.as_str());
        let returned = bounce::read(bytes, recipient, address);
        let (kind, status) = match returned.said {
            Said::Nothing(why) => return Ok(Heard::Nothing { why }),
            Said::Unclear(why) => return self.unclear(bytes, why, now).await,
            Said::Leave => return self.leaves(bytes, &returned.leave_tokens, now).await,
            Said::Hard { status } => (BounceKind::Hard, status),
            Said::Soft { status } => (BounceKind::Soft, status),
            Said::Complaint => (BounceKind::Complaint, "complaint".to_owned()),
        };
        let mut reader = self.bounced(&returned.bounce_tokens).await?;
        if reader.is_none() {
            reader = self.tokens_reader(&returned.leave_tokens, now).await?.map(|(address, _)| address);
        }
        let Some(reader) = reader else { return Ok(Heard::Nothing { why: NOBODY }) };
        let report = BounceReport { hash: hash(bytes), address: reader, kind, status: status.clone() };
        let limit = self.soft_limit();
        Ok(match self.store.take_bounce(&report, limit, now).await? {
            Taken::Suppressed => {
                tracing::warn!(reader = %report.address, %status, "suppressed after what came back by mail");
                Heard::Suppressed {
                    reason: if kind == BounceKind::Complaint { status } else { format!("bounce {status}") },
                }
            }
            Taken::Counted(days) => Heard::Counted { status, days, of: limit.threshold },
            Taken::Before => Heard::Nothing { why: "read before" },
        })
    }

    fn soft_limit(&self) -> SoftLimit {
        let usual = (BounceConfig::THRESHOLD, BounceConfig::FORGET);
        let (threshold, forget) = self.config.bounce.as_ref().map_or(usual, |bounce| (bounce.threshold, bounce.forget));
        SoftLimit { threshold, forget }
    }

    /// The one reader whose mail went out under these tokens; two readers are nobody.
    async fn bounced(&self, tokens: &[String]) -> Result<Option<EmailAddress>, StoreError> {
        let Some(bounce) = &self.config.bounce else { return Ok(None) };
        let Some((local, domain)) = bounce.address.as_str().rsplit_once('@') else { return Ok(None) };
        let mut found = None;
        for token in tokens {
            let Some(reader) = self.store.bounced_reader(&format!("{local}+{token}@{domain}")).await? else { continue };
            if found.as_ref().is_some_and(|found| *found != reader) {
                return Ok(None);
            }
            found = Some(reader);
        }
        Ok(found)
    }

    async fn unclear(&self, bytes: &[u8], why: &'static str, now: Timestamp) -> Result<Heard, StoreError> {
        self.store.take_unclear(&hash(bytes), now).await?;
        Ok(Heard::Unclear { why })
    }

    async fn leaves(&self, bytes: &[u8], tokens: &[String], now: Timestamp) -> Result<Heard, StoreError> {
        let Some((address, digest)) = self.tokens_reader(tokens, now).await? else {
            return self.unclear(bytes, NOBODY, now).await;
        };
        self.store.leave_digest(&address, &digest, now).await?;
        tracing::info!(reader = %address, %digest, "left by mail");
        Ok(Heard::Left { digest })
    }

    /// Tokens are one-way: those of everybody who gets or got a digest are compared.
    async fn tokens_reader(
        &self,
        tokens: &[String],
        now: Timestamp,
    ) -> Result<Option<(EmailAddress, DigestId)>, StoreError> {
        let given: Vec<String> = tokens.iter().filter_map(|token| token::normal(token)).collect();
        if given.is_empty() {
            return Ok(None);
        }
        let past = self.store.recent_readers(now - MEMORY).await?;
        let configured =
            self.config.subscribers.iter().flat_map(|reader| {
                self.config.digests.iter().map(move |digest| (reader.email.clone(), digest.id.clone()))
            });
        let is_meant =
            |(address, digest): &(EmailAddress, DigestId)| given.contains(&self.leave_token(address, digest));
        Ok(configured.chain(past).find(is_meant))
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
