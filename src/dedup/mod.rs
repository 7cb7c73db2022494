//! Folding copies: the same text under another URL, whoever carries it.

mod origin;
mod shingles;
mod verdict;

use crate::model::{Entry, RelevantEntry, Timestamp, UniqueEntry};
use shingles::Shingles;
use std::collections::{BTreeMap, HashMap};

/// Copies appear within this many hours of the first.
const SPAN_HOURS: i64 = 72;
/// A shingle in more texts than this is a phrase of the trade and finds nobody.
const COMMON_SHINGLE: usize = 60;
/// Copies are looked up where fewer texts than this have a shingle: a text that everybody carries must not become a phrase of
/// the trade.
const COPIES_LOOKED_UP: usize = 12;
/// Texts that share most runs with an entry and are compared with it word for word.
const MOST_COMPARED: usize = 24;

/// Folds copies under the earliest entry with the text. Nothing is lost, and the order of the input does not matter.
pub fn dedup(entries: Vec<RelevantEntry>) -> Vec<UniqueEntry> {
    let mut slots: Vec<Option<RelevantEntry>> = entries.into_iter().map(Some).collect();
    let leads = leads(&slots.iter().flatten().map(|kept| &kept.entry).collect::<Vec<_>>());
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, lead) in leads.iter().enumerate() {
        groups.entry(*lead).or_default().push(at);
    }
    let mut unique: Vec<UniqueEntry> = groups
        .into_iter()
        .filter_map(|(lead, members)| {
            let lead_entry = slots.get_mut(lead)?.take()?;
            let mut copies: Vec<RelevantEntry> =
                members.into_iter().filter_map(|at| slots.get_mut(at)?.take()).collect();
            copies.sort_by_key(|copy| order(&copy.entry));
            let origin = origin::origin(std::iter::once(&lead_entry).chain(&copies).map(|kept| &kept.entry));
            Some(UniqueEntry { lead: lead_entry, copies, origin })
        })
        .collect();
    unique.sort_by_key(|unique| order(&unique.lead.entry));
    unique
}

fn order(entry: &Entry) -> (Timestamp, crate::model::EntryId) {
    (entry.at(), entry.id)
}

/// For each entry the position of the entry it copies, or its own. Earlier entries lead. A copy of a copy must be nearly the
/// same and finds no further one, so that a text cannot drift away from its lead step by step.
pub fn leads(entries: &[&Entry]) -> Vec<usize> {
    leads_counted(entries).0
}

/// The leads, and how many pairs of texts were compared to find them.
fn leads_counted(entries: &[&Entry]) -> (Vec<usize>, usize) {
    let mut by_time: Vec<usize> = (0..entries.len()).collect();
    by_time.sort_by_key(|at| entries.get(*at).map(|entry| order(entry)));
    let texts: Vec<Shingles> = entries.iter().map(|entry| Shingles::of(entry)).collect();
    let mut index: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut same: HashMap<(&[u64], &[u64]), usize> = HashMap::new();
    let mut leads: Vec<usize> = (0..entries.len()).collect();
    let mut compared = 0;
    for at in by_time {
        let (Some(entry), Some(text)) = (entries.get(at), texts.get(at)) else { continue };
        let equal = (text.body.as_slice(), text.headline.as_slice());
        let found = same
            .get(&equal)
            .copied()
            .filter(|lead| !text.body.is_empty() && near(entries, *lead, entry))
            .or_else(|| most_like(entries, &texts, &index, &leads, at, &mut compared));
        let lead = found.and_then(|found| leads.get(found)).copied().unwrap_or(at);
        if let Some(slot) = leads.get_mut(at) {
            *slot = lead;
        }
        if found.is_some_and(|found| found != lead) {
            continue;
        }
        let room = if lead == at { COMMON_SHINGLE } else { COPIES_LOOKED_UP };
        same.insert(equal, lead);
        for run in &text.sketch {
            let posting = index.entry(*run).or_default();
            if posting.len() < room {
                posting.push(at);
            }
        }
    }
    (leads, compared)
}

/// The lead or the copy of one that this entry is a copy of.
fn most_like(
    entries: &[&Entry],
    texts: &[Shingles],
    index: &HashMap<u64, Vec<usize>>,
    leads: &[usize],
    at: usize,
    compared: &mut usize,
) -> Option<usize> {
    let (entry, text) = (entries.get(at)?, texts.get(at)?);
    let found = text.sketch.iter().filter_map(|run| index.get(run)).filter(|posting| posting.len() < COMMON_SHINGLE);
    let mut shared: Vec<usize> = found.flatten().copied().collect();
    shared.sort_unstable();
    let counted = shared.chunk_by(|x, y| x == y).filter_map(|run| Some((*run.first()?, run.len())));
    let mut candidates: Vec<(usize, usize)> = counted.filter(|(other, _)| near(entries, *other, entry)).collect();
    candidates.sort_by_key(|(other, count)| (std::cmp::Reverse(*count), *other));
    candidates.truncate(MOST_COMPARED);
    *compared += candidates.len();
    let earlier = |other: usize| entries.get(other).map(|e| order(e));
    candidates
        .into_iter()
        .filter_map(|(other, _)| {
            let same_publisher = entries.get(other)?.publisher == entry.publisher;
            let leads = leads.get(other) == Some(&other);
            let judge = if leads { verdict::copies } else { verdict::copies_a_copy };
            judge(text, texts.get(other)?, same_publisher).map(|likeness| (other, likeness))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| earlier(b.0).cmp(&earlier(a.0))))
        .map(|(other, _)| other)
}

fn near(entries: &[&Entry], other: usize, entry: &Entry) -> bool {
    entries.get(other).is_some_and(|other| (entry.at() - other.at()).num_hours().abs() <= SPAN_HOURS)
}

#[cfg(test)]
mod tests;
