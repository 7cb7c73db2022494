//! Atom (RFC 4287) and JSON Feed 1.1 of each digest and topic; robots.txt and the sitemap.

use super::Site;
use super::archive::SECONDS;
use super::frame::{Keep, failed, kept, nothing};
use super::shown::{headline, stories_of, story_lines};
use crate::daemon::Place;
use crate::model::{Digest, DigestSpec, Lang, Timestamp, TopicId};
use crate::render::clean;
use crate::render::dates::Calendar;
use crate::store::{EditionKey, StoreError};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Editions in a digest's feed, and editions that a topic's feed is made of.
const EDITIONS: u32 = 20;
const STORIES: usize = 60;
/// A new edition comes once a day or so: readers of feeds may wait a quarter of an hour.
const FEED_SECONDS: u32 = 900;
/// The sitemap protocol allows 50,000 addresses.
const MOST_IN_SITEMAP: u32 = 40_000;

struct Feed {
    title: String,
    lang: &'static str,
    /// The page with the same content.
    page: String,
    own: String,
    updated: Timestamp,
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    id: String,
    title: String,
    updated: Timestamp,
    html: String,
}

impl Feed {
    fn date(&self, at: &Timestamp) -> String {
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }
}

#[derive(Template)]
#[template(path = "web/atom.xml")]
struct Atom<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "web/feed-entry.html")]
struct EntryHtml {
    stories: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "web/sitemap.xml")]
struct Sitemap {
    pages: Vec<(String, Option<String>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Atom,
    Json,
}

impl Format {
    /// The last part of the path; everything before it is the page's own.
    fn split(asked: &Uri) -> Self {
        if asked.path().ends_with("/feed.json") { Format::Json } else { Format::Atom }
    }

    fn file(self) -> &'static str {
        match self {
            Format::Atom => "atom.xml",
            Format::Json => "feed.json",
        }
    }
}

pub(super) async fn digest(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(parts): Path<Vec<String>>,
) -> Response {
    let Some(spec) = site.opened_digest(&parts) else { return nothing(Lang::En) };
    let contents = match site.contents(Some(spec), EDITIONS).await {
        Ok(contents) => contents,
        Err(error) => return failed(Lang::En, &error),
    };
    let place = Place::Digest(&spec.id);
    let entry = |(key, digest): &(EditionKey, Digest)| {
        let calendar = Calendar { lang: spec.lang, zone: spec.timezone };
        let stories = stories_of(digest, None).into_iter().take(STORIES);
        let stories = stories.map(|story| (headline(story).text, site.absolute(Place::Story(story.thread)))).collect();
        FeedEntry {
            id: site.absolute(Place::edition(key)),
            title: format!("{} · {}", clean::line(&spec.title), calendar.long_date(key.slot)),
            updated: key.created_at,
            html: EntryHtml { stories }.render().unwrap_or_default(),
        }
    };
    let entries: Vec<FeedEntry> = contents.iter().map(entry).collect();
    feed(&site, &asked, &headers, place, clean::line(&spec.title), spec.lang, entries)
}

pub(super) async fn topic(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(parts): Path<Vec<String>>,
) -> Response {
    let Some(id) = site.opened_topic(&parts) else { return nothing(Lang::En) };
    match topic_entries(&site, &id).await {
        Ok(entries) => {
            let title = site.topic_title(&id, Lang::En).text;
            feed(&site, &asked, &headers, Place::Topic(&id), title, Lang::En, entries)
        }
        Err(error) => failed(Lang::En, &error),
    }
}

async fn topic_entries(site: &Site, id: &TopicId) -> Result<Vec<FeedEntry>, StoreError> {
    let contents = site.contents(None, EDITIONS).await?;
    let lines = story_lines(site, Lang::En, &contents, Some(id));
    let mut entries = Vec::new();
    for line in lines.into_iter().take(STORIES) {
        let told = contents.iter().find_map(|(key, digest)| {
            let story = stories_of(digest, Some(id)).into_iter().find(|story| story.thread == line.thread)?;
            Some((key.created_at, story))
        });
        let Some((updated, story)) = told else { continue };
        let reports = story.reports.iter().filter_map(|report| {
            let text =
                format!("{}: {}", clean::shortened(&report.publisher, 50), clean::shortened(&report.headline, 180));
            Some((text, clean::link(report.url.as_deref())?))
        });
        entries.push(FeedEntry {
            id: site.absolute(Place::Story(line.thread)),
            title: line.headline.text,
            updated,
            html: EntryHtml { stories: reports.collect() }.render().unwrap_or_default(),
        });
    }
    Ok(entries)
}

