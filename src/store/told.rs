//! Words to stories: an index of what editions told, kept in step with the editions inside the same transactions.

use super::editions::parse_content;
use super::search::folded;
use super::transaction::Connection;
use super::{Result, Store, instant, lexemes, name_of, secs, sql, value_of};
use crate::model::{Digest, DigestId, EntryId, Lang, StoryView, Timestamp};

/// Editions taken in at once from before the index.
const BATCH: i64 = 50;

/// A story as the newest edition told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldStory {
    pub thread: EntryId,
    pub digest: DigestId,
    pub slot: Timestamp,
    pub headline: String,
    pub lang: Lang,
    pub publishers: usize,
}

impl Store {
    /// Stories that hold every word in one of their tellings, the latest told first and those of one edition in its order, each
    /// once. A query is read as in `search`.
    pub async fn search_stories(&self, query: &str, limit: u32) -> Result<Vec<ToldStory>> {
        let Some((matches, wanted)) = self.wanted(query, "told_text") else { return Ok(Vec::new()) };
        let rows = sql::query(sqlx::AssertSqlSafe(format!(
            "WITH threads AS MATERIALIZED (SELECT DISTINCT thread FROM told
                WHERE id IN (SELECT rowid FROM told_text WHERE {matches})),
             newest AS (SELECT (SELECT id FROM told WHERE told.thread = threads.thread ORDER BY slot DESC, id DESC LIMIT 1) AS id
                FROM threads)
             SELECT told.*, editions.digest FROM newest JOIN told ON told.id = newest.id JOIN editions ON editions.id = told.edition
             ORDER BY told.slot DESC, told.id LIMIT $2"
        )))
        .bind(wanted)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let story = |row: &sql::Row| {
            Ok(ToldStory {
                thread: EntryId(row.try_get("thread")?),
                digest: value_of(row.try_get("digest")?, "editions.digest")?,
                slot: instant(row.try_get("slot")?),
                headline: row.try_get("headline")?,
                lang: value_of(row.try_get("lang")?, "told.lang")?,
                publishers: usize::try_from(row.try_get::<i64, _>("publishers")?).unwrap_or(0),
            })
        };
        rows.iter().map(story).collect()
    }

    /// Takes in what was published before there was an index, in steps that a crash can't undo.
    pub(super) async fn fill_told(&self) -> Result<()> {
        loop {
            let mut tx = self.writer.begin().await?;
            let backlog = sql::query("SELECT after, upto FROM told_backlog").fetch_optional(&mut *tx).await?;
            let Some(backlog) = backlog else { return Ok(()) };
            let rows = sql::query(
                "SELECT id, slot, content FROM editions
                 WHERE id > $1 AND id <= $2 AND state = 'published' AND content IS NOT NULL ORDER BY id LIMIT $3",
            )
            .bind(backlog.try_get::<i64, _>(0)?)
            .bind(backlog.try_get::<i64, _>(1)?)
            .bind(BATCH)
            .fetch_all(&mut *tx)
            .await?;
            for row in &rows {
                // One that can't be read any more costs only itself.
                if let Ok(digest) = parse_content(row.try_get(2)?) {
                    take_in(&mut tx, row.try_get(0)?, instant(row.try_get(1)?), &digest).await?;
                }
            }
            let last: Option<i64> = rows.last().map(|row| row.try_get(0)).transpose()?;
            let step = match last {
                Some(last) => sql::query("UPDATE told_backlog SET after = $1").bind(last),
                None => sql::query("DELETE FROM told_backlog"),
            };
            step.execute(&mut *tx).await?;
            tx.commit().await?;
        }
    }
}

/// Notes what a new edition tells.
pub(super) async fn take_in(tx: &mut Connection<'_>, edition: i64, slot: Timestamp, digest: &Digest) -> Result<()> {
    for story in digest.told() {
        let id: i64 = sql::query_scalar(
            "INSERT INTO told (edition, slot, thread, headline, lang, publishers) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(edition)
        .bind(secs(slot))
        .bind(story.thread.0)
        .bind(name(story))
        .bind(name_of(&story.lang))
        .bind(i64::try_from(story.publishers).unwrap_or(i64::MAX))
        .fetch_one(&mut *tx)
        .await?;
        let texts = texts_of(story);
        if tx.is_postgres() {
            lexemes::put(tx, "told_text", id, &texts).await?;
            continue;
        }
        sql::query("INSERT INTO told_text (rowid, words) VALUES ($1, $2)")
            .bind(id)
            .bind(folded(&texts.join(" ")))
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// A feed that gives no headline leaves its text.
fn name(story: &StoryView) -> &str {
    if story.headline.trim().is_empty() { &story.summary } else { &story.headline }
}

fn texts_of(story: &StoryView) -> Vec<&str> {
    let reports = story.reports.iter().map(|report| report.headline.as_str());
    [story.headline.as_str(), story.summary.as_str()].into_iter().chain(reports).collect()
}
