//! Which entries belong to the coverage, of which kind and topics, and by what evidence.

mod kind;
mod owner;
mod scope;
mod topics;

use crate::model::coverage::Effect;
use crate::model::matcher::{Found, Matcher};
use crate::model::words::{Word, words};
use crate::model::{Coverage, Dropped, Entry, Evidence, Kind, RelevantEntry, Scope, TopicId};

/// Entries sorted into those the desk follows and the rest.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub kept: Vec<RelevantEntry>,
    pub dropped: Vec<Dropped>,
}

/// What an entry is, whether or not it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub scope: Scope,
    pub kind: Kind,
    /// Up to two, the main one first.
    pub topics: Vec<TopicId>,
    /// 0 to 1: how surely the entry concerns the scope it was given.
    pub score: f64,
    pub evidence: Vec<Evidence>,
}

/// Keeps what concerns the region and is neither sport nor service.
pub fn select(entries: Vec<Entry>, coverage: &Coverage) -> Selection {
    let judge = Judge::new(coverage);
    let mut selection = Selection::default();
    for entry in entries {
        let Judgement { scope, kind, topics, score, evidence } = judge.judge(&entry);
        match why_dropped(scope, kind) {
            Some(reason) => selection.dropped.push(Dropped { entry, kind, evidence, reason: reason.to_owned() }),
            None => selection.kept.push(RelevantEntry { entry, scope, kind, topics, score, evidence }),
        }
    }
    selection
}

fn why_dropped(scope: Scope, kind: Kind) -> Option<&'static str> {
    match (scope, kind) {
        (Scope::None, _) => Some("nothing in it weighs enough for either country"),
        (_, Kind::Sport) => Some("it is about sport"),
        (_, Kind::Service) => Some("it is a service item, such as rates, weather or a quiz"),
        _ => None,
    }
}

/// Judges one entry; for many, build a [`Judge`] once.
pub fn judge(entry: &Entry, coverage: &Coverage) -> Judgement {
    Judge::new(coverage).judge(entry)
}

/// The coverage, ready to be looked for in texts.
#[derive(Debug, Clone)]
pub struct Judge<'a> {
    coverage: &'a Coverage,
    entities: Matcher,
    /// Names that speak for both countries are looked for by themselves: "Afghan refugees" still names Afghans.
    between: Matcher,
    namesakes: Matcher,
    /// Other countries, which own offices of the same name.
    owners: Matcher,
    contexts: Vec<(usize, Matcher)>,
    topics: Vec<Matcher>,
}

impl<'a> Judge<'a> {
    pub fn new(coverage: &'a Coverage) -> Self {
        let (mut entities, mut between) = (Matcher::default(), Matcher::default());
        for (at, entity) in coverage.entities.iter().enumerate() {
            let names = if entity.scope == Scope::Bilateral { &mut between } else { &mut entities };
            entity.aliases.iter().for_each(|alias| names.add(alias, at));
        }
        let (mut namesakes, mut owners) = (Matcher::default(), Matcher::default());
        let mut contexts = Vec::new();
        for (at, context) in coverage.contexts.iter().enumerate() {
            match context.effect {
                Effect::Namesake => context.terms.iter().for_each(|term| namesakes.add(&term.phrase, at)),
                Effect::Owner => context.terms.iter().for_each(|term| owners.add(&term.phrase, at)),
                _ => contexts.push((at, of_terms(&context.terms))),
            }
        }
        let topics = coverage.topics.iter().map(|topic| of_terms(&topic.terms)).collect();
        Self { coverage, entities, between, namesakes, owners, contexts, topics }
    }

    pub fn judge(&self, entry: &Entry) -> Judgement {
        let text = Text::of(entry);
        let mut evidence = Vec::new();
        let names = self.names(&text, scope::home(entry, self.coverage), &mut evidence);
        let contexts = self.contexts(&text);
        let kind = kind::kind(entry, &text, &contexts, &mut evidence);
        let weighed = scope::scope(entry, self.coverage, text.words.len(), &names, &contexts, &mut evidence);
        let topics = topics::topics(self.coverage, &self.topics, &text, kind, &mut evidence);
        let topics = if weighed.scope == Scope::None { Vec::new() } else { topics };
        Judgement { scope: weighed.scope, kind, topics, score: weighed.score, evidence }
    }

