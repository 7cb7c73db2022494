//! Pairs of entries that may report one event: found through their rare words, then scored against their surroundings.
//!
//! A likeness of 0.3 means little amid two hundred reports of one border clash and much on a quiet day, so a fixed
//! threshold on cosines fits one density of news only (tried: 0.79 to 0.91 B-cubed F1 on three sets, each with another
//! best threshold). Here a pair is measured against how near each of the two has its third neighbour.

use super::shared::Shared;
use super::vectors::{Corpus, Doc, cosine};
use crate::model::Lang;
use crate::model::meaning::likeness;
use std::collections::BTreeMap;

/// Two entries and how alike they are, `a < b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    pub score: f64,
}

/// A word in more entries than this is not looked up; it still counts in the score of those found by others.
const COMMON: usize = 250;
/// What an entry's rare words must have in common with another's, and how many others are compared with it at most: bounds the
/// work where ten thousand entries say the same. On the labelled sets 0.01 and 400 give the same stories.
const LEAST_SHARED: f64 = 0.04;
pub(super) const MOST_COMPARED: usize = 120;
/// Entries further apart are not compared.
const SPAN_HOURS: f64 = 120.0;
/// Likeness fades with the hours between two entries as a bell of this width. Mean story F1 of three sets: 0.843 at 12, 0.864 at 16,
/// 0.883 at 20, 0.902 at 24, 0.901 at 28, 0.883 at 36, 0.877 at 60, 0.873 at 90, before the constants below were tuned.
const FADE_HOURS: f64 = 22.0;
/// Pairs below this are as good as unlike.
const FLOOR: f64 = 0.02;
/// Neighbours below this do not describe an entry.
const NEIGHBOUR: f64 = 0.06;
/// The nearest neighbours that describe an entry: bounds the work in a dense window.
const MOST_NEIGHBOURS: usize = 80;
/// A neighbour of more entries than this joins nobody: one report that names everything must not make all compare with all.
pub(super) const POPULAR: usize = 1_000;
/// How much likeness of neighbours counts beside likeness of words.
const NEIGHBOURS_SHARE: f64 = 0.4;
/// Neighbours have faded with time already: what they share fades less, by this power.
const SHARED_FADE: f64 = 0.8;
/// How much the headlines alone count.
const HEADLINE_SHARE: f64 = 0.32;
/// How much a language model's reading counts beside the words, where there is one…
const MEANING_SHARE: f64 = 0.2;
/// …and for headlines without a lead: they share few words even when they tell the same. In between by length. Mean story F1 of the three
/// sets 0.932 against 0.918 by words alone, of their quarters in time, halves and sparse thirds 0.928 against 0.918. With 0.5 to 0.9 here
/// and 0 to 0.2 above 0.929 to 0.934, so the choice hardly matters; one share of 0.1, 0.2, 0.3 for all lengths: 0.924, 0.925, 0.933.
const MEANING_SHARE_SHORT: f64 = 0.7;
/// A newsroom seldom tells one event twice in other words: its updates are folded as reissues before.
const SAME_PUBLISHER: f64 = 0.76;
/// The neighbour whose nearness is the measure of an entry's surroundings.
/// Tried as well: counting folded copies among the neighbours (0.871 in the mean of three sets against 0.884); the second (0.841)
/// and the fourth (0.894 against 0.902).
const NTH: usize = 3;
const SURROUNDINGS: f64 = 0.48;
/// Surroundings count up to this only: reports that are nearly the same belong together, however many there are.
const MOST_SURROUNDINGS: f64 = 0.4;
const GROUND: f64 = 0.1;
/// Headlines alone share few words even when they tell the same: short texts count up to this much more…
const SHORT_GAIN: f64 = 3.0;
/// …fading with their length.
const SHORT_LENGTH: f64 = 20.0;
/// How much names, numbers and what happened count for two reports in two languages, where words can't; squared, since any two reports
/// have a few in common. On our own events (tests/it/languages.rs) recall and precision 0.34 and 0.95 without; with 1.0, 1.5, 2.0 here 0.95
/// and 0.95, 0.98 and 0.95, 0.98 and 0.92; not squared at best 0.98 and 0.91. The three labelled sets stay as they are.
const ACROSS: f64 = 1.5;
/// What is left of it where both name places and none in common.
const ELSEWHERE: f64 = 0.3;
/// What they must have in common at least, and how many entries of each other language are compared at most.
const LEAST_ACROSS: f64 = 0.08;
const MOST_ACROSS: usize = 40;

/// All pairs that share a word worth looking up, scored 0 to 1; in ascending order of `(a, b)`.
pub fn pairs(corpus: &Corpus, across: &[Pair]) -> Vec<Pair> {
    let mut pairs = alike(corpus, across, &mut Shared::new(corpus.terms.len(), corpus.len()));
    share_neighbours(corpus, &mut pairs, &mut Shared::new(corpus.len(), corpus.len()));
    against_surroundings(corpus, &mut pairs);
    pairs
}

