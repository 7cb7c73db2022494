//! Searching entries and stories by words. Whatever is typed in is words; nothing of it can be wrong.

use super::Site;
use super::archive::answer;
use super::frame::{Frame, failed, lang, nothing, parameter};
use super::shown::{HEADLINE, Head, StoryLine, told_by};
use crate::daemon::Place;
use crate::model::{EntryId, Kind, Lang};
use crate::render::dates::Calendar;
use crate::render::{Text, Words, clean, unlabelled};
use crate::store::{Found, StoreError, ToldStory};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

const PAGE: u32 = 30;
/// Stories, above the entries.
const STORIES: u32 = 10;
/// Of what was typed in, this much is shown again.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "web/search.html")]
struct SearchPage {
    frame: Frame,
    words: &'static Words,
    query: String,
    asked: bool,
    stories: Vec<StoryLine>,
    found: Vec<FoundLine>,
    older: Option<String>,
}

struct FoundLine {
    headline: Text,
    link: Option<String>,
    publisher: Text,
    date: String,
    story: Option<String>,
}

pub(super) async fn search(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    key: Option<Path<String>>,
) -> Response {
    let lang = lang(&asked, &headers);
    if !site.khyber.archive_opens(Place::Search, key.as_ref().map(|Path(key)| key.as_str())) {
        return nothing(lang);
    }
    let query = parameter(&asked, "q").unwrap_or_default();
    let before = parameter(&asked, "before").and_then(|id| id.parse().ok()).map(EntryId);
    match page(&site, &query, before, lang).await {
        Ok(page) => answer(&site, &headers, &page),
        Err(error) => failed(lang, &error),
    }
}

async fn page(site: &Site, query: &str, before: Option<EntryId>, lang: Lang) -> Result<SearchPage, StoreError> {
    let found = site.khyber.store.search(query, before, PAGE).await?;
    // Older entries are another page of the same answer.
    let told = match before {
        None => site.khyber.store.search_stories(query, STORIES).await?,
        Some(_) => Vec::new(),
    };
    let shown = clean::shortened(query, SHOWN);
    let words = Words::of(lang);
    let encoded: String = url::form_urlencoded::byte_serialize(shown.as_bytes()).collect();
    let last = found.last().filter(|_| found.len() == PAGE as usize).map(|last| last.entry.id);
    let older = last.map(|last| format!("?lang={}&q={encoded}&before={last}", words.lang.code()));
    Ok(SearchPage {
        frame: site.frame(lang, words.say("archive-search"), Head::Plain).with_query(&format!("q={encoded}")),
        words,
        asked: !shown.is_empty(),
        query: shown,
        stories: told.iter().map(|story| told_line(site, story, lang)).collect(),
        found: lines(site, found, lang),
        older,
    })
}

fn told_line(site: &Site, story: &ToldStory, lang: Lang) -> StoryLine {
    let calendar = Calendar { lang, zone: site.zone_of(&story.digest) };
    let headline = clean::shortened(unlabelled(&story.headline, Kind::News), HEADLINE);
    StoryLine {
        headline: Text::new(if headline.is_empty() { "—".to_owned() } else { headline }, story.lang),
        link: site.link(Place::Story(story.thread), lang),
        meta: told_by(&calendar.day(story.slot), story.publishers, calendar),
        thread: story.thread,
    }
}

/// Entries of feeds that are no longer configured are left out: nobody knows any more whose they are.
fn lines(site: &Site, found: Vec<Found>, lang: Lang) -> Vec<FoundLine> {
    let threads: Vec<(EntryId, Option<EntryId>)> = found.iter().map(|found| (found.entry.id, found.thread)).collect();
    let entries = site.khyber.entries(found.into_iter().map(|found| found.entry).collect());
    let calendar =
        Calendar { lang, zone: site.khyber.config.digests.first().map_or(chrono_tz::Tz::UTC, |spec| spec.timezone) };
    let line = |entry: &crate::model::Entry| {
        let headline = clean::shortened(unlabelled(&entry.headline, Kind::News), HEADLINE);
        let text = if headline.is_empty() { clean::shortened(&entry.summary, HEADLINE) } else { headline };
        let thread = threads.iter().find(|(id, _)| *id == entry.id).and_then(|(_, thread)| *thread);
        FoundLine {
            headline: Text::new(if text.is_empty() { "—".to_owned() } else { text }, entry.lang),
            link: clean::link(entry.url.as_ref().map(|url| url.as_str())),
            publisher: Text::guessed(clean::shortened(&entry.publisher, 50)),
            date: calendar.day(entry.at()),
            story: thread.map(|thread| site.link(Place::Story(thread), lang)),
        }
    };
    entries.iter().map(line).collect()
}
