//! What a story inherits from earlier editions: its id, its thread and since when the thread runs.

use super::candidate::Candidate;
use super::{Past, PastStory, reports};
use crate::model::{EntryId, Story, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};

/// `Past`, with each thread looked up once.
pub(super) struct History<'a> {
    past: &'a Past,
    thread_began: HashMap<EntryId, Timestamp>,
    /// Under which name the readers know a thread of today: any story of it that they were shown tells.
    known_as: HashMap<EntryId, EntryId>,
    /// Entries that earlier editions have shown, by thread.
    shown: HashMap<EntryId, HashSet<EntryId>>,
}

/// The earlier story that a story goes on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ancestor {
    /// `None` where only the thread is known: a distinct development of a running saga.
    pub story: Option<EntryId>,
    pub thread: EntryId,
    pub first_seen: Timestamp,
    /// Entries shared with the earlier story.
    pub shared: usize,
}

impl<'a> History<'a> {
    pub fn of(past: &'a Past, stories: &[Story]) -> Self {
        let mut thread_began: HashMap<EntryId, Timestamp> = HashMap::new();
        let mut shown: HashMap<EntryId, HashSet<EntryId>> = HashMap::new();
        for (entry, story) in &past.stories {
            let began = thread_began.entry(story.thread).or_insert(story.first_seen);
            *began = story.first_seen.min(*began);
            shown.entry(story.thread).or_default().insert(*entry);
        }
        let mut known_as: HashMap<EntryId, EntryId> = HashMap::new();
        for story in stories {
            let threads = story.reports.iter().flat_map(reports::ids).filter_map(|id| past.stories.get(&id));
            let threads = threads.map(|known| known.thread).chain(known_as.get(&story.thread).copied());
            // Two threads that have become one go on as the older one.
            let oldest = threads.min_by_key(|thread| (thread_began.get(thread).copied(), *thread));
            known_as.extend(oldest.map(|oldest| (story.thread, oldest)));
        }
        Self { past, thread_began, known_as, shown }
    }

    /// How many entries of the thread earlier editions have shown, besides those of this story.
    pub fn shown_besides(&self, thread: EntryId, entries: &[EntryId]) -> usize {
        let shown = self.shown.get(&thread).into_iter().flatten();
        shown.filter(|id| entries.binary_search(id).is_err()).count()
    }

    pub fn ancestor(&self, story: &Story, entries: &[EntryId]) -> Option<Ancestor> {
        let mut shared: BTreeMap<EntryId, (usize, PastStory)> = BTreeMap::new();
        for known in entries.iter().filter_map(|id| self.past.stories.get(id)) {
            shared.entry(known.story).or_insert((0, *known)).0 += 1;
        }
        let closest = shared
            .into_values()
            .min_by_key(|(count, known)| (std::cmp::Reverse(*count), known.first_seen, known.story));
        match closest {
            Some((count, known)) => Some(Ancestor {
                story: Some(known.story),
                thread: known.thread,
                first_seen: self.began(known.thread).unwrap_or(known.first_seen),
                shared: count,
            }),
            None => self.running_thread(story.thread),
        }
    }

    fn running_thread(&self, thread: EntryId) -> Option<Ancestor> {
        let first = || self.past.stories.get(&thread).map(|known| known.thread);
        let thread = self.known_as.get(&thread).copied().or_else(first).unwrap_or(thread);
        let first_seen = self.began(thread)?;
        Some(Ancestor { story: None, thread, first_seen, shared: 0 })
    }

    fn began(&self, thread: EntryId) -> Option<Timestamp> {
        self.thread_began.get(&thread).copied()
    }
}

/// One id to one story: an earlier story that split today stays with the part that holds its first entry, else
/// with the part that shares most; the other part keeps the thread under an id of its own.
pub(super) fn settle_ids(candidates: &mut [Candidate]) {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&index| {
        let candidate = &candidates[index];
        let holds = candidate.view.entries.contains(&candidate.view.id);
        (!holds, std::cmp::Reverse(candidate.shared), candidate.own_id)
    });
    let mut taken: HashSet<EntryId> = HashSet::new();
    for index in order {
        let candidate = &mut candidates[index];
        let wishes = [candidate.view.id, candidate.own_id].into_iter().chain(candidate.view.entries.iter().copied());
        let free = wishes.into_iter().find(|id| !taken.contains(id));
        candidate.view.id = free.unwrap_or(candidate.own_id);
        taken.insert(candidate.view.id);
    }
}
