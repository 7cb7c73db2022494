//! Topics: weighted multilingual terms of the coverage file, by where they stand; none where nothing weighs enough.

use super::{Hit, Place, Text, weigh};
use crate::model::matcher::Matcher;
use crate::model::{Coverage, Evidence, Kind, TopicId};

/// Below this an entry gets no topic.
const LEAST: f64 = 0.9;
/// The second topic weighs at least this share of the first.
const SECOND: f64 = 0.5;

pub(super) fn topics(
    coverage: &Coverage,
    matchers: &[Matcher],
    text: &Text,
    kind: Kind,
    evidence: &mut Vec<Evidence>,
) -> Vec<TopicId> {
    if matches!(kind, Kind::Sport | Kind::Service) {
        return Vec::new();
    }
    let mut weighed = Vec::new();
    for (topic, matcher) in coverage.topics.iter().zip(matchers) {
        let hits: Vec<Hit> = matcher.find(&text.words).into_iter().map(|found| text.hit(found)).collect();
        let weight = weigh(&hits, |hit| topic.terms.get(hit.target).map_or(0.0, |term| term.weight));
        if weight > 0.0 {
            evidence.push(note(topic.id.as_str(), &hits, weight));
            weighed.push((weight, &topic.id));
        }
    }
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let first = weighed.first().map_or(0.0, |(weight, _)| *weight);
    let enough = |(weight, _): &&(f64, &TopicId)| *weight >= LEAST && *weight >= first * SECOND;
    weighed.iter().filter(enough).take(2).map(|(_, id)| (*id).clone()).collect()
}

fn note(topic: &str, hits: &[Hit], weight: f64) -> Evidence {
    let words = hits.iter().map(|hit| hit.words.as_str()).take(5).collect::<Vec<_>>().join(", ");
    let place = hits.iter().map(|hit| hit.place).min().unwrap_or(Place::Body);
    Evidence { what: topic.to_owned(), words, place: place.name().to_owned(), weight }
}
