//! Work that one worker does at a time: asking a publisher's host, a round of publishing. PostgreSQL's alone, and not in the
//! transactions of what is written: with SQLite the folder's lock says all of it.

use super::workers::{WorkerId, ms};
use super::{Result, Store, sql};
use crate::model::{FeedId, Timestamp};
use std::time::Duration;

/// A claim that may be wanted, and how long it rests after its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub rest: Duration,
    /// Wanted only while one of these is due.
    pub due: Vec<FeedId>,
}

/// Of `$1`, pairs of a name and a feed or none: whether it is due, or need not be.
const IS_DUE: &str = "(wanted.feed IS NULL OR EXISTS (SELECT 1 FROM feeds WHERE feeds.id = wanted.feed
    AND (feeds.next_poll_at IS NULL OR feeds.next_poll_at <= $2)))";
const WANTED: &str =
    "(SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS feed FROM json_each($1)) AS wanted";

impl Store {
    /// Makes rows for what may be claimed.
    pub async fn announce(&self, wanted: &[Wanted]) -> Result<()> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let mut rows: Vec<(&str, i64)> = wanted.iter().map(|one| (one.name.as_str(), ms(one.rest))).collect();
        // In one order, so that no two workers wait for each other.
        rows.sort_unstable();
        sql::query(
            "INSERT INTO claims (name, rest) SELECT json_extract(value, '$[0]'), CAST(json_extract(value, '$[1]') AS BIGINT) FROM json_each($1) ORDER BY 1
             ON CONFLICT (name) DO UPDATE SET rest = excluded.rest WHERE claims.rest <> excluded.rest",
        )
        .bind(serde_json::to_string(&rows).unwrap_or_default())
        .execute(&shared.pool)
        .await?;
        Ok(())
    }

    /// Claims what is free of `wanted`, `limit` at most. Rows that another is claiming at this moment are passed over.
    pub async fn claim_work(&self, wanted: &[Wanted], limit: usize, now: Timestamp) -> Result<Vec<String>> {
        let Some(shared) = &self.shared else { return Ok(Vec::new()) };
        let text = format!(
            "UPDATE claims SET worker = $3 FROM (
                SELECT name FROM claims WHERE name IN (SELECT wanted.name FROM {WANTED} WHERE {IS_DUE})
                    AND worker IS NULL AND free_at <= clock_ms()
                LIMIT $4 FOR UPDATE SKIP LOCKED) AS free
             WHERE claims.name = free.name
                AND EXISTS (SELECT 1 FROM workers WHERE id = $3 AND alive_until > clock_ms())
             RETURNING claims.name"
        );
        sql::query_scalar(sqlx::AssertSqlSafe(text))
            .bind(pairs(wanted))
            .bind(now.timestamp())
            .bind(shared.id().0)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&shared.pool)
            .await
    }

    /// When the next of `wanted` that nobody has may be claimed; `None` if others have them all, or none is due any more.
    pub async fn soonest_free(&self, wanted: &[Wanted], now: Timestamp) -> Result<Option<Duration>> {
        let Some(shared) = &self.shared else { return Ok(None) };
        let text = format!(
            "SELECT min(free_at) - clock_ms() FROM claims WHERE worker IS NULL
                AND name IN (SELECT wanted.name FROM {WANTED} WHERE {IS_DUE})"
        );
        let soonest = sql::query_scalar(sqlx::AssertSqlSafe(text)).bind(pairs(wanted)).bind(now.timestamp());
        let soonest: Option<i64> = soonest.fetch_one(&shared.pool).await?;
        Ok(soonest.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0))))
    }

    /// Whether `name` is still that worker's, by a lease that has not run out.
    pub async fn still_claimed(&self, name: &str, by: WorkerId) -> Result<bool> {
        let Some(shared) = &self.shared else { return Ok(true) };
        let still = sql::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM claims, workers WHERE name = $1 AND worker = $2 AND workers.id = $2 AND alive_until > clock_ms())",
        );
        still.bind(name).bind(by.0).fetch_one(&shared.pool).await
    }

    /// Gives claims back; each rests for a while.
    pub async fn free_work(&self, names: &[String], by: WorkerId) -> Result<()> {
        let Some(shared) = &self.shared else { return Ok(()) };
        sql::query(
            "UPDATE claims SET worker = NULL, free_at = clock_ms() + rest
             WHERE worker = $2 AND name IN (SELECT value FROM json_each($1))",
        )
        .bind(serde_json::to_string(names).unwrap_or_default())
        .bind(by.0)
        .execute(&shared.pool)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Gives back what is that worker's, but for `held`.
    pub async fn free_but(&self, held: &[String], by: WorkerId) -> Result<()> {
        let Some(shared) = &self.shared else { return Ok(()) };
        sql::query(
            "UPDATE claims SET worker = NULL, free_at = clock_ms() + rest
             WHERE worker = $2 AND name NOT IN (SELECT value FROM json_each($1))",
        )
        .bind(serde_json::to_string(held).unwrap_or_default())
        .bind(by.0)
        .execute(&shared.pool)
        .await?;
        Ok(())
    }
}

fn pairs(wanted: &[Wanted]) -> String {
    let pairs: Vec<(&str, Option<&str>)> = wanted
        .iter()
        .flat_map(|one| {
            let due = one.due.iter().map(|feed| (one.name.as_str(), Some(feed.as_str())));
            due.chain(one.due.is_empty().then_some((one.name.as_str(), None)))
        })
        .collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}
