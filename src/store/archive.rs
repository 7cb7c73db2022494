//! What the pages read of past editions: by digest and slot, by thread, by topic.

use super::editions::{parse_content, read_edition};
use super::{EditionRow, Result, Store, instant, secs, value_of};
use crate::model::{Digest, DigestId, EditionId, EntryId, StoryView, Timestamp};
use sqlx::Row;
use std::collections::HashMap;

/// What a link to an edition is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionKey {
    pub id: EditionId,
    pub digest: DigestId,
    pub cadence: String,
    pub slot: Timestamp,
    pub created_at: Timestamp,
    pub stories: usize,
}

/// A story as one edition told it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryPart {
    pub edition: EditionKey,
    pub story: StoryView,
}

impl Store {
    /// Editions that readers got, the newest first: of one digest, or of all.
    pub async fn published(&self, digest: Option<&DigestId>, limit: u32) -> Result<Vec<EditionKey>> {
        let rows = sqlx::query(
            "SELECT * FROM editions WHERE state = 'published' AND ($1 IS NULL OR digest = $1)
             ORDER BY slot DESC, id DESC LIMIT $2",
        )
        .bind(digest.map(DigestId::as_str))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| read_edition(row).map(key)).collect()
    }

    /// The editions of a digest for one slot: one for each schedule and zone that meets there.
    pub async fn published_at(&self, digest: &DigestId, slot: Timestamp) -> Result<Vec<EditionKey>> {
        let rows =
            sqlx::query("SELECT * FROM editions WHERE digest = $1 AND slot = $2 AND state = 'published' ORDER BY id")
                .bind(digest.as_str())
                .bind(secs(slot))
                .fetch_all(&self.reader)
                .await?;
        rows.iter().map(|row| read_edition(row).map(key)).collect()
    }

    /// The contents of the newest editions, newest first: of one digest, or of all.
    pub async fn contents(&self, digest: Option<&DigestId>, limit: u32) -> Result<Vec<(EditionKey, Digest)>> {
        let rows = sqlx::query(
            "SELECT * FROM editions WHERE state = 'published' AND content IS NOT NULL AND ($1 IS NULL OR digest = $1)
             ORDER BY slot DESC, id DESC LIMIT $2",
        )
        .bind(digest.map(DigestId::as_str))
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| Ok((key(read_edition(row)?), parse_content(row.try_get("content")?)?))).collect()
    }

    /// How the newest `limit` editions that showed a thread told it, newest first.
    pub async fn thread(&self, thread: EntryId, limit: u32) -> Result<Vec<StoryPart>> {
        let rows = sqlx::query(
            "SELECT * FROM editions WHERE state = 'published' AND content IS NOT NULL
                AND id IN (SELECT edition FROM edition_entries WHERE thread = $1) ORDER BY slot DESC, id DESC LIMIT $2",
        )
        .bind(thread.0)
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        let mut parts = Vec::new();
        for row in &rows {
            let (edition, digest) = (key(read_edition(row)?), parse_content(row.try_get("content")?)?);
            let stories =
                digest.sections.into_iter().flat_map(|section| section.stories.into_iter().chain(section.opinions));
            let told = stories.filter(|story| story.thread == thread);
            parts.extend(told.map(|story| StoryPart { edition: edition.clone(), story }));
        }
        Ok(parts)
    }

    /// The headlines of those of these entries that their publishers edited, oldest first, each with the time it was replaced; the
    /// last stands now.
    pub async fn headlines_edited(
        &self,
        entries: &[EntryId],
    ) -> Result<HashMap<EntryId, Vec<(Option<Timestamp>, String)>>> {
        let ids = serde_json::to_string(entries).unwrap_or_else(|_| "[]".to_owned());
        let rows = sqlx::query(
            "SELECT entry, replaced_at, headline, entry_versions.rowid AS version FROM entry_versions
                WHERE entry IN (SELECT value FROM json_each($1))
             UNION ALL SELECT id, NULL, headline, 0 FROM entries
                WHERE id IN (SELECT value FROM json_each($1)) AND id IN (SELECT entry FROM entry_versions)
             ORDER BY replaced_at NULLS LAST, version",
        )
        .bind(ids)
        .fetch_all(&self.reader)
        .await?;
        let mut edited: HashMap<EntryId, Vec<(Option<Timestamp>, String)>> = HashMap::new();
        for row in &rows {
            let at = row.try_get::<Option<i64>, _>(1)?.map(instant);
            edited.entry(EntryId(row.try_get(0)?)).or_default().push((at, row.try_get(2)?));
        }
        Ok(edited)
    }

    /// Published editions of each digest, and the slot of the last.
    pub async fn edition_counts(&self) -> Result<Vec<(DigestId, i64, Timestamp)>> {
        let rows = sqlx::query(
            "SELECT digest, count(*), max(slot) FROM editions WHERE state = 'published' GROUP BY digest ORDER BY digest",
        )
        .fetch_all(&self.reader)
        .await?;
        let count = |row: &sqlx::sqlite::SqliteRow| {
            Ok((value_of(row.try_get(0)?, "editions.digest")?, row.try_get(1)?, instant(row.try_get(2)?)))
        };
        rows.iter().map(count).collect()
    }
}

fn key(row: EditionRow) -> EditionKey {
    let EditionRow { id, digest, cadence, slot, created_at, stories, .. } = row;
    EditionKey { id, digest, cadence, slot, created_at, stories }
}
