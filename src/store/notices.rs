//! What the operator was told, and how the relay did: enough to tell a standing trouble once a day.

use super::{Result, Store, instant, secs};
use crate::model::{DeliveryId, Timestamp};
use sqlx::Row;

/// An attempt that ended between us and the relay, before any mail was named.
pub(super) const RELAY_ONLY: &str =
    "json_extract(outcome, '$.deferred.stage') IN ('connect', 'greeting', 'ehlo', 'tls', 'auth')";

/// How the last attempts at the relay ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelayHealth {
    /// When it last took or refused a mail: it answers.
    pub last_answer: Option<Timestamp>,
    /// The first failure since.
    pub failing_since: Option<Timestamp>,
    pub failures: i64,
    /// What came of the last attempt, without an address.
    pub last_said: Option<String>,
}

/// One thing that the operator was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub kind: String,
    pub subject: String,
    pub at: Timestamp,
}

impl Store {
    pub async fn relay_health(&self) -> Result<RelayHealth> {
        let answered = format!(
            "SELECT max(ended_at) FROM attempts WHERE outcome IS NOT NULL AND NOT ({RELAY_ONLY}) IS TRUE
            AND json_extract(outcome, '$.unknown') IS NULL"
        );
        let last: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(answered)).fetch_one(&self.reader).await?;
        let failed = format!(
            "SELECT min(ended_at), count(*) FROM attempts WHERE ended_at > $1 AND ({RELAY_ONLY} OR json_extract(outcome, '$.unknown') IS NOT NULL)"
        );
        let row =
            sqlx::query(sqlx::AssertSqlSafe(failed)).bind(last.unwrap_or(i64::MIN)).fetch_one(&self.reader).await?;
        let since: Option<i64> = row.try_get(0)?;
        let said = sqlx::query_scalar(
            "SELECT answer FROM attempts JOIN deliveries ON deliveries.id = delivery AND deliveries.fence = attempts.fence
             WHERE attempts.ended_at IS NOT NULL ORDER BY attempts.ended_at DESC, delivery DESC LIMIT 1",
        );
        let last_said: Option<Option<String>> = said.fetch_optional(&self.reader).await?;
        Ok(RelayHealth {
            last_answer: last.map(instant),
            failing_since: since.map(instant),
            failures: row.try_get(1)?,
            last_said: last_said.flatten(),
        })
    }

    /// Deliveries that ended as expired since `since`.
    pub async fn expired_since(&self, since: Timestamp) -> Result<Vec<DeliveryId>> {
        let ids =
            sqlx::query_scalar("SELECT id FROM deliveries WHERE status = 'expired' AND ended_at >= $1 ORDER BY id");
        let ids: Vec<i64> = ids.bind(secs(since)).fetch_all(&self.reader).await?;
        Ok(ids.into_iter().map(DeliveryId).collect())
    }

    pub async fn told(&self) -> Result<Vec<Told>> {
        let rows = sqlx::query("SELECT kind, subject, told_at FROM notices").fetch_all(&self.reader).await?;
        rows.iter()
            .map(|row| {
                let at = instant(row.try_get("told_at")?);
                Ok(Told { kind: row.try_get("kind")?, subject: row.try_get("subject")?, at })
            })
            .collect()
    }

    /// Remembers that the operator was told, and forgets what was told before `keep`.
    pub async fn record_told(&self, told: &[(&str, &str)], now: Timestamp, keep: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for (kind, subject) in told {
            let sql = "INSERT INTO notices (kind, subject, told_at) VALUES ($1, $2, $3)
                       ON CONFLICT (kind, subject) DO UPDATE SET told_at = excluded.told_at";
            sqlx::query(sql).bind(*kind).bind(*subject).bind(secs(now)).execute(&mut *tx).await?;
        }
        sqlx::query("DELETE FROM notices WHERE told_at < $1").bind(secs(keep)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
