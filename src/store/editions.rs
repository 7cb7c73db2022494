//! Editions: one per slot, frozen when created, together with their deliveries.

use super::issue::{Issue, NewMail};
use super::sql::Row;
use super::transaction::Connection;
use super::{Result, Store, StoreError, instant, name_of, secs, sql, told, value_of};
use crate::model::{Digest, DigestId, EditionId, EmailAddress, EntryId, OutgoingMessage, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EditionState {
    Published,
    /// Nothing to tell; recorded, not mailed.
    Empty,
    /// Missed; its entries are in the next edition.
    Folded,
}

/// One row of `khyber editions list`.
#[derive(Debug, Clone, PartialEq)]
pub struct EditionRow {
    pub id: EditionId,
    pub digest: DigestId,
    pub cadence: String,
    pub slot: Timestamp,
    pub state: EditionState,
    pub created_at: Timestamp,
    pub upto: EntryId,
    pub stories: usize,
}

/// An edition about to be created, with every mail it will send.
#[derive(Debug)]
pub struct NewEdition<'a> {
    pub digest: &'a DigestId,
    pub cadence: &'a str,
    pub slot: Timestamp,
    pub state: EditionState,
    pub upto: EntryId,
    pub content: Option<&'a Digest>,
    pub deliveries: Vec<NewDelivery>,
}

#[derive(Debug)]
pub struct NewDelivery {
    pub subscriber: EmailAddress,
    pub message: OutgoingMessage,
}

/// Where a digest stands: the highest entry its readers' editions knew, and its last slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub upto: EntryId,
    pub slot: Timestamp,
}

/// An entry that an edition showed, and the story it stood under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub entry: EntryId,
    pub story: EntryId,
    pub thread: EntryId,
    pub first_seen: Timestamp,
}

impl Store {
    /// Creates the edition, what it shows, and its deliveries in one transaction. A suppressed address gets a delivery that has
    /// ended as suppressed. If the slot is taken, nothing is written; a slot folded by a clock that was ahead is not.
    pub async fn create_edition(&self, new: NewEdition<'_>, now: Timestamp) -> Result<EditionId> {
        self.begin_edition(new, now).await?.finish().await
    }

    /// As `create_edition`, for an edition of more mails than memory holds: they are added in portions, and nothing of it exists for
    /// anybody before it is finished.
    pub async fn begin_edition(&self, new: NewEdition<'_>, now: Timestamp) -> Result<Issue> {
        let mut tx = self.writer.begin_edition().await?;
        let content = new.content.map(serde_json::to_string).transpose();
        let content = content.map_err(|error| StoreError::Corrupt { what: "edition", reason: error.to_string() })?;
        sql::query(
            "DELETE FROM editions WHERE digest = $1 AND cadence = $2 AND slot = $3 AND state = 'folded' AND created_at > $4",
        )
        .bind(new.digest.as_str())
        .bind(new.cadence)
        .bind(secs(new.slot))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        let id: Option<i64> = sql::query_scalar(
            "INSERT INTO editions (digest, cadence, slot, state, created_at, upto, stories, content)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (digest, cadence, slot) DO NOTHING RETURNING id",
        )
        .bind(new.digest.as_str())
        .bind(new.cadence)
        .bind(secs(new.slot))
        .bind(name_of(&new.state))
        .bind(secs(now))
        .bind(new.upto.0)
        .bind(new.content.map_or(0, |digest| i64::try_from(digest.stories()).unwrap_or(i64::MAX)))
        .bind(content)
        .fetch_optional(&mut *tx)
        .await?;
        let id = id.ok_or(StoreError::SlotTaken)?;
        if let Some(digest) = new.content {
            remember_shown(&mut tx, id, digest).await?;
            if new.state == EditionState::Published {
                told::take_in(&mut tx, id, new.slot, digest).await?;
            }
        }
        let mut issue = Issue::new(tx, id, now);
        issue.add(new.deliveries.into_iter().map(NewMail::Whole).collect()).await?;
        Ok(issue)
    }