fn feed(
    site: &Site,
    asked: &Uri,
    headers: &HeaderMap,
    place: Place<'_>,
    title: String,
    lang: Lang,
    entries: Vec<FeedEntry>,
) -> Response {
    let format = Format::split(asked);
    let page = site.absolute(place);
    let modified = entries.iter().map(|entry| entry.updated).max();
    let own = format!("{page}/{}", format.file());
    let feed = Feed { title, lang: lang.code(), page, own, updated: modified.unwrap_or_default(), entries };
    let (kind, body) = match format {
        Format::Atom => ("application/atom+xml; charset=utf-8", atom(&feed)),
        Format::Json => ("application/feed+json; charset=utf-8", json_feed(&feed)),
    };
    let keep = Keep { public: site.khyber.archive_is_public(), seconds: FEED_SECONDS, modified };
    kept(site, headers, kind, body, keep)
}

fn atom(feed: &Feed) -> String {
    let mut body = Atom { feed }.render().unwrap_or_default();
    // Two characters that are none, and that no XML may hold (XML 1.0 §2.2).
    body.retain(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'));
    body
}

fn json_feed(feed: &Feed) -> String {
    let items: Vec<serde_json::Value> = feed
        .entries
        .iter()
        .map(|entry| {
            json!({
                "id": entry.id, "url": entry.id, "title": entry.title, "content_html": entry.html,
                "date_modified": feed.date(&entry.updated), "date_published": feed.date(&entry.updated),
            })
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.page,
        "feed_url": feed.own, "language": feed.lang, "items": items,
    })
    .to_string()
}

pub(super) async fn robots(State(site): State<Site>) -> Response {
    let text = match (&site.khyber.config.web, site.khyber.archive_is_public()) {
        (Some(web), true) => {
            let prefix = web.prefix();
            let closed = ["leave/", "confirm/", "subscribe", "search", "status", "metrics"];
            let lines: Vec<String> = closed.iter().map(|path| format!("Disallow: {prefix}/{path}\n")).collect();
            format!("User-agent: *\n{}Sitemap: {}\n", lines.concat(), web.page("sitemap.xml"))
        }
        _ => "User-agent: *\nDisallow: /\n".to_owned(),
    };
    let cache = format!("public, max-age={SECONDS}");
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, cache.as_str())], text)
        .into_response()
}

pub(super) async fn sitemap(State(site): State<Site>, headers: HeaderMap) -> Response {
    if !site.khyber.archive_is_public() {
        return nothing(Lang::En);
    }
    let editions = match site.khyber.newest(MOST_IN_SITEMAP).await {
        Ok(editions) => editions,
        Err(error) => return failed(Lang::En, &error),
    };
    let config = &site.khyber.config;
    let mut pages = vec![(site.absolute(Place::Index), None)];
    pages.extend(config.digests.iter().map(|spec| (site.absolute(Place::Digest(&spec.id)), None)));
    pages.extend(config.coverage.topics.iter().map(|topic| (site.absolute(Place::Topic(&topic.id)), None)));
    let date = |key: &EditionKey| Some(key.created_at.format("%Y-%m-%d").to_string());
    pages.extend(editions.iter().map(|key| (site.absolute(Place::edition(key)), date(key))));
    let keep = Keep { public: true, seconds: SECONDS, modified: editions.first().map(|key| key.created_at) };
    match (Sitemap { pages }).render() {
        Ok(body) => kept(&site, &headers, "application/xml; charset=utf-8", body, keep),
        Err(error) => {
            tracing::error!("the sitemap can't be made: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Site {
    /// What the newest editions told: of one digest, or of all.
    pub(super) async fn contents(
        &self,
        spec: Option<&DigestSpec>,
        limit: u32,
    ) -> Result<Vec<(EditionKey, Digest)>, StoreError> {
        let editions = match spec {
            Some(spec) => self.khyber.listed(spec, limit).await?,
            None => self.khyber.newest(limit).await?,
        };
        self.khyber.store.contents(editions).await
    }

    fn absolute(&self, place: Place<'_>) -> String {
        self.khyber.archive_link(place).unwrap_or_default()
    }
}
