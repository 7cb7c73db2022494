//! What is removed with time, and the health of the file.

use super::{Result, Store, StoreError, search, secs, sql};
use crate::model::Timestamp;

/// What a clean-up removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    pub entries: u64,
    pub editions: u64,
    pub messages: u64,
}

impl Store {
    /// Removes entries last seen in their feed before `entries`, editions created before `editions` whose deliveries have all
    /// ended, and the bytes of mails that ended before `messages`.
    pub async fn prune(&self, entries: Timestamp, editions: Timestamp, messages: Timestamp) -> Result<Pruned> {
        let mut tx = self.writer.begin().await?;
        let messages = sql::query(
            "UPDATE deliveries SET bytes = NULL, sheet = NULL, own = NULL, hash = NULL
             WHERE (bytes IS NOT NULL OR own IS NOT NULL) AND ended_at < $1",
        )
        .bind(secs(messages))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        // A sheet goes with the last mail that is made from it.
        sql::query("DELETE FROM sheets WHERE id NOT IN (SELECT sheet FROM deliveries WHERE sheet IS NOT NULL)")
            .execute(&mut *tx)
            .await?;
        // The newest edition of each cadence stays: it is the cursor that keeps entries from being shown twice.
        let editions = sql::query(
            "DELETE FROM editions WHERE created_at < $1
                AND id NOT IN (SELECT edition FROM deliveries WHERE status IN ('queued', 'sending', 'deferred'))
                AND EXISTS (SELECT 1 FROM editions AS later WHERE later.digest = editions.digest
                    AND later.cadence = editions.cadence AND later.slot > editions.slot AND later.state <> 'folded')",
        )
        .bind(secs(editions))
        .execute(&mut *tx)
        .await?
        .rows_affected();
        search::take_out(&mut tx, secs(entries)).await?;
        // Seen last means seen first, and of that there is an index: a year's entries are not read for a day's.
        let entries = sql::query("DELETE FROM entries WHERE first_seen < $1 AND last_seen < $1")
            .bind(secs(entries))
            .execute(&mut *tx)
            .await?
            .rows_affected();
        tx.commit().await?;
        Ok(Pruned { entries, editions, messages })
    }

    /// The findings of SQLite's own check; empty if the file is sound. PostgreSQL has no such check in SQL: there `pg_amcheck`.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        if self.reader.is_postgres() {
            return Err(StoreError::NotHere { what: "checking the files", instead: "pg_amcheck" });
        }
        let found: Vec<String> = sql::query_scalar("PRAGMA integrity_check").fetch_all(&self.reader).await?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    /// A consistent copy of the database while it is in use.
    pub async fn backup(&self, target: &std::path::Path) -> Result<()> {
        if self.writer.is_postgres() {
            return Err(StoreError::NotHere { what: "a backup", instead: "pg_dump" });
        }
        sql::query("VACUUM INTO $1").bind(target.to_string_lossy().into_owned()).execute(&self.writer).await?;
        Ok(())
    }
}
