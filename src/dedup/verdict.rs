//! Whether of two texts the one is a copy of the other: exact shares of their runs, their headlines, and the time between.

use super::shingles::{Shingles, intersection, overlap};

/// Shared runs, as a share of the shorter text, that make a copy.
const SHARE: f64 = 0.5;
/// The same with headlines that agree as well.
const SHARE_WITH_HEADLINE: f64 = 0.4;
/// What a day between two texts with different headlines adds: a newsroom keeps whole paragraphs of background from
/// one development to the next.
const A_DAY_ADDS: f64 = 0.3;
/// A teaser of a few lines shares its agency's phrases with every other: it needs this much more.
const TEASER_ADDS: f64 = 0.15;
/// Runs up to which a text is a teaser.
const TEASER: usize = 30;
/// Texts with fewer runs are too short to tell.
const LEAST_RUNS: usize = 8;
/// Headlines agree.
const AGREE: f64 = 0.6;
/// Headlines are the same but for a word: with it, a rewritten text is still a reissue.
const SAME: f64 = 0.8;
/// A reissue under the same headline follows within so many hours.
const REISSUE_HOURS: f64 = 12.0;
/// Fewer words make no headline to know a text by.
const HEADLINE_WORDS: usize = 6;

/// How much alike, where that makes the one a copy of the other.
pub(super) fn copies(a: &Shingles, b: &Shingles, same_publisher: bool) -> Option<f64> {
    let hours = (a.at - b.at).num_minutes().unsigned_abs() as f64 / 60.0;
    if a.numbers != b.numbers && a.at.date_naive() != b.at.date_naive() {
        return None;
    }
    let shorter = a.body.len().min(b.body.len());
    let share = intersection(&a.body, &b.body) as f64 / shorter.max(1) as f64;
    let headline = overlap(&a.headline, &b.headline);
    if same_publisher && reissued(a, b, headline, hours, share) {
        return Some(share.max(SHARE) + 0.1 * headline);
    }
    if shorter < LEAST_RUNS {
        return (shorter > 0 && headline > 0.8 && share > 0.8).then_some(share);
    }
    // A short note that a long report quotes is no copy of it; a text that stands in a longer one from end to end is.
    let sizes = shorter as f64 / a.body.len().max(b.body.len()) as f64;
    let likely = if share > 0.85 { 0.1 } else { 0.2 };
    (share >= needed(headline, hours, shorter) && sizes > likely).then_some(share + 0.1 * headline)
}

/// The same publisher under the same headline within hours, with something of the text or none to compare.
fn reissued(a: &Shingles, b: &Shingles, headline: f64, hours: f64, share: f64) -> bool {
    let known = a.headline.len().min(b.headline.len()) >= HEADLINE_WORDS && a.numbers == b.numbers;
    let silent = a.body.is_empty() || b.body.is_empty();
    let enough = if silent { headline >= 0.95 } else { headline >= SAME && share >= 0.12 };
    known && hours <= REISSUE_HOURS && enough
}

fn needed(headline: f64, hours: f64, shorter: usize) -> f64 {
    let teaser = if shorter <= TEASER { TEASER_ADDS } else { 0.0 };
    if headline > AGREE {
        return SHARE_WITH_HEADLINE + teaser;
    }
    SHARE + teaser + A_DAY_ADDS * (hours / 24.0).min(1.0)
}
