//! Whether of two texts the one is a copy of the other: exact shares of their runs, their headlines, and the time between.

use super::shingles::{Shingles, intersection, overlap};

/// Shared runs, as a share of the shorter text, that make a copy.
const SHARE: f64 = 0.5;
/// The same with headlines that agree as well.
const SHARE_WITH_HEADLINE: f64 = 0.4;
/// What a day between two texts with different headlines adds: a newsroom keeps whole paragraphs of background from
/// one development to the next.
const A_DAY_ADDS: f64 = 0.3;
/// A teaser of a few lines shares its agency's phrases with every other: it needs this much more, and more still where another
/// publisher wrote it.
const TEASER_ADDS: f64 = 0.15;
const TEASER_ABROAD_ADDS: f64 = 0.25;
/// Runs up to which a text is a teaser.
const TEASER: usize = 30;
/// Texts with fewer runs are too short to tell.
const LEAST_RUNS: usize = 8;
/// Of a text that its feed cut short, this much stands in the longer one under a headline that agrees.
const CUT_SHARE: f64 = 0.8;
/// Shared runs that make a text one with another that is itself a copy, of like length.
const NEARLY_THE_SAME: f64 = 0.85;
/// Headlines agree.
const AGREE: f64 = 0.6;
/// Headlines are the same but for a word: with it, a rewritten text is still a reissue.
const SAME: f64 = 0.8;
/// A reissue under the same headline follows within so many hours.
const REISSUE_HOURS: f64 = 12.0;
/// Fewer words make no headline to know a text by.
const HEADLINE_WORDS: usize = 6;

/// Two texts measured against each other.
struct Likeness {
    hours: f64,
    /// Runs of the shorter text, and how many of them stand in the longer one as a share.
    shorter: usize,
    share: f64,
    /// The shorter length as a share of the longer one.
    sizes: f64,
    headline: f64,
    same_publisher: bool,
}

impl Likeness {
    /// None for two of a series, such as yesterday's rates and today's.
    fn of(a: &Shingles, b: &Shingles, same_publisher: bool) -> Option<Self> {
        if a.numbers != b.numbers && a.at.date_naive() != b.at.date_naive() {
            return None;
        }
        let shorter = a.body.len().min(b.body.len());
        Some(Self {
            hours: (a.at - b.at).num_minutes().unsigned_abs() as f64 / 60.0,
            shorter,
            share: intersection(&a.body, &b.body) as f64 / shorter.max(1) as f64,
            sizes: shorter as f64 / a.body.len().max(b.body.len()).max(1) as f64,
            headline: overlap(&a.headline, &b.headline),
            same_publisher,
        })
    }

    fn score(&self) -> f64 {
        self.share + 0.1 * self.headline
    }
}

/// How much alike, where that makes the one a copy of the other.
pub(super) fn copies(a: &Shingles, b: &Shingles, same_publisher: bool) -> Option<f64> {
    let like = Likeness::of(a, b, same_publisher)?;
    if reissued(a, b, &like) {
        return Some(like.share.max(SHARE) + 0.1 * like.headline);
    }
    if like.shorter < LEAST_RUNS {
        return (like.shorter > 0 && like.headline > 0.8 && like.share > 0.8).then_some(like.share);
    }
    let shorter = if a.body.len() < b.body.len() { a } else { b };
    if shorter.cut && like.headline > AGREE && like.share > CUT_SHARE {
        return Some(like.score());
    }
    // A short note that a long report quotes is no copy of it; a text that stands in a longer one from end to end is.
    let likely = if like.share > 0.85 { 0.1 } else { 0.2 };
    (like.share >= needed(&like) && like.sizes > likely).then(|| like.score())
}

/// How much alike `a` is with `b`, which is itself a copy, where the two are one text or one reissue: an update of an update
/// may have little left of the first text. What joins in this way is not looked up by others, so nothing drifts.
pub(super) fn copies_a_copy(a: &Shingles, b: &Shingles, same_publisher: bool) -> Option<f64> {
    let like = Likeness::of(a, b, same_publisher)?;
    let same = like.shorter >= LEAST_RUNS && like.share > NEARLY_THE_SAME && like.sizes > 0.5;
    (same || reissued(a, b, &like)).then(|| like.score())
}

/// The same publisher under the same headline within hours, with something of the text or none to compare.
fn reissued(a: &Shingles, b: &Shingles, like: &Likeness) -> bool {
    let known = a.headline.len().min(b.headline.len()) >= HEADLINE_WORDS && a.numbers == b.numbers;
    let silent = a.body.is_empty() || b.body.is_empty();
    let enough = if silent { like.headline >= 0.95 } else { like.headline >= SAME && like.share >= 0.12 };
    like.same_publisher && known && like.hours <= REISSUE_HOURS && enough
}

/// Tried as well: more where the headlines share no word (copy F1 0.928 to 0.935 on gold-dev against 0.952).
fn needed(like: &Likeness) -> f64 {
    let teaser = match (like.shorter <= TEASER, like.same_publisher) {
        (true, true) => TEASER_ADDS,
        (true, false) => TEASER_ABROAD_ADDS,
        (false, _) => 0.0,
    };
    if like.headline > AGREE {
        return SHARE_WITH_HEADLINE + teaser;
    }
    SHARE + teaser + A_DAY_ADDS * (like.hours / 24.0).min(1.0)
}
