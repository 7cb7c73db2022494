//! Suppressions: addresses that get no mail, whatever TOML says; and what is kept about one reader.

use super::transaction::Alone;
use super::{Result, Store, StoreError, confirmations, instant, secs, sql};
use crate::model::{EmailAddress, Timestamp};

#[derive(Debug, Clone, PartialEq)]
pub struct Suppression {
    pub address: EmailAddress,
    pub reason: String,
    pub created_at: Timestamp,
    /// `None`: for good.
    pub until: Option<Timestamp>,
}

impl Store {
    pub async fn suppress(
        &self,
        address: &EmailAddress,
        reason: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<()> {
        sql::query(
            "INSERT INTO suppressions (address, reason, created_at, until) VALUES ($1, $2, $3, $4)
             ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, until = excluded.until",
        )
        .bind(address.as_str())
        .bind(reason)
        .bind(secs(now))
        .bind(until.map(secs))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// `false` if the address was not suppressed.
    pub async fn unsuppress(&self, address: &EmailAddress) -> Result<bool> {
        let done = sql::query("DELETE FROM suppressions WHERE address = $1").bind(address.as_str());
        Ok(done.execute(&self.writer).await?.rows_affected() > 0)
    }

    pub async fn suppressions(&self) -> Result<Vec<Suppression>> {
        let rows =
            sql::query("SELECT * FROM suppressions ORDER BY created_at, address").fetch_all(&self.reader).await?;
        rows.iter()
            .map(|row| {
                let address: &str = row.try_get("address")?;
                let address = address.parse().map_err(|error| StoreError::Corrupt {
                    what: "suppressions.address",
                    reason: format!("{error}"),
                })?;
                Ok(Suppression {
                    address,
                    reason: row.try_get("reason")?,
                    created_at: instant(row.try_get("created_at")?),
                    until: row.try_get::<Option<i64>, _>("until")?.map(instant),
                })
            })
            .collect()
    }

    /// Removes a reader: the bytes of their mails go, and their address in the history becomes one that leads nowhere but still
    /// keeps (edition, subscriber) unique. Returns how many deliveries were changed.
    pub async fn erase(&self, address: &EmailAddress, now: Timestamp) -> Result<u64> {
        let mut tx = self.writer.begin_alone(&[Alone::Editions, Alone::Entries, Alone::Mails]).await?;
        let changed = sql::query(
            "UPDATE deliveries SET bytes = NULL, sheet = NULL, own = NULL, hash = NULL, next_attempt_at = NULL, ended_at = COALESCE(ended_at, $3),
                status = CASE WHEN status IN ('queued', 'deferred', 'sending', 'quarantined') THEN 'cancelled' ELSE status END,
                fence = fence + 1, subscriber = $2 WHERE subscriber = $1",
        )
        .bind(address.as_str())
        .bind(confirmations::erased(address.as_str()))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        for table in ["suppressions", "soft_bounces"] {
            let delete = format!("DELETE FROM {table} WHERE address = $1");
            sql::query(sqlx::AssertSqlSafe(delete)).bind(address.as_str()).execute(&mut *tx).await?;
        }
        confirmations::erase(&mut tx, address).await?;
        tx.commit().await?;
        Ok(changed)
    }
}
