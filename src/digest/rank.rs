//! The order of stories in an edition: the whole formula, in one place.
//!
//! ```text
//! weight = 2.0 · ln(1 + origins)        who wrote a text of their own, agencies included; copies count nothing here
//!        + 0.5 · ln(1 + publishers)     who thought it worth carrying
//!        + 0.7 · (sides − 1)            whose press: the same told by both sides of a border weighs more than told twice by one; unknown is none
//!        + 0.3 · ln(1 + reports)        how much of it; a live page's tenth part adds little
//!        + 1.0 · unseen / reports       how much of it these readers have not had
//!        + score / (score + 2)          how surely it belongs to the coverage, from `relevance`
//!        + 1.0  if it concerns both countries
//! ```
//!
//! Opinion confirms nothing: beside news it is not counted, and opinion pieces are ranked among themselves.

use super::Past;
use super::candidate::Candidate;
use super::reports::{Voices, unseen};
use crate::model::{Scope, Side, Story, UniqueEntry};
use std::cmp::Ordering;

const ORIGINS: f64 = 2.0;
const PUBLISHERS: f64 = 0.5;
const SIDES: f64 = 0.7;
const REPORTS: f64 = 0.3;
const NOVELTY: f64 = 1.0;
const SURE: f64 = 2.0;
const BOTH_COUNTRIES: f64 = 1.0;

/// What a story weighs for the readers with this past.
pub(super) fn weight(story: &Story, lead: &UniqueEntry, voices: &Voices, past: &Past) -> f64 {
    let is_opinion = lead.lead.kind.is_opinion();
    let counted = || story.reports.iter().filter(|unique| unique.lead.kind.is_opinion() == is_opinion);
    let (reports, new) = (counted().count(), counted().filter(|unique| unseen(unique, past)).count());
    let sure = counted().map(|unique| unique.lead.score).fold(0.0, f64::max);
    let sides = voices.sides.iter().filter(|(side, _)| *side != Side::Unknown).count();
    let both = if story.scope == Scope::Bilateral { BOTH_COUNTRIES } else { 0.0 };
    ORIGINS * (voices.origins.len() as f64).ln_1p()
        + PUBLISHERS * (voices.publishers as f64).ln_1p()
        + SIDES * sides.saturating_sub(1) as f64
        + REPORTS * (reports as f64).ln_1p()
        + NOVELTY * new as f64 / reports.max(1) as f64
        + sure / (sure + SURE)
        + both
}

/// Among equals the one with the newest unseen report leads, then the one that more publishers carry; the id settles the rest.
pub(super) fn order(a: &Candidate, b: &Candidate) -> Ordering {
    (b.view.weight.total_cmp(&a.view.weight))
        .then(b.newest.cmp(&a.newest))
        .then(b.view.publishers.cmp(&a.view.publishers))
        .then(a.view.id.cmp(&b.view.id))
}
