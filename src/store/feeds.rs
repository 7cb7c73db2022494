//! Feeds in the store: what polling learned about each.

use super::sql::Row;
use super::{Result, Store, instant, name_of, secs, sql, value_of};
use crate::model::{Feed, FeedId, FeedState, Skips, Timestamp, Validators};
use std::collections::HashMap;

/// A feed as the store knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRow {
    pub id: FeedId,
    pub url: String,
    pub state: FeedState,
    /// Paused by `khyber feeds pause`.
    pub paused: bool,
    /// When the pause ends by itself; `None` if the operator has to end it.
    pub paused_until: Option<Timestamp>,
}

impl FeedRow {
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.paused && self.paused_until.is_none_or(|until| until > now)
    }
}

impl Store {
    /// Makes a row for each configured feed. A changed URL forgets the validators, redirects and failures of the old one:
    /// validators are never carried to another URL.
    pub async fn sync_feeds(&self, feeds: &[Feed]) -> Result<()> {
        let mut tx = self.writer.begin().await?;
        for feed in feeds {
            sql::query(
                "INSERT INTO feeds (id, url) VALUES ($1, $2)
                 ON CONFLICT (id) DO UPDATE SET url = excluded.url, etag = NULL, last_modified = NULL, validators_of = NULL, moved_to = NULL,
                    next_poll_at = NULL, failures = 0, last_error = NULL, min_interval = NULL, skips = 0, rhythm = NULL,
                    health = CASE feeds.health WHEN 'gone' THEN 'new' ELSE feeds.health END
                 WHERE feeds.url <> excluded.url",
            )
            .bind(feed.id.as_str())
            .bind(feed.url.as_str())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub async fn feeds(&self) -> Result<HashMap<FeedId, FeedRow>> {
        let rows = sql::query("SELECT * FROM feeds").fetch_all(&self.reader).await?;
        let rows = rows.iter().map(read_feed).collect::<Result<Vec<_>>>()?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
    }

    pub async fn feeds_named(&self, ids: &[&FeedId]) -> Result<HashMap<FeedId, FeedRow>> {
        let named = sql::query("SELECT * FROM feeds WHERE id IN (SELECT value FROM json_each($1))");
        let rows = named.bind(serde_json::to_string(ids).unwrap_or_default()).fetch_all(&self.reader).await?;
        rows.iter().map(|row| read_feed(row).map(|row| (row.id.clone(), row))).collect()
    }

    /// Polls no more, for good or until then. `false` if the feed is unknown.
    pub async fn pause_feed(&self, feed: &FeedId, until: Option<Timestamp>) -> Result<bool> {
        let paused = sql::query("UPDATE feeds SET paused = 1, paused_until = $2 WHERE id = $1");
        Ok(paused.bind(feed.as_str()).bind(until.map(secs)).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Polls again: the feed is due at once and its failures are forgotten. `false` if the feed is unknown.
    pub async fn resume_feed(&self, feed: &FeedId) -> Result<bool> {
        let resumed = sql::query(
            "UPDATE feeds SET paused = 0, paused_until = NULL, failures = 0, next_poll_at = NULL,
                health = CASE WHEN health IN ('gone', 'failing', 'blocked', 'broken') THEN 'new' ELSE health END WHERE id = $1",
        );
        Ok(resumed.bind(feed.as_str()).execute(&self.writer).await?.rows_affected() > 0)
    }
}

pub(super) async fn write_state(into: impl Into<sql::On<'_>>, feed: &FeedId, state: &FeedState) -> Result<()> {
    sql::query(
        "UPDATE feeds SET health = $2, etag = $3, last_modified = $4, last_polled_at = $5, last_ok_at = $6, last_new_at = $7,
            next_poll_at = $8, failures = $9, last_error = $10, moved_to = $11, min_interval = $12, validators_of = $13,
            skips = $14, rhythm = $15 WHERE id = $1",
    )
    .bind(feed.as_str())
    .bind(name_of(&state.health))
    .bind(&state.validators.etag)
    .bind(&state.validators.last_modified)
    .bind(state.last_polled_at.map(secs))
    .bind(state.last_ok_at.map(secs))
    .bind(state.last_new_at.map(secs))
    .bind(state.next_poll_at.map(secs))
    .bind(i64::from(state.failures))
    .bind(&state.last_error)
    .bind(&state.moved_to)
    .bind(state.min_interval.and_then(|length| i64::try_from(length).ok()))
    .bind(&state.validators.of)
    .bind(i64::from(state.skips.hours) | i64::from(state.skips.days) << 24)
    .bind(state.rhythm.and_then(|length| i64::try_from(length).ok()))
    .execute(into)
    .await?;
    Ok(())
}

fn read_feed(row: &Row) -> Result<FeedRow> {
    let when = |column: &str| -> Result<Option<Timestamp>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(instant)) };
    let skips: i64 = row.try_get("skips")?;
    let state = FeedState {
        health: value_of(row.try_get("health")?, "feeds.health")?,
        validators: Validators {
            etag: row.try_get("etag")?,
            last_modified: row.try_get("last_modified")?,
            of: row.try_get("validators_of")?,
        },
        last_polled_at: when("last_polled_at")?,
        last_ok_at: when("last_ok_at")?,
        last_new_at: when("last_new_at")?,
        next_poll_at: when("next_poll_at")?,
        failures: u32::try_from(row.try_get::<i64, _>("failures")?).unwrap_or(u32::MAX),
        last_error: row.try_get("last_error")?,
        moved_to: row.try_get("moved_to")?,
        skips: Skips { hours: (skips & 0xff_ffff) as u32, days: (skips >> 24 & 0x7f) as u8 },
        rhythm: row.try_get::<Option<i64>, _>("rhythm")?.and_then(|length| u64::try_from(length).ok()),
        min_interval: row.try_get::<Option<i64>, _>("min_interval")?.and_then(|length| u64::try_from(length).ok()),
    };
    Ok(FeedRow {
        id: value_of(row.try_get("id")?, "feeds.id")?,
        url: row.try_get("url")?,
        state,
        paused: row.try_get::<i64, _>("paused")? != 0,
        paused_until: when("paused_until")?,
    })
}
