//! Shingles: runs of four words, the fingerprint by which texts are compared.

use crate::model::caption::without_caption;
use crate::model::words::first_words;
use crate::model::{Entry, Timestamp};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Words in a run.
const RUN: usize = 4;
/// Words of a text that are compared.
const COMPARED: usize = 300;
/// Runs of a text's beginning that all stand in the index; agencies' texts are cut at different lengths.
const OPENING: usize = 24;
/// Beyond the beginning one run in so many stands in the index, chosen by its hash: a run that two texts share is
/// chosen in both or in neither, so containment is found as well as likeness.
const SAMPLED: u64 = 4;

/// What of an entry is compared.
pub(super) struct Shingles {
    /// Runs of the text, sorted, each once.
    pub body: Vec<u64>,
    /// Runs by which others find this text.
    pub sketch: Vec<u64>,
    /// The headline's words, each as a number.
    pub headline: Vec<u64>,
    /// What tells one in a series from the next: a table of rates differs from yesterday's in these only.
    pub numbers: Vec<String>,
    pub at: Timestamp,
    /// The feed cut the text short.
    pub cut: bool,
}

impl Shingles {
    pub fn of(entry: &Entry) -> Self {
        let headline: Vec<String> = first_words(&entry.headline, 60).into_iter().map(|word| word.text).collect();
        let summary = without_caption(&entry.summary);
        let text: Vec<u64> = first_words(summary, COMPARED).into_iter().map(|word| hash(&word.text)).collect();
        let mut body: Vec<u64> = runs(&text);
        let mut sketch: Vec<u64> = body.iter().copied().take(OPENING).collect();
        sketch.extend(body.iter().copied().filter(|run| run.is_multiple_of(SAMPLED)));
        // Headlines find each other too, by runs of their own.
        let title: Vec<u64> = headline.iter().map(|word| hash(word)).collect();
        sketch.extend(runs(&title).into_iter().map(|run| run ^ u64::MAX));
        for runs in [&mut body, &mut sketch] {
            runs.sort_unstable();
            runs.dedup();
        }
        let numbers = headline.iter().filter(|word| is_number(word)).cloned().collect();
        let cut = summary.trim_end().ends_with(['…']) || summary.trim_end().ends_with("...");
        Self { body, sketch, headline: title, numbers, at: entry.at(), cut }
    }
}

/// A digit, or a word by which a series counts: "day two", "Thursday's photos", "12 December".
fn is_number(word: &str) -> bool {
    const COUNTED: [&str; 49] = [
        "april",
        "august",
        "december",
        "eight",
        "eighth",
        "february",
        "fifth",
        "first",
        "five",
        "four",
        "fourth",
        "friday",
        "january",
        "july",
        "june",
        "march",
        "may",
        "monday",
        "nine",
        "ninth",
        "november",
        "october",
        "one",
        "saturday",
        "second",
        "september",
        "seven",
        "seventh",
        "six",
        "sixth",
        "sunday",
        "ten",
        "tenth",
        "third",
        "three",
        "thursday",
        "tuesday",
        "two",
        "wednesday",
        "پانچ",
        "پنج",
        "پنځه",
        "تین",
        "درې",
        "دوسرا",
        "سه",
        "پہلا",
        "چار",
        "چهار",
    ];
    word.starts_with(|c: char| c.is_numeric()) || COUNTED.contains(&word)
}

/// A number for each run of words, from the words' own numbers.
fn runs(words: &[u64]) -> Vec<u64> {
    let mixed = |run: &[u64]| run.iter().fold(0, |sum: u64, word| sum.wrapping_mul(MIX).rotate_left(23) ^ word);
    words.windows(RUN).map(|run| mixed(run).wrapping_mul(MIX)).collect()
}

/// An odd number without a pattern: the golden ratio's fraction.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// How many values two sorted lists share.
pub(super) fn intersection(a: &[u64], b: &[u64]) -> usize {
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
pub(super) fn overlap(a: &[u64], b: &[u64]) -> f64 {
    let shared = a.iter().filter(|word| b.contains(word)).count();
    2.0 * shared as f64 / (a.len() + b.len()).max(1) as f64
}
