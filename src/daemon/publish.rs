//! PUBLISH: for every due slot, the entries become one frozen edition and its mails, in one transaction.

use super::Khyber;
use super::window::{Window, period};
use crate::digest::{Past, PastStory, Tally, compose};
use crate::model::digest::WhenEmpty;
use crate::model::{Digest, DigestId, DigestSpec, EditionId, EntryId, Subscriber, Timestamp};
use crate::store::{Cursor, EditionState, NewEdition, StoreError, StoredEntry};
use anyhow::Context;
use chrono::TimeDelta;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How far back a story is recognised as one the readers know.
const MEMORY: TimeDelta = TimeDelta::days(30);

/// What publishing did.
#[derive(Debug, Clone, Default)]
pub struct PublishReport {
    pub editions: Vec<Published>,
}

/// One slot that was settled.
#[derive(Debug, Clone)]
pub struct Published {
    pub edition: EditionId,
    pub digest: DigestId,
    pub slot: Timestamp,
    pub state: EditionState,
    pub stories: usize,
    pub deliveries: usize,
    pub read: usize,
    pub kept: usize,
    pub folded: usize,
}

/// One schedule in one zone: the subscribers of a digest that share their slots.
#[derive(Debug)]
pub(super) struct Cadence<'a> {
    pub key: String,
    schedule: &'a crate::model::Schedule,
    pub(super) zone: chrono_tz::Tz,
    pub subscribers: Vec<&'a Subscriber>,
}

impl Khyber {
    /// Publishes every slot that is due at `now`: of one digest, or of all. Where several share the work one does this at a time, and
    /// does it for all.
    pub async fn publish_due(&self, only: Option<&DigestId>, now: Timestamp) -> anyhow::Result<PublishReport> {
        let Some(claims) = &self.claims else { return self.publish_all(only, now).await };
        let Some(round) = claims.take_soon("publishing").await? else { return Ok(PublishReport::default()) };
        let published = self.publish_all(only, now).await;
        claims.end(vec![round]).await?;
        published
    }

    async fn publish_all(&self, only: Option<&DigestId>, now: Timestamp) -> anyhow::Result<PublishReport> {
        let mut report = PublishReport::default();
        let readers = self.mailed(now).await?;
        for spec in self.config.digests.iter().filter(|spec| only.is_none_or(|id| *id == spec.id)) {
            for cadence in cadences(spec, &readers) {
                let published = self.publish_cadence(spec, &cadence, now).await;
                report.editions.extend(published.with_context(|| format!("digest `{}`", spec.id))?);
            }
        }
        Ok(report)
    }

    /// The digest as a subscriber of its own schedule would get it at `now`; changes nothing.
    pub async fn preview(&self, spec: &DigestSpec, now: Timestamp) -> anyhow::Result<Digest> {
        let cadence = Cadence::new(&spec.schedule, spec.timezone);
        let before = now + TimeDelta::seconds(1);
        let last = self.last_edition(spec, &cadence, before).await?;
        Ok(self.digest_at(spec, &cadence, now, last, now).await?.0)
    }

    /// The next slot of any digest after `now`.
    pub async fn next_slot(&self, now: Timestamp) -> Result<Option<(DigestId, Timestamp)>, StoreError> {
        let readers = self.mailed(now).await?;
        let slots = self.config.digests.iter().flat_map(|spec| {
            cadences(spec, &readers)
                .into_iter()
                .filter_map(move |cadence| Some((spec.id.clone(), cadence.schedule.next_slot(cadence.zone, now)?)))
        });
        Ok(slots.min_by_key(|(_, slot)| *slot))
    }

