//! What a poll brings: the entries and the feed's new state in one transaction, in a few statements however many entries there are.

use super::entries::Ingested;
use super::sql::Connection;
use super::{Result, Store, WorkerId, feeds, name_of, search, secs, sql};
use crate::model::{CanonicalUrl, FeedId, FeedState, NewEntry, Timestamp};
use std::collections::{HashMap, HashSet};

/// Entries that one statement inserts: the driver looks each value up by its name, among all of the statement.
const AT_ONCE: usize = 12;

/// What one poll of one feed brought.
pub struct Poll {
    pub feed: FeedId,
    /// The newest first, as documents have them.
    pub entries: Vec<NewEntry>,
    pub at: Timestamp,
    /// Who polled: what comes after others have taken over is refused.
    pub worker: WorkerId,
    /// Turns what was counted into the feed's new state. Validators must never run ahead of the entries they stand for, so both
    /// are written together.
    pub state: Box<dyn Fn(&Ingested) -> FeedState + Send + Sync>,
}

impl std::fmt::Debug for Poll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Poll({}, {} entries)", self.feed, self.entries.len())
    }
}

impl Store {
    /// Stores what polls brought that end at the same time in one transaction. Known keys (same feed, same key) are updated in place
    /// and never doubled.
    pub async fn record_poll(&self, poll: Poll) -> Result<(Ingested, FeedState)> {
        self.group_poll(poll).await
    }

    /// As `record_poll`, in a transaction of its own.
    pub async fn ingest(
        &self,
        feed: &FeedId,
        entries: &[NewEntry],
        now: Timestamp,
        state: impl FnOnce(&Ingested) -> FeedState + Send,
    ) -> Result<Ingested> {
        let mut tx = self.writer.begin().await?;
        let counts = take_in(&mut tx, feed, entries, now).await?;
        feeds::write_state(&mut *tx, feed, &state(&counts)).await?;
        tx.commit().await?;
        Ok(counts)
    }
}

pub(super) async fn write_poll(tx: &mut Connection, poll: &Poll) -> Result<(Ingested, FeedState)> {
    let counts = take_in(tx, &poll.feed, &poll.entries, poll.at).await?;
    let state = (poll.state)(&counts);
    feeds::write_state(tx, &poll.feed, &state).await?;
    Ok((counts, state))
}

async fn take_in(tx: &mut Connection, feed: &FeedId, entries: &[NewEntry], now: Timestamp) -> Result<Ingested> {
    let mut counts = Ingested::default();
    // Oldest first, so that ids ascend with time within a poll.
    let mut rest: Vec<&NewEntry> = entries.iter().rev().collect();
    // A key that stands twice in a document is an edit of itself: the second comes when the first is there.
    while !rest.is_empty() {
        let mut keys = HashSet::new();
        let (these, later) = rest.into_iter().partition(|entry| keys.insert(entry.key.0.as_str()));
        upsert(tx, feed, these, now, &mut counts).await?;
        rest = later;
    }
    Ok(counts)
}

/// Of entries with different keys.
async fn upsert(
    tx: &mut Connection,
    feed: &FeedId,
    entries: Vec<&NewEntry>,
    now: Timestamp,
    counts: &mut Ingested,
) -> Result<()> {
    let known = known(tx, feed, &entries).await?;
    let (mut same, mut new) = (Vec::new(), Vec::new());
    for entry in entries {
        match known.get(entry.key.0.as_str()) {
            None => new.push(entry),
            Some(known) if known.headline == entry.headline && known.summary == entry.summary => same.push(known.id),
            Some(known) => {
                edit(tx, known, entry, now).await?;
                counts.changed += 1;
            }
        }
    }
    counts.known += same.len();
    counts.new += new.len();
    if !same.is_empty() {
        sql::query("UPDATE entries SET last_seen = $2 WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))")
            .bind(serde_json::to_string(&same).unwrap_or_default())
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let polled: Option<Option<i64>> = sql::query_scalar("SELECT last_ok_at FROM feeds WHERE id = $1")
        .bind(feed.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    let backlog = polled.flatten().is_none();
    for part in new.chunks(AT_ONCE) {
        insert(tx, feed, part, now, backlog).await?;
    }
    Ok(())
}

struct Known {
    id: i64,
    headline: String,
    summary: String,
}

async fn known(tx: &mut Connection, feed: &FeedId, entries: &[&NewEntry]) -> Result<HashMap<String, Known>> {
    let keys: Vec<&str> = entries.iter().map(|entry| entry.key.0.as_str()).collect();
    let rows = sql::query(
        "SELECT key, id, headline, summary FROM entries WHERE feed = $1 AND key IN (SELECT value FROM json_each($2))",
    )
    .bind(feed.as_str())
    .bind(serde_json::to_string(&keys).unwrap_or_default())
    .fetch_all(tx)
    .await?;
    let read = |row: &sql::Row| {
        Ok((row.try_get(0)?, Known { id: row.try_get(1)?, headline: row.try_get(2)?, summary: row.try_get(3)? }))
    };
    rows.iter().map(read).collect()
}

/// The publisher has put other words in place of those there were.
async fn edit(tx: &mut Connection, known: &Known, entry: &NewEntry, now: Timestamp) -> Result<()> {
    sql::query("INSERT INTO entry_versions (entry, headline, summary, replaced_at) VALUES ($1, $2, $3, $4)")
        .bind(known.id)
        .bind(&known.headline)
        .bind(&known.summary)
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
    sql::query("UPDATE entries SET headline = $2, summary = $3, updated = $4, last_seen = $5 WHERE id = $1")
        .bind(known.id)
        .bind(&entry.headline)
        .bind(&entry.summary)
        .bind(entry.updated.map(secs))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
    search::take_in(tx, known.id, &entry.headline, &entry.summary).await
}

async fn insert(
    tx: &mut Connection,
    feed: &FeedId,
    entries: &[&NewEntry],
    now: Timestamp,
    backlog: bool,
) -> Result<()> {
    let row = |number: usize| {
        let own: Vec<String> = (0..11).map(|column| format!("${}", 4 + number * 11 + column)).collect();
        format!("($1, {}, $2, $2, $3)", own.join(", "))
    };
    let rows: Vec<String> = (0..entries.len()).map(row).collect();
    let text = format!(
        "INSERT INTO entries (feed, key, guid, url, headline, summary, author, source, categories, lang, published, updated,
            first_seen, last_seen, backlog) VALUES {} RETURNING id, key",
        rows.join(", ")
    );
    let insert = sql::query(sqlx::AssertSqlSafe(text)).bind(feed.as_str()).bind(secs(now)).bind(backlog);
    let insert = entries.iter().fold(insert, |insert, entry| {
        insert
            .bind(&entry.key.0)
            .bind(&entry.guid)
            .bind(entry.url.as_ref().map(CanonicalUrl::as_str))
            .bind(&entry.headline)
            .bind(&entry.summary)
            .bind(&entry.author)
            .bind(&entry.source)
            .bind(serde_json::to_string(&entry.categories).unwrap_or_else(|_| "[]".into()))
            .bind(name_of(&entry.lang))
            .bind(entry.published.map(secs))
            .bind(entry.updated.map(secs))
    });
    let mut ids: HashMap<String, i64> = HashMap::new();
    for row in insert.fetch_all(&mut *tx).await? {
        ids.insert(row.try_get(1)?, row.try_get(0)?);
    }
    for entry in entries {
        if let Some(id) = ids.get(entry.key.0.as_str()) {
            search::take_in(tx, *id, &entry.headline, &entry.summary).await?;
        }
    }
    Ok(())
}
