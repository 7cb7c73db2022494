//! Scope: what an entry concerns, from the names in it, its publisher's country and the contexts that mislead.

use super::{ContextHit, Hit, Place};
use crate::model::coverage::Effect;
use crate::model::{Coverage, Entry, Evidence, Scope};
use std::collections::BTreeMap;

/// A side speaks when its evidence weighs this much; a country's name in the lead alone does not.
const SIDE: f64 = 0.8;
/// For a publisher at home in neither country: one name of middling weight may be a namesake.
const SIDE_ABROAD: f64 = 1.15;
/// Both sides must weigh this much for a bilateral entry of a few lines, and so much more for a long one, which names
/// more countries in passing. The lengths are in words.
const BOTH: f64 = 1.05;
const BOTH_LONG: f64 = 1.4;
const SHORT: f64 = 40.0;
const LONG: f64 = 120.0;
/// A headline that names nobody ("Failed talks") leaves it to the lead to say whom it is about.
const SILENT_HEADLINE: f64 = 1.25;
/// What a publisher's own country adds to its side: not enough alone.
const HOME: f64 = 0.45;

pub(super) struct Weighed {
    pub scope: Scope,
    pub score: f64,
}

/// Evidence for the two countries.
#[derive(Debug, Default, Clone, Copy)]
struct Sides {
    pk: f64,
    af: f64,
}

impl Sides {
    fn add(&mut self, scope: Scope, weight: f64) {
        if matches!(scope, Scope::Pk | Scope::Bilateral) {
            self.pk += weight;
        }
        if matches!(scope, Scope::Af | Scope::Bilateral) {
            self.af += weight;
        }
    }
}

pub(super) fn scope(
    entry: &Entry,
    coverage: &Coverage,
    words: usize,
    names: &[Hit],
    contexts: &[ContextHit],
    evidence: &mut Vec<Evidence>,
) -> Weighed {
    let mut sides = names_weigh(coverage, names, evidence);
    let named = sides;
    let home = home(entry, coverage);
    if let Some(home) = home {
        sides.add(home, HOME);
        evidence.push(note("home", &entry.country, "feed", HOME));
    }
    let mut elsewhere = 0.0;
    for context in contexts.iter().filter(|context| context.effect == Effect::Elsewhere) {
        elsewhere += context.weight;
        evidence.push(note(&context.id, &context.words, context.place.name(), -context.weight));
    }
    let side = if home.is_some() { SIDE } else { SIDE_ABROAD };
    let length = ((words as f64 - SHORT) / (LONG - SHORT)).clamp(0.0, 1.0);
    decide(sides, named, elsewhere, Thresholds { side, both: BOTH + (BOTH_LONG - BOTH) * length })
}

/// The side of the entry's publisher.
pub(super) fn home(entry: &Entry, coverage: &Coverage) -> Option<Scope> {
    let host = entry.url.as_ref().and_then(|url| url::Url::parse(url.as_str()).ok());
    coverage.home(&entry.country, host.as_ref().and_then(|url| url.host_str()))
}

/// Each entity counts once, at its best place; repetition adds a little.
fn names_weigh(coverage: &Coverage, names: &[Hit], evidence: &mut Vec<Evidence>) -> Sides {
    let mut best: BTreeMap<usize, (&Hit, usize)> = BTreeMap::new();
    for hit in names {
        let seen = best.entry(hit.target).or_insert((hit, 0));
        if hit.place < seen.0.place {
            seen.0 = hit;
        }
        seen.1 += 1;
    }
    let silent = names.iter().all(|hit| hit.place != Place::Headline);
    let gain = if silent { SILENT_HEADLINE } else { 1.0 };
    let mut sides = Sides::default();
    for (target, (hit, times)) in best {
        let Some(entity) = coverage.entities.get(target) else { continue };
        let again = 1.0 + 0.15 * (times.saturating_sub(1).min(4) as f64);
        let weight = entity.weight * hit.place.share() * again * gain;
        sides.add(entity.scope, weight);
        evidence.push(note(&entity.id, &hit.words, hit.place.name(), weight));
    }
    sides
}

/// What one side and both must weigh in this entry.
struct Thresholds {
    side: f64,
    both: f64,
}

fn decide(sides: Sides, named: Sides, elsewhere: f64, thresholds: Thresholds) -> Weighed {
    let (pk, af) = (sides.pk - elsewhere, sides.af - elsewhere);
    let both = pk.min(named.pk + 0.3).min(af);
    if both >= thresholds.both {
        return Weighed { scope: Scope::Bilateral, score: certainty((both - thresholds.both) / thresholds.both) };
    }
    let (side, scope) = if pk >= af { (pk, Scope::Pk) } else { (af, Scope::Af) };
    let beyond = (side.max(0.0) - thresholds.side) / thresholds.side;
    if beyond >= 0.0 {
        return Weighed { scope, score: certainty(beyond) };
    }
    Weighed { scope: Scope::None, score: certainty(-beyond) }
}

/// The share of decisions that are right at such a distance from the threshold, in shares of the threshold: a logistic
/// curve through the measured shares (0.1: 0.6, 0.3: 0.8, 0.5: 0.9, from 0.8: 0.97). `khyber eval --score` measures it.
fn certainty(beyond: f64) -> f64 {
    1.0 / (1.0 + (-(0.4 + 3.0 * beyond)).exp())
}

pub(super) fn note(what: &str, words: &str, place: &str, weight: f64) -> Evidence {
    Evidence { what: what.to_owned(), words: words.to_owned(), place: place.to_owned(), weight }
}
