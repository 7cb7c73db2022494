//! Threads: stories of one saga over days, joined by what their reports have in common on the whole.

use super::shared::Shared;
use super::vectors::{Corpus, Vector, cosine};
use std::collections::{BTreeMap, HashMap};

/// Likeness of two stories' mean vectors that makes one thread. B-cubed F1 of gold-dev's threads (precision, recall) at 0.36: 0.56
/// (0.99, 0.39); at 0.25: 0.63 (0.91, 0.48); at 0.20: 0.68 (0.91, 0.54); at 0.18: 0.70 (0.90, 0.57); at 0.14: 0.73 (0.88, 0.63); at
/// 0.10: 0.72 (0.76, 0.68). A saga in pieces says "new" of what goes on, two sagas in one tell a wrong beginning: the latter is worse.
const SAME_THREAD: f64 = 0.18;
/// A thread sleeps at most this many days.
const SLEEP_DAYS: i64 = 4;
/// A word in more stories than this finds nobody.
pub(super) const COMMON: usize = 150;
/// Earlier stories that a story is compared with.
const MOST_COMPARED: usize = 40;

/// The strongest words name a saga; the rest only costs time.
pub(super) const MOST_WORDS: usize = 60;

/// For each story label the label of its thread's first story.
pub fn threads(corpus: &Corpus, labels: &[usize]) -> HashMap<usize, usize> {
    threads_counted(corpus, labels, &mut Shared::new(corpus.terms.len(), labels.len()))
}

/// The same with the index of the caller, who can tell what it cost.
pub(super) fn threads_counted(corpus: &Corpus, labels: &[usize], shared: &mut Shared) -> HashMap<usize, usize> {
    let mut stories: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, label) in labels.iter().enumerate() {
        stories.entry(*label).or_default().push(at);
    }
    let mut by_time: Vec<Saga> = stories.iter().map(|(label, members)| Saga::of(corpus, *label, members)).collect();
    by_time.sort_by_key(|saga| (saga.first, saga.label));
    let mut heads: Vec<usize> = Vec::new();
    for at in 0..by_time.len() {
        let Some(saga) = by_time.get(at) else { continue };
        let head = before(&by_time, shared, saga).and_then(|earlier| heads.get(earlier).copied());
        heads.push(head.unwrap_or(saga.label));
        saga.mean.iter().for_each(|(term, weight)| shared.insert(*term, at, *weight));
    }
    by_time.iter().map(|saga| saga.label).zip(heads).collect()
}

struct Saga {
    label: usize,
    mean: Vector,
    first: i64,
    last: i64,
}

impl Saga {
    fn of(corpus: &Corpus, label: usize, members: &[usize]) -> Self {
        let mut sum: BTreeMap<u32, f64> = BTreeMap::new();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for doc in members.iter().filter_map(|at| corpus.docs.get(*at)) {
            doc.all.iter().for_each(|(term, weight)| *sum.entry(*term).or_default() += weight);
            first = first.min(doc.at.timestamp());
            last = last.max(doc.at.timestamp());
        }
        let length = sum.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(1e-9);
        let mut mean: Vector = sum.into_iter().map(|(term, weight)| (term, weight / length)).collect();
        mean.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        mean.truncate(MOST_WORDS);
        mean.sort_by_key(|(term, _)| *term);
        Self { label, mean, first, last }
    }
}

/// The earlier story most like this one, if it is like enough.
fn before(stories: &[Saga], shared: &mut Shared, saga: &Saga) -> Option<usize> {
    for (term, weight) in &saga.mean {
        if shared.entries_with(*term) <= COMMON {
            shared.add(*term, *weight);
        }
    }
    let like = |at: usize| {
        let other = stories.get(at)?;
        let awake = saga.first - other.last <= SLEEP_DAYS * 86_400;
        let likeness = cosine(&saga.mean, &other.mean);
        (awake && likeness >= SAME_THREAD).then_some((likeness, at))
    };
    let near = shared.take_most(MOST_COMPARED, 0.0);
    near.into_iter().filter_map(like).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at)
}
