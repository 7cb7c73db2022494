//! What a poll brings: the entries and the feed's new state in one transaction, in a few statements however many entries there are.

use super::entries::Ingested;
use super::transaction::Connection;
use super::{Result, Store, StoreError, WorkerId, feeds, name_of, search, secs, sql};
use crate::model::{CanonicalUrl, FeedId, FeedState, NewEntry, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Entries that one statement inserts, with so many values each.
const AT_ONCE: usize = 30;
const COLUMNS: usize = 15;

/// Entries whose keys are looked up by one statement.
const LOOKED_UP_AT_ONCE: usize = 500;

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
        let brought = Brought { feed, entries, at: now };
        let counts = take_in(&mut tx, &[brought]).await?.pop().unwrap_or_default();
        feeds::write_states(&mut tx, &[(feed, state(&counts))]).await?;
        tx.commit().await?;
        Ok(counts)
    }
}

/// In a few statements, however many polls there are. A feed that stands twice is as its later poll says.
pub(super) async fn write_polls(tx: &mut Connection<'_>, polls: &[&Poll]) -> Result<Vec<(Ingested, FeedState)>> {
    let brought: Vec<Brought<'_>> =
        polls.iter().map(|poll| Brought { feed: &poll.feed, entries: &poll.entries, at: poll.at }).collect();
    let counts = take_in(tx, &brought).await?;
    let reached: Vec<(&FeedId, FeedState)> =
        polls.iter().zip(&counts).map(|(poll, counts)| (&poll.feed, (poll.state)(counts))).collect();
    if !reached.is_empty() {
        feeds::write_states(tx, &reached).await?;
    }
    Ok(counts.into_iter().zip(reached).map(|(counts, (_, state))| (counts, state)).collect())
}

/// A document's entries.
struct Brought<'a> {
    feed: &'a FeedId,
    entries: &'a [NewEntry],
    at: Timestamp,
}

/// One of them, and whose it is.
#[derive(Clone, Copy)]
struct Incoming<'a> {
    document: usize,
    feed: &'a FeedId,
    at: Timestamp,
    entry: &'a NewEntry,
}

async fn take_in(tx: &mut Connection<'_>, brought: &[Brought<'_>]) -> Result<Vec<Ingested>> {
    let mut counts = vec![Ingested::default(); brought.len()];
    // Oldest first, so that ids ascend with time within a poll.
    let mut rest: Vec<Incoming<'_>> = Vec::new();
    for (document, Brought { feed, entries, at }) in brought.iter().enumerate() {
        rest.extend(entries.iter().rev().map(|entry| Incoming { document, feed, at: *at, entry }));
    }
    // A key that stands twice in a document is an edit of itself: the second comes when the first is there.
    while !rest.is_empty() {
        let mut keys = HashSet::new();
        let (these, later): (Vec<_>, _) =
            rest.into_iter().partition(|one| keys.insert((one.feed.as_str(), one.entry.key.0.as_str())));
        for part in these.chunks(LOOKED_UP_AT_ONCE) {
            upsert(tx, part, &mut counts).await?;
        }
        rest = later;
    }
    Ok(counts)
}

/// Of entries with different keys.
async fn upsert(tx: &mut Connection<'_>, entries: &[Incoming<'_>], counts: &mut [Ingested]) -> Result<()> {
    let Standing { polled, empty } = standing(tx, entries).await?;
    let known = if empty { String::new() } else { known(tx, entries).await? };
    let known = read_known(&known)?;
    let (mut same, mut new) = (BTreeMap::<Timestamp, Vec<i64>>::new(), Vec::new());
    for (number, one) in entries.iter().enumerate() {
        let Some(count) = counts.get_mut(one.document) else { continue };
        match known.get(&number) {
            None => {
                new.push(*one);
                count.new += 1;
            }
            Some(known) if known.headline == one.entry.headline && known.summary == one.entry.summary => {
                same.entry(one.at).or_default().push(known.id);
                count.known += 1;
            }
            Some(known) => {
                edit(tx, known, one.entry, one.at).await?;
                count.changed += 1;
            }
        }
    }
    for (at, ids) in same {
        sql::query("UPDATE entries SET last_seen = $2 WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))")
            .bind(serde_json::to_string(&ids).unwrap_or_default())
            .bind(secs(at))
            .execute(&mut *tx)
            .await?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let mut insertion = (0, Arc::from(""));
    for part in new.chunks(AT_ONCE) {
        if insertion.0 != part.len() {
            insertion = (part.len(), insertion_of(tx, part.len()));
        }
        insert(tx, Arc::clone(&insertion.1), part, &polled).await?;
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
struct Known<'a> {
    id: i64,
    headline: &'a str,
    summary: &'a str,
}

/// As one value, which `read_known` reads: a row for each costs more on its way here than finding it.
async fn known(tx: &mut Connection<'_>, entries: &[Incoming<'_>]) -> Result<String> {
    let keys: Vec<(usize, &str, &str)> =
        entries.iter().enumerate().map(|(number, one)| (number, one.feed.as_str(), one.entry.key.0.as_str())).collect();
    // CROSS: the list first, and each key by the index.
    sql::query_scalar(
        "SELECT COALESCE(string_agg(asked.number || ' ' || entries.id || ' ' || octet_length(entries.headline) || ' '
                || octet_length(entries.summary) || ' ' || entries.headline || entries.summary, ''), '')
         FROM (SELECT CAST(json_extract(value, '$[0]') AS BIGINT) AS number, json_extract(value, '$[1]') AS feed,
                json_extract(value, '$[2]') AS key FROM json_each($1)) AS asked CROSS JOIN entries
         WHERE entries.feed = asked.feed AND entries.key = asked.key",
    )
    .bind(serde_json::to_string(&keys).unwrap_or_default())
    .fetch_one(tx)
    .await
}