    fn names(&self, text: &Text, home: Option<Scope>, evidence: &mut Vec<Evidence>) -> Vec<Hit> {
        let taken: Vec<Found> = self.namesakes.find(&text.words);
        let free = |found: &Found| !taken.iter().any(|t| t.start < found.end && found.start < t.end);
        let found = self.entities.find(&text.words).into_iter().chain(self.between.find(&text.words)).filter(free);
        let ours = owner::ours(self.coverage, text, found.collect(), &self.owners.find(&text.words), home, evidence);
        ours.into_iter().map(|found| text.hit(found)).collect()
    }

    fn contexts(&self, text: &Text) -> Vec<ContextHit> {
        let mut out = Vec::new();
        for (at, matcher) in &self.contexts {
            let Some(context) = self.coverage.contexts.get(*at) else { continue };
            let hits: Vec<Hit> = matcher.find(&text.words).into_iter().map(|found| text.hit(found)).collect();
            if hits.is_empty() {
                continue;
            }
            let weight = weigh(&hits, |hit| context.terms.get(hit.target).map_or(0.0, |term| term.weight));
            let words = hits.iter().map(|hit| hit.words.as_str()).take(4).collect::<Vec<_>>().join(", ");
            let place = hits.first().map_or(Place::Body, |hit| hit.place);
            out.push(ContextHit { id: context.id.clone(), effect: context.effect, weight, words, place });
        }
        out
    }
}

fn of_terms(terms: &[crate::model::coverage::Term]) -> Matcher {
    let mut matcher = Matcher::default();
    for (at, term) in terms.iter().enumerate() {
        matcher.add(&term.phrase, at);
    }
    matcher
}

/// Where in an entry a word stands. Journalists put what matters first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Headline,
    Lead,
    Body,
}

impl Place {
    fn share(self) -> f64 {
        match self {
            Place::Headline => 1.0,
            Place::Lead => 0.6,
            Place::Body => 0.25,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Place::Headline => "headline",
            Place::Lead => "lead",
            Place::Body => "summary",
        }
    }
}

/// A name or term found in an entry.
#[derive(Debug, Clone)]
struct Hit {
    target: usize,
    place: Place,
    words: String,
}

/// A context that speaks in an entry.
#[derive(Debug, Clone)]
struct ContextHit {
    id: String,
    effect: Effect,
    weight: f64,
    words: String,
    place: Place,
}

/// The sum over distinct targets: each counts once at its best place, and repetition adds a little.
fn weigh(hits: &[Hit], weight: impl Fn(&Hit) -> f64) -> f64 {
    let mut best: std::collections::BTreeMap<usize, (f64, usize)> = std::collections::BTreeMap::new();
    for hit in hits {
        let value = weight(hit) * hit.place.share();
        let entry = best.entry(hit.target).or_insert((0.0, 0));
        entry.0 = entry.0.max(value);
        entry.1 += 1;
    }
    best.values().map(|(value, times)| value * (1.0 + 0.15 * (times.saturating_sub(1).min(4) as f64))).sum()
}

/// Words of the summary that count as its lead.
const LEAD_WORDS: usize = 45;

/// An entry's words, headline first.
struct Text {
    words: Vec<Word>,
    headline: usize,
}

impl Text {
    fn of(entry: &Entry) -> Self {
        let mut all = words(&entry.headline);
        let headline = all.len();
        all.extend(words(&entry.summary));
        Self { words: all, headline }
    }

    fn hit(&self, found: Found) -> Hit {
        let place = match found.start {
            at if at < self.headline => Place::Headline,
            at if at < self.headline + LEAD_WORDS => Place::Lead,
            _ => Place::Body,
        };
        let words = self.words.get(found.start..found.end).unwrap_or_default();
        let words = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        Hit { target: found.target, place, words }
    }
}
