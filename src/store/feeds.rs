//! Feeds in the store: what polling learned about each.

use super::sql::Row;
use super::transaction::Connection;
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
        let rows = sql::query("SELECT id, url FROM feeds").fetch_all(&self.reader).await?;
        let known = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let known = known.collect::<Result<HashMap<&str, &str>>>()?;
        let other = |feed: &&Feed| known.get(feed.id.as_str()) != Some(&feed.url.as_str());
        let other: Vec<(&str, &str)> =
            feeds.iter().filter(other).map(|feed| (feed.id.as_str(), feed.url.as_str())).collect();
        if other.is_empty() {
            return Ok(());
        }
        // WHERE: without it SQLite takes ON for a join's.
        sql::query(
            "INSERT INTO feeds (id, url) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($1) WHERE true
                 ON CONFLICT (id) DO UPDATE SET url = excluded.url, etag = NULL, last_modified = NULL, validators_of = NULL, moved_to = NULL,
                    next_poll_at = NULL, failures = 0, last_error = NULL, min_interval = NULL, skips = 0, rhythm = NULL,
                    health = CASE feeds.health WHEN 'gone' THEN 'new' ELSE feeds.health END
                 WHERE feeds.url <> excluded.url",
        )
        .bind(serde_json::to_string(&other).unwrap_or_else(|_| "[]".into()))
        .execute(&self.writer)
        .await?;
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

/// What is known of each feed now; of one that stands twice, what is said last.
pub(super) async fn write_states(tx: &mut Connection<'_>, states: &[(&FeedId, FeedState)]) -> Result<()> {
    let last: HashMap<&FeedId, &FeedState> = states.iter().map(|(feed, state)| (*feed, state)).collect();
    let rows: Vec<serde_json::Value> = last.into_iter().map(|(feed, state)| row(feed, state)).collect();
    sql::query(
        "UPDATE feeds SET health = reached.health, etag = reached.etag, last_modified = reached.last_modified, last_polled_at = reached.last_polled_at,
            last_ok_at = reached.last_ok_at, last_new_at = reached.last_new_at, next_poll_at = reached.next_poll_at, failures =
            reached.failures, last_error = reached.last_error, moved_to = reached.moved_to, min_interval = reached.min_interval,
            validators_of = reached.validators_of, skips = reached.skips, rhythm = reached.rhythm
         FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS health, json_extract(value, '$[2]') AS etag,
                json_extract(value, '$[3]') AS last_modified, CAST(json_extract(value, '$[4]') AS BIGINT) AS last_polled_at,
                CAST(json_extract(value, '$[5]') AS BIGINT) AS last_ok_at, CAST(json_extract(value, '$[6]') AS BIGINT) AS last_new_at,
                CAST(json_extract(value, '$[7]') AS BIGINT) AS next_poll_at, CAST(json_extract(value, '$[8]') AS BIGINT) AS failures,
                json_extract(value, '$[9]') AS last_error, json_extract(value, '$[10]') AS moved_to, CAST(json_extract(value, '$[11]') AS
                BIGINT) AS min_interval, json_extract(value, '$[12]') AS validators_of, CAST(json_extract(value, '$[13]') AS BIGINT) AS
                skips, CAST(json_extract(value, '$[14]') AS BIGINT) AS rhythm
            FROM json_each($1)) AS reached WHERE feeds.id = reached.id",
    )
    .bind(serde_json::to_string(&rows).unwrap_or_else(|_| "[]".into()))
    .execute(tx)
    .await?;
    Ok(())
}

/// As the statement above reads it.
fn row(feed: &FeedId, state: &FeedState) -> serde_json::Value {
    // A JSON text of PostgreSQL can't hold U+0000.
    let text = |text: &Option<String>| text.as_ref().map(|text| text.replace('\0', "\u{fffd}"));
    let seconds = |length: Option<u64>| length.and_then(|length| i64::try_from(length).ok());
    serde_json::json!([
        feed.as_str(),
        name_of(&state.health),
        text(&state.validators.etag),
        text(&state.validators.last_modified),
        state.last_polled_at.map(secs),
        state.last_ok_at.map(secs),
        state.last_new_at.map(secs),
        state.next_poll_at.map(secs),
        state.failures,
        text(&state.last_error),
        text(&state.moved_to),
        seconds(state.min_interval),
        text(&state.validators.of),
        i64::from(state.skips.hours) | i64::from(state.skips.days) << 24,
        seconds(state.rhythm),
    ])
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