    async fn publish_cadence(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Published>> {
        let Some(slot) = cadence.schedule.last_slot(cadence.zone, now) else { return Ok(Vec::new()) };
        let recorded = self.store.last_slot(&spec.id, &cadence.key, now).await?;
        if recorded.is_some_and(|recorded| recorded >= slot) {
            return Ok(Vec::new());
        }
        if recorded.is_none() && self.served.knows(&spec.id, cadence, slot) {
            return Ok(Vec::new());
        }
        // Another cadence may have had this very instant: the same hour in another zone, or the same schedule written
        // another way. Whoever got that mail gets no second one.
        let reached = self.store.reached(&spec.id, slot).await?;
        if recorded.is_none() && !reached.is_empty() && cadence.readers_besides(&reached).next().is_none() {
            self.served.remember(&spec.id, cadence, slot);
            return Ok(Vec::new());
        }
        let last = self.last_edition(spec, cadence, slot).await?;
        let mut settled = Vec::new();
        if let Some(recorded) = recorded {
            let missed = cadence.schedule.slots_between(cadence.zone, recorded, slot - TimeDelta::seconds(1));
            for missed in missed.into_iter().rev().take(400).rev() {
                settled.extend(self.fold(spec, cadence, missed, last, now).await?);
            }
        }
        let late = (now - slot).to_std().unwrap_or_default();
        if late > spec.max_late {
            settled.extend(self.fold(spec, cadence, slot, last, now).await?);
        } else {
            settled.extend(self.publish_slot(spec, cadence, slot, &reached, last, now).await?);
        }
        tell_missed(spec, &settled);
        Ok(settled)
    }

    /// The edition before this one: of the same cadence, or, when the schedule was changed, of the digest.
    async fn last_edition(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        before: Timestamp,
    ) -> Result<Option<Cursor>, StoreError> {
        match self.store.cursor(&spec.id, Some(&cadence.key), before).await? {
            Some(cursor) => Ok(Some(cursor)),
            None => self.store.cursor(&spec.id, None, before).await,
        }
    }

    /// Records a slot that was missed; its entries are in the next edition.
    async fn fold(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        slot: Timestamp,
        last: Option<Cursor>,
        now: Timestamp,
    ) -> anyhow::Result<Option<Published>> {
        let upto = last.map_or(EntryId(0), |last| last.upto);
        let state = EditionState::Folded;
        let new = NewEdition {
            digest: &spec.id,
            cadence: &cadence.key,
            slot,
            state,
            upto,
            content: None,
            deliveries: Vec::new(),
        };
        let Some(edition) = self.created(new, now).await? else { return Ok(None) };
        let digest = spec.id.clone();
        Ok(Some(Published { edition, digest, slot, state, stories: 0, deliveries: 0, read: 0, kept: 0, folded: 0 }))
    }

    /// `None`: the slot has its edition, from a time when the clock was ahead.
    async fn created(&self, new: NewEdition<'_>, now: Timestamp) -> Result<Option<EditionId>, StoreError> {
        match self.store.create_edition(new, now).await {
            Ok(edition) => Ok(Some(edition)),
            Err(StoreError::SlotTaken) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn publish_slot(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        slot: Timestamp,
        reached: &HashSet<String>,
        last: Option<Cursor>,
        now: Timestamp,
    ) -> anyhow::Result<Option<Published>> {
        let (digest, upto) = self.digest_at(spec, cadence, slot, last, now).await?;
        let digest = Arc::new(digest);
        let empty = digest.is_empty() && spec.when_empty == WhenEmpty::Skip;
        let state = if empty { EditionState::Empty } else { EditionState::Published };
        let new = NewEdition {
            digest: &spec.id,
            cadence: &cadence.key,
            slot,
            state,
            upto,
            content: Some(&digest),
            deliveries: Vec::new(),
        };
        let mut issue = match self.store.begin_edition(new, now).await {
            Ok(issue) => issue,
            Err(StoreError::SlotTaken) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let count = if empty { 0 } else { self.add_mails(&mut issue, spec, cadence, &digest, reached).await? };
        let edition = issue.finish().await?;
        self.has_queued();
        let stories = digest.stories();
        tracing::info!(digest = %spec.id, %slot, %edition, stories, deliveries = count, "published");
        Ok(Some(Published {
            edition,
            digest: spec.id.clone(),
            slot,
            state,
            stories,
            deliveries: count,
            read: digest.read,
            kept: digest.kept,
            folded: digest.folded,
        }))
    }

    async fn digest_at(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        slot: Timestamp,
        last: Option<Cursor>,
        now: Timestamp,
    ) -> anyhow::Result<(Digest, EntryId)> {
        let before = cadence.schedule.last_slot(cadence.zone, slot - TimeDelta::seconds(1));
        let window = Window::new(spec, slot, last, period(slot, before));
        let mut stored = self.store.entries_seen(window.since, now).await?;
        let upto = stored.last().map(|entry| entry.id).max(last.map(|last| last.upto)).unwrap_or(EntryId(0));
        stored.retain(|entry| window.holds(entry));
        let past = self.past(spec, cadence, slot, &stored, &window).await?;
        let standing = self.standing().await?;
        let entries = self.entries(stored);
        let edited = self.edit(entries).await?;
        let stories = edited.stories.into_iter().filter(|story| spec.scopes.contains(&story.scope)).collect();
        let tally = Tally { read: edited.read, kept: edited.kept, folded: edited.folded, ..standing };
        Ok((compose(spec, slot, stories, &self.config.coverage, &past, &tally), upto))
    }

    async fn past(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        slot: Timestamp,
        stored: &[StoredEntry],
        window: &Window,
    ) -> Result<Past, StoreError> {
        let mut shown = self.store.shown(&spec.id, Some(&cadence.key), slot - MEMORY, slot).await?;
        if shown.is_empty() {
            shown = self.store.shown(&spec.id, None, slot - MEMORY, slot).await?;
        }
        let story = |shown: &crate::store::Shown| PastStory {
            story: shown.story,
            thread: shown.thread,
            first_seen: shown.first_seen,
        };
        let mut previous = self.store.last_content(&spec.id, Some(&cadence.key), slot).await?;
        if previous.is_none() {
            previous = self.store.last_content(&spec.id, None, slot).await?;
        }
        Ok(Past {
            rewrites: self.store.headlines_replaced(window.since).await?,
            previous,
            seen: shown.iter().map(|shown| shown.entry).collect(),
            stories: shown.iter().map(|shown| (shown.entry, story(shown))).collect(),
            eligible: stored.iter().filter(|entry| window.is_news(entry)).map(|entry| entry.id).collect(),
        })
    }
}

/// One line, however long the downtime was.
fn tell_missed(spec: &DigestSpec, settled: &[Published]) {
    let missed: Vec<Timestamp> =
        settled.iter().filter(|one| one.state == EditionState::Folded).map(|one| one.slot).collect();
    if let [first, .., last] = missed[..] {
        let slots = missed.len();
        tracing::warn!(digest = %spec.id, slots, %first, %last, "slots missed; their news goes into the next edition");
    } else if let [slot] = missed[..] {
        tracing::warn!(digest = %spec.id, %slot, "slot missed; its news goes into the next edition");
    }
}

fn cadences<'a>(spec: &'a DigestSpec, readers: &'a [Cow<'a, Subscriber>]) -> Vec<Cadence<'a>> {
    let mut found: HashMap<(&str, chrono_tz::Tz), Cadence<'a>> = HashMap::new();
    for reader in readers.iter().map(Cow::as_ref).filter(|reader| reader.digests.contains(&spec.id)) {
        let (schedule, zone) =
            (reader.schedule.as_ref().unwrap_or(&spec.schedule), reader.timezone.unwrap_or(spec.timezone));
        let cadence = found.entry((schedule.as_str(), zone)).or_insert_with(|| Cadence::new(schedule, zone));
        cadence.subscribers.push(reader);
    }
    if found.is_empty() {
        return vec![Cadence::new(&spec.schedule, spec.timezone)];
    }
    let mut found: Vec<Cadence<'a>> = found.into_values().collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

/// What tells editions of one digest and different readers apart.
pub(super) fn cadence_key(schedule: &crate::model::Schedule, zone: chrono_tz::Tz) -> String {
    format!("{} | {zone}", schedule.as_str())
}

impl<'a> Cadence<'a> {
    fn new(schedule: &'a crate::model::Schedule, zone: chrono_tz::Tz) -> Self {
        Self { key: cadence_key(schedule, zone), schedule, zone, subscribers: Vec::new() }
    }

    pub(super) fn readers_besides(&self, reached: &HashSet<String>) -> impl Iterator<Item = &'a Subscriber> {
        self.subscribers.iter().copied().filter(|reader| !reached.contains(reader.email.as_str()))
    }
}
