//! Composing an edition: which stories a reader has not seen, in which section, in which order, and what was left out.

mod board;
mod candidate;
mod changes;
mod figures;
mod history;
mod limits;
mod place;
mod rank;
mod reports;
mod summary;

pub use place::OTHER;

use crate::model::digest::{FeedCount, Reach};
use crate::model::{Coverage, Digest, DigestSpec, EntryId, Section, Story, StoryView, Timestamp, TopicId};
use candidate::Candidate;
use std::collections::{HashMap, HashSet};

/// What earlier editions of this digest have shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Entries that stood behind a story of an earlier edition.
    pub seen: HashSet<EntryId>,
    /// The story under which an entry was shown.
    pub stories: HashMap<EntryId, PastStory>,
    /// Entries that may make a story appear now; all others are context only.
    pub eligible: HashSet<EntryId>,
    /// Headlines that publishers replaced, oldest first.
    pub rewrites: HashMap<EntryId, Vec<(Timestamp, String)>>,
    /// The edition that these readers had before this one.
    pub previous: Option<Digest>,
}

/// A story of an earlier edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastStory {
    pub story: EntryId,
    pub thread: EntryId,
    pub first_seen: Timestamp,
}

/// What the stages before this one counted; shown in the foot of the digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub read: usize,
    pub kept: usize,
    pub folded: usize,
    pub silent_publishers: Vec<String>,
    pub feeds: FeedCount,
    pub reach: Vec<Reach>,
}

/// The digest of one slot. The order of `stories` does not matter.
pub fn compose(
    spec: &DigestSpec,
    slot: Timestamp,
    stories: Vec<Story>,
    coverage: &Coverage,
    past: &Past,
    tally: &Tally,
) -> Digest {
    let history = history::History::of(past, &stories);
    let desk = candidate::Desk { spec, slot, coverage, past, history: &history };
    let mut candidates: Vec<Candidate> = stories.iter().filter_map(|story| desk.consider(story)).collect();
    history::settle_ids(&mut candidates);
    candidates.sort_by(rank::order);
    let chosen = limits::choose(&candidates, spec);
    let quiet = changes::quiet(past, &candidates);
    let previous = past.previous.as_ref();
    Digest {
        digest: spec.id.clone(),
        title: spec.title.clone(),
        slot,
        timezone: spec.timezone.name().to_owned(),
        sections: sections(candidates, &chosen, coverage),
        read: tally.read,
        kept: tally.kept,
        folded: tally.folded,
        silent_publishers: silent(&tally.silent_publishers),
        number: previous.map_or(0, |previous| previous.number) + 1,
        feeds: tally.feeds,
        reach: tally.reach.clone(),
        quiet,
        board: board::board(&stories, coverage, previous.map_or(&[], |previous| &previous.board), slot),
    }
}

fn sections(candidates: Vec<Candidate>, chosen: &HashSet<usize>, coverage: &Coverage) -> Vec<Section> {
    let mut by_topic: HashMap<TopicId, Section> = HashMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        let section = by_topic.entry(candidate.topic.clone()).or_insert_with(|| Section {
            titles: place::titles(&candidate.topic, coverage),
            topic: candidate.topic.clone(),
            stories: Vec::new(),
            opinions: Vec::new(),
            more: 0,
        });
        let list: &mut Vec<StoryView> = if candidate.is_opinion { &mut section.opinions } else { &mut section.stories };
        if chosen.contains(&index) {
            list.push(candidate.view);
        } else {
            section.more += 1;
        }
    }
    let mut sections: Vec<Section> = by_topic.into_values().collect();
    sections.sort_by_key(|section| place::order(&section.topic, coverage));
    sections
}

fn silent(publishers: &[String]) -> Vec<String> {
    let mut names = publishers.to_vec();
    names.sort();
    names.dedup();
    names
}
