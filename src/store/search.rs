//! Words to entries: an index of folded words, kept in step with the entries inside the same transactions.

use super::entries::read_entry;
use super::{Result, Store, StoredEntry};
use crate::model::EntryId;
use crate::model::words::words;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};

/// Words of a query that are looked for; more would not find more.
const MOST_WORDS: usize = 12;
/// Bytes of a query that are read at all.
const MOST_BYTES: usize = 1_000;
/// Entries taken in at once from before the index.
const BATCH: i64 = 2_000;

/// An entry that holds every word asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub entry: StoredEntry,
    /// The thread under which an edition showed it last.
    pub thread: Option<EntryId>,
}

impl Store {
    /// Entries that hold every word, the newest first, from before the entry `before` if one is named. Nothing in a query is an
    /// operator: quotes, stars and brackets separate words. Without any word nothing is found.
    pub async fn search(&self, query: &str, before: Option<EntryId>, limit: u32) -> Result<Vec<Found>> {
        let Some(wanted) = wanted(query) else { return Ok(Vec::new()) };
        // By number, which is by arrival: ranking would have to look at every entry that holds a common word.
        let rows = sqlx::query(
            "WITH found AS MATERIALIZED (SELECT rowid AS id FROM entries_text
                WHERE entries_text MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3)
             SELECT entries.*, pages.text AS page,
                (SELECT thread FROM edition_entries WHERE entry = entries.id ORDER BY edition DESC LIMIT 1) AS thread
             FROM found JOIN entries ON entries.id = found.id LEFT JOIN pages ON pages.entry = entries.id
             ORDER BY entries.id DESC",
        )
        .bind(wanted)
        .bind(before.map_or(i64::MAX, |before| before.0))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let found =
            |row| Ok(Found { entry: read_entry(row)?, thread: row.try_get::<Option<i64>, _>("thread")?.map(EntryId) });
        rows.iter().map(found).collect()
    }

    /// Takes in what was stored before there was an index, in steps that a crash can't undo.
    pub(super) async fn fill_search(&self) -> Result<()> {
        loop {
            let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
            let upto: Option<i64> =
                sqlx::query_scalar("SELECT upto FROM search_backlog").fetch_optional(&mut *tx).await?;
            let Some(upto) = upto else { return Ok(()) };
            let rows =
                sqlx::query("SELECT id, headline, summary FROM entries WHERE id <= $1 ORDER BY id DESC LIMIT $2")
                    .bind(upto)
                    .bind(BATCH)
                    .fetch_all(&mut *tx)
                    .await?;
            for row in &rows {
                take_in(&mut tx, row.try_get(0)?, row.try_get(1)?, row.try_get(2)?).await?;
            }
            let last: Option<i64> = rows.last().map(|row| row.try_get(0)).transpose()?;
            let step = match last {
                Some(last) => sqlx::query("UPDATE search_backlog SET upto = $1").bind(last - 1),
                None => sqlx::query("DELETE FROM search_backlog"),
            };
            step.execute(&mut *tx).await?;
            tx.commit().await?;
        }
    }
}

/// Puts an entry's words in place of those it had.
pub(super) async fn take_in(tx: &mut SqliteConnection, id: i64, headline: &str, summary: &str) -> Result<()> {
    sqlx::query("INSERT OR REPLACE INTO entries_text (rowid, headline, summary) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(folded(headline))
        .bind(folded(summary))
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes out the words of entries that are about to go.
pub(super) async fn take_out(tx: &mut Transaction<'_, Sqlite>, last_seen_before: i64) -> Result<()> {
    sqlx::query("DELETE FROM entries_text WHERE rowid IN (SELECT id FROM entries WHERE last_seen < $1)")
        .bind(last_seen_before)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) fn folded(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}

/// The query in FTS5's language: each word in quotes, all of them wanted.
pub(super) fn wanted(query: &str) -> Option<String> {
    let words = words(&query[..query.floor_char_boundary(MOST_BYTES)]);
    let quoted: Vec<String> =
        words.iter().take(MOST_WORDS).map(|word| format!("\"{}\"", word.text.replace('"', ""))).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_query_is_an_operator() {
        assert_eq!(wanted("Torkham NEAR(\"closed\" *)").as_deref(), Some("\"torkham\" \"near\" \"closed\""));
        assert_eq!(wanted("headline: -كابل").as_deref(), Some("\"headline\" \"کابل\""));
        for nothing in ["", "   ", "\"*()^:-", "🎉", "\u{202e}"] {
            assert_eq!(wanted(nothing), None, "{nothing}");
        }
        assert_eq!(wanted(&"border ".repeat(5_000)).unwrap().split(' ').count(), MOST_WORDS);
    }
}
