//! The section of a story: its main topic, or the topic with the best evidence, or `other`.

use crate::model::{Coverage, DigestSpec, Lang, RelevantEntry, Story, TopicId};
use std::collections::BTreeMap;

/// The section of stories that no topic claims, unless the coverage file has a topic of that name.
pub const OTHER: &str = "other";

/// `None`: the digest does not take the topics of this story.
pub(super) fn topic(story: &Story, spec: &DigestSpec, coverage: &Coverage) -> Option<TopicId> {
    let wanted = |id: &TopicId| spec.topics.is_empty() || spec.topics.contains(id);
    let known = |id: &&TopicId| coverage.topic(id).is_some() || id.as_str() == OTHER;
    let mut own = story.topics.iter().filter(known).peekable();
    if own.peek().is_some() {
        return own.find(|id| wanted(id)).cloned();
    }
    if let Some(id) = by_evidence(story, coverage) {
        return wanted(&id).then_some(id);
    }
    let other: TopicId = OTHER.parse().ok()?;
    let takes_all = coverage.topics.iter().all(|topic| wanted(&topic.id));
    (takes_all || wanted(&other)).then_some(other)
}

/// The topic that the story's entries point to most, where the story itself was left without one.
fn by_evidence(story: &Story, coverage: &Coverage) -> Option<TopicId> {
    let mut votes: BTreeMap<usize, f64> = BTreeMap::new();
    for unique in &story.reports {
        for entry in std::iter::once(&unique.lead).chain(&unique.copies) {
            for (index, topic) in coverage.topics.iter().enumerate() {
                let vote = pull(entry, &topic.id);
                if vote > 0.0 {
                    *votes.entry(index).or_default() += vote;
                }
            }
        }
    }
    // The first of equals wins, so the coverage's order settles a tie.
    let best = votes.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    coverage.topics.get(best.0).map(|topic| topic.id.clone())
}

fn pull(entry: &RelevantEntry, topic: &TopicId) -> f64 {
    let named = match entry.topics.iter().position(|id| id == topic) {
        Some(0) => 2.0,
        Some(_) => 1.0,
        None => 0.0,
    };
    let hinted: f64 =
        entry.evidence.iter().filter(|evidence| evidence.what == topic.as_str()).map(|evidence| evidence.weight).sum();
    named + hinted
}

/// Position of a section: the coverage's order, `other` last.
pub(super) fn order(topic: &TopicId, coverage: &Coverage) -> (usize, TopicId) {
    let place = coverage.topics.iter().position(|known| &known.id == topic);
    (place.unwrap_or(coverage.topics.len()), topic.clone())
}

pub(super) fn titles(topic: &TopicId, coverage: &Coverage) -> Vec<(Lang, String)> {
    if let Some(known) = coverage.topic(topic) {
        return known.titles.clone();
    }
    [(Lang::En, "Other"), (Lang::Ur, "دیگر"), (Lang::Ps, "نور"), (Lang::Fa, "دیگر")]
        .map(|(lang, title)| (lang, title.to_owned()))
        .to_vec()
}
