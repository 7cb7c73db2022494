//! The limits of an edition: which of the ranked stories are shown when there are more than a reader can take.

use super::candidate::Candidate;
use crate::model::{DigestSpec, TopicId};
use std::collections::{HashMap, HashSet};

/// Opinion pieces of one topic: half as many as stories, at least one.
fn max_opinions(spec: &DigestSpec) -> usize {
    (spec.max_stories_per_topic / 2).max(1)
}

/// Indexes of the stories to show, of candidates in order of rank. Each topic's first story comes before any topic's
/// second when the edition is full, and up to a fifth of the edition is kept for opinion where there is any.
pub(super) fn choose(candidates: &[Candidate], spec: &DigestSpec) -> HashSet<usize> {
    let (opinions, news): (Vec<usize>, Vec<usize>) =
        (0..candidates.len()).partition(|&index| candidates[index].is_opinion);
    let opinions = capped(&opinions, candidates, max_opinions(spec));
    let news = capped(&news, candidates, spec.max_stories_per_topic);
    let kept_for_opinion = opinions.len().min(spec.max_stories / 5);
    let mut chosen: HashSet<usize> =
        first_of_each(&news, candidates).into_iter().take(spec.max_stories - kept_for_opinion).collect();
    let room = spec.max_stories.saturating_sub(chosen.len());
    chosen.extend(first_of_each(&opinions, candidates).into_iter().take(room));
    chosen
}

/// At most `limit` a topic.
fn capped(ranked: &[usize], candidates: &[Candidate], limit: usize) -> Vec<usize> {
    let mut counts: HashMap<&TopicId, usize> = HashMap::new();
    let mut kept = Vec::new();
    for &index in ranked {
        let count = counts.entry(&candidates[index].topic).or_default();
        if *count < limit {
            *count += 1;
            kept.push(index);
        }
    }
    kept
}

/// The first of each topic, then all others, both in order of rank.
fn first_of_each(ranked: &[usize], candidates: &[Candidate]) -> Vec<usize> {
    let mut met: HashSet<&TopicId> = HashSet::new();
    let (firsts, others): (Vec<usize>, Vec<usize>) =
        ranked.iter().partition(|&&index| met.insert(&candidates[index].topic));
    firsts.into_iter().chain(others).collect()
}
