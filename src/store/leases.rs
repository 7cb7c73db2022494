//! The outbox's state machine: claimed by lease, asked once more before the final dot, recorded under a fence, never marked
//! sent before it is sent.
//!
//! A lease has no end in wall-clock time, so no jump of the clock frees or prolongs it: the worker ends it itself, by a monotonic
//! limit, and `recover_leases` ends a dead process's. With SQLite it belongs to the process that holds the data folder's lock,
//! with PostgreSQL to the worker that the row names (`workers.rs`).

use super::deliveries::read_address;
use super::notices::RELAY_ONLY;
use super::sql::Row;
use super::transaction::Transaction;
use super::workers::{ORPHANED, ms};
use super::{Result, Store, instant, secs, sql};
use crate::config::Rate;
use crate::failpoint;
use crate::model::{Delivery, DeliveryId, DeliveryUpdate, EditionId, Go, OutgoingMessage, SendOutcome, Timestamp};
use std::time::Duration;

/// Crashes while sending one row before it waits for the operator.
const POISON: i64 = 3;

/// How many mails may be under way.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Beside those that are.
    pub free: u32,
    /// To readers of one domain, with those that are.
    pub a_domain: u32,
    /// Begun within a span, by whatever worker; for a process that is alone its own memory is enough.
    pub rate: Option<Rate>,
}

impl From<u32> for Places {
    fn from(free: u32) -> Self {
        Self { free, a_domain: u32::MAX, rate: None }
    }
}

/// Due deliveries are wanted.
#[derive(Debug)]
pub(super) struct Claim {
    /// A condition on the row.
    pub which: &'static str,
    pub now: Timestamp,
    pub places: Places,
}

/// A mail has come to its final dot.
#[derive(Debug)]
pub(super) struct Dot {
    id: DeliveryId,
    fence: i64,
    now: Timestamp,
}

/// An attempt has ended.
#[derive(Debug)]
pub(super) struct Record {
    id: DeliveryId,
    fence: i64,
    outcome: SendOutcome,
    update: DeliveryUpdate,
    now: Timestamp,
}

impl Store {
    /// Claims due deliveries, as many as have places. Those suppressed meanwhile end as suppressed and are not returned. What was being sent
    /// when a process died is claimed when nothing else is due, and alone: only so can the third crash be blamed on it.
    pub async fn lease(&self, now: Timestamp, places: impl Into<Places>) -> Result<Vec<Delivery>> {
        let leased = self.lease_more(now, places).await?;
        if leased.is_empty() { self.claimed("crashes > 0", now, 1.into()).await } else { Ok(leased) }
    }

    /// As `lease`, while others are under way: nothing that must go alone.
    pub async fn lease_more(&self, now: Timestamp, places: impl Into<Places>) -> Result<Vec<Delivery>> {
        self.claimed("crashes = 0", now, places.into()).await
    }

    async fn claimed(&self, which: &'static str, now: Timestamp, places: Places) -> Result<Vec<Delivery>> {
        self.group_lease(Claim { which, now, places }).await
    }

    /// The last question before the final dot. `Ahead` is durable before it is answered: whatever dies now, the next process knows
    /// that this mail may have arrived. Whoever left, was erased or cancelled while the mail was under way gets none, and neither
    /// does anybody whose acceptance could not be written down.
    pub async fn before_dot(&self, delivery: &Delivery, now: Timestamp) -> Go {
        match self.group_dot(Dot { id: delivery.id, fence: delivery.fence, now }).await {
            Ok(true) => Go::Ahead,
            Ok(false) => Go::Back("called off before the final dot: suppressed, cancelled or taken over".to_owned()),
            Err(error) => {
                Go::Back(format!("called off before the final dot, as its end could not be recorded: {error}"))
            }
        }
    }

    /// Records how an attempt ended. `false`: somebody else holds the row by now, and nothing was written.
    pub async fn record_attempt(
        &self,
        delivery: &Delivery,
        outcome: &SendOutcome,
        update: &DeliveryUpdate,
        now: Timestamp,
    ) -> Result<bool> {
        let (id, fence, outcome, update) = (delivery.id, delivery.fence, outcome.clone(), update.clone());
        self.group_record(Record { id, fence, outcome, update, now }).await
    }

    /// How long the relay's rate keeps the next mail back, by what all workers began.
    pub async fn rate_wait(&self, rate: Rate) -> Result<Duration> {
        let text = format!(
            "SELECT begun + $1 - clock_ms() FROM attempts WHERE begun > clock_ms() - $1 AND NOT ({RELAY_ONLY}) IS TRUE
             ORDER BY begun DESC LIMIT 1 OFFSET $2"
        );
        let wait = sql::query_scalar(sqlx::AssertSqlSafe(text)).bind(ms(rate.span)).bind(i64::from(rate.mails) - 1);
        let wait: Option<i64> = wait.fetch_optional(&self.reader).await?;
        Ok(Duration::from_millis(wait.and_then(|wait| u64::try_from(wait).ok()).unwrap_or(0)))
    }

    /// When attempts began after `since` that came further than the login, or may have.
    pub async fn attempts_since(&self, since: Timestamp) -> Result<Vec<Timestamp>> {
        let text = format!("SELECT started_at FROM attempts WHERE started_at > $1 AND NOT ({RELAY_ONLY}) IS TRUE");
        let started = sql::query_scalar(sqlx::AssertSqlSafe(text));
        let started: Vec<i64> = started.bind(secs(since)).fetch_all(&self.reader).await?;
        Ok(started.into_iter().map(instant).collect())
    }
}

