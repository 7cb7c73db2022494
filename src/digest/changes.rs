//! What changed besides what is new: stories that fell quiet, and headlines that their publishers edited.

use super::Past;
use super::candidate::Candidate;
use crate::model::digest::{Quiet, Rewrite};
use crate::model::{Entry, EntryId, Story};
use std::collections::{BTreeSet, HashSet};

const MAX_QUIET: usize = 6;
const MAX_REWRITES: usize = 3;

/// Stories of the edition before that nothing new came of, the weightiest first. Opinion pieces do not go on.
pub(super) fn quiet(past: &Past, candidates: &[Candidate]) -> Vec<Quiet> {
    let Some(previous) = &past.previous else { return Vec::new() };
    let going_on: HashSet<EntryId> = candidates
        .iter()
        .flat_map(|candidate| {
            [candidate.view.id, candidate.view.thread].into_iter().chain(candidate.view.entries.clone())
        })
        .collect();
    let mut stories: Vec<_> = previous
        .sections
        .iter()
        .flat_map(|section| section.stories.iter().map(move |story| (story, section)))
        .collect();
    stories.sort_by(|(a, _), (b, _)| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
    let is_quiet = |id: EntryId, thread: EntryId, entries: &[EntryId]| {
        !going_on.contains(&id) && !going_on.contains(&thread) && !entries.iter().any(|entry| going_on.contains(entry))
    };
    stories
        .into_iter()
        .filter(|(story, _)| is_quiet(story.id, story.thread, &story.entries) && !story.headline.trim().is_empty())
        .take(MAX_QUIET)
        .map(|(story, section)| Quiet {
            headline: story.headline.clone(),
            lang: story.lang,
            url: story.url.clone(),
            topic: section.topic.clone(),
        })
        .collect()
}

/// The first headline of each report whose words its publisher changed; a corrected comma is no news.
pub(super) fn rewrites(story: &Story, past: &Past) -> Vec<Rewrite> {
    let entries = story.reports.iter().map(|unique| &unique.lead.entry);
    let changed = entries.filter_map(|entry| rewrite(entry, past.rewrites.get(&entry.id)?));
    let mut changed: Vec<Rewrite> = changed.collect();
    changed.sort_by(|a, b| b.at.cmp(&a.at).then(a.publisher.cmp(&b.publisher)));
    changed.truncate(MAX_REWRITES);
    changed
}

fn rewrite(entry: &Entry, versions: &[(crate::model::Timestamp, String)]) -> Option<Rewrite> {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let now = words(&entry.headline);
    let (_, before) = versions.iter().find(|(_, before)| words(before) != now)?;
    let (at, _) = versions.last()?;
    Some(Rewrite { publisher: entry.publisher.clone(), before: before.clone(), lang: entry.lang, at: *at })
}
