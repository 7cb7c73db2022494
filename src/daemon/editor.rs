//! The editor: the order of the stages that turn stored entries into stories.

use crate::model::{Coverage, Dropped, Entry, Story};
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
}

pub fn edit(entries: Vec<Entry>, coverage: &Coverage) -> Edited {
    let read = entries.len();
    let selection = relevance::select(entries, coverage);
    let kept = selection.kept.len();
    let unique = dedup::dedup(selection.kept);
    let folded = kept - unique.len();
    let others: Vec<&Entry> = selection.dropped.iter().map(|dropped| &dropped.entry).collect();
    let stories = group::group(unique, &others, coverage);
    Edited { stories, dropped: selection.dropped, read, kept, folded }
}
