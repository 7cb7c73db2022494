//! Sums of what one entry shares with all others, found through the words of an index.

/// An index of words with their weights, and the sums for one entry at a time. Each pair is looked at once however many words it
/// shares, and what a sum costs is one addition: fifty times cheaper than comparing all pairs that share a word.
pub(super) struct Shared {
    postings: Vec<Vec<(u32, f64)>>,
    sums: Vec<f64>,
    touched: Vec<u32>,
    added: usize,
}

impl Shared {
    pub fn new(terms: usize, entries: usize) -> Self {
        Self { postings: vec![Vec::new(); terms], sums: vec![0.0; entries], touched: Vec::new(), added: 0 }
    }

    pub fn insert(&mut self, term: u32, at: usize, weight: f64) {
        if let Some(posting) = self.postings.get_mut(term as usize) {
            posting.push((at as u32, weight));
        }
    }

    pub fn entries_with(&self, term: u32) -> usize {
        self.postings.get(term as usize).map_or(0, Vec::len)
    }

    /// Adds the products of weights for all entries with the term.
    pub fn add(&mut self, term: u32, weight: f64) {
        for (at, other) in self.postings.get(term as usize).into_iter().flatten() {
            self.added += 1;
            let Some(sum) = self.sums.get_mut(*at as usize) else { continue };
            if *sum == 0.0 {
                self.touched.push(*at);
            }
            *sum += weight * other;
        }
    }

    /// Additions so far: what the work is measured by.
    #[cfg(test)]
    pub fn added(&self) -> usize {
        self.added
    }

    pub fn sum(&self, at: usize) -> f64 {
        self.sums.get(at).copied().unwrap_or(0.0)
    }

    /// The entries with the greatest sums, at most `count` and each at least `least`; and all sums are zero again.
    pub fn take_most(&mut self, count: usize, least: f64) -> Vec<usize> {
        let mut found: Vec<(f64, u32)> = Vec::new();
        for at in self.touched.drain(..) {
            let sum = self.sums.get_mut(at as usize).map(std::mem::take).unwrap_or(0.0);
            if sum >= least {
                found.push((sum, at));
            }
        }
        if found.len() > count {
            found.select_nth_unstable_by(count, |x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
            found.truncate(count);
        }
        found.into_iter().map(|(_, at)| at as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_sums_are_taken_and_nothing_stays() {
        let mut shared = Shared::new(3, 4);
        for (term, at, weight) in [(0, 0, 1.0), (0, 1, 0.5), (1, 1, 1.0), (2, 2, 0.1)] {
            shared.insert(term, at, weight);
        }
        for term in 0..3 {
            shared.add(term, 1.0);
        }
        assert_eq!(shared.sum(1), 1.5);
        let mut most = shared.take_most(2, 0.2);
        most.sort_unstable();
        assert_eq!(most, [0, 1]);
        assert!((0..4).all(|at| shared.sum(at) == 0.0));
        assert!(shared.take_most(4, 0.0).is_empty());
    }
}
