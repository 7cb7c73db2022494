//! The outbox's state machine: claimed by lease, asked once more before the final dot, recorded under a fence, never marked
//! sent before it is sent.
//!
//! A lease belongs to the process that holds the data folder's lock. It has no end in wall-clock time, so no jump of the clock
//! frees or prolongs it: the worker ends it itself, by a monotonic limit, and `recover_leases` ends a dead process's.

use super::deliveries::read_address;
use super::notices::RELAY_ONLY;
use super::{Result, Store, StoreError, instant, secs};
use crate::failpoint;
use crate::model::{Delivery, DeliveryId, DeliveryUpdate, EditionId, Go, OutgoingMessage, SendOutcome, Timestamp};
use chrono::TimeDelta;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};
use std::collections::HashMap;

/// Crashes while sending one row before it waits for the operator.
const POISON: i64 = 3;

/// No wait between two attempts is this long: a row due later than that was written before the clock was set back.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// How many mails may be under way.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Beside those that are.
    pub free: u32,
    /// To readers of one domain, with those that are.
    pub a_domain: u32,
}

impl From<u32> for Places {
    fn from(free: u32) -> Self {
        Self { free, a_domain: u32::MAX }
    }
}

impl Store {
    /// Claims due deliveries, as many as have places. Those suppressed meanwhile end as suppressed and are not returned. What was being sent
    /// when a process died is claimed when nothing else is due, and alone: only so can the third crash be blamed on it.
    pub async fn lease(&self, now: Timestamp, places: impl Into<Places>) -> Result<Vec<Delivery>> {
        let leased = self.lease_more(now, places).await?;
        if leased.is_empty() { self.claim("crashes > 0", now, 1.into()).await } else { Ok(leased) }
    }

    /// As `lease`, while others are under way: nothing that must go alone.
    pub async fn lease_more(&self, now: Timestamp, places: impl Into<Places>) -> Result<Vec<Delivery>> {
        self.claim("crashes = 0", now, places.into()).await
    }

    async fn claim(&self, which: &'static str, now: Timestamp, places: Places) -> Result<Vec<Delivery>> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        suppress_waiting(&mut tx, now).await?;
        let mut domains: HashMap<String, u32> =
            sqlx::query_as("SELECT domain, count(*) FROM deliveries WHERE status = 'sending' GROUP BY domain")
                .fetch_all(&mut *tx)
                .await?
                .into_iter()
                .collect();
        // One at a time: each may be the one that fills its domain's places.
        let sql = format!(
            "UPDATE deliveries SET status = 'sending', stage = NULL, fence = fence + 1, attempts = attempts + 1
             WHERE id = (SELECT id FROM deliveries WHERE status IN ('queued', 'deferred') AND {which}
                AND (next_attempt_at <= $1 OR next_attempt_at > $2)
                AND ($3 = '[]' OR domain NOT IN (SELECT value FROM json_each($3))) ORDER BY next_attempt_at, id LIMIT 1)
             RETURNING id, edition, subscriber, domain, fence, attempts, crashes, created_at, message_id, envelope_from, bytes"
        );
        let mut leased = Vec::new();
        while leased.len() < places.free as usize {
            let full: Vec<&String> =
                domains.iter().filter(|(_, mails)| **mails >= places.a_domain).map(|(domain, _)| domain).collect();
            let row = sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
                .bind(secs(now))
                .bind(secs(now + LONGEST_WAIT))
                .bind(serde_json::to_string(&full).unwrap_or_default())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(row) = row else { break };
            *domains.entry(row.try_get("domain")?).or_default() += 1;
            leased.push(read_leased(&row)?);
        }
        for delivery in &leased {
            sqlx::query("INSERT INTO attempts (delivery, fence, started_at) VALUES ($1, $2, $3)")
                .bind(delivery.id.0)
                .bind(delivery.fence)
                .bind(secs(now))
                .execute(&mut *tx)
                .await?;
        }
        failpoint::reached("store.lease");
        tx.commit().await?;
        failpoint::reached("store.lease.done");
        leased.sort_by_key(|delivery| delivery.id);
        Ok(leased)
    }

    /// The last question before the final dot. `Ahead` is durable before it is answered: whatever dies now, the next process knows
    /// that this mail may have arrived. Whoever left, was erased or cancelled while the mail was under way gets none, and neither
    /// does anybody whose acceptance could not be written down.
    pub async fn before_dot(&self, delivery: &Delivery, now: Timestamp) -> Go {
        match self.mark_dot(delivery, now).await {
            Ok(true) => Go::Ahead,
            Ok(false) => Go::Back("called off before the final dot: suppressed, cancelled or taken over".to_owned()),
            Err(error) => {
                Go::Back(format!("called off before the final dot, as its end could not be recorded: {error}"))
            }
        }
    }

