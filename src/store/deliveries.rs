//! The outbox as the operator sees it: lists, counts, another try, an end.

use super::sql::Row;
use super::{Result, Store, StoreError, instant, secs, sql, value_of};
use crate::model::{DeliveryId, DeliveryStatus, DigestId, EditionId, EmailAddress, Timestamp};

/// One row of `khyber outbox list`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub edition: EditionId,
    pub digest: DigestId,
    pub slot: Timestamp,
    pub subscriber: EmailAddress,
    pub status: DeliveryStatus,
    /// `sending` has come to the final dot: it may have arrived.
    pub at_dot: bool,
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
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<DeliveryRow>> {
        let rows = sql::query(
            "SELECT deliveries.id, edition, digest, slot, subscriber, status, stage, attempts, next_attempt_at,
                deliveries.created_at, ended_at, answer, message_id
             FROM deliveries JOIN editions ON editions.id = edition
             WHERE ($1 IS NULL OR edition = $1) AND ($2 IS NULL OR subscriber = $2)
                AND ($3 = '[]' OR status IN (SELECT value FROM json_each($3))) ORDER BY deliveries.id DESC LIMIT 10000",
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
             WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND bytes IS NOT NULL AND status NOT IN ('accepted', 'sending')",
            ids,
            now,
        )
        .await
    }

    /// Ends deliveries that wait. Returns how many.
    pub async fn cancel_deliveries(&self, ids: &[DeliveryId], now: Timestamp) -> Result<u64> {
        self.change_deliveries(
            "UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL, ended_at = $2
             WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND status IN ('queued', 'deferred', 'quarantined')",
            ids,
            now,
        )
        .await
    }

    /// Those as old as `created` that still wait end as expired: the relay was tried in vain, and so long that the news is stale.
    pub async fn expire_deliveries(&self, created: Timestamp, now: Timestamp) -> Result<u64> {
        let expired = sql::query(
            "UPDATE deliveries SET status = 'expired', next_attempt_at = NULL, ended_at = $2,
                answer = COALESCE(answer, 'never tried: the relay could not be used')
             WHERE status IN ('queued', 'deferred') AND created_at <= $1",
        );
        Ok(expired.bind(secs(created)).bind(secs(now)).execute(&self.writer).await?.rows_affected())
    }

    /// Quarantined ones as old as `created`, whose operator never came, end as expired.
    pub async fn expire_quarantined(&self, created: Timestamp, now: Timestamp) -> Result<u64> {
        let expired = sql::query(
            "UPDATE deliveries SET status = 'expired', ended_at = $2 WHERE status = 'quarantined' AND created_at <= $1",
        );
        Ok(expired.bind(secs(created)).bind(secs(now)).execute(&self.writer).await?.rows_affected())
    }

    async fn change_deliveries(&self, sql: &'static str, ids: &[DeliveryId], now: Timestamp) -> Result<u64> {
        let ids = serde_json::to_string(ids).unwrap_or_else(|_| "[]".into());
        Ok(sql::query(sql).bind(ids).bind(secs(now)).execute(&self.writer).await?.rows_affected())
    }

    /// How many deliveries are in each state, and when the next is due.
    pub async fn outbox_counts(&self) -> Result<(Vec<(DeliveryStatus, i64)>, Option<Timestamp>)> {
        let rows =
            sql::query("SELECT status, count(*) FROM deliveries GROUP BY status").fetch_all(&self.reader).await?;
        let counts = rows
            .iter()
            .map(|row| Ok((read_status(row.try_get(0)?)?, row.try_get(1)?)))
            .collect::<Result<Vec<(DeliveryStatus, i64)>>>()?;
        let next: Option<i64> = sql::query_scalar(
            "SELECT min(next_attempt_at) FROM deliveries WHERE status IN ('queued', 'deferred')",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok((counts, next.map(instant)))
    }

    /// The exact bytes of a delivery's mail, unless they were removed.
    pub async fn delivery_bytes(&self, id: DeliveryId) -> Result<Option<Vec<u8>>> {
        let bytes = sql::query_scalar("SELECT bytes FROM deliveries WHERE id = $1").bind(id.0);
        Ok(bytes.fetch_optional(&self.reader).await?.flatten())
    }
}

fn statuses(filter: &DeliveryFilter) -> String {
    let names: Vec<&str> = filter.statuses.iter().map(|status| status.name()).collect();
    serde_json::to_string(&names).unwrap_or_else(|_| "[]".into())
}

fn read_status(name: &str) -> Result<DeliveryStatus> {
    DeliveryStatus::from_name(name)
        .ok_or_else(|| StoreError::Corrupt { what: "deliveries.status", reason: format!("`{name}`") })
}

pub(super) fn read_address(text: &str) -> Result<EmailAddress> {
    text.parse().map_err(|error| StoreError::Corrupt { what: "an address of deliveries", reason: format!("{error}") })
}

fn read_row(row: &Row) -> Result<DeliveryRow> {
    let when = |column: &str| -> Result<Option<Timestamp>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(instant)) };
    Ok(DeliveryRow {
        id: DeliveryId(row.try_get("id")?),
        edition: EditionId(row.try_get("edition")?),
        digest: value_of(row.try_get("digest")?, "editions.digest")?,
        slot: instant(row.try_get("slot")?),
        subscriber: read_address(row.try_get("subscriber")?)?,
        at_dot: row.try_get::<Option<String>, _>("stage")?.is_some(),
        status: read_status(row.try_get("status")?)?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        next_attempt_at: when("next_attempt_at")?,
        created_at: instant(row.try_get("created_at")?),
        ended_at: when("ended_at")?,
        answer: row.try_get("answer")?,
        message_id: row.try_get("message_id")?,
    })
}
