//! Subscribing on the web: who asked, whom the mail to confirm went to, and who confirmed.

use super::editions::{NewDelivery, insert_delivery};
use super::sql::Row;
use super::transaction::Transaction;
use super::{Result, Store, StoreError, instant, name_of, secs, sql, value_of, wake};
use crate::model::{DigestId, EmailAddress, Lang, OutgoingMessage, Timestamp, TopicId};
use chrono::TimeDelta;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// An address that never confirms is asked this often within `PATIENCE`, whoever types it in.
const MOST_ASKED: i64 = 3;
const PATIENCE: TimeDelta = TimeDelta::days(30);
const DAY: i64 = 86_400;

/// What somebody asked for on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebWish {
    /// In lower case.
    pub address: EmailAddress,
    pub digests: Vec<DigestId>,
    /// Empty: every topic of the digest.
    pub topics: Vec<TopicId>,
    pub lang: Lang,
}

/// What came of asking; the page says none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A mail with the link waits in the outbox.
    Queued,
    /// Had one today, had three that were not answered, or wants no mail from here.
    Left,
}

/// Somebody who confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSubscriber {
    pub wish: WebWish,
    pub confirmed_at: Timestamp,
}

impl Store {
    /// Notes the wish and queues its mail, in one transaction.
    pub async fn ask_to_confirm(
        &self,
        wish: &WebWish,
        token: &str,
        expires: Timestamp,
        message: OutgoingMessage,
        now: Timestamp,
    ) -> Result<Asked> {
        let mut tx = self.writer.begin().await?;
        if !may_be_asked(&mut tx, &wish.address, now).await? {
            return Ok(Asked::Left);
        }
        let edition: i64 = sql::query_scalar(
            "INSERT INTO editions (digest, cadence, slot, state, created_at, upto, stories)
             VALUES ('confirm', 'confirm', $1, 'empty', $2, 0, 0)
             ON CONFLICT (digest, cadence, slot) DO UPDATE SET state = 'empty' RETURNING id",
        )
        .bind(secs(now).div_euclid(DAY) * DAY)
        .bind(secs(now))
        .fetch_one(&mut *tx)
        .await?;
        sql::query(
            "INSERT INTO confirmations (address, token, digests, topics, lang, asked_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (address) DO UPDATE
                SET token = $2, digests = $3, topics = $4, lang = $5, asked_at = $6, expires_at = $7",
        )
        .bind(wish.address.as_str())
        .bind(token)
        .bind(json(&wish.digests))
        .bind(json(&wish.topics))
        .bind(name_of(&wish.lang))
        .bind(secs(now))
        .bind(secs(expires))
        .execute(&mut *tx)
        .await?;
        insert_delivery(&mut tx, edition, NewDelivery { subscriber: wish.address.clone(), message }, now).await?;
        wake::tell(&mut tx).await?;
        tx.commit().await?;
        Ok(Asked::Queued)
    }

    /// Makes a subscriber of whoever holds the token; `None` if it was used, has expired or never was.
    pub async fn confirm(&self, token: &str, now: Timestamp) -> Result<Option<WebWish>> {
        let mut tx = self.writer.begin().await?;
        let row = sql::query("DELETE FROM confirmations WHERE token = $1 AND expires_at > $2 RETURNING *")
            .bind(token)
            .bind(secs(now))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let wish = read_wish(&row)?;
        let known = sql::query("SELECT * FROM web_subscribers WHERE address = $1").bind(wish.address.as_str());
        let mut digests = wish.digests.clone();
        if let Some(known) = known.fetch_optional(&mut *tx).await? {
            digests.extend(read_wish(&known)?.digests.into_iter().filter(|digest| !wish.digests.contains(digest)));
        }
        sql::query(
            "INSERT INTO web_subscribers (address, digests, topics, lang, confirmed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (address) DO UPDATE SET digests = $2, topics = $3, lang = $4, confirmed_at = $5",
        )
        .bind(wish.address.as_str())
        .bind(json(&digests))
        .bind(json(&wish.topics))
        .bind(name_of(&wish.lang))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        sql::query("DELETE FROM left_digests WHERE address = $1 AND digest IN (SELECT value FROM json_each($2))")
            .bind(wish.address.as_str())
            .bind(json(&wish.digests))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(wish))
    }

    pub async fn web_subscribers(&self) -> Result<Vec<WebSubscriber>> {
        let rows =
            sql::query("SELECT * FROM web_subscribers ORDER BY confirmed_at, address").fetch_all(&self.reader).await?;
        rows.iter().map(read_subscriber).collect()
    }

    pub async fn web_subscriber(&self, address: &EmailAddress) -> Result<Option<WebSubscriber>> {
        let row = sql::query("SELECT * FROM web_subscribers WHERE address = $1").bind(address.as_str());
        let row = row.fetch_optional(&self.reader).await?;
        row.as_ref().map(read_subscriber).transpose()
    }

    /// How many asked and have not confirmed.
    pub async fn count_unconfirmed(&self) -> Result<i64> {
        sql::query_scalar("SELECT count(*) FROM confirmations").fetch_one(&self.reader).await
    }

    /// Erases the addresses of those who did not confirm in time. Returns how many.
    pub async fn forget_unconfirmed(&self, now: Timestamp) -> Result<usize> {
        let mut tx = self.writer.begin().await?;
        let addresses: Vec<String> =
            sql::query_scalar("DELETE FROM confirmations WHERE expires_at <= $1 RETURNING address")
                .bind(secs(now))
                .fetch_all(&mut *tx)
                .await?;
        for address in &addresses {
            sql::query(
                "UPDATE deliveries SET bytes = NULL, sheet = NULL, own = NULL, hash = NULL, next_attempt_at = NULL, ended_at = COALESCE(ended_at, $3),
                    status = CASE WHEN status IN ('queued', 'deferred', 'sending', 'quarantined') THEN 'cancelled' ELSE status END,
                    fence = fence + 1, subscriber = $2
                 WHERE subscriber = $1 AND edition IN (SELECT id FROM editions WHERE digest = 'confirm')",
            )
            .bind(address)
            .bind(erased(address))
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(addresses.len())
    }
}

