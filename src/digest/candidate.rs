//! One story on its way into an edition: does it belong, what about it is new, and how will it be shown.

use super::history::{Ancestor, History};
use super::{Past, changes, figures, place, rank, reports, summary};
use crate::model::{Coverage, DigestSpec, EntryId, Story, StoryStatus, StoryView, Timestamp, TopicId, UniqueEntry};
use chrono::TimeDelta;

/// Everything that the decision about one story needs.
pub(super) struct Desk<'a> {
    pub spec: &'a DigestSpec,
    pub slot: Timestamp,
    pub coverage: &'a Coverage,
    pub past: &'a Past,
    pub history: &'a History<'a>,
}

pub(super) struct Candidate {
    pub topic: TopicId,
    pub is_opinion: bool,
    /// The newest unseen report.
    pub newest: Timestamp,
    /// The story's id where nothing is inherited.
    pub own_id: EntryId,
    /// Entries shared with the earlier story whose id is inherited.
    pub shared: usize,
    pub view: StoryView,
}

impl Desk<'_> {
    /// `None`: not for this digest, or nothing in it that the reader has not seen.
    pub fn consider(&self, story: &Story) -> Option<Candidate> {
        if !self.spec.scopes.is_empty() && !self.spec.scopes.contains(&story.scope) {
            return None;
        }
        let topic = place::topic(story, self.spec, self.coverage)?;
        let fresh: Vec<&UniqueEntry> = story.reports.iter().filter(|unique| self.makes_news(unique)).collect();
        // Opinion never leads news: where nothing but opinion is new, the story stands among the opinions.
        let is_opinion = fresh.iter().all(|unique| unique.lead.kind.is_opinion());
        let leaders: Vec<&UniqueEntry> =
            fresh.iter().copied().filter(|unique| unique.lead.kind.is_opinion() == is_opinion).collect();
        let newest = leaders.iter().map(|unique| unique.lead.entry.at()).max()?;
        let entries = entries(story);
        let ancestor = self.history.ancestor(story, &entries);
        let own_id = entries.first().copied().unwrap_or(story.id);
        Some(Candidate {
            is_opinion,
            newest,
            own_id,
            shared: ancestor.map_or(0, |known| known.shared),
            view: self.view(story, &topic, &leaders, entries, ancestor)?,
            topic,
        })
    }

    /// A text that no earlier edition has shown under any of its addresses, and that is not mere context.
    /// A new copy of a text that was shown does not bring its story back.
    fn makes_news(&self, unique: &UniqueEntry) -> bool {
        reports::unseen(unique, self.past) && reports::ids(unique).any(|id| self.past.eligible.contains(&id))
    }

    fn view(
        &self,
        story: &Story,
        topic: &TopicId,
        leaders: &[&UniqueEntry],
        entries: Vec<EntryId>,
        ancestor: Option<Ancestor>,
    ) -> Option<StoryView> {
        let lead = reports::lead(story, leaders)?;
        let known = entries.iter().any(|id| self.past.seen.contains(id) || self.past.stories.contains_key(id));
        // What happens next in a thread that the readers know develops it; an opinion piece on it is a new piece.
        let goes_on = ancestor.is_some() && !lead.lead.kind.is_opinion();
        let status = if known || goes_on { StoryStatus::Developing } else { StoryStatus::New };
        let of_thread = match (ancestor, status) {
            (Some(known), StoryStatus::Developing) => self.history.shown_besides(known.thread, &entries),
            _ => 0,
        };
        let shown = reports::choose(story, lead, status, self.past, self.spec.max_reports);
        let voices = reports::voices(story, lead);
        let first_seen = ancestor.map_or_else(|| self.first_report(story), |known| known.first_seen);
        let entry = &lead.lead.entry;
        Some(StoryView {
            id: ancestor.and_then(|known| known.story).unwrap_or(story.id),
            thread: ancestor.map_or(story.thread, |known| known.thread),
            status,
            topics: self.topics(story, topic),
            scope: story.scope,
            headline: entry.headline.clone(),
            summary: summary::of(&entry.summary, &entry.headline),
            lang: entry.lang,
            url: entry.url.as_ref().map(|url| url.as_str().to_owned()),
            reports: shown.reports,
            more_reports: shown.more,
            earlier_reports: shown.earlier + of_thread,
            weight: rank::weight(story, lead, &voices, self.past),
            publishers: voices.publishers,
            origins: voices.origins.len(),
            origin_names: if voices.origins.len() < voices.publishers { voices.origins } else { Vec::new() },
            sides: voices.sides,
            owners: voices.owners,
            figures: figures::figures(story),
            rewrites: changes::rewrites(story, self.past),
            first_seen,
            day: self.day(first_seen),
            entries,
        })
    }

    /// The section's topic first, so that a reader's choice of topics can be applied to the story alone.
    fn topics(&self, story: &Story, main: &TopicId) -> Vec<TopicId> {
        std::iter::once(main).chain(story.topics.iter().filter(|id| *id != main)).cloned().collect()
    }

    /// Calendar days of the digest's zone since the thread began, that day included.
    fn day(&self, first_seen: Timestamp) -> u32 {
        let zone = self.spec.timezone;
        let (from, to) = (first_seen.with_timezone(&zone).date_naive(), self.slot.with_timezone(&zone).date_naive());
        u32::try_from((to - from).num_days().max(0)).unwrap_or(0) + 1
    }

    /// A report dated long before the window (a wrong clock at the publisher) does not start a thread in the past.
    fn first_report(&self, story: &Story) -> Timestamp {
        let window = TimeDelta::from_std(self.spec.window).unwrap_or(TimeDelta::MAX);
        let earliest = self.slot.checked_sub_signed(window).unwrap_or(Timestamp::MIN_UTC);
        let first = story.reports.iter().map(|unique| unique.lead.entry.at()).min();
        first.unwrap_or(self.slot).clamp(earliest.min(self.slot), self.slot)
    }
}

fn entries(story: &Story) -> Vec<EntryId> {
    let mut ids: Vec<EntryId> = story.reports.iter().flat_map(reports::ids).collect();
    ids.sort();
    ids.dedup();
    ids
}
