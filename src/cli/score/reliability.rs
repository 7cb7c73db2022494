//! Whether a score of 0.8 is right eight times in ten.

use super::Labels;
use std::collections::HashMap;
use std::fmt;

/// Decisions whose scores lie between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub rows: usize,
    /// Mean score: the share that was promised.
    pub said: f64,
    /// The share whose scope was right.
    pub right: f64,
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Band { from, to, rows, said, right } = self;
        write!(f, "score {from:.2}–{to:.2}   {rows} rows, said {said:.2}, right {right:.2}")
    }
}

/// Bounds of the bands; most decisions are sure, so the upper ones are narrow.
const BOUNDS: [f64; 5] = [0.5, 0.7, 0.85, 0.95, 1.0];

/// The bands that have rows, from the least sure.
pub fn reliability(gold: &[Labels], decided: &HashMap<&str, &Labels>) -> Vec<Band> {
    let scored: Vec<(f64, bool)> = gold
        .iter()
        .filter(|row| row.scope.is_some())
        .filter_map(|row| decided.get(row.id.as_str()).map(|said| (row, said)))
        .filter_map(|(row, said)| Some((said.score?, said.scope == row.scope)))
        .collect();
    BOUNDS
        .iter()
        .zip(BOUNDS.iter().skip(1))
        .filter_map(|(from, to)| {
            let last = *to >= 1.0;
            let inside: Vec<_> = scored.iter().filter(|(score, _)| score >= from && (score < to || last)).collect();
            let rows = inside.len();
            let mean = |sum: f64| sum / rows as f64;
            (rows > 0).then(|| Band {
                from: *from,
                to: *to,
                rows,
                said: mean(inside.iter().map(|(score, _)| score).sum()),
                right: mean(inside.iter().filter(|(_, right)| *right).count() as f64),
            })
        })
        .collect()
}
