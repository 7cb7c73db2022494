//! Average-link clustering over the pairs: groups join while their members are alike on the whole, so no chain grows
//! from one event to the next. Ties are broken by position: the result is one and the same for any order of the input.

use super::pairs::Pair;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

/// Mean likeness at which two groups join. Tried as well: asking more of two groups that are each much more alike inside than
/// with each other (story F1 on gold-kite fell from 0.860 to 0.673 to 0.718, gold-dev and gold-neus gained at most 0.001).
pub const JOIN: f64 = 0.44;

/// A label for each of `count` entries; entries of one story have the same.
pub fn cluster(count: usize, pairs: &[Pair]) -> Vec<usize> {
    let mut groups = Groups::new(count, pairs);
    while let Some(best) = groups.heap.pop() {
        if groups.is_current(&best) {
            groups.join(best.a, best.b);
        }
    }
    groups.labels(count)
}

/// Two groups that could join; older versions of it are stale.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    mean: f64,
    a: usize,
    b: usize,
    version: (u32, u32),
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Candidate {}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.mean.total_cmp(&other.mean).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}

struct Groups {
    /// The sum of likeness to each neighbouring group.
    links: Vec<HashMap<usize, f64>>,
    members: Vec<Vec<usize>>,
    versions: Vec<u32>,
    heap: BinaryHeap<Candidate>,
}

impl Groups {
    fn new(count: usize, pairs: &[Pair]) -> Self {
        let mut groups = Self {
            links: vec![HashMap::new(); count],
            members: (0..count).map(|at| vec![at]).collect(),
            versions: vec![0; count],
            heap: BinaryHeap::new(),
        };
        for pair in pairs {
            for (from, to) in [(pair.a, pair.b), (pair.b, pair.a)] {
                if let Some(links) = groups.links.get_mut(from) {
                    links.insert(to, pair.score);
                }
            }
            groups.offer(pair.a, pair.b, pair.score);
        }
        groups
    }

    fn size(&self, at: usize) -> f64 {
        self.members.get(at).map_or(0.0, |members| members.len() as f64)
    }

    fn version(&self, at: usize) -> u32 {
        self.versions.get(at).copied().unwrap_or(0)
    }

    fn offer(&mut self, a: usize, b: usize, sum: f64) {
        let (a, b) = (a.min(b), a.max(b));
        let mean = sum / (self.size(a) * self.size(b));
        if mean >= JOIN {
            let version = (self.version(a), self.version(b));
            self.heap.push(Candidate { mean, a, b, version });
        }
    }

    fn is_current(&self, candidate: &Candidate) -> bool {
        candidate.version == (self.version(candidate.a), self.version(candidate.b))
    }

    /// `b` goes into `a`.
    fn join(&mut self, a: usize, b: usize) {
        let moved = self.members.get_mut(b).map(std::mem::take).unwrap_or_default();
        if let Some(members) = self.members.get_mut(a) {
            members.extend(moved);
        }
        for at in [a, b] {
            if let Some(version) = self.versions.get_mut(at) {
                *version += 1;
            }
        }
        let gone = self.links.get_mut(b).map(std::mem::take).unwrap_or_default();
        let mut gone: Vec<(usize, f64)> = gone.into_iter().filter(|(to, _)| *to != a).collect();
        gone.sort_by_key(|(to, _)| *to);
        for (to, sum) in gone {
            if let Some(links) = self.links.get_mut(a) {
                *links.entry(to).or_default() += sum;
            }
            if let Some(links) = self.links.get_mut(to) {
                links.remove(&b);
                *links.entry(a).or_default() += sum;
            }
        }
        if let Some(links) = self.links.get_mut(a) {
            links.remove(&b);
        }
        let links: Vec<(usize, f64)> = self.links.get(a).into_iter().flatten().map(|(to, sum)| (*to, *sum)).collect();
        for (to, sum) in links {
            self.offer(a, to, sum);
        }
    }

    fn labels(&self, count: usize) -> Vec<usize> {
        let mut labels = vec![0; count];
        for members in &self.members {
            let first = members.iter().min().copied().unwrap_or(0);
            for member in members {
                if let Some(label) = labels.get_mut(*member) {
                    *label = first;
                }
            }
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: usize, b: usize, score: f64) -> Pair {
        Pair { a, b, score }
    }

    #[test]
    fn a_chain_does_not_swallow_its_ends() {
        let links = [pair(0, 1, 0.5), pair(1, 2, 0.5), pair(2, 3, 0.55)];
        assert_eq!(cluster(4, &links), [0, 0, 2, 2]);
    }

    #[test]
    fn a_dense_group_becomes_one() {
        let links = [pair(0, 1, 0.5), pair(0, 2, 0.45), pair(1, 2, 0.45), pair(2, 3, 0.1)];
        assert_eq!(cluster(4, &links), [0, 0, 0, 3]);
    }
}
