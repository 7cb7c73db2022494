//! The archive: what was published, by digest, edition and topic.

use super::Site;
use super::frame::{Frame, Keep, Language, Way, failed, kept, lang, languages, nothing, policy};
use super::shown::{Head, StoryLine, story_lines};
use crate::daemon::Place;
use crate::model::{DigestId, DigestSpec, Lang, TopicId};
use crate::render::dates::Calendar;
use crate::render::{Text, Words};
use crate::store::{EditionKey, StoreError};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;

/// Editions named on the page of a digest, and on the first page for each.
const OF_A_DIGEST: u32 = 400;
const OF_EACH: u32 = 5;
/// Stories of the newest edition that the first page names.
const TOP: usize = 5;
/// Editions that a topic's page is made of.
const OF_A_TOPIC: u32 = 30;
/// What a page of the archive may be kept for.
pub(super) const SECONDS: u32 = 300;

pub(super) struct EditionLine {
    pub link: String,
    pub date: String,
    pub stories: String,
}

struct DigestBlock {
    title: Text,
    link: String,
    /// Of the newest edition.
    top: Vec<StoryLine>,
    editions: Vec<EditionLine>,
}

struct TopicLine {
    label: Text,
    link: String,
}

#[derive(Template)]
#[template(path = "web/index.html")]
struct IndexPage {
    frame: Frame,
    words: &'static Words,
    digests: Vec<DigestBlock>,
    topics: Vec<TopicLine>,
    search: String,
}

#[derive(Template)]
#[template(path = "web/digest.html")]
struct DigestPage {
    frame: Frame,
    words: &'static Words,
    title: Text,
    editions: Vec<EditionLine>,
    feeds: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "web/topic.html")]
struct TopicPage {
    frame: Frame,
    words: &'static Words,
    title: Text,
    stories: Vec<StoryLine>,
    feeds: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "web/after-edition.html")]
struct AfterEdition {
    words: &'static Words,
    lang: &'static str,
    dir: &'static str,
    stories: Vec<StoryLine>,
    ways: Vec<Way>,
    languages: Vec<Language>,
    languages_label: &'static str,
}

/// `/`: the archive where it is public; else only the way to subscribe, if there is one.
pub(super) async fn front(State(site): State<Site>, asked: Uri, headers: HeaderMap) -> Response {
    index(&site, &asked, &headers, None).await
}

