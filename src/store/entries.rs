//! Entries in the store: ingest with the feed's state in one transaction, and the windows that publishing reads.

use super::sql::{Connection, Row};
use super::{Result, Store, StoreError, feeds, instant, name_of, search, secs, sql, value_of};
use crate::model::{CanonicalUrl, EntryId, EntryKey, FeedId, FeedState, Lang, NewEntry, Timestamp};
use std::collections::HashMap;

/// What one poll changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ingested {
    pub new: usize,
    /// Known entries whose headline or summary the publisher edited.
    pub changed: usize,
    pub known: usize,
}

/// An entry as stored, without the configured facts of its feed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    pub id: EntryId,
    pub feed: FeedId,
    pub entry: NewEntry,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Found by the first poll of its feed.
    pub backlog: bool,
}

/// The entries of a span of time, found through the index on it: what is older costs nothing.
const SEEN: &str = "SELECT entries.*, pages.text AS page FROM entries LEFT JOIN pages ON pages.entry = entries.id
     WHERE first_seen > $1 AND first_seen <= $2 ORDER BY entries.id";

impl Store {
    /// Stores the entries of one poll. Known keys (same feed, same key) are updated in place and never doubled.
    /// `state` turns what was counted into the feed's new state; both are written in the same transaction, so that validators
    /// never run ahead of the entries they stand for.
    pub async fn ingest(
        &self,
        feed: &FeedId,
        entries: &[NewEntry],
        now: Timestamp,
        state: impl FnOnce(&Ingested) -> FeedState + Send,
    ) -> Result<Ingested> {
        let mut tx = self.writer.begin().await?;
        let polled: Option<Option<i64>> = sql::query_scalar("SELECT last_ok_at FROM feeds WHERE id = $1")
            .bind(feed.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let backlog = polled.flatten().is_none();
        let mut counts = Ingested::default();
        // Oldest first, so that ids ascend with time within a poll.
        for entry in entries.iter().rev() {
            match upsert(&mut tx, feed, entry, now, i64::from(backlog)).await? {
                Upsert::New => counts.new += 1,
                Upsert::Changed => counts.changed += 1,
                Upsert::Known => counts.known += 1,
            }
        }
        feeds::write_state(&mut *tx, feed, &state(&counts)).await?;
        tx.commit().await?;
        Ok(counts)
    }

    /// Entries first seen in `(after, until]`, by id.
    pub async fn entries_seen(&self, after: Timestamp, until: Timestamp) -> Result<Vec<StoredEntry>> {
        let rows = sql::query(SEEN).bind(secs(after)).bind(secs(until)).fetch_all(&self.reader).await?;
        rows.iter().map(read_entry).collect()
    }

    /// By number, or by the start of a link.
    pub async fn find_entries(&self, id: Option<EntryId>, url: Option<&str>) -> Result<Vec<StoredEntry>> {
        let rows = sql::query(
            "SELECT entries.*, pages.text AS page FROM entries LEFT JOIN pages ON pages.entry = entries.id
             WHERE entries.id = $1 OR url = $2 OR guid = $2 ORDER BY entries.id LIMIT 50",
        )
        .bind(id.map(|id| id.0))
        .bind(url)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(read_entry).collect()
    }

    pub async fn count_entries(&self) -> Result<i64> {
        sql::query_scalar("SELECT count(*) FROM entries").fetch_one(&self.reader).await
    }

    /// Headlines replaced since then, of all entries, oldest first.
    pub async fn headlines_replaced(&self, since: Timestamp) -> Result<HashMap<EntryId, Vec<(Timestamp, String)>>> {
        let rows = sql::query(
            "SELECT entry, replaced_at, headline FROM entry_versions WHERE replaced_at >= $1 ORDER BY replaced_at, rowid",
        );
        let mut found: HashMap<EntryId, Vec<(Timestamp, String)>> = HashMap::new();
        for row in rows.bind(secs(since)).fetch_all(&self.reader).await? {
            let version = (instant(row.try_get(1)?), row.try_get(2)?);
            found.entry(EntryId(row.try_get(0)?)).or_default().push(version);
        }
        Ok(found)
    }

    /// Headlines that the publisher replaced, oldest first.
    pub async fn headline_versions(&self, entry: EntryId) -> Result<Vec<(Timestamp, String)>> {
        let rows = sql::query("SELECT replaced_at, headline FROM entry_versions WHERE entry = $1 ORDER BY replaced_at")
            .bind(entry.0)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(|row| Ok((instant(row.try_get(0)?), row.try_get(1)?))).collect()
    }
}

enum Upsert {
    New,
    Changed,
    Known,
}

async fn upsert(tx: &mut Connection, feed: &FeedId, entry: &NewEntry, now: Timestamp, backlog: i64) -> Result<Upsert> {
    let known = sql::query("SELECT id, headline, summary FROM entries WHERE feed = $1 AND key = $2")
        .bind(feed.as_str())
        .bind(&entry.key.0)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(known) = known else {
        insert(tx, feed, entry, now, backlog).await?;
        return Ok(Upsert::New);
    };
    let (id, headline, summary): (i64, String, String) = (known.try_get(0)?, known.try_get(1)?, known.try_get(2)?);
    if headline == entry.headline && summary == entry.summary {
        sql::query("UPDATE entries SET last_seen = $2 WHERE id = $1").bind(id).bind(secs(now)).execute(tx).await?;
        return Ok(Upsert::Known);
    }
    sql::query("INSERT INTO entry_versions (entry, headline, summary, replaced_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(headline)
        .bind(summary)
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
    sql::query("UPDATE entries SET headline = $2, summary = $3, updated = $4, last_seen = $5 WHERE id = $1")
        .bind(id)
        .bind(&entry.headline)
        .bind(&entry.summary)
        .bind(entry.updated.map(secs))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
    search::take_in(tx, id, &entry.headline, &entry.summary).await?;
    Ok(Upsert::Changed)
}

async fn insert(tx: &mut Connection, feed: &FeedId, entry: &NewEntry, now: Timestamp, backlog: i64) -> Result<()> {
    let id: i64 = sql::query_scalar(
        "INSERT INTO entries (feed, key, guid, url, headline, summary, author, source, categories, lang, published, updated,
            first_seen, last_seen, backlog) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
         RETURNING id",
    )
    .bind(feed.as_str())
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
    .bind(secs(now))
    .bind(backlog)
    .fetch_one(&mut *tx)
    .await?;
    search::take_in(tx, id, &entry.headline, &entry.summary).await
}

/// The feed's own words first, since a digest quotes the start; what the page adds is there for judging and comparing.
fn with_page(summary: String, page: Option<String>) -> String {
    match page {
        None => summary,
        Some(page) if summary.is_empty() || page.starts_with(summary.trim_end_matches(['.', '…', ' '])) => page,
        Some(page) => format!("{summary} {page}"),
    }
}

pub(super) fn read_entry(row: &Row) -> Result<StoredEntry> {
    let categories: &str = row.try_get("categories")?;
    let categories = serde_json::from_str(categories)
        .map_err(|error| StoreError::Corrupt { what: "entries.categories", reason: error.to_string() })?;
    let entry = NewEntry {
        key: EntryKey(row.try_get("key")?),
        guid: row.try_get("guid")?,
        url: row.try_get::<Option<String>, _>("url")?.map(CanonicalUrl::trusted),
        headline: row.try_get("headline")?,
        summary: with_page(row.try_get("summary")?, row.try_get("page")?),
        author: row.try_get("author")?,
        source: row.try_get("source")?,
        categories,
        lang: value_of::<Lang>(row.try_get("lang")?, "entries.lang")?,
        published: row.try_get::<Option<i64>, _>("published")?.map(instant),
        updated: row.try_get::<Option<i64>, _>("updated")?.map(instant),
    };
    Ok(StoredEntry {
        id: EntryId(row.try_get("id")?),
        feed: value_of(row.try_get("feed")?, "entries.feed")?,
        entry,
        first_seen: instant(row.try_get("first_seen")?),
        last_seen: instant(row.try_get("last_seen")?),
        backlog: row.try_get::<i64, _>("backlog")? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_is_found_through_the_index_on_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {SEEN}");
        let rows = sql::query(sqlx::AssertSqlSafe(plan)).bind(1).bind(2).fetch_all(&store.reader).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("detail").unwrap()).collect();
        let plan = steps.join("; ");
        assert!(plan.contains("SEARCH entries USING INDEX entries_first_seen"), "{plan}");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}
