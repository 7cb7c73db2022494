//! The reports of a story: which one stands for it, which are shown, and how many voices there really are.

use super::Past;
use crate::model::digest::Copy;
use crate::model::{EntryId, Owner, Report, Side, Story, StoryStatus, UniqueEntry};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Shown {
    pub reports: Vec<Report>,
    pub more: usize,
    pub earlier: usize,
}

/// The entries of one text: its lead and every copy.
pub(super) fn ids(unique: &UniqueEntry) -> impl Iterator<Item = EntryId> + '_ {
    std::iter::once(&unique.lead).chain(&unique.copies).map(|relevant| relevant.entry.id)
}

/// No earlier edition has shown this text, neither here nor elsewhere.
pub(super) fn unseen(unique: &UniqueEntry, past: &Past) -> bool {
    !ids(unique).any(|id| past.seen.contains(&id))
}

/// The report that stands for the story: the editor's lead where it is new, else the unseen one that most
/// publishers carry, that says something beyond its headline, and that is newest.
pub(super) fn lead<'a>(story: &'a Story, leaders: &[&'a UniqueEntry]) -> Option<&'a UniqueEntry> {
    let first = story.reports.first()?;
    if leaders.iter().any(|unique| unique.lead.entry.id == first.lead.entry.id) {
        return Some(first);
    }
    leaders.iter().copied().max_by_key(|unique| {
        let entry = &unique.lead.entry;
        (unique.copies.len(), !entry.summary.is_empty(), entry.at(), Reverse(entry.id))
    })
}

/// The lead first; then news before opinion, publishers and sides not yet heard before others, newest first.
/// A developing story shows its unseen reports only; an opinion piece does not drag the news it argues about along.
pub(super) fn choose(story: &Story, lead: &UniqueEntry, status: StoryStatus, past: &Past, max: usize) -> Shown {
    let is_opinion = lead.lead.kind.is_opinion();
    let (fitting, rest): (Vec<&UniqueEntry>, Vec<&UniqueEntry>) = story
        .reports
        .iter()
        .filter(|unique| unique.lead.entry.id != lead.lead.entry.id)
        .partition(|unique| !is_opinion || unique.lead.kind.is_opinion());
    let (mut open, seen): (Vec<&UniqueEntry>, Vec<&UniqueEntry>) =
        fitting.into_iter().partition(|unique| status == StoryStatus::New || unseen(unique, past));
    let mut chosen = vec![lead];
    while chosen.len() < max.max(1) && !open.is_empty() {
        let Some(next) = next(&open, &chosen) else { break };
        chosen.push(open.swap_remove(next));
    }
    Shown {
        reports: chosen.into_iter().map(|unique| report(unique, past)).collect(),
        more: open.len(),
        earlier: seen.len() + rest.iter().filter(|unique| !unseen(unique, past)).count(),
    }
}

fn next(open: &[&UniqueEntry], chosen: &[&UniqueEntry]) -> Option<usize> {
    let publishers: BTreeSet<&str> = chosen.iter().map(|unique| unique.lead.entry.publisher.as_str()).collect();
    let sides: BTreeSet<Side> = chosen.iter().map(|unique| unique.lead.entry.side).collect();
    (0..open.len()).min_by_key(|&index| {
        let lead = &open[index].lead;
        let entry = &lead.entry;
        let heard = (publishers.contains(entry.publisher.as_str()), sides.contains(&entry.side));
        (lead.kind.is_opinion(), heard, Reverse(entry.at()), entry.id)
    })
}

fn report(unique: &UniqueEntry, past: &Past) -> Report {
    let entry = &unique.lead.entry;
    let mut copies: Vec<Copy> = Vec::new();
    for copy in unique.copies.iter().map(|copy| &copy.entry) {
        // The publisher's own reissue is the same voice in the same place.
        if copy.publisher != entry.publisher && copies.iter().all(|known| known.publisher != copy.publisher) {
            let url = copy.url.as_ref().map(|url| url.as_str().to_owned());
            copies.push(Copy { entry: copy.id, publisher: copy.publisher.clone(), url });
        }
    }
    Report {
        entry: entry.id,
        publisher: entry.publisher.clone(),
        side: entry.side,
        owner: entry.owner.clone(),
        headline: entry.headline.clone(),
        url: entry.url.as_ref().map(|url| url.as_str().to_owned()),
        lang: entry.lang,
        kind: unique.lead.kind,
        at: entry.at(),
        fresh: unseen(unique, past),
        origin: unique.origin.clone(),
        copies,
    }
}

/// Who carries a story, and who wrote it.
pub(super) struct Voices {
    pub publishers: usize,
    /// Names of those that wrote a text of their own, agencies included.
    pub origins: Vec<String>,
    pub sides: Vec<(Side, usize)>,
    /// Those of more than one of the publishers.
    pub owners: Vec<(String, usize)>,
}

/// Opinion confirms nothing, so it counts only in a story that is made of opinion.
pub(super) fn voices(story: &Story, lead: &UniqueEntry) -> Voices {
    let is_opinion = lead.lead.kind.is_opinion();
    let mut publishers: BTreeMap<&str, (Side, &Owner)> = BTreeMap::new();
    let mut origins: BTreeMap<String, &str> = BTreeMap::new();
    for unique in story.reports.iter().filter(|unique| unique.lead.kind.is_opinion() == is_opinion) {
        let publisher = unique.lead.entry.publisher.as_str();
        for entry in std::iter::once(&unique.lead).chain(&unique.copies).map(|relevant| &relevant.entry) {
            publishers.entry(entry.publisher.as_str()).or_insert((entry.side, &entry.owner));
        }
        let origin = unique.origin.as_deref().unwrap_or(publisher).trim();
        origins.entry(origin.to_lowercase()).or_insert(origin);
    }
    let mut sides: BTreeMap<Side, usize> = BTreeMap::new();
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for (side, owner) in publishers.values() {
        *sides.entry(*side).or_default() += 1;
        if let Owner::Named(name) = owner {
            *owners.entry(name).or_default() += 1;
        }
    }
    owners.retain(|_, publishers| *publishers > 1);
    Voices {
        publishers: publishers.len(),
        origins: origins.into_values().map(str::to_owned).collect(),
        sides: sides.into_iter().collect(),
        owners: owners.into_iter().map(|(name, publishers)| (name.to_owned(), publishers)).collect(),
    }
}
