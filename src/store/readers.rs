//! What readers decide for themselves: leaving, pausing, topics and hour. It overlays the configuration.

use super::{Result, Store, StoreError, instant, secs};
use crate::model::{DigestId, EmailAddress, Timestamp, TopicId};
use sqlx::{Row, Sqlite, Transaction};
use std::collections::HashMap;

/// The reason of a suppression that a reader made and may undo; no other reason is theirs to undo.
pub const LEFT: &str = "left";

/// What one reader chose over the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    pub topics: Option<Vec<TopicId>>,
    /// Of the day, in the zone of their digest.
    pub hour: Option<u8>,
    pub paused_until: Option<Timestamp>,
    pub left: Vec<DigestId>,
}

impl Store {
    /// Leaves one digest. What waits of it is not sent any more.
    pub async fn leave_digest(&self, address: &EmailAddress, digest: &DigestId, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO left_digests (address, digest, left_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(address.as_str())
            .bind(digest.as_str())
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
        stop_waiting(&mut tx, address, now).await?;
        Ok(tx.commit().await?)
    }

    /// Leaves everything. A suppression for another reason keeps its reason, but does not end any more.
    pub async fn leave_all(&self, address: &EmailAddress, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO suppressions (address, reason, created_at, until) VALUES ($1, $2, $3, NULL)
             ON CONFLICT (address) DO UPDATE SET reason = $2, created_at = $3, until = NULL WHERE until IS NOT NULL",
        )
        .bind(address.as_str())
        .bind(LEFT)
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        stop_waiting(&mut tx, address, now).await?;
        Ok(tx.commit().await?)
    }

    /// Sends nothing until then. A pause never shortens a suppression.
    pub async fn pause(&self, address: &EmailAddress, until: Timestamp, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO preferences (address, paused_until, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (address) DO UPDATE SET paused_until = $2, changed_at = $3",
        )
        .bind(address.as_str())
        .bind(secs(until))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        stop_waiting(&mut tx, address, now).await?;
        Ok(tx.commit().await?)
    }

    /// Undoes leaving and pausing. A bounce, a complaint or the operator's word stays.
    pub async fn come_back(&self, address: &EmailAddress, digest: &DigestId, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM left_digests WHERE address = $1 AND digest = $2")
            .bind(address.as_str())
            .bind(digest.as_str())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM suppressions WHERE address = $1 AND reason = $2")
            .bind(address.as_str())
            .bind(LEFT)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE preferences SET paused_until = NULL, changed_at = $2 WHERE address = $1")
            .bind(address.as_str())
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Topics and hour; `None` means as configured.
    pub async fn prefer(
        &self,
        address: &EmailAddress,
        topics: Option<&[TopicId]>,
        hour: Option<u8>,
        now: Timestamp,
    ) -> Result<()> {
        let topics = topics.map(|topics| serde_json::to_string(topics).unwrap_or_else(|_| "[]".to_owned()));
        sqlx::query(
            "INSERT INTO preferences (address, topics, hour, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (address) DO UPDATE SET topics = $2, hour = $3, changed_at = $4",
        )
        .bind(address.as_str())
        .bind(topics)
        .bind(hour)
        .bind(secs(now))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Everybody who chose something.
    pub async fn preferences(&self) -> Result<HashMap<EmailAddress, Preferences>> {
        let mut found: HashMap<EmailAddress, Preferences> = HashMap::new();
        for row in
            sqlx::query("SELECT address, topics, hour, paused_until FROM preferences").fetch_all(&self.reader).await?
        {
            let of = found.entry(address(row.try_get(0)?)?).or_default();
            of.topics = row.try_get::<Option<&str>, _>(1)?.map(topics).transpose()?;
            of.hour = row.try_get::<Option<i64>, _>(2)?.and_then(|hour| u8::try_from(hour).ok());
            of.paused_until = row.try_get::<Option<i64>, _>(3)?.map(instant);
        }
        for row in sqlx::query("SELECT address, digest FROM left_digests").fetch_all(&self.reader).await? {
            let digest: &str = row.try_get(1)?;
            // A digest that was renamed or removed since is nothing to leave.
            if let Ok(digest) = digest.parse() {
                found.entry(address(row.try_get(0)?)?).or_default().left.push(digest);
            }
        }
        Ok(found)
    }

    /// Who was sent which digest since then: their links still work when the configuration no longer names them.
    pub async fn recent_readers(&self, since: Timestamp) -> Result<Vec<(EmailAddress, DigestId)>> {
        let rows = sqlx::query(
            "SELECT DISTINCT subscriber, digest FROM editions JOIN deliveries ON edition = editions.id
             WHERE editions.created_at >= $1",
        )
        .bind(secs(since))
        .fetch_all(&self.reader)
        .await?;
        let mut readers = Vec::with_capacity(rows.len());
        for row in rows {
            let digest: &str = row.try_get(1)?;
            if let Ok(digest) = digest.parse() {
                readers.push((address(row.try_get(0)?)?, digest));
            }
        }
        Ok(readers)
    }
}

/// Ends what waits for an address that wants it no longer; one being sent right now is looked at again when it comes back.
pub(super) async fn stop_waiting(
    tx: &mut Transaction<'_, Sqlite>,
    address: &EmailAddress,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "UPDATE deliveries SET status = 'suppressed', ended_at = $2, next_attempt_at = NULL
         WHERE subscriber = $1 AND status IN ('queued', 'deferred') AND EXISTS (SELECT 1 FROM stopped, editions
            WHERE stopped.address = $1 AND editions.id = deliveries.edition
                AND (stopped.digest IS NULL OR stopped.digest = editions.digest)
                AND (stopped.until IS NULL OR stopped.until > $2))",
    )
    .bind(address.as_str())
    .bind(secs(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn address(text: &str) -> Result<EmailAddress> {
    text.parse().map_err(|error| StoreError::Corrupt { what: "preferences.address", reason: format!("{error}") })
}

fn topics(json: &str) -> Result<Vec<TopicId>> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Corrupt { what: "preferences.topics", reason: error.to_string() })
}