/// Pairs by what their words have in common.
pub(super) fn alike(corpus: &Corpus, across: &[Pair], shared: &mut Shared) -> Vec<Pair> {
    let mut out = Vec::new();
    for (b, doc) in corpus.docs.iter().enumerate() {
        for (term, weight) in &doc.all {
            if corpus.frequency.get(*term as usize).is_some_and(|df| *df <= COMMON) {
                shared.add(*term, *weight);
                shared.insert(*term, b, *weight);
            }
        }
        for a in shared.take_most(MOST_COMPARED, LEAST_SHARED) {
            let Some(other) = corpus.docs.get(a) else { continue };
            if hours(other, doc) > SPAN_HOURS {
                continue;
            }
            let score = Signals::of(other, doc).likeness();
            if score >= FLOOR {
                out.push(Pair { a, b, score });
            }
        }
    }
    for Pair { a, b, .. } in across {
        let (Some(one), Some(other)) = (corpus.docs.get(*a), corpus.docs.get(*b)) else { continue };
        let score = Signals::of(one, other).likeness();
        if score >= FLOOR {
            out.push(Pair { a: *a, b: *b, score });
        }
    }
    out.sort_unstable_by_key(|pair| (pair.a, pair.b));
    out.dedup_by_key(|pair| (pair.a, pair.b));
    out
}

/// Pairs in two languages and what they say in common in any, 0 to 1.
pub(super) fn across_languages(corpus: &Corpus) -> Vec<Pair> {
    let mut out = Vec::new();
    if corpus.docs.iter().all(|doc| doc.across.is_empty()) {
        return out;
    }
    let mut by_language: BTreeMap<Lang, Shared> = BTreeMap::new();
    for (b, doc) in corpus.docs.iter().enumerate() {
        let tells = |term: &u32| corpus.frequency.get(*term as usize).is_some_and(|df| *df <= COMMON);
        let terms: Vec<(u32, f64)> = doc.across.iter().filter(|(term, _)| tells(term)).copied().collect();
        for (_, shared) in by_language.iter_mut().filter(|(lang, _)| **lang != doc.lang) {
            terms.iter().for_each(|(term, weight)| shared.add(*term, *weight));
            for a in shared.take_most(MOST_ACROSS, LEAST_ACROSS) {
                let Some(other) = corpus.docs.get(a) else { continue };
                let score = across(other, doc) * fade(hours(other, doc)).sqrt();
                if score > 0.0 {
                    out.push(Pair { a, b, score });
                }
            }
        }
        let own = by_language.entry(doc.lang).or_insert_with(|| Shared::new(corpus.terms.len(), corpus.len()));
        terms.iter().for_each(|(term, weight)| own.insert(*term, b, *weight));
    }
    out
}

/// What speaks for one event in a pair of entries. Every signal enters the grouping here and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Signals {
    /// Likeness of headline and lead together, 0 to 1.
    words: f64,
    /// Likeness of the headlines alone, 0 to 1.
    headlines: f64,
    /// Likeness of what is said in any language, 0 to 1, for two languages.
    across: Option<f64>,
    hours: f64,
    same_publisher: bool,
    /// Cosine of the two meanings, where both have one.
    meaning: Option<f64>,
    /// Words that tell something, in the mean of the two.
    length: f64,
}

impl Signals {
    fn of(a: &Doc, b: &Doc) -> Self {
        let meaning = a.meaning.as_deref().zip(b.meaning.as_deref());
        Self {
            words: cosine(&a.all, &b.all),
            headlines: cosine(&a.headline, &b.headline),
            across: (a.lang != b.lang).then(|| across(a, b)),
            hours: hours(a, b),
            same_publisher: a.publisher == b.publisher,
            meaning: meaning.map(|(a, b)| likeness(a, b)),
            length: (a.length * b.length).sqrt(),
        }
    }

    /// How alike the two are, 0 to 1, whatever surrounds them.
    fn likeness(self) -> f64 {
        let words = (1.0 - HEADLINE_SHARE) * self.words + HEADLINE_SHARE * self.headlines;
        let words = self.meaning.map_or(words, |meaning| self.with_meaning(words, meaning));
        let words = self.across.map_or(words, |across| words.max(ACROSS * across.powi(2)));
        let publishers = if self.same_publisher { SAME_PUBLISHER } else { 1.0 };
        words * fade(self.hours) * publishers
    }

    /// Squared, since a model finds something alike in any two texts.
    fn with_meaning(self, words: f64, meaning: f64) -> f64 {
        let share = MEANING_SHARE + (MEANING_SHARE_SHORT - MEANING_SHARE) * (-self.length / SHORT_LENGTH).exp();
        (1.0 - share) * words + share * meaning.max(0.0).powi(2)
    }
}

