//! Entries in the store: the windows that publishing reads, and what is asked of single ones.

use super::sql::Row;
use super::{Result, Store, StoreError, instant, secs, sql, value_of};
use crate::model::{CanonicalUrl, EntryId, EntryKey, FeedId, Lang, NewEntry, Timestamp};
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