/// Mails that nobody is sending any more are queued again with the same bytes; one that was being sent at the third crash in a row
/// waits for the operator. Returns how many were queued and how many quarantined.
pub(super) async fn queue_again(tx: &mut Transaction<'_>, now: Timestamp) -> Result<(u64, u64)> {
    let aside = format!(
        "UPDATE deliveries SET status = 'quarantined', next_attempt_at = NULL, stage = NULL,
            fence = fence + 1, crashes = crashes + 1,
            answer = 'the process died three times while sending this; `khyber outbox retry` tries again'
         WHERE {ORPHANED} AND crashes + 1 >= $1"
    );
    let quarantined = sql::query(sqlx::AssertSqlSafe(aside)).bind(POISON).execute(&mut **tx).await?.rows_affected();
    let again = format!(
        "UPDATE deliveries SET status = 'queued', next_attempt_at = $1, fence = fence + 1, crashes = crashes + 1,
            answer = CASE WHEN stage = 'dot'
                THEN 'the process died at the final dot: unknown whether it arrived, sent again unchanged'
                ELSE 'the process died before the final dot: nothing was handed over' END,
            stage = NULL
         WHERE {ORPHANED}"
    );
    let queued = sql::query(sqlx::AssertSqlSafe(again)).bind(secs(now)).execute(&mut **tx).await?.rows_affected();
    failpoint::reached("store.recover");
    Ok((queued, quarantined))
}

/// Whether all of them may go on; their marks are durable with the transaction.
pub(super) async fn mark_dots(tx: &mut Transaction<'_>, dots: &[&Dot]) -> Result<bool> {
    let Some(now) = dots.iter().map(|dot| dot.now).max() else { return Ok(true) };
    let marked = sql::query(
        "UPDATE deliveries SET stage = 'dot' WHERE status = 'sending' AND (id, fence) IN (
            SELECT CAST(json_extract(value, '$[0]') AS BIGINT), CAST(json_extract(value, '$[1]') AS BIGINT) FROM json_each($1))
         AND NOT EXISTS (SELECT 1 FROM stopped, editions
            WHERE address = subscriber AND (until IS NULL OR until > $2) AND editions.id = edition
                AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
    );
    let pairs: Vec<(i64, i64)> = dots.iter().map(|dot| (dot.id.0, dot.fence)).collect();
    let pairs = serde_json::to_string(&pairs).unwrap_or_else(|_| "[]".into());
    let marked = marked.bind(pairs).bind(secs(now)).execute(&mut **tx).await?;
    Ok(marked.rows_affected() == dots.len() as u64)
}

/// Whether all of them were written: not one whose row somebody else holds by now.
pub(super) async fn write_records(tx: &mut Transaction<'_>, records: &[&Record]) -> Result<bool> {
    if records.is_empty() {
        return Ok(true);
    }
    let rows: Vec<serde_json::Value> = records.iter().map(|record| record.row()).collect();
    let rows = serde_json::to_string(&rows).unwrap_or_else(|_| "[]".into());
    let written = sql::query(
        "UPDATE deliveries SET status = ended.status, next_attempt_at = ended.next_attempt_at, ended_at = ended.ended_at,
            answer = ended.answer, stage = NULL, crashes = 0
         FROM (SELECT CAST(json_extract(value, '$[0]') AS BIGINT) AS id, CAST(json_extract(value, '$[1]') AS BIGINT) AS fence,
                json_extract(value, '$[2]') AS status, CAST(json_extract(value, '$[3]') AS BIGINT) AS next_attempt_at,
                CAST(json_extract(value, '$[4]') AS BIGINT) AS ended_at, json_extract(value, '$[5]') AS answer
            FROM json_each($1)) AS ended
         WHERE deliveries.id = ended.id AND deliveries.fence = ended.fence AND deliveries.status = 'sending'",
    );
    if written.bind(&rows).execute(&mut **tx).await?.rows_affected() != records.len() as u64 {
        return Ok(false);
    }
    sql::query(
        "UPDATE attempts SET ended_at = ended.at, outcome = ended.outcome
         FROM (SELECT CAST(json_extract(value, '$[0]') AS BIGINT) AS id, CAST(json_extract(value, '$[1]') AS BIGINT) AS fence,
                CAST(json_extract(value, '$[6]') AS BIGINT) AS at, json_extract(value, '$[7]') AS outcome
            FROM json_each($1)) AS ended
         WHERE attempts.delivery = ended.id AND attempts.fence = ended.fence",
    )
    .bind(rows)
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

impl Record {
    fn row(&self) -> serde_json::Value {
        // A JSON text of PostgreSQL can't hold U+0000.
        let text = |text: &str| text.replace('\0', "\u{fffd}");
        let ended = self.update.status.is_final().then(|| secs(self.now));
        let outcome = serde_json::to_string(&self.outcome).unwrap_or_default();
        serde_json::json!([
            self.id.0,
            self.fence,
            self.update.status.name(),
            self.update.next_attempt_at.map(secs),
            ended,
            text(&self.update.answer),
            secs(self.now),
            text(&outcome),
        ])
    }
}

pub(super) fn read_leased(row: &Row, bytes: Vec<u8>) -> Result<Delivery> {
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
