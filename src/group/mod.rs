//! Grouping reports of one event into stories, and stories into threads.

mod across;
mod bridge;
mod cluster;
mod meaning;
mod pairs;
mod shared;
mod story;
mod threads;
pub mod vectors;

use crate::model::meaning::Meanings;
use crate::model::{Coverage, Entry, EntryId, Evidence, Lang, Story, UniqueEntry};
use vectors::{Corpus, TextOf};

/// An entry near another one, for `explain`.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    pub entry: EntryId,
    /// 0 to 1; entries at [`SAME_STORY`] or above tend to stand in one story.
    pub score: f64,
    pub evidence: Vec<Evidence>,
}

/// Mean likeness between two groups of entries at which they become one story.
pub const SAME_STORY: f64 = cluster::JOIN;

/// Stories of all entries, most important first. The order of the input does not matter. `others` is the other news of
/// the same days: it tells which words are rare, and is not grouped.
pub fn group(mut entries: Vec<UniqueEntry>, others: &[&Entry], coverage: &Coverage, meanings: &Meanings) -> Vec<Story> {
    entries.sort_by_key(|unique| unique.lead.entry.id);
    let corpus = corpus(&entries, others, coverage, meanings);
    let across = pairs::across_languages(&corpus);
    let pairs = pairs::pairs(&corpus, &across);
    let mut labels = cluster::cluster(corpus.len(), &pairs);
    let langs: Vec<Lang> = corpus.docs.iter().map(|doc| doc.lang).collect();
    bridge::bridge(&langs, &mut labels, &bridge::links(&corpus, across));
    let threads = threads::threads(&corpus, &labels);
    story::stories(entries, &labels, &threads)
}

/// The entries most like this one, nearest first.
pub fn neighbours(
    id: EntryId,
    entries: &[UniqueEntry],
    others: &[&Entry],
    coverage: &Coverage,
    meanings: &Meanings,
) -> Vec<Neighbour> {
    let corpus = corpus(entries, others, coverage, meanings);
    let Some(own) = entries.iter().position(|unique| unique.lead.entry.id == id) else { return Vec::new() };
    let mut near: Vec<(f64, usize)> = pairs::pairs(&corpus, &pairs::across_languages(&corpus))
        .into_iter()
        .filter_map(|pair| match (pair.a == own, pair.b == own) {
            (true, _) => Some((pair.score, pair.b)),
            (_, true) => Some((pair.score, pair.a)),
            _ => None,
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.into_iter()
        .take(10)
        .filter_map(|(score, other)| {
            let entry = entries.get(other)?.lead.entry.id;
            Some(Neighbour { entry, score, evidence: corpus.shared(own, other) })
        })
        .collect()
}

fn corpus(entries: &[UniqueEntry], others: &[&Entry], coverage: &Coverage, meanings: &Meanings) -> Corpus {
    let texts: Vec<TextOf> = entries.iter().map(TextOf::unique).collect();
    let others: Vec<TextOf> = others.iter().map(|entry| TextOf::entry(entry)).collect();
    let mut corpus = Corpus::new(&texts, &others, coverage);
    let vectors: Vec<_> = entries.iter().map(|unique| meanings.of(unique.lead.entry.id)).collect();
    for (doc, meaning) in corpus.docs.iter_mut().zip(meaning::apart(&vectors)) {
        doc.meaning = meaning;
    }
    corpus
}

#[cfg(test)]
mod tests;