/// By their number among those that were asked for.
fn read_known(text: &str) -> Result<HashMap<usize, Known<'_>>> {
    let mut all = HashMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (number, known, after) = first_known(rest).ok_or_else(|| StoreError::Corrupt {
            what: "entries",
            reason: "a headline or summary is not as long as it says".into(),
        })?;
        all.insert(number, known);
        rest = after;
    }
    Ok(all)
}

/// Number, id and the lengths of both texts, then the texts: they may hold anything.
fn first_known(text: &str) -> Option<(usize, Known<'_>, &str)> {
    let mut parts = text.splitn(5, ' ');
    let (number, id) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (headline, summary) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (headline, rest) = parts.next()?.split_at_checked(headline)?;
    let (summary, rest) = rest.split_at_checked(summary)?;
    Some((number, Known { id, headline, summary }, rest))
}

/// What is known of the feeds among them.
struct Standing {
    /// Of which a poll has succeeded before: what comes now is no backlog.
    polled: HashSet<String>,
    /// None of them has an entry yet: there is nothing to look up.
    empty: bool,
}

async fn standing(tx: &mut Connection<'_>, entries: &[Incoming<'_>]) -> Result<Standing> {
    let feeds: HashSet<&str> = entries.iter().map(|one| one.feed.as_str()).collect();
    let rows = sql::query(
        "SELECT id, last_ok_at IS NOT NULL, EXISTS (SELECT 1 FROM entries WHERE entries.feed = feeds.id) FROM feeds
         WHERE id IN (SELECT value FROM json_each($1))",
    );
    let rows = rows.bind(serde_json::to_string(&feeds).unwrap_or_default()).fetch_all(tx).await?;
    let mut standing = Standing { polled: HashSet::new(), empty: rows.len() == feeds.len() };
    for row in &rows {
        if row.try_get(1)? {
            standing.polled.insert(row.try_get(0)?);
        }
        standing.empty &= !row.try_get::<bool, _>(2)?;
    }
    Ok(standing)
}

/// The publisher has put other words in place of those there were.
async fn edit(tx: &mut Connection<'_>, known: &Known<'_>, entry: &NewEntry, now: Timestamp) -> Result<()> {
    sql::query("INSERT INTO entry_versions (entry, headline, summary, replaced_at) VALUES ($1, $2, $3, $4)")
        .bind(known.id)
        .bind(known.headline)
        .bind(known.summary)
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

fn insertion_of(on: &Connection<'_>, rows: usize) -> Arc<str> {
    let values = sql::places(on, rows, COLUMNS);
    // An error ends the transaction, so that SQLite need not keep what would undo half of a statement.
    let insert = if on.is_postgres() { "INSERT" } else { "INSERT OR FAIL" };
    let text = format!(
        "{insert} INTO entries (feed, key, guid, url, headline, summary, author, source, categories, lang, published, updated,
            first_seen, last_seen, backlog) VALUES {values}"
    );
    text.into()
}

async fn insert(
    tx: &mut Connection<'_>,
    text: Arc<str>,
    entries: &[Incoming<'_>],
    polled: &HashSet<String>,
) -> Result<()> {
    let insert = entries.iter().fold(sql::query(sqlx::AssertSqlSafe(text)), |insert, one| {
        let entry = one.entry;
        insert
            .bind(one.feed.as_str())
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
            .bind(secs(one.at))
            .bind(secs(one.at))
            .bind(!polled.contains(one.feed.as_str()))
    });
    insert.execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_entries_come_as_one_text() {
        let known = |id, headline, summary| Known { id, headline, summary };
        let read = read_known("0 7 14 7 طورخم 1 2opens 312 8 0 0 ").unwrap();
        assert_eq!(read, HashMap::from([(0, known(7, "طورخم 1 2", "opens 3")), (12, known(8, "", ""))]));
        assert_eq!(read_known("").unwrap(), HashMap::new());
        for damaged in ["0 7 14 8 طورخم 1 2opens 3", "0 7 1 0 ط", "0 7", "x 7 0 0 "] {
            assert!(matches!(read_known(damaged), Err(StoreError::Corrupt { .. })), "{damaged}");
        }
    }
}