pub(super) async fn private_front(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Response {
    index(&site, &asked, &headers, Some(&key)).await
}

async fn index(site: &Site, asked: &Uri, headers: &HeaderMap, key: Option<&str>) -> Response {
    let lang = lang(asked, headers);
    if !site.khyber.archive_opens(Place::Index, key) {
        let invites = key.is_none() && site.subscribing_is_open();
        return if invites { super::subscribe::form(site, lang, None) } else { nothing(lang) };
    }
    match index_page(site, lang).await {
        Ok(page) => answer(site, headers, &page),
        Err(error) => failed(lang, &error),
    }
}

async fn index_page(site: &Site, lang: Lang) -> Result<IndexPage, StoreError> {
    let khyber = &site.khyber;
    let words = Words::of(lang);
    let mut digests = Vec::new();
    for spec in &khyber.config.digests {
        let editions = khyber.listed(spec, OF_EACH).await?;
        let newest = khyber.store.contents(editions.iter().take(1).cloned().collect()).await?;
        digests.push(DigestBlock {
            title: Text::guessed(spec.title.clone()),
            link: site.link(Place::Digest(&spec.id), lang),
            top: story_lines(site, lang, &newest, None).into_iter().take(TOP).collect(),
            editions: edition_lines(site, lang, &editions),
        });
    }
    let topics = khyber.config.coverage.topics.iter().map(|topic| TopicLine {
        label: site.topic_title(&topic.id, lang),
        link: site.link(Place::Topic(&topic.id), lang),
    });
    Ok(IndexPage {
        frame: site.frame(lang, words.say("archive-title"), Head::Plain),
        words,
        digests,
        topics: topics.collect(),
        search: site.path(Place::Search),
    })
}

pub(super) fn edition_lines(site: &Site, lang: Lang, editions: &[EditionKey]) -> Vec<EditionLine> {
    let line = |edition: &EditionKey| {
        let calendar = Calendar { lang, zone: site.zone_of(&edition.digest) };
        EditionLine {
            link: site.link(Place::edition(edition), lang),
            date: format!("{} {}", calendar.long_date(edition.slot), calendar.time(edition.slot, edition.slot)),
            stories: calendar.count("stories", edition.stories),
        }
    };
    editions.iter().map(line).collect()
}

pub(super) async fn digest(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(parts): Path<Vec<String>>,
) -> Response {
    let lang = lang(&asked, &headers);
    let Some(spec) = site.opened_digest(&parts) else { return nothing(lang) };
    let editions = match site.khyber.listed(spec, OF_A_DIGEST).await {
        Ok(editions) => editions,
        Err(error) => return failed(lang, &error),
    };
    let words = Words::of(lang);
    let place = Place::Digest(&spec.id);
    let page = DigestPage {
        frame: site.frame(lang, &spec.title, Head::Feeds(place)),
        words,
        title: Text::guessed(spec.title.clone()),
        editions: edition_lines(&site, lang, &editions),
        feeds: site.feed_links(place),
    };
    answer(&site, &headers, &page)
}

pub(super) async fn topic(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(parts): Path<Vec<String>>,
) -> Response {
    let lang = lang(&asked, &headers);
    let Some(id) = site.opened_topic(&parts) else { return nothing(lang) };
    let contents = match site.contents(None, OF_A_TOPIC).await {
        Ok(contents) => contents,
        Err(error) => return failed(lang, &error),
    };
    let title = site.topic_title(&id, lang);
    let place = Place::Topic(&id);
    let page = TopicPage {
        frame: site.frame(lang, &title.text, Head::Feeds(place)),
        words: Words::of(lang),
        stories: story_lines(&site, lang, &contents, Some(&id)),
        title,
        feeds: site.feed_links(place),
    };
    answer(&site, &headers, &page)
}

/// One edition, by the mail's own renderer; below it, the ways to its stories.
pub(super) async fn edition(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path((digest, link)): Path<(String, String)>,
) -> Response {
    let lang = lang(&asked, &headers);
    let Ok(digest) = digest.parse::<DigestId>() else { return nothing(lang) };
    let found = async {
        let Some(key) = site.khyber.edition_of_link(&digest, &link).await? else { return Ok(None) };
        let content = site.khyber.store.edition(key.id).await?.and_then(|(_, content)| content);
        Ok::<_, StoreError>(content.map(|content| (key, content)))
    };
    let (key, content) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return nothing(lang),
        Err(error) => return failed(lang, &error),
    };
    let words = Words::of(lang);
    let contents = [(key, content)];
    let after = AfterEdition {
        words,
        lang: words.lang.code(),
        dir: words.lang.dir(),
        stories: story_lines(&site, lang, &contents, None),
        ways: site.ways(lang),
        languages: languages(words.lang.code(), ""),
        languages_label: words.say("page-languages"),
    };
    let [(key, content)] = &contents;
    let page = site.khyber.edition_page(content, lang).and_then(|page| Ok((page, after.render()?)));
    let (page, after) = match page {
        Ok(both) => both,
        Err(error) => return failed(lang, &error),
    };
    let body = match page.rfind("</body>") {
        Some(end) => format!("{}{after}{}", &page[..end], &page[end..]),
        None => page + &after,
    };
    let keep = Keep { public: site.khyber.archive_is_public(), seconds: SECONDS, modified: Some(key.created_at) };
    let mut answer = kept(&site, &headers, "text/html; charset=utf-8", body, keep);
    // A mail's styles stand in its elements, because mail programs want them there.
    if let Ok(policy) = HeaderValue::from_str(&policy("'unsafe-inline'")) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

pub(super) fn answer(site: &Site, headers: &HeaderMap, page: &impl Template) -> Response {
    let keep = Keep { public: site.khyber.archive_is_public(), seconds: SECONDS, modified: None };
    match page.render() {
        Ok(html) => kept(site, headers, "text/html; charset=utf-8", html, keep),
        Err(error) => failed(Lang::En, &error),
    }
}

impl Site {
    /// The digest of `/digest/{id}` or `/digest/{id}/{key}`, if this link opens it.
    pub(super) fn opened_digest(&self, parts: &[String]) -> Option<&DigestSpec> {
        let spec = self
            .khyber
            .config
            .digests
            .iter()
            .find(|spec| Some(spec.id.as_str()) == parts.first().map(String::as_str))?;
        let key = parts.get(1).map(String::as_str);
        self.khyber.archive_opens(Place::Digest(&spec.id), key).then_some(spec)
    }

    pub(super) fn opened_topic(&self, parts: &[String]) -> Option<TopicId> {
        let id: TopicId = parts.first()?.parse().ok()?;
        let known = self.khyber.config.coverage.topics.iter().any(|topic| topic.id == id);
        let key = parts.get(1).map(String::as_str);
        (known && self.khyber.archive_opens(Place::Topic(&id), key)).then_some(id)
    }
}
