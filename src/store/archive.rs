//! What the pages read of past editions: by digest and slot, by thread, by topic.

use super::sql::Row;
use super::{Result, Store, instant, secs, sql, value_of};
use crate::model::{Digest, DigestId, EditionId, EntryId, Timestamp};
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

impl Store {
    /// What an archive shows of a digest, the newest first. `own`: each digest and the cadence of its own schedule.
    pub async fn listed(&self, digest: &DigestId, own: &[(&DigestId, String)], limit: u32) -> Result<Vec<EditionKey>> {
        let rows = sql::query(sqlx::AssertSqlSafe(of_days("digest = $1")));
        let rows = rows.bind(digest.as_str()).bind(names(own)).bind(limit).fetch_all(&self.reader).await?;
        rows.iter().map(key).collect()
    }

    /// The same of the editions, of any digest, that told a thread.
    pub async fn tellings(&self, thread: EntryId, own: &[(&DigestId, String)], limit: u32) -> Result<Vec<EditionKey>> {
        let told = "id IN (SELECT edition FROM edition_entries WHERE thread = $1)";
        let rows = sql::query(sqlx::AssertSqlSafe(of_days(told)));
        let rows = rows.bind(thread.0).bind(names(own)).bind(limit).fetch_all(&self.reader).await?;
        rows.iter().map(key).collect()
    }

    /// The editions of a digest for one slot: one for each schedule and zone that meets there.
    pub async fn published_at(&self, digest: &DigestId, slot: Timestamp) -> Result<Vec<EditionKey>> {
        let rows = sql::query(
            "SELECT id, digest, cadence, slot, created_at, stories FROM editions
             WHERE digest = $1 AND slot = $2 AND state = 'published' ORDER BY id",
        )
        .bind(digest.as_str())
        .bind(secs(slot))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(key).collect()
    }

    /// What these editions told, in their order; one without content is left out.
    pub async fn contents(&self, editions: Vec<EditionKey>) -> Result<Vec<(EditionKey, Digest)>> {
        let mut contents = Vec::with_capacity(editions.len());
        for edition in editions {
            if let Some((_, Some(digest))) = self.edition(edition.id).await? {
                contents.push((edition, digest));
            }
        }
        Ok(contents)
    }

    /// The headlines of those of these entries that their publishers edited, oldest first, each with the time it was replaced; the
    /// last stands now.
    pub async fn headlines_edited(
        &self,
        entries: &[EntryId],
    ) -> Result<HashMap<EntryId, Vec<(Option<Timestamp>, String)>>> {
        let ids = serde_json::to_string(entries).unwrap_or_else(|_| "[]".to_owned());
        let rows = sql::query(
            "SELECT entry, replaced_at, headline, entry_versions.rowid AS version FROM entry_versions
                WHERE entry IN (SELECT CAST(value AS BIGINT) FROM json_each($1))
             UNION ALL SELECT id, NULL, headline, 0 FROM entries
                WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND id IN (SELECT entry FROM entry_versions)
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
        let rows = sql::query(
            "SELECT digest, count(*), max(slot) FROM editions WHERE state = 'published' GROUP BY digest ORDER BY digest",
        )
        .fetch_all(&self.reader)
        .await?;
        let count =
            |row: &Row| Ok((value_of(row.try_get(0)?, "editions.digest")?, row.try_get(1)?, instant(row.try_get(2)?)));
        rows.iter().map(count).collect()
    }
}

/// Of those of these editions that were published, the ones at their digest's own schedule ($2), the newest first. Readers with hours
/// of their own each have their edition, too, and of these only the first of a day stands for a day that has no other.
fn of_days(which: &'static str) -> String {
    format!(
        "WITH told AS (SELECT id, digest, cadence, slot, created_at, stories, slot - slot % 86400 AS day,
                digest || ' ' || cadence IN (SELECT value FROM json_each($2)) AS own
            FROM editions WHERE state = 'published' AND {which}),
         placed AS (SELECT told.*, row_number() OVER (PARTITION BY digest, day ORDER BY own DESC, slot, id) AS place FROM told)
         SELECT id, digest, cadence, slot, created_at, stories FROM placed WHERE own OR place = 1
         ORDER BY slot DESC, id DESC LIMIT $3"
    )
}

fn names(own: &[(&DigestId, String)]) -> String {
    let names: Vec<String> = own.iter().map(|(digest, cadence)| format!("{digest} {cadence}")).collect();
    serde_json::to_string(&names).unwrap_or_else(|_| "[]".to_owned())
}

fn key(row: &Row) -> Result<EditionKey> {
    Ok(EditionKey {
        id: EditionId(row.try_get("id")?),
        digest: value_of(row.try_get("digest")?, "editions.digest")?,
        cadence: row.try_get("cadence")?,
        slot: instant(row.try_get("slot")?),
        created_at: instant(row.try_get("created_at")?),
        stories: usize::try_from(row.try_get::<i64, _>("stories")?).unwrap_or(0),
    })
}
