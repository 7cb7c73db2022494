//! Sentence vectors in the store: each is made once for a text and a model.

use super::{Result, Store};
use crate::model::EntryId;
use sqlx::Row;

/// What a model made of an entry's text.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownMeaning {
    pub entry: EntryId,
    pub text_hash: String,
    /// `None`: the model can't read it, and need not be asked again.
    pub vector: Option<Vec<f32>>,
}

impl Store {
    /// What is known by this model of the entries from one number to another.
    pub async fn meanings(&self, model: &str, from: EntryId, to: EntryId) -> Result<Vec<KnownMeaning>> {
        let rows = sqlx::query(
            "SELECT entry, text_hash, vector FROM meanings WHERE entry BETWEEN $1 AND $2 AND model = $3 ORDER BY entry",
        )
        .bind(from.0)
        .bind(to.0)
        .bind(model)
        .fetch_all(&self.reader)
        .await?;
        let known = |row: &sqlx::sqlite::SqliteRow| {
            let vector = row.try_get::<Option<&[u8]>, _>(2)?.map(floats);
            Ok(KnownMeaning { entry: EntryId(row.try_get(0)?), text_hash: row.try_get(1)?, vector })
        };
        rows.iter().map(known).collect()
    }

    /// Entries that were cleaned away meanwhile are left out.
    pub async fn keep_meanings(&self, model: &str, made: &[KnownMeaning]) -> Result<()> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for meaning in made {
            sqlx::query(
                "INSERT INTO meanings (entry, model, text_hash, vector) SELECT id, $2, $3, $4 FROM entries WHERE id = $1
                 ON CONFLICT (entry) DO UPDATE SET model = $2, text_hash = $3, vector = $4",
            )
            .bind(meaning.entry.0)
            .bind(model)
            .bind(&meaning.text_hash)
            .bind(meaning.vector.as_deref().map(bytes))
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}
