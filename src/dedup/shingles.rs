//! Shingles: runs of four words, the fingerprint by which texts are compared.

use crate::model::Entry;
use crate::model::words::words;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Words in a run.
const RUN: usize = 4;
/// Words of a text that are compared; agencies' texts are cut at different lengths, so the beginning counts.
const COMPARED: usize = 120;
/// Shared runs, as a share of the shorter text, that make a copy.
const SHARE: f64 = 0.55;
/// The same with headlines that agree as well.
const SHARE_WITH_HEADLINE: f64 = 0.38;
/// Texts with fewer runs are too short to tell.
const LEAST_RUNS: usize = 8;

pub(super) struct Shingles {
    /// Sorted, each once.
    pub body: Vec<u64>,
    headline: Vec<String>,
    /// The headline's numbers: a table of rates differs from yesterday's in these only.
    numbers: Vec<String>,
    day: i32,
}

impl Shingles {
    pub fn of(entry: &Entry) -> Self {
        let headline: Vec<String> = words(&entry.headline).into_iter().map(|word| word.text).collect();
        let text: Vec<String> = words(&entry.summary).into_iter().take(COMPARED).map(|word| word.text).collect();
        let mut body: Vec<u64> = text.windows(RUN).map(hash).collect();
        if body.is_empty() {
            body = headline.windows(RUN).map(hash).collect();
        }
        body.sort_unstable();
        body.dedup();
        let numbers = headline.iter().filter(|word| word.starts_with(|c: char| c.is_numeric())).cloned().collect();
        let day = chrono::Datelike::num_days_from_ce(&entry.at().date_naive());
        Self { body, headline, numbers, day }
    }

    pub fn all(&self) -> impl Iterator<Item = u64> + '_ {
        self.body.iter().copied()
    }

    /// How much alike, where that makes the one a copy of the other.
    pub fn copies(&self, other: &Shingles) -> Option<f64> {
        let shorter = self.body.len().min(other.body.len());
        if shorter == 0 || (self.numbers != other.numbers && self.day != other.day) {
            return None;
        }
        let shared = intersection(&self.body, &other.body) as f64;
        let (share, longer) = (shared / shorter as f64, self.body.len().max(other.body.len()));
        let headline = overlap(&self.headline, &other.headline);
        if shorter < LEAST_RUNS {
            return (headline > 0.8 && share > 0.8).then_some(share);
        }
        // A short note that a long report quotes is no copy of it.
        let sizes = shorter as f64 / longer as f64;
        let needed = if headline > 0.6 { SHARE_WITH_HEADLINE } else { SHARE };
        (share >= needed && sizes > 0.2).then_some(share + 0.1 * headline)
    }
}

fn hash(run: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    run.hash(&mut hasher);
    hasher.finish()
}

fn intersection(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                count += 1;
                i += 1;
                j += 1;
            }
        }
    }
    count
}

/// Shared words as a share of both.
fn overlap(a: &[String], b: &[String]) -> f64 {
    let shared = a.iter().filter(|word| b.contains(word)).count();
    2.0 * shared as f64 / (a.len() + b.len()).max(1) as f64
}
