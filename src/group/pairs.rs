//! Pairs of entries that may report one event: found through their rare words, then scored.

use super::vectors::{Corpus, Doc, cosine};
use std::collections::HashMap;

/// Two entries and how alike they are, `a < b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    pub score: f64,
}

/// A word in more entries than this is not looked up; it still counts in the score of those found by others.
const COMMON: usize = 400;
/// Entries further apart are not compared.
const SPAN_HOURS: f64 = 96.0;
/// Pairs below this are as good as unlike.
const FLOOR: f64 = 0.05;

/// All pairs that share a word worth looking up, scored; in ascending order of `(a, b)`.
pub fn pairs(corpus: &Corpus) -> Vec<Pair> {
    let mut postings: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut out = Vec::new();
    for (b, doc) in corpus.docs.iter().enumerate() {
        let mut near: HashMap<usize, f64> = HashMap::new();
        for (term, weight) in &doc.all {
            if corpus.frequency.get(*term as usize).is_some_and(|df| *df > COMMON) {
                continue;
            }
            let posting = postings.entry(*term).or_default();
            for a in posting.iter() {
                *near.entry(*a).or_default() += weight;
            }
            posting.push(b);
        }
        let mut found: Vec<usize> = near.into_keys().collect();
        found.sort_unstable();
        for a in found {
            let Some(other) = corpus.docs.get(a) else { continue };
            let score = score(other, doc);
            if score >= FLOOR {
                out.push(Pair { a, b, score });
            }
        }
    }
    out.sort_by_key(|pair| (pair.a, pair.b));
    out
}

fn score(a: &Doc, b: &Doc) -> f64 {
    let hours = (a.at - b.at).num_minutes().abs() as f64 / 60.0;
    if hours > SPAN_HOURS {
        return 0.0;
    }
    let decay = (-(hours / 60.0).powi(2)).exp();
    (0.7 * cosine(&a.all, &b.all) + 0.3 * cosine(&a.headline, &b.headline)) * decay
}