    async fn mark_dot(&self, delivery: &Delivery, now: Timestamp) -> Result<bool> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let marked = sqlx::query(
            "UPDATE deliveries SET stage = 'dot' WHERE id = $1 AND fence = $2 AND status = 'sending'
                AND NOT EXISTS (SELECT 1 FROM stopped, editions
                    WHERE address = subscriber AND (until IS NULL OR until > $3) AND editions.id = edition
                        AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
        )
        .bind(delivery.id.0)
        .bind(delivery.fence)
        .bind(secs(now))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        failpoint::reached("store.dot");
        tx.commit().await?;
        failpoint::reached("store.dot.done");
        Ok(marked > 0)
    }

    /// Records how an attempt ended. `false`: somebody else holds the row by now, and nothing was written.
    pub async fn record_attempt(
        &self,
        delivery: &Delivery,
        outcome: &SendOutcome,
        update: &DeliveryUpdate,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let written = sqlx::query(
            "UPDATE deliveries SET status = $3, next_attempt_at = $4, ended_at = $5, answer = $6, stage = NULL, crashes = 0
             WHERE id = $1 AND fence = $2 AND status = 'sending'",
        )
        .bind(delivery.id.0)
        .bind(delivery.fence)
        .bind(update.status.name())
        .bind(update.next_attempt_at.map(secs))
        .bind(update.status.is_final().then(|| secs(now)))
        .bind(&update.answer)
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
        failpoint::reached("store.record");
        tx.commit().await?;
        failpoint::reached("store.record.done");
        Ok(true)
    }

    /// When attempts began after `since` that came further than the login, or may have.
    pub async fn attempts_since(&self, since: Timestamp) -> Result<Vec<Timestamp>> {
        let sql = format!("SELECT started_at FROM attempts WHERE started_at > $1 AND NOT ({RELAY_ONLY}) IS TRUE");
        let started = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
        Ok(started.bind(secs(since)).fetch_all(&self.reader).await?.into_iter().map(instant).collect())
    }

    /// After a crash: whoever holds the data folder's lock knows that every lease is a dead process's. The rows are queued again
    /// with the same bytes; one that was being sent at the third crash in a row waits for the operator.
    /// Returns how many were queued and how many quarantined.
    pub async fn recover_leases(&self, now: Timestamp) -> Result<(u64, u64)> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let quarantined = sqlx::query(
            "UPDATE deliveries SET status = 'quarantined', next_attempt_at = NULL, stage = NULL,
                fence = fence + 1, crashes = crashes + 1,
                answer = 'the process died three times while sending this; `khyber outbox retry` tries again'
             WHERE status = 'sending' AND crashes + 1 >= $1",
        )
        .bind(POISON)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let queued = sqlx::query(
            "UPDATE deliveries SET status = 'queued', next_attempt_at = $1, fence = fence + 1, crashes = crashes + 1,
                answer = CASE WHEN stage = 'dot'
                    THEN 'the process died at the final dot: unknown whether it arrived, sent again unchanged'
                    ELSE 'the process died before the final dot: nothing was handed over' END,
                stage = NULL
             WHERE status = 'sending'",
        )
        .bind(secs(now))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        failpoint::reached("store.recover");
        tx.commit().await?;
        failpoint::reached("store.recover.done");
        Ok((queued, quarantined))
    }
}

async fn suppress_waiting(tx: &mut Transaction<'_, Sqlite>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE deliveries SET status = 'suppressed', ended_at = $1, next_attempt_at = NULL
         WHERE status IN ('queued', 'deferred') AND next_attempt_at <= $1 AND EXISTS (SELECT 1 FROM stopped, editions
            WHERE address = subscriber AND (until IS NULL OR until > $1) AND editions.id = edition
                AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
    )
    .bind(secs(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn read_leased(row: &SqliteRow) -> Result<Delivery> {
    let bytes: Option<Vec<u8>> = row.try_get("bytes")?;
    let bytes = bytes.ok_or(StoreError::Corrupt { what: "deliveries.bytes", reason: "removed while queued".into() })?;
    let number =
        |column: &str| -> Result<u32> { Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX)) };
    Ok(Delivery {
        id: DeliveryId(row.try_get("id")?),
        edition: EditionId(row.try_get("edition")?),
        fence: row.try_get("fence")?,
        attempt: number("attempts")?,
        crashes: number("crashes")?,
        created_at: instant(row.try_get("created_at")?),
        message: OutgoingMessage {
            envelope_from: read_address(row.try_get("envelope_from")?)?,
            to: read_address(row.try_get("subscriber")?)?,
            message_id: row.try_get("message_id")?,
            bytes,
        },
    })
}