/// What both say in any language, 0 to 1.
fn across(a: &Doc, b: &Doc) -> f64 {
    // Who or where alone is no event, and an opinion on one no report of it.
    if a.is_opinion != b.is_opinion || !share_one(&a.ideas, &b.ideas) {
        return 0.0;
    }
    let is_elsewhere = !a.places.is_empty() && !b.places.is_empty() && !share_one(&a.places, &b.places);
    let place = if is_elsewhere { ELSEWHERE } else { 1.0 };
    place * cosine(&a.across, &b.across)
}

/// What both say, counted: ideas and numbers, names, and a place.
pub(super) fn agreement(a: &Doc, b: &Doc) -> usize {
    let shared = |a: &[u32], b: &[u32]| a.iter().filter(|id| b.binary_search(id).is_ok()).count();
    shared(&a.ideas, &b.ideas) + shared(&a.names, &b.names) + usize::from(share_one(&a.places, &b.places))
}

/// Both in order.
fn share_one(a: &[u32], b: &[u32]) -> bool {
    a.iter().any(|id| b.binary_search(id).is_ok())
}

fn hours(a: &Doc, b: &Doc) -> f64 {
    (a.at - b.at).num_minutes().abs() as f64 / 60.0
}

fn fade(hours: f64) -> f64 {
    if hours > SPAN_HOURS { 0.0 } else { (-(hours / FADE_HOURS).powi(2)).exp() }
}

/// Two reports of one event resemble the same others, even where their own words differ.
pub(super) fn share_neighbours(corpus: &Corpus, pairs: &mut [Pair], shared: &mut Shared) {
    let mut profiles: Vec<Vec<(u32, f64)>> = (0..corpus.len()).map(|at| vec![(at as u32, 1.0)]).collect();
    for pair in pairs.iter().filter(|pair| pair.score > NEIGHBOUR) {
        for (of, neighbour) in [(pair.a, pair.b), (pair.b, pair.a)] {
            if let Some(profile) = profiles.get_mut(of) {
                profile.push((neighbour as u32, pair.score));
            }
        }
    }
    for profile in &mut profiles {
        profile.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
        profile.truncate(MOST_NEIGHBOURS);
        let length = profile.iter().map(|(_, score)| score * score).sum::<f64>().sqrt();
        profile.iter_mut().for_each(|(_, score)| *score /= length);
        profile.sort_by_key(|(neighbour, _)| *neighbour);
    }
    // A neighbour is a word like any other: those described by it are found through it.
    for (of, profile) in profiles.iter().enumerate() {
        profile.iter().for_each(|(neighbour, weight)| shared.insert(*neighbour, of, *weight));
    }
    for pairs in pairs.chunk_by_mut(|x, y| x.a == y.a) {
        let profile = pairs.first().and_then(|pair| profiles.get(pair.a));
        for (neighbour, weight) in profile.into_iter().flatten() {
            if shared.entries_with(*neighbour) <= POPULAR {
                shared.add(*neighbour, *weight);
            }
        }
        for pair in pairs {
            let (Some(a), Some(b)) = (corpus.docs.get(pair.a), corpus.docs.get(pair.b)) else { continue };
            let both = shared.sum(pair.b) * fade(hours(a, b)).powf(SHARED_FADE);
            pair.score = (1.0 - NEIGHBOURS_SHARE) * pair.score + NEIGHBOURS_SHARE * both;
        }
        shared.take_most(0, f64::INFINITY);
    }
}

/// Measures each pair against the surroundings of both.
fn against_surroundings(corpus: &Corpus, pairs: &mut [Pair]) {
    let mut nearest = vec![[0.0_f64; NTH]; corpus.len()];
    for pair in pairs.iter() {
        for at in [pair.a, pair.b] {
            let Some(best) = nearest.get_mut(at) else { continue };
            if pair.score > best[NTH - 1] {
                best[NTH - 1] = pair.score;
                best.sort_by(|x, y| y.total_cmp(x));
            }
        }
    }
    for pair in pairs {
        let (Some(a), Some(b)) = (corpus.docs.get(pair.a), corpus.docs.get(pair.b)) else { continue };
        let (Some(near_a), Some(near_b)) = (nearest.get(pair.a), nearest.get(pair.b)) else { continue };
        let surroundings = (near_a[NTH - 1] * near_b[NTH - 1]).sqrt().min(MOST_SURROUNDINGS);
        let relative = pair.score / (pair.score + SURROUNDINGS * surroundings + GROUND);
        let length = (a.length * b.length).sqrt();
        let short = 1.0 + SHORT_GAIN * (-length / SHORT_LENGTH).exp();
        pair.score = (0.6 * relative * short).min(1.0);
    }
}
