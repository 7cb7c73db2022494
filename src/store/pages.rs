//! Article pages in the store: which are still to be read, and what came of it.

use super::{Result, Store, StoreError, secs, sql};
use crate::model::{CanonicalUrl, EntryId, FeedId, Timestamp};
use chrono::TimeDelta;

/// A page that failed this often is left alone.
const TRIES: i64 = 3;
/// Older entries are no news any more when their page comes.
const YOUNG: TimeDelta = TimeDelta::days(3);

/// What one try at a page came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageTry {
    Read(String),
    /// Asking again would change nothing: no article on it, forbidden, not there.
    Refused(String),
    /// May work another time.
    Failed(String),
}

impl Store {
    /// Entries of a feed whose pages are still to be read, the newest first.
    pub async fn pages_wanted(
        &self,
        feed: &FeedId,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<(EntryId, CanonicalUrl)>> {
        let rows = sql::query(
            "SELECT entries.id, entries.url FROM entries LEFT JOIN pages ON pages.entry = entries.id
             WHERE feed = $1 AND url IS NOT NULL AND first_seen > $2
                AND (pages.entry IS NULL OR (settled = 0 AND tries < $3 AND tried_at < $4))
             ORDER BY entries.id DESC LIMIT $5",
        )
        .bind(feed.as_str())
        .bind(secs(now - YOUNG))
        .bind(TRIES)
        .bind(secs(now))
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.reader)
        .await?;
        let page = |row: &sql::Row| -> std::result::Result<_, sqlx::Error> {
            Ok((EntryId(row.try_get(0)?), CanonicalUrl::trusted(row.try_get(1)?)))
        };
        rows.iter().map(|row| page(row).map_err(StoreError::from)).collect()
    }

    /// What was read counts as the entry's text from now on.
    pub async fn record_page(&self, entry: EntryId, what: &PageTry, now: Timestamp) -> Result<()> {
        let (settled, reason, text) = match what {
            PageTry::Read(text) => (1, None, Some(text)),
            PageTry::Refused(reason) => (1, Some(reason), None),
            PageTry::Failed(reason) => (0, Some(reason), None),
        };
        // The entry may have been cleaned away while its page was read.
        sql::query(
            "INSERT INTO pages (entry, tries, tried_at, settled, reason, text)
                SELECT id, 1, $2, $3, $4, $5 FROM entries WHERE id = $1
             ON CONFLICT (entry) DO UPDATE SET tries = pages.tries + 1, tried_at = $2, settled = $3, reason = $4, text = $5",
        )
        .bind(entry.0)
        .bind(secs(now))
        .bind(settled)
        .bind(reason)
        .bind(text)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// How many pages of a feed were read, and why the latest one that was not failed.
    pub async fn pages_of(&self, feed: &FeedId) -> Result<(i64, Option<String>)> {
        let row = sql::query(
            "SELECT (SELECT count(*) FROM pages JOIN entries ON entries.id = pages.entry WHERE feed = $1 AND text IS NOT NULL),
                (SELECT reason FROM pages JOIN entries ON entries.id = pages.entry WHERE feed = $1 AND reason IS NOT NULL
                 ORDER BY tried_at DESC, entry DESC LIMIT 1)",
        )
        .bind(feed.as_str())
        .fetch_one(&self.reader)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}
