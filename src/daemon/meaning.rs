//! Sentence vectors of the entries that an edition groups: from the store, or made now and kept there.

use super::Khyber;
use crate::model::meaning::Meanings;
use crate::model::{EntryId, UniqueEntry};
use crate::semantic::{self, SentenceModel};
use crate::store::KnownMeaning;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Texts of one step: what was made is kept even if the next step is cut short.
const STEP: usize = 256;

impl Khyber {
    /// Empty without a model. One that fails is told of, and stories are grouped by their words alone.
    pub(super) async fn meanings(&self, unique: &[UniqueEntry]) -> Meanings {
        let Some(folder) = &self.config.grouping.model else { return Meanings::default() };
        match self.meanings_by(folder, unique).await {
            Ok((meanings, made)) => {
                if made > 0 {
                    tracing::info!(made, "entries were read by the language model");
                }
                meanings
            }
            Err(error) => {
                tracing::error!(
                    "[grouping] model: {error:#}; stories are grouped by words alone until it is mended: \
                     `khyber check` tells more, and a fresh copy of the folder helps if it is damaged"
                );
                Meanings::default()
            }
        }
    }

    async fn meanings_by(&self, folder: &Path, unique: &[UniqueEntry]) -> anyhow::Result<(Meanings, usize)> {
        let mut wanted = texts(unique);
        let ids = wanted.iter().map(|(entry, _)| *entry);
        let (Some(from), Some(to)) = (ids.clone().min(), ids.max()) else { return Ok(Default::default()) };
        let place = folder.to_owned();
        let model = tokio::task::spawn_blocking(move || semantic::fingerprint(&place)).await??;
        let known = self.store.meanings(&model, from, to).await?;
        let known: HashMap<EntryId, KnownMeaning> = known.into_iter().map(|known| (known.entry, known)).collect();
        let mut meanings = Meanings::default();
        wanted.retain(|(entry, text)| match known.get(entry) {
            Some(known) if known.text_hash == semantic::text_hash(text) => {
                known.vector.iter().for_each(|vector| meanings.insert(*entry, vector.clone()));
                false
            }
            _ => true,
        });
        let made = wanted.len();
        if made > 0 {
            for new in self.read_by_model(folder.to_owned(), &model, wanted).await? {
                new.vector.into_iter().for_each(|vector| meanings.insert(new.entry, vector));
            }
        }
        Ok((meanings, made))
    }

    /// The model is in memory only while it reads: editions are hours apart.
    async fn read_by_model(
        &self,
        folder: PathBuf,
        fingerprint: &str,
        mut wanted: Vec<(EntryId, String)>,
    ) -> anyhow::Result<Vec<KnownMeaning>> {
        let mut model = tokio::task::spawn_blocking(move || SentenceModel::open(&folder)).await??;
        let mut made = Vec::with_capacity(wanted.len());
        while !wanted.is_empty() {
            let step = wanted.split_off(wanted.len().saturating_sub(STEP));
            let read = move || (read(&model, step), model);
            let (new, back) = tokio::task::spawn_blocking(read).await?;
            let new = new?;
            model = back;
            self.store.keep_meanings(fingerprint, &new).await?;
            made.extend(new);
        }
        Ok(made)
    }
}

fn texts(unique: &[UniqueEntry]) -> Vec<(EntryId, String)> {
    unique.iter().map(|unique| (unique.lead.entry.id, semantic::text(&unique.lead.entry))).collect()
}

fn read(model: &SentenceModel, texts: Vec<(EntryId, String)>) -> Result<Vec<KnownMeaning>, semantic::ModelError> {
    let (entries, texts): (Vec<EntryId>, Vec<String>) = texts.into_iter().unzip();
    let vectors = model.embed(&texts)?;
    let known = |((entry, text), vector): ((EntryId, &String), _)| KnownMeaning {
        entry,
        text_hash: semantic::text_hash(text),
        vector,
    };
    Ok(entries.into_iter().zip(&texts).zip(vectors).map(known).collect())
}

/// What a model makes of entries that are in no store: for `khyber eval`.
pub fn meanings_of(folder: &Path, unique: &[UniqueEntry]) -> Result<Meanings, semantic::ModelError> {
    let mut meanings = Meanings::default();
    for new in read(&SentenceModel::open(folder)?, texts(unique))? {
        new.vector.into_iter().for_each(|vector| meanings.insert(new.entry, vector));
    }
    Ok(meanings)
}
