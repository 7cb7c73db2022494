//! Figures of groups: B-cubed (Bagga & Baldwin 1998), pairs, and the adjusted Rand index.

use super::measure::{harmonic, ratio};
use super::{Figure, Labels};
use std::collections::{BTreeMap, HashMap};

/// One row's gold and decided group.
type Placed = (String, String);

pub(super) fn figures(gold: &[Labels], decided: &HashMap<&str, &Labels>) -> Vec<Figure> {
    let placed: Vec<Placed> = gold.iter().filter(|row| row.inside()).map(|row| place(row, decided)).collect();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    placed.iter().for_each(|(story, _)| *sizes.entry(story).or_default() += 1);
    let told_twice = |placed: &&Placed| sizes.get(placed.0.as_str()).is_some_and(|size| *size > 1);
    let several: Vec<Placed> = placed.iter().filter(told_twice).cloned().collect();
    let mut out = vec![b_cubed("story", &placed)];
    if !several.is_empty() {
        out.push(b_cubed("story.multi", &several));
    }
    out.extend(pairs(&placed));
    out
}

/// Rows whose saga is labelled: whether it is one thread, and no other's. None where the set labels no threads.
pub(super) fn threads(gold: &[Labels], decided: &HashMap<&str, &Labels>) -> Option<Figure> {
    let said = |id: &str| decided.get(id).and_then(|said| said.thread.clone()).unwrap_or_else(|| format!("alone:{id}"));
    let placed: Vec<Placed> = gold.iter().filter_map(|row| Some((row.thread.clone()?, said(&row.id)))).collect();
    (!placed.is_empty()).then(|| b_cubed("thread", &placed))
}

fn place(row: &Labels, decided: &HashMap<&str, &Labels>) -> Placed {
    let alone = || format!("alone:{}", row.id);
    let said = decided.get(row.id.as_str()).and_then(|said| said.story.clone());
    (row.story.clone().unwrap_or_else(alone), said.filter(|story| !story.is_empty()).unwrap_or_else(alone))
}

/// Rows in each gold group, in each decided group, and in each cell of the two.
#[derive(Default)]
struct Cells<'a> {
    gold: BTreeMap<&'a str, usize>,
    decided: BTreeMap<&'a str, usize>,
    both: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Cells<'a> {
    fn of(placed: &'a [Placed]) -> Self {
        let mut cells = Self::default();
        for (gold, decided) in placed {
            *cells.gold.entry(gold).or_default() += 1;
            *cells.decided.entry(decided).or_default() += 1;
            *cells.both.entry((gold, decided)).or_default() += 1;
        }
        cells
    }
}

fn b_cubed(name: &'static str, placed: &[Placed]) -> Figure {
    let cells = Cells::of(placed);
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((gold, decided), both) in &cells.both {
        let squared = (both * both) as f64;
        precision += squared / cells.decided.get(decided).copied().unwrap_or(1) as f64;
        recall += squared / cells.gold.get(gold).copied().unwrap_or(1) as f64;
    }
    let rows = placed.len().max(1) as f64;
    harmonic(name, (precision / rows, recall / rows), placed.len())
}

fn pairs(placed: &[Placed]) -> [Figure; 2] {
    let cells = Cells::of(placed);
    let choose = |n: &usize| (n * n.saturating_sub(1)) as f64 / 2.0;
    let together: f64 = cells.both.values().map(choose).sum();
    let gold: f64 = cells.gold.values().map(choose).sum();
    let decided: f64 = cells.decided.values().map(choose).sum();
    let total = choose(&placed.len()).max(1.0);
    let (expected, top) = (gold * decided / total, f64::midpoint(gold, decided));
    let rand = if (top - expected).abs() > f64::EPSILON { (together - expected) / (top - expected) } else { 1.0 };
    [
        ratio("story.pairs", together, decided, gold),
        Figure { name: "story.rand", value: rand, parts: None, cases: placed.len() },
    ]
}
