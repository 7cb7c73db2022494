//! Stories from labelled entries: who leads, in which order, with which topics, and how much they weigh.

use crate::model::{EntryId, Kind, Scope, Story, TopicId, UniqueEntry};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn stories(entries: Vec<UniqueEntry>, labels: &[usize], threads: &HashMap<usize, usize>) -> Vec<Story> {
    let ids: Vec<EntryId> = entries.iter().map(|unique| unique.lead.entry.id).collect();
    let mut members: BTreeMap<usize, Vec<UniqueEntry>> = BTreeMap::new();
    for (unique, label) in entries.into_iter().zip(labels) {
        members.entry(*label).or_default().push(unique);
    }
    let lowest: BTreeMap<usize, EntryId> =
        members.iter().filter_map(|(label, reports)| Some((*label, lowest(reports)?))).collect();
    let mut stories: Vec<Story> = members
        .into_iter()
        .filter_map(|(label, reports)| {
            let id = lowest.get(&label).copied()?;
            let head = threads.get(&label).unwrap_or(&label);
            let thread = lowest.get(head).or_else(|| ids.get(*head)).copied().unwrap_or(id);
            Some(story(id, thread, reports))
        })
        .collect();
    stories.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
    stories
}

/// The lowest id of all entries, copies included: stable for one set of entries.
fn lowest(reports: &[UniqueEntry]) -> Option<EntryId> {
    reports.iter().flat_map(|report| report.copies.iter().chain([&report.lead])).map(|kept| kept.entry.id).min()
}

fn story(id: EntryId, thread: EntryId, mut reports: Vec<UniqueEntry>) -> Story {
    reports.sort_by_key(|report| (report.lead.entry.at(), report.lead.entry.id));
    let scope = scope(&reports);
    if let Some(lead) = lead(&reports, scope) {
        let first = reports.remove(lead);
        reports.insert(0, first);
    }
    let topics = topics(&reports);
    let weight = weight(&reports, scope);
    Story { id, thread, topics, scope, reports, weight }
}

/// News before opinion; then a report of what the story concerns, not one that only touches it; then the report that says
/// most in its headline and lead; then the earliest.
fn lead(reports: &[UniqueEntry], scope: Scope) -> Option<usize> {
    let rank = |(at, report): &(usize, &UniqueEntry)| {
        let entry = &report.lead.entry;
        let summary = entry.summary.chars().take(400).count().min(240) / 80;
        (
            report.lead.kind.is_opinion(),
            report.lead.kind == Kind::Live,
            report.lead.scope != scope,
            Reverse(report.copies.len().min(3) + summary),
            *at,
        )
    };
    reports.iter().enumerate().min_by_key(rank).map(|(at, _)| at)
}

/// Each report votes, the main topic twice; opinion only where there is nothing else.
fn topics(reports: &[UniqueEntry]) -> Vec<TopicId> {
    let news = reports.iter().any(|report| !report.lead.kind.is_opinion());
    let mut votes: BTreeMap<&TopicId, usize> = BTreeMap::new();
    for report in reports.iter().filter(|report| !news || !report.lead.kind.is_opinion()) {
        for (place, topic) in report.lead.topics.iter().enumerate() {
            *votes.entry(topic).or_default() += 2usize.saturating_sub(place);
        }
    }
    let most = votes.values().max().copied().unwrap_or(0);
    let mut ranked: Vec<(&TopicId, usize)> = votes.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    ranked.into_iter().filter(|(_, votes)| votes * 3 >= most).take(2).map(|(topic, _)| topic.clone()).collect()
}

/// What most reports concern; bilateral where a third says so.
fn scope(reports: &[UniqueEntry]) -> Scope {
    let count = |scope: Scope| reports.iter().filter(|report| report.lead.scope == scope).count();
    if count(Scope::Bilateral) * 3 >= reports.len() && count(Scope::Bilateral) > 0 {
        return Scope::Bilateral;
    }
    [Scope::Pk, Scope::Af, Scope::None]
        .into_iter()
        .max_by_key(|scope| (count(*scope), Reverse(*scope)))
        .unwrap_or(Scope::None)
}

/// Publishers count most, then reports, then how surely the story belongs; opinion confirms nothing.
fn weight(reports: &[UniqueEntry], scope: Scope) -> f64 {
    let news = || reports.iter().filter(|report| !report.lead.kind.is_opinion());
    let publishers: BTreeSet<&str> = news()
        .flat_map(|report| report.copies.iter().chain([&report.lead]))
        .map(|kept| kept.entry.publisher.as_str())
        .collect();
    let alone = news().next().is_none();
    let sure = reports
        .iter()
        .filter(|report| alone || !report.lead.kind.is_opinion())
        .map(|report| report.lead.score)
        .fold(0.0, f64::max);
    let across = if scope == Scope::Bilateral { 0.5 } else { 0.0 };
    (publishers.len() as f64).ln_1p() * 2.0 + (news().count() as f64).ln_1p() + sure + across
}
