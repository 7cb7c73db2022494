//! Figures of single rows: precision and recall of a property, topics, copies.

use super::{Figure, Labels};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Labelled rows, each beside what was decided on it; an absent decision is wrong everywhere.
pub(super) struct Rows<'a> {
    pairs: Vec<(&'a Labels, &'a Labels)>,
    gold: HashMap<&'a str, &'a Labels>,
    decided: HashMap<&'a str, &'a Labels>,
}

static UNDECIDED: Labels = Labels {
    id: String::new(),
    date: None,
    scope: None,
    kind: None,
    topics: None,
    story: None,
    copy_of: None,
    thread: None,
    score: None,
};

impl<'a> Rows<'a> {
    pub fn new(gold: &'a [Labels], decided: &HashMap<&str, &'a Labels>) -> Self {
        let found = |row: &'a Labels| (row, decided.get(row.id.as_str()).copied().unwrap_or(&UNDECIDED));
        let pairs: Vec<_> = gold.iter().map(found).collect();
        let decided = pairs.iter().map(|(gold, decided)| (gold.id.as_str(), *decided)).collect();
        Self { gold: gold.iter().map(|row| (row.id.as_str(), row)).collect(), pairs, decided }
    }

    pub fn binary(&self, name: &'static str, test: impl Fn(&Labels) -> bool) -> Figure {
        let (mut both, mut decided, mut actual) = (0, 0, 0);
        for (gold, said) in &self.pairs {
            let (a, b) = (test(gold), test(said));
            both += usize::from(a && b);
            actual += usize::from(a);
            decided += usize::from(b);
        }
        ratio(name, both as f64, decided as f64, actual as f64)
    }

    pub fn kind_accuracy(&self) -> Figure {
        let right = self.pairs.iter().filter(|(gold, said)| gold.kind == said.kind).count();
        Figure {
            name: "kind.accuracy",
            value: right as f64 / self.pairs.len().max(1) as f64,
            parts: None,
            cases: self.pairs.len(),
        }
    }

    pub fn main_topic(&self) -> Figure {
        let main = |row: &Labels| row.topics.as_ref().and_then(|topics| topics.first()).cloned();
        let topical: Vec<_> = self.pairs.iter().filter(|(gold, _)| gold.inside() && main(gold).is_some()).collect();
        let right = topical.iter().filter(|(gold, said)| main(gold) == main(said)).count();
        Figure {
            name: "topics.main",
            value: right as f64 / topical.len().max(1) as f64,
            parts: None,
            cases: topical.len(),
        }
    }

    pub fn topics(&self) -> Figure {
        let set = |row: &'a Labels| row.topics.iter().flatten().collect::<BTreeSet<_>>();
        let (mut both, mut decided, mut actual) = (0, 0, 0);
        for (gold, said) in self.pairs.iter().filter(|(gold, _)| gold.inside()) {
            let (a, b) = (set(gold), set(said));
            both += a.intersection(&b).count();
            actual += a.len();
            decided += b.len();
        }
        ratio("topics.micro", both as f64, decided as f64, actual as f64)
    }

    pub fn copies(&self) -> Figure {
        let (gold, said) = (pairs(&self.gold), pairs(&self.decided));
        ratio("copy", gold.intersection(&said).count() as f64, said.len() as f64, gold.len() as f64)
    }
}

/// Pairs of rows in one copy group.
fn pairs<'a>(rows: &HashMap<&'a str, &'a Labels>) -> HashSet<(&'a str, &'a str)> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in rows.keys() {
        groups.entry(root(rows, id)).or_default().push(id);
    }
    let mut out = HashSet::new();
    for group in groups.values_mut() {
        group.sort_unstable();
        for (at, one) in group.iter().enumerate() {
            out.extend(group.iter().skip(at + 1).map(|other| (*one, *other)));
        }
    }
    out
}

/// `copy_of` followed to its end; a ring of copies ends where it began.
fn root<'a>(rows: &HashMap<&'a str, &'a Labels>, id: &'a str) -> &'a str {
    let mut seen = HashSet::new();
    let mut at = id;
    while seen.insert(at) {
        let original = rows.get(at).and_then(|row| row.copy_of.as_deref()).filter(|of| rows.contains_key(of));
        match original {
            Some(original) => at = original,
            None => break,
        }
    }
    at
}

pub(super) fn ratio(name: &'static str, both: f64, decided: f64, actual: f64) -> Figure {
    let share = |of: f64| if of > 0.0 { both / of } else { 0.0 };
    harmonic(name, (share(decided), share(actual)), actual as usize)
}

pub(super) fn harmonic(name: &'static str, (precision, recall): (f64, f64), cases: usize) -> Figure {
    let sum = precision + recall;
    let value = if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 };
    Figure { name, value, parts: Some((precision, recall)), cases }
}
