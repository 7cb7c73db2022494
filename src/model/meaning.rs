//! What entries mean, as vectors of a language model: it tells likeness where the words differ.

use super::EntryId;
use std::collections::HashMap;

/// Vectors of length one by entry; empty without a model, and an entry that the model can't read has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meanings(HashMap<EntryId, Vec<f32>>);

impl Meanings {
    pub fn insert(&mut self, entry: EntryId, vector: Vec<f32>) {
        self.0.insert(entry, vector);
    }

    pub fn of(&self, entry: EntryId) -> Option<&[f32]> {
        self.0.get(&entry).map(Vec::as_slice)
    }
}

/// Cosine of two vectors of length one; 0 for vectors of different models.
pub fn likeness(a: &[f32], b: &[f32]) -> f64 {
    if a.len() != b.len() {
        return 0.0;
    }
    f64::from(a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>())
}
