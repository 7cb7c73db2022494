//! Words to entries: an index of folded words. New entries are taken in many at once, after they were stored and before a search
//! looks; edits and removals inside their own transactions.

use super::entries::read_entry;
use super::sql::Row;
use super::transaction::{Alone, Connection, Transaction};
use super::{Result, Store, StoredEntry, lexemes, sql};
use crate::model::EntryId;
use crate::model::words::words;

/// Words of a query that are looked for; more would not find more.
const MOST_WORDS: usize = 12;
/// Bytes of a query that are read at all.
const MOST_BYTES: usize = 1_000;
/// Entries taken in by one transaction: others that write do not wait for long.
const BATCH: i64 = 1_000;
/// Entries taken in by one statement.
const AT_ONCE: usize = 50;

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
        let Some((matches, wanted)) = self.wanted(query, "entries_text") else { return Ok(Vec::new()) };
        // A full disk takes no search away: what is in the index is found, and the round that polls says what is wrong.
        let _ = self.take_in_new().await;
        // By number, which is by arrival: ranking would have to look at every entry that holds a common word.
        let rows = sql::query(sqlx::AssertSqlSafe(format!(
            "WITH found AS MATERIALIZED (SELECT rowid AS id FROM entries_text
                WHERE {matches} AND rowid < $2 ORDER BY rowid DESC LIMIT $3)
             SELECT entries.*, pages.text AS page,
                (SELECT thread FROM edition_entries WHERE entry = entries.id ORDER BY edition DESC LIMIT 1) AS thread
             FROM found JOIN entries ON entries.id = found.id LEFT JOIN pages ON pages.entry = entries.id
             ORDER BY entries.id DESC"
        )))
        .bind(wanted)
        .bind(before.map_or(i64::MAX, |before| before.0))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let found =
            |row| Ok(Found { entry: read_entry(row)?, thread: row.try_get::<Option<i64>, _>("thread")?.map(EntryId) });
        rows.iter().map(found).collect()
    }

    /// How the words of a query are asked of `table`, and what to bind for it first; `None` without any word.
    pub(super) fn wanted(&self, query: &str, table: &'static str) -> Option<(String, String)> {
        let words = query_words(query);
        match self.reader.is_postgres() {
            _ if words.is_empty() => None,
            true => Some((format!("{table}.words @@ CAST($1 AS tsquery)"), lexemes::wanted(&words))),
            false => Some((format!("{table} MATCH $1"), wanted(&words))),
        }
    }

    /// Takes in what was stored since it was last called, in steps that a crash can't undo. Nothing else makes new entries found.
    pub async fn take_in_new(&self) -> Result<()> {
        let waits = "SELECT COALESCE((SELECT max(id) FROM entries), 0) > upto FROM search_filled";
        if !sql::query_scalar(waits).fetch_optional::<bool>(&self.reader).await?.unwrap_or(false) {
            return Ok(());
        }
        loop {
            let mut tx = self.writer.begin_alone(&[Alone::Entries]).await?;
            let rows = sql::query(
                "SELECT id, headline, summary FROM entries WHERE id > (SELECT max(upto) FROM search_filled) ORDER BY id LIMIT $1",
            );
            let rows = rows.bind(BATCH).fetch_all(&mut *tx).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            take_in_rows(&mut tx, &rows).await?;
            sql::query("UPDATE search_filled SET upto = $1").bind(last.try_get::<i64, _>(0)?).execute(&mut *tx).await?;
            tx.commit().await?;
            if rows.len() < usize::try_from(BATCH).unwrap_or(0) {
                return Ok(());
            }
        }
    }

    /// Takes in what was stored before there was an index, likewise.
    pub(super) async fn fill_search(&self) -> Result<()> {
        loop {
            let mut tx = self.writer.begin().await?;
            let upto: Option<i64> =
                sql::query_scalar("SELECT upto FROM search_backlog").fetch_optional(&mut *tx).await?;
            let Some(upto) = upto else { return Ok(()) };
            let rows = sql::query("SELECT id, headline, summary FROM entries WHERE id <= $1 ORDER BY id DESC LIMIT $2")
                .bind(upto)
                .bind(BATCH)
                .fetch_all(&mut *tx)
                .await?;
            take_in_rows(&mut tx, &rows).await?;
            let last: Option<i64> = rows.last().map(|row| row.try_get(0)).transpose()?;
            let step = match last {
                Some(last) => sql::query("UPDATE search_backlog SET upto = $1").bind(last - 1),
                None => sql::query("DELETE FROM search_backlog"),
            };
            step.execute(&mut *tx).await?;
            tx.commit().await?;
        }
    }
}

/// Of rows with number, headline and summary.
async fn take_in_rows(tx: &mut Connection<'_>, rows: &[Row]) -> Result<()> {
    if tx.is_postgres() {
        for row in rows {
            take_in(tx, row.try_get(0)?, row.try_get(1)?, row.try_get(2)?).await?;
        }
        return Ok(());
    }
    for rows in rows.chunks(AT_ONCE) {
        let values = sql::places(tx, rows.len(), 3);
        let text = format!("INSERT OR REPLACE INTO entries_text (rowid, headline, summary) VALUES {values}");
        let mut insert = sql::query(sqlx::AssertSqlSafe(text));
        for row in rows {
            insert = insert.bind(row.try_get::<i64, _>(0)?).bind(folded(row.try_get(1)?)).bind(folded(row.try_get(2)?));
        }
        insert.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Puts an entry's words in place of those it had.
pub(super) async fn take_in(tx: &mut Connection<'_>, id: i64, headline: &str, summary: &str) -> Result<()> {
    if tx.is_postgres() {
        return lexemes::put(tx, "entries_text", id, &[headline, summary]).await;
    }
    sql::query("INSERT OR REPLACE INTO entries_text (rowid, headline, summary) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(folded(headline))
        .bind(folded(summary))
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes out the words of entries that are about to go.
pub(super) async fn take_out(tx: &mut Transaction<'_>, last_seen_before: i64) -> Result<()> {
    sql::query(
        "DELETE FROM entries_text WHERE rowid IN (SELECT id FROM entries WHERE first_seen < $1 AND last_seen < $1)",
    )
    .bind(last_seen_before)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn folded(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}

fn query_words(query: &str) -> Vec<String> {
    let words = words(&query[..query.floor_char_boundary(MOST_BYTES)]);
    words.into_iter().take(MOST_WORDS).map(|word| word.text).collect()
}

/// The query in FTS5's language: each word in quotes, all of them wanted.
fn wanted(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{}\"", word.replace('"', ""))).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_query_is_an_operator() {
        let asked = |query| wanted(&query_words(query));
        assert_eq!(asked("Torkham NEAR(\"closed\" *)"), "\"torkham\" \"near\" \"closed\"");
        assert_eq!(asked("headline: -كابل"), "\"headline\" \"کابل\"");
        for nothing in ["", "   ", "\"*()^:-", "🎉", "\u{202e}"] {
            assert!(query_words(nothing).is_empty(), "{nothing}");
        }
        assert_eq!(query_words(&"border ".repeat(5_000)).len(), MOST_WORDS);
    }
}