    /// The last edition of a digest before `before`, folded slots left out; at one cadence, or at any.
    pub async fn cursor(&self, digest: &DigestId, cadence: Option<&str>, before: Timestamp) -> Result<Option<Cursor>> {
        let row = sql::query(
            "SELECT upto, slot FROM editions WHERE digest = $1 AND ($2 IS NULL OR cadence = $2) AND slot < $3
                AND state <> 'folded' ORDER BY slot DESC LIMIT 1",
        )
        .bind(digest.as_str())
        .bind(cadence)
        .bind(secs(before))
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| Ok(Cursor { upto: EntryId(row.try_get(0)?), slot: instant(row.try_get(1)?) })).transpose()
    }

    /// The latest slot of a digest at one cadence, up to `now`, that has a row. What a clock that was ahead recorded beyond
    /// `now`, or folded as missed, does not count: otherwise nothing would be published until that day comes.
    pub async fn last_slot(&self, digest: &DigestId, cadence: &str, now: Timestamp) -> Result<Option<Timestamp>> {
        let slot: Option<i64> = sql::query_scalar(
            "SELECT max(slot) FROM editions WHERE digest = $1 AND cadence = $2 AND slot <= $3
                AND (state <> 'folded' OR created_at <= $3)",
        )
        .bind(digest.as_str())
        .bind(cadence)
        .bind(secs(now))
        .fetch_one(&self.reader)
        .await?;
        Ok(slot.map(instant))
    }

    /// Who has a mail of this slot already, at any cadence of the digest.
    pub async fn reached(&self, digest: &DigestId, slot: Timestamp) -> Result<HashSet<String>> {
        let reached = sql::query_scalar(
            "SELECT subscriber FROM deliveries JOIN editions ON editions.id = edition WHERE digest = $1 AND slot = $2",
        )
        .bind(digest.as_str())
        .bind(secs(slot))
        .fetch_all(&self.reader)
        .await?;
        Ok(reached.into_iter().collect())
    }

    /// What the editions of a digest with slots in `[since, before)` showed, oldest first; at one cadence, or at any.
    pub async fn shown(
        &self,
        digest: &DigestId,
        cadence: Option<&str>,
        since: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Shown>> {
        let rows = sql::query(
            "SELECT entry, story, thread, first_seen FROM edition_entries JOIN editions ON editions.id = edition
             WHERE digest = $1 AND ($2 IS NULL OR cadence = $2) AND slot >= $3 AND slot < $4 ORDER BY slot, entry",
        )
        .bind(digest.as_str())
        .bind(cadence)
        .bind(secs(since))
        .bind(secs(before))
        .fetch_all(&self.reader)
        .await?;
        let id = |row: &Row, column: usize| row.try_get(column).map(EntryId);
        rows.iter()
            .map(|row| {
                let (entry, story, thread) = (id(row, 0)?, id(row, 1)?, id(row, 2)?);
                Ok(Shown { entry, story, thread, first_seen: instant(row.try_get(3)?) })
            })
            .collect()
    }

    /// The last edition of a digest before `before` that was mailed, as its readers got it; at one cadence, or at any.
    pub async fn last_content(
        &self,
        digest: &DigestId,
        cadence: Option<&str>,
        before: Timestamp,
    ) -> Result<Option<Digest>> {
        let content: Option<String> = sql::query_scalar(
            "SELECT content FROM editions WHERE digest = $1 AND ($2 IS NULL OR cadence = $2) AND slot < $3
                AND state = 'published' AND content IS NOT NULL ORDER BY slot DESC LIMIT 1",
        )
        .bind(digest.as_str())
        .bind(cadence)
        .bind(secs(before))
        .fetch_optional(&self.reader)
        .await?;
        let digest = content.map(|text| serde_json::from_str(&text)).transpose();
        digest.map_err(|error| StoreError::Corrupt { what: "editions.content", reason: error.to_string() })
    }

    /// Newest first.
    pub async fn editions(&self, limit: u32) -> Result<Vec<EditionRow>> {
        let rows = sql::query("SELECT * FROM editions WHERE digest <> 'confirm' ORDER BY slot DESC, id DESC LIMIT $1")
            .bind(limit)
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(read_edition).collect()
    }

    pub async fn edition(&self, id: EditionId) -> Result<Option<(EditionRow, Option<Digest>)>> {
        let row = sql::query("SELECT * FROM editions WHERE id = $1").bind(id.0).fetch_optional(&self.reader).await?;
        let Some(row) = row else { return Ok(None) };
        let content: Option<&str> = row.try_get("content")?;
        Ok(Some((read_edition(&row)?, content.map(parse_content).transpose()?)))
    }
}

async fn remember_shown(tx: &mut Connection<'_>, edition: i64, digest: &Digest) -> Result<()> {
    for story in digest.told() {
        for entry in &story.entries {
            sql::query(
                "INSERT INTO edition_entries (edition, entry, story, thread, first_seen) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT DO NOTHING",
            )
            .bind(edition)
            .bind(entry.0)
            .bind(story.id.0)
            .bind(story.thread.0)
            .bind(secs(story.first_seen))
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

pub(super) async fn insert_delivery(
    tx: &mut Connection<'_>,
    edition: i64,
    new: NewDelivery,
    now: Timestamp,
) -> Result<()> {
    let suppressed: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM stopped, editions WHERE address = $1 AND (until IS NULL OR until > $2)
            AND editions.id = $3 AND (stopped.digest IS NULL OR stopped.digest = editions.digest))",
    )
    .bind(new.subscriber.as_str())
    .bind(secs(now))
    .bind(edition)
    .fetch_one(&mut *tx)
    .await?;
    sql::query(
        "INSERT INTO deliveries (edition, subscriber, status, next_attempt_at, created_at, ended_at, message_id, envelope_from,
            bytes) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)",
    )
    .bind(edition)
    .bind(new.subscriber.as_str())
    .bind(if suppressed { "suppressed" } else { "queued" })
    .bind(secs(now))
    .bind(suppressed.then(|| secs(now)))
    .bind(new.message.message_id)
    .bind(new.message.envelope_from.as_str())
    .bind((!suppressed).then_some(new.message.bytes))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) fn parse_content(json: &str) -> Result<Digest> {
    serde_json::from_str(json)
        .map_err(|error| StoreError::Corrupt { what: "editions.content", reason: error.to_string() })
}

pub(super) fn read_edition(row: &Row) -> Result<EditionRow> {
    Ok(EditionRow {
        id: EditionId(row.try_get("id")?),
        digest: value_of(row.try_get("digest")?, "editions.digest")?,
        cadence: row.try_get("cadence")?,
        slot: instant(row.try_get("slot")?),
        state: value_of(row.try_get("state")?, "editions.state")?,
        created_at: instant(row.try_get("created_at")?),
        upto: EntryId(row.try_get("upto")?),
        stories: usize::try_from(row.try_get::<i64, _>("stories")?).unwrap_or(0),
    })
}
