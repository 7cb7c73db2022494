//! One story over its days: every report that an edition named, the headlines that were changed, the editions that told it.

use super::Site;
use super::archive::{EditionLine, answer, edition_lines};
use super::frame::{Frame, failed, lang, nothing};
use super::shown::{HEADLINE, Head, headline};
use crate::daemon::Place;
use crate::model::{Digest, EntryId, Lang, Report, Side, StoryView, Timestamp};
use crate::render::dates::Calendar;
use crate::render::{Text, Words, clean, unlabelled};
use crate::store::{EditionKey, StoreError};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use std::collections::BTreeMap;

/// Editions that a story is put together from.
const EDITIONS: u32 = 40;
const SUMMARY: usize = 400;

#[derive(Template)]
#[template(path = "web/story.html")]
struct StoryPage {
    frame: Frame,
    words: &'static Words,
    headline: Text,
    summary: Option<Text>,
    days: Vec<Day>,
    changes: Vec<Change>,
    editions: Vec<EditionLine>,
}

struct Day {
    date: String,
    reports: Vec<ReportLine>,
}

struct ReportLine {
    headline: Text,
    link: Option<String>,
    publisher: Text,
    /// `Pakistan · Opinion · from AFP · 08:40`.
    meta: String,
}

/// A headline that its publisher edited, oldest first; the last stands now.
struct Change {
    publisher: Text,
    headlines: Vec<(String, Text)>,
}

pub(super) async fn story(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(parts): Path<Vec<String>>,
) -> Response {
    let lang = lang(&asked, &headers);
    let thread = parts.first().and_then(|id| id.parse().ok()).map(EntryId);
    let opened = thread.filter(|id| site.khyber.archive_opens(Place::Story(*id), parts.get(1).map(String::as_str)));
    let Some(thread) = opened else { return nothing(lang) };
    match page(&site, thread, lang).await {
        Ok(Some(page)) => answer(&site, &headers, &page),
        Ok(None) => nothing(lang),
        Err(error) => failed(lang, &error),
    }
}

async fn page(site: &Site, thread: EntryId, lang: Lang) -> Result<Option<StoryPage>, StoreError> {
    let editions = site.khyber.tellings(thread, EDITIONS).await?;
    let parts = told(site.khyber.store.contents(editions.clone()).await?, thread);
    let Some((newest, story)) = parts.first() else { return Ok(None) };
    let calendar = Calendar { lang, zone: site.zone_of(&newest.digest) };
    let reports = reports(&parts);
    let ids: Vec<EntryId> = reports.iter().map(|report| report.entry).collect();
    let edited = site.khyber.store.headlines_edited(&ids).await?;
    let summary = clean::shortened(&story.summary, SUMMARY);
    let headline = headline(story);
    // A story's link in a private archive opens no edition.
    let editions = if site.khyber.archive_is_public() { editions } else { Vec::new() };
    Ok(Some(StoryPage {
        frame: site.frame(lang, &headline.text, Head::Plain),
        words: Words::of(lang),
        summary: (!summary.is_empty()).then(|| Text::new(summary, story.lang)),
        days: days(&reports, calendar),
        changes: reports.iter().filter_map(|report| change(report, edited.get(&report.entry)?, calendar)).collect(),
        editions: edition_lines(site, lang, &editions),
        headline,
    }))
}

/// The story as each of these editions told it, in their order; an edition may have it in two pieces.
fn told(contents: Vec<(EditionKey, Digest)>, thread: EntryId) -> Vec<(EditionKey, StoryView)> {
    let pieces = |(edition, digest): (EditionKey, Digest)| {
        let stories =
            digest.sections.into_iter().flat_map(|section| section.stories.into_iter().chain(section.opinions));
        stories.filter(move |story| story.thread == thread).map(move |story| (edition.clone(), story))
    };
    contents.into_iter().flat_map(pieces).collect()
}

/// Each report once, as the newest edition has it, in order of time.
fn reports(parts: &[(EditionKey, StoryView)]) -> Vec<&Report> {
    let mut found: Vec<&Report> = Vec::new();
    for report in parts.iter().flat_map(|(_, story)| &story.reports) {
        if !found.iter().any(|known| known.entry == report.entry) {
            found.push(report);
        }
    }
    found.sort_by_key(|report| (report.at, report.entry));
    found
}

/// The newest day first; within a day the order of time.
fn days(reports: &[&Report], calendar: Calendar) -> Vec<Day> {
    let mut days: BTreeMap<chrono::NaiveDate, (Timestamp, Vec<ReportLine>)> = BTreeMap::new();
    for report in reports {
        let date = report.at.with_timezone(&calendar.zone).date_naive();
        days.entry(date).or_insert_with(|| (report.at, Vec::new())).1.push(line(report, calendar));
    }
    days.into_values().rev().map(|(at, reports)| Day { date: calendar.long_date(at), reports }).collect()
}

fn line(report: &Report, calendar: Calendar) -> ReportLine {
    let words = Words::of(calendar.lang);
    let side = (report.side != Side::Unknown).then(|| words.side(report.side).to_owned());
    let mut meta: Vec<String> = side.into_iter().collect();
    meta.extend(words.kind(report.kind).map(str::to_owned));
    let origin = report.origin.as_deref().map(clean::line).filter(|origin| !origin.is_empty());
    meta.extend(origin.filter(|origin| !origin.eq_ignore_ascii_case(&report.publisher)));
    if !report.copies.is_empty() {
        let names: Vec<String> =
            report.copies.iter().take(6).map(|copy| clean::shortened(&copy.publisher, 50)).collect();
        meta.push(format!("{}: {}", words.say("also-in"), names.join(words.say("comma"))));
    }
    meta.push(calendar.time(report.at, report.at));
    let shown = clean::shortened(unlabelled(&report.headline, report.kind), HEADLINE);
    ReportLine {
        headline: Text::new(if shown.is_empty() { "—".to_owned() } else { shown }, report.lang),
        link: clean::link(report.url.as_deref()),
        publisher: Text::guessed(clean::shortened(&report.publisher, 50)),
        meta: meta.join(" · "),
    }
}

/// `None` where only the summary was edited.
fn change(report: &Report, edited: &[(Option<Timestamp>, String)], calendar: Calendar) -> Option<Change> {
    let text = |headline: &str| Text::new(clean::shortened(headline, HEADLINE), report.lang);
    let mut headlines: Vec<(String, Text)> = Vec::new();
    for (until, headline) in edited {
        let when = until.map(|at| format!("{} {}", calendar.short_date(at), calendar.time(at, at)));
        let text = text(headline);
        if headlines.last().is_none_or(|(_, last)| last.text != text.text) {
            headlines.push((when.unwrap_or_default(), text));
        }
    }
    let publisher = Text::guessed(clean::shortened(&report.publisher, 50));
    (headlines.len() > 1).then_some(Change { publisher, headlines })
}
