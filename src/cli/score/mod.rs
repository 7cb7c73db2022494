//! Scoring decisions against labels: the figures of `khyber eval --score`, and how far they spread over the days.

mod measure;
mod reliability;
mod stories;

pub use reliability::reliability;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// One row's labels, given by hand or decided; a field that a set does not label is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Labels {
    pub id: String,
    #[serde(default)]
    pub date: Option<String>,
    #[serde(default)]
    pub scope: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub topics: Option<Vec<String>>,
    #[serde(default)]
    pub story: Option<String>,
    #[serde(default)]
    pub thread: Option<String>,
    #[serde(default)]
    pub copy_of: Option<String>,
    /// How surely the scope was decided; labels given by hand have none.
    #[serde(default)]
    pub score: Option<f64>,
}

impl Labels {
    /// Rows of a set without scopes all count.
    fn inside(&self) -> bool {
        self.scope.as_deref() != Some("none")
    }
}

/// One figure of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    pub name: &'static str,
    /// F1 where there is precision and recall, else the share.
    pub value: f64,
    pub parts: Option<(f64, f64)>,
    /// Labelled cases that it rests on.
    pub cases: usize,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:16} {:.4}", self.name, self.value)?;
        match self.parts {
            Some((precision, recall)) => write!(f, "  precision {precision:.4}, recall {recall:.4}"),
            None => Ok(()),
        }
    }
}

/// Every figure that the gold rows have labels for.
pub fn figures(gold: &[Labels], decided: &HashMap<&str, &Labels>) -> Vec<Figure> {
    let rows = measure::Rows::new(gold, decided);
    let mut out = Vec::new();
    if gold.iter().any(|row| row.scope.is_some()) {
        out.push(rows.binary("scope.bilateral", |row| row.scope.as_deref() == Some("bilateral")));
        out.push(rows.binary("scope.region", |row| row.scope.as_deref().is_some_and(|scope| scope != "none")));
    }
    if gold.iter().any(|row| row.kind.is_some()) {
        out.push(rows.binary("kind.opinion", |row| matches!(row.kind.as_deref(), Some("opinion" | "analysis"))));
        out.push(rows.kind_accuracy());
    }
    if gold.iter().any(|row| row.topics.is_some()) {
        out.push(rows.main_topic());
        out.push(rows.topics());
    }
    if gold.iter().any(|row| row.story.is_some()) {
        out.extend(stories::figures(gold, decided));
    }
    out.extend(stories::threads(gold, decided));
    if gold.iter().any(|row| row.copy_of.is_some()) {
        out.push(rows.copies());
    }
    out
}

/// Parts of a set that follow each other in time: a figure that differs much between them says little of other days.
pub const FOLDS: usize = 5;

/// The rows in order of time, cut into parts of like size; rows without a date come last.
pub fn folds(gold: &[Labels]) -> Vec<Vec<Labels>> {
    let mut rows = gold.to_vec();
    rows.sort_by(|a, b| (a.date.is_none(), &a.date, &a.id).cmp(&(b.date.is_none(), &b.date, &b.id)));
    rows.chunks(rows.len().div_ceil(FOLDS).max(1)).map(<[Labels]>::to_vec).collect()
}

/// Lowest and highest of a figure over the parts, and its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub lowest: f64,
    pub highest: f64,
    pub deviation: f64,
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}–{:.2}, deviation {:.3}", self.lowest, self.highest, self.deviation)
    }
}

/// Fewer labelled cases in a part make a figure of chance.
const LEAST_CASES: usize = 5;

/// How one figure spreads over the parts of a set that have enough cases of it.
pub fn spread(name: &str, parts: &[Vec<Figure>]) -> Option<Spread> {
    let of =
        |part: &Vec<Figure>| part.iter().find(|figure| figure.name == name && figure.cases >= LEAST_CASES).copied();
    let values: Vec<f64> = parts.iter().filter_map(of).map(|figure| figure.value).collect();
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(Spread { lowest, highest, deviation: variance.sqrt() })
}

#[cfg(test)]
mod tests;
