//! The editor: the order of the stages that turn stored entries into stories.

use super::Khyber;
use crate::model::meaning::Meanings;
use crate::model::{Coverage, Dropped, Entry, Story, UniqueEntry};
use crate::{dedup, group, relevance};

/// What became of the entries.
#[derive(Debug, Clone, Default)]
pub struct Edited {
    /// Most important first.
    pub stories: Vec<Story>,
    pub dropped: Vec<Dropped>,
    pub read: usize,
    pub kept: usize,
    /// Entries that stand as copies under another.
    pub folded: usize,
    /// What a language model made of the reports; empty without one.
    pub meanings: Meanings,
}

/// Entries that belong, copies folded; not grouped yet.
pub(super) struct Selected {
    pub unique: Vec<UniqueEntry>,
    dropped: Vec<Dropped>,
    read: usize,
    kept: usize,
}

/// Without a language model.
pub fn edit(entries: Vec<Entry>, coverage: &Coverage) -> Edited {
    select(entries, coverage).group(coverage, Meanings::default())
}

fn select(entries: Vec<Entry>, coverage: &Coverage) -> Selected {
    let read = entries.len();
    let selection = relevance::select(entries, coverage);
    let kept = selection.kept.len();
    Selected { unique: dedup::dedup(selection.kept), dropped: selection.dropped, read, kept }
}

impl Selected {
    fn group(self, coverage: &Coverage, meanings: Meanings) -> Edited {
        let Self { unique, dropped, read, kept } = self;
        let folded = kept - unique.len();
        let others: Vec<&Entry> = dropped.iter().map(|dropped| &dropped.entry).collect();
        let stories = group::group(unique, &others, coverage, &meanings);
        Edited { stories, dropped, read, kept, folded, meanings }
    }
}

impl Khyber {
    /// With the language model of `[grouping]`, if there is one. Off the async threads.
    pub async fn edit(&self, entries: Vec<Entry>) -> anyhow::Result<Edited> {
        let coverage = self.config.coverage.clone();
        let (selected, coverage) = tokio::task::spawn_blocking(move || (select(entries, &coverage), coverage)).await?;
        let meanings = self.meanings(&selected.unique).await;
        Ok(tokio::task::spawn_blocking(move || selected.group(&coverage, meanings)).await?)
    }
}
