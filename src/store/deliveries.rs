//! The outbox: claimed by lease, recorded under a fence, never marked sent before it is sent.

use super::{Result, Store, StoreError, instant, secs};
use crate::model::{
    Delivery, DeliveryId, DeliveryStatus, EditionId, EmailAddress, OutgoingMessage, SendOutcome, Timestamp,
};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::time::Duration;

/// A worker that does not answer for this long is thought dead. Longer than the longest SMTP exchange
/// (RFC 5321 §4.5.3.2: 5+5+5+2+3+10 minutes).
const LEASE: Duration = Duration::from_secs(45 * 60);

/// Crashes while sending one row before it waits for the operator.
const POISON: i64 = 3;

/// One row of `khyber outbox list`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub edition: EditionId,
    pub subscriber: EmailAddress,
    pub status: DeliveryStatus,
    pub attempts: u32,
    pub next_attempt_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub answer: Option<String>,
    pub message_id: String,
}

/// Which deliveries an operator means.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    pub edition: Option<EditionId>,
    pub subscriber: Option<EmailAddress>,
    /// Empty: every status.
    pub statuses: Vec<DeliveryStatus>,
}

impl Store {
    /// Claims up to `limit` due deliveries. Those suppressed meanwhile end as suppressed and are not returned.
    pub async fn lease(&self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE deliveries SET status = 'suppressed', ended_at = $1, next_attempt_at = NULL
             WHERE status IN ('queued', 'deferred') AND next_attempt_at <= $1 AND EXISTS (SELECT 1 FROM stopped, editions
                WHERE address = subscriber AND (until IS NULL OR until > $1) AND editions.id = edition
                    AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
        )
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        let rows = sqlx::query(
            "UPDATE deliveries SET status = 'sending', fence = fence + 1, attempts = attempts + 1, leased_until = $2,
                crashes = crashes + (status = 'sending')
             WHERE id IN (SELECT id FROM deliveries
                WHERE (status IN ('queued', 'deferred') AND next_attempt_at <= $1) OR (status = 'sending' AND leased_until <= $1)
                ORDER BY next_attempt_at, id LIMIT $3)
             RETURNING id, edition, subscriber, fence, attempts, created_at, message_id, envelope_from, bytes",
        )
        .bind(secs(now))
        .bind(secs(now + LEASE))
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        let mut leased = rows.iter().map(read_leased).collect::<Result<Vec<_>>>()?;
        for delivery in &leased {
            sqlx::query("INSERT INTO attempts (delivery, fence, started_at) VALUES ($1, $2, $3)")
                .bind(delivery.id.0)
                .bind(delivery.fence)
                .bind(secs(now))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        leased.sort_by_key(|delivery| delivery.id);
        Ok(leased)
    }

    /// Records how an attempt ended. `false`: somebody else holds the row by now, and nothing was written.
    pub async fn record_attempt(
        &self,
        delivery: &Delivery,
        outcome: &SendOutcome,
        update: &DeliveryUpdate<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let written = sqlx::query(
            "UPDATE deliveries SET status = $3, next_attempt_at = $4, ended_at = $5, answer = $6, leased_until = NULL, crashes = 0
             WHERE id = $1 AND fence = $2 AND status = 'sending'",
        )
        .bind(delivery.id.0)
        .bind(delivery.fence)
        .bind(update.status.name())
        .bind(update.next_attempt_at.map(secs))
        .bind(update.status.is_final().then(|| secs(now)))
        .bind(update.answer)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if written == 0 {
            return Ok(false);
        }
        sqlx::query("UPDATE attempts SET ended_at = $3, outcome = $4 WHERE delivery = $1 AND fence = $2")
            .bind(delivery.id.0)
            .bind(delivery.fence)
            .bind(secs(now))
            .bind(serde_json::to_string(outcome).unwrap_or_default())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// After a crash: whoever holds the data folder's lock knows that every lease is a dead worker's. The rows are queued again
    /// with the same bytes; one that was being sent at the third crash in a row waits for the operator.
    /// Returns how many were queued and how many quarantined.
    pub async fn recover_leases(&self, now: Timestamp) -> Result<(u64, u64)> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let quarantined = sqlx::query(
            "UPDATE deliveries SET status = 'quarantined', ended_at = $1, next_attempt_at = NULL, leased_until = NULL,
                fence = fence + 1, crashes = crashes + 1, answer = 'the process died three times while sending this'
             WHERE status = 'sending' AND crashes + 1 >= $2",
        )
        .bind(secs(now))
        .bind(POISON)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let queued = sqlx::query(
            "UPDATE deliveries SET status = 'queued', next_attempt_at = $1, leased_until = NULL, fence = fence + 1,
                crashes = crashes + 1, answer = 'the process died while sending: unknown whether it arrived, sent again unchanged'
             WHERE status = 'sending'",
        )
        .bind(secs(now))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        Ok((queued, quarantined))
    }

    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<DeliveryRow>> {
        let rows = sqlx::query(
            "SELECT id, edition, subscriber, status, attempts, next_attempt_at, created_at, ended_at, answer, message_id
             FROM deliveries WHERE ($1 IS NULL OR edition = $1) AND ($2 IS NULL OR subscriber = $2)
                AND ($3 = '[]' OR status IN (SELECT value FROM json_each($3))) ORDER BY id DESC LIMIT 10000",
        )
        .bind(filter.edition.map(|id| id.0))
        .bind(filter.subscriber.as_ref().map(EmailAddress::as_str))
        .bind(statuses(filter))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Queues deliveries that ended without being accepted (or wait) to be tried at once. Returns how many.
    /// A delivery whose bytes were removed can't be sent again and is left alone.
    pub async fn retry_deliveries(&self, ids: &[DeliveryId], now: Timestamp) -> Result<u64> {
        self.change_deliveries(
            "UPDATE deliveries SET status = 'queued', next_attempt_at = $2, ended_at = NULL, crashes = 0, created_at = $2
             WHERE id IN (SELECT value FROM json_each($1)) AND bytes IS NOT NULL AND status NOT IN ('accepted', 'sending')",
            ids,
            now,
        )
        .await
    }

    /// Ends deliveries that wait. Returns how many.
    pub async fn cancel_deliveries(&self, ids: &[DeliveryId], now: Timestamp) -> Result<u64> {
        self.change_deliveries(
            "UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, ended_at = $2
             WHERE id IN (SELECT value FROM json_each($1)) AND status IN ('queued', 'deferred', 'quarantined')",
            ids,
            now,
        )
        .await
    }

    async fn change_deliveries(&self, sql: &'static str, ids: &[DeliveryId], now: Timestamp) -> Result<u64> {
        let ids = serde_json::to_string(ids).unwrap_or_else(|_| "[]".into());
        Ok(sqlx::query(sql).bind(ids).bind(secs(now)).execute(&self.writer).await?.rows_affected())
    }

    /// How many deliveries are in each state, and when the next is due.
    pub async fn outbox_counts(&self) -> Result<(Vec<(DeliveryStatus, i64)>, Option<Timestamp>)> {
        let rows =
            sqlx::query("SELECT status, count(*) FROM deliveries GROUP BY status").fetch_all(&self.reader).await?;
        let counts = rows
            .iter()
            .map(|row| Ok((read_status(row.try_get(0)?)?, row.try_get(1)?)))
            .collect::<Result<Vec<(DeliveryStatus, i64)>>>()?;
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT min(next_attempt_at) FROM deliveries WHERE status IN ('queued', 'sending', 'deferred')",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok((counts, next.map(instant)))
    }

    /// The exact bytes of a delivery's mail, unless they were removed.
    pub async fn delivery_bytes(&self, id: DeliveryId) -> Result<Option<Vec<u8>>> {
        let bytes = sqlx::query_scalar("SELECT bytes FROM deliveries WHERE id = $1").bind(id.0);
        Ok(bytes.fetch_optional(&self.reader).await?.flatten())
    }
}

/// The new state of a delivery, as `deliver::retry` decided it.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryUpdate<'a> {
    pub status: DeliveryStatus,
    pub next_attempt_at: Option<Timestamp>,
    pub answer: &'a str,
}

fn statuses(filter: &DeliveryFilter) -> String {
    let names: Vec<&str> = filter.statuses.iter().map(|status| status.name()).collect();
    serde_json::to_string(&names).unwrap_or_else(|_| "[]".into())
}

fn read_status(name: &str) -> Result<DeliveryStatus> {
    DeliveryStatus::from_name(name)
        .ok_or_else(|| StoreError::Corrupt { what: "deliveries.status", reason: format!("`{name}`") })
}

fn read_address(text: &str) -> Result<EmailAddress> {
    text.parse().map_err(|error| StoreError::Corrupt { what: "an address of deliveries", reason: format!("{error}") })
}

fn read_leased(row: &SqliteRow) -> Result<Delivery> {
    let bytes: Option<Vec<u8>> = row.try_get("bytes")?;
    let bytes = bytes.ok_or(StoreError::Corrupt { what: "deliveries.bytes", reason: "removed while queued".into() })?;
    Ok(Delivery {
        id: DeliveryId(row.try_get("id")?),
        edition: EditionId(row.try_get("edition")?),
        fence: row.try_get("fence")?,
        attempt: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        created_at: instant(row.try_get("created_at")?),
        message: OutgoingMessage {
            envelope_from: read_address(row.try_get("envelope_from")?)?,
            to: read_address(row.try_get("subscriber")?)?,
            message_id: row.try_get("message_id")?,
            bytes,
        },
    })
}

fn read_row(row: &SqliteRow) -> Result<DeliveryRow> {
    let when = |column: &str| -> Result<Option<Timestamp>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(instant)) };
    Ok(DeliveryRow {
        id: DeliveryId(row.try_get("id")?),
        edition: EditionId(row.try_get("edition")?),
        subscriber: read_address(row.try_get("subscriber")?)?,
        status: read_status(row.try_get("status")?)?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        next_attempt_at: when("next_attempt_at")?,
        created_at: instant(row.try_get("created_at")?),
        ended_at: when("ended_at")?,
        answer: row.try_get("answer")?,
        message_id: row.try_get("message_id")?,
    })
}