/// Not who had a mail today, who let three go by, or who is not to get any.
async fn may_be_asked(tx: &mut Transaction<'_>, address: &EmailAddress, now: Timestamp) -> Result<bool> {
    let today: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM deliveries JOIN editions ON editions.id = edition
            WHERE digest = 'confirm' AND slot = $3 AND subscriber IN ($1, $2))
         OR EXISTS (SELECT 1 FROM stopped WHERE digest IS NULL AND lower(address) = $1 AND (until IS NULL OR until > $4))",
    )
    .bind(address.as_str())
    .bind(erased(address.as_str()))
    .bind(secs(now).div_euclid(DAY) * DAY)
    .bind(secs(now))
    .fetch_one(&mut **tx)
    .await?;
    let asked: i64 = sql::query_scalar(
        "SELECT count(*) FROM deliveries JOIN editions ON editions.id = edition
         WHERE digest = 'confirm' AND subscriber IN ($1, $2)
            AND deliveries.created_at > max($3, COALESCE((SELECT confirmed_at FROM web_subscribers WHERE address = $1), 0))",
    )
    .bind(address.as_str())
    .bind(erased(address.as_str()))
    .bind(secs(now - PATIENCE))
    .fetch_one(&mut **tx)
    .await?;
    Ok(!today && asked < MOST_ASKED)
}

/// Removes what this page's tables and the reader's own choices hold of an address.
pub(super) async fn erase(tx: &mut Transaction<'_>, address: &EmailAddress) -> Result<u64> {
    let mut removed = 0;
    for table in ["web_subscribers", "confirmations", "preferences", "left_digests"] {
        let sql = format!("DELETE FROM {table} WHERE lower(address) = lower($1)");
        removed +=
            sql::query(sqlx::AssertSqlSafe(sql)).bind(address.as_str()).execute(&mut **tx).await?.rows_affected();
    }
    Ok(removed)
}

/// An address that leads nowhere, and is the same for the same reader.
pub(super) fn erased(address: &str) -> String {
    format!("erased-{}@invalid", hex::encode(&Sha256::digest(address.as_bytes())[..8]))
}

fn json<T: serde::Serialize>(names: &[T]) -> String {
    serde_json::to_string(names).unwrap_or_else(|_| "[]".to_owned())
}

fn read_subscriber(row: &Row) -> Result<WebSubscriber> {
    Ok(WebSubscriber { wish: read_wish(row)?, confirmed_at: instant(row.try_get("confirmed_at")?) })
}

fn read_wish(row: &Row) -> Result<WebWish> {
    let address: &str = row.try_get("address")?;
    let address = address
        .parse()
        .map_err(|error| StoreError::Corrupt { what: "an address of the web", reason: format!("{error}") })?;
    Ok(WebWish {
        address,
        digests: names(row.try_get("digests")?)?,
        topics: names(row.try_get("topics")?)?,
        lang: value_of(row.try_get("lang")?, "lang of the web")?,
    })
}

fn names<T: DeserializeOwned>(json: &str) -> Result<Vec<T>> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Corrupt { what: "names of the web", reason: error.to_string() })
}
