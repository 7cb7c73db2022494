//! Requests and their answers. Only a POST changes anything; every answer is the same whether or not the token is somebody's.

use super::frame::{Frame, lang, rendered};
use super::server::PATIENCE;
use super::wish::{self, KINDS, PAUSES, Wish};
use super::words::{ChoiceWords, Words};
use super::{MOST_BYTES, Site};
use crate::daemon::clock;
use crate::model::{DigestId, EmailAddress, Lang, Timestamp, TopicId};
use crate::render::kind_name;
use crate::store::{Store, StoreError};
use askama::Template;
use axum::extract::{Form, FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

/// Zones that the form offers; any other is taken too.
const ZONES: [&str; 9] = [
    "Asia/Karachi",
    "Asia/Kabul",
    "Asia/Dubai",
    "Asia/Riyadh",
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
];
/// Of stories, in a list.
const NUMBERS: [u16; 5] = [5, 10, 15, 20, 30];

#[derive(Template)]
#[template(path = "web/leave.html")]
struct LeavePage<'a> {
    frame: Frame,
    words: &'static Words,
    choices: &'static ChoiceWords,
    topics: Vec<TopicChoice<'a>>,
    scopes: [(&'static str, &'static str); 3],
    kinds: Vec<(&'static str, &'static str)>,
    formats: [(&'static str, &'static str); 3],
    days: [(&'static str, &'static str); 7],
    zones: &'static [&'static str],
    numbers: &'static [u16],
    pauses: &'static [u16],
    hours: Vec<u8>,
    mistake: Option<&'static str>,
}

struct TopicChoice<'a> {
    id: &'a TopicId,
    label: &'a str,
}

#[derive(Template)]
#[template(path = "web/done.html")]
struct DonePage {
    frame: Frame,
    words: &'static Words,
    message: String,
    query: String,
}

/// GET and HEAD: the form, the same for every token; link scanners follow links, and nothing may come of that.
pub(super) async fn ask(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(_token): Path<String>,
) -> Response {
    form(&site, lang(&asked, &headers), None, StatusCode::OK)
}

/// POST: a mail program's one click, or a button of the form.
pub(super) async fn act(State(site): State<Site>, asked: Uri, Path(token): Path<String>, request: Request) -> Response {
    let lang = lang(&asked, request.headers());
    let words = Words::of(lang);
    let fields = match fields(request, &site).await {
        Ok(fields) => fields,
        Err(status) => return form(&site, lang, Some(words.not_understood), status),
    };
    let known: Vec<TopicId> = site.khyber.config.coverage.topics.iter().map(|topic| topic.id.clone()).collect();
    let Some(wish) = wish::read(&fields, &known) else {
        return form(&site, lang, Some(words.not_understood), StatusCode::BAD_REQUEST);
    };
    if let Some((address, digest)) = site.index.find(&token) {
        if let Err(error) = grant(&site.khyber.store, &wish, &address, &digest, clock::now()).await {
            tracing::error!("a reader's wish could not be saved: {error}");
            return form(&site, lang, Some(words.try_later), StatusCode::SERVICE_UNAVAILABLE);
        }
        tracing::info!(%address, %digest, wish = name(&wish), "changed by the reader");
    }
    let frame = Frame::personal(lang, words.done);
    let page = DonePage { frame, words, message: message(words, &wish), query: format!("lang={}", words.lang) };
    rendered(&page, StatusCode::OK)
}

async fn grant(
    store: &Store,
    wish: &Wish,
    address: &EmailAddress,
    digest: &DigestId,
    now: Timestamp,
) -> Result<(), StoreError> {
    match wish {
        Wish::LeaveDigest => store.leave_digest(address, digest, now).await,
        Wish::LeaveAll => store.leave_all(address, now).await,
        Wish::Pause(days) => store.pause(address, now + TimeDelta::days(i64::from(*days)), now).await,
        Wish::Choose(choice) => store.prefer(address, choice, now).await,
        Wish::ComeBack => store.come_back(address, digest, now).await,
    }
}

fn name(wish: &Wish) -> &'static str {
    match wish {
        Wish::LeaveDigest => "leave",
        Wish::LeaveAll => "leave all",
        Wish::Pause(_) => "pause",
        Wish::Choose(_) => "choose",
        Wish::ComeBack => "come back",
    }
}

fn message(words: &Words, wish: &Wish) -> String {
    match wish {
        Wish::LeaveDigest => words.left_this.to_owned(),
        Wish::LeaveAll => words.left_all.to_owned(),
        Wish::Pause(days) => words.paused(*days),
        Wish::Choose(_) => words.chosen.to_owned(),
        Wish::ComeBack => words.came_back.to_owned(),
    }
}

/// RFC 8058 §3.1: mail programs post urlencoded or as multipart/form-data.
/// A body that says it is too large is refused before it is waited for, and one that does not come is waited for no longer than a
/// head is.
pub(super) async fn fields(request: Request, site: &Site) -> Result<Vec<(String, String)>, StatusCode> {
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MOST_BYTES) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    tokio::time::timeout(PATIENCE, read(request, site)).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

async fn read(request: Request, site: &Site) -> Result<Vec<(String, String)>, StatusCode> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        let read = Form::<Vec<(String, String)>>::from_request(request, site).await;
        return read.map(|Form(fields)| fields).map_err(|refused| refused.into_response().status());
    }
    let mut parts = Multipart::from_request(request, site).await.map_err(|refused| refused.status())?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| error.status())? {
        let name = part.name().unwrap_or("").to_owned();
        fields.push((name, part.text().await.map_err(|error| error.status())?));
    }
    Ok(fields)
}

fn form(site: &Site, lang: Lang, mistake: Option<&'static str>, status: StatusCode) -> Response {
    let topics = site.khyber.config.coverage.topics.iter().map(|topic| TopicChoice {
        id: &topic.id,
        label: topic.titles.iter().find(|(of, _)| *of == lang).map_or(topic.id.as_str(), |(_, title)| title),
    });
    let (words, choices) = (Words::of(lang), ChoiceWords::of(lang));
    let page = LeavePage {
        frame: Frame::personal(lang, words.title),
        words,
        topics: topics.collect(),
        scopes: choices.scopes(),
        kinds: KINDS.map(|kind| (kind.name(), kind_name(lang, kind).unwrap_or(choices.news))).to_vec(),
        formats: choices.formats(),
        days: choices.days(),
        zones: &ZONES,
        numbers: &NUMBERS,
        choices,
        pauses: &PAUSES,
        hours: (0..24).collect(),
        mistake,
    };
    rendered(&page, status)
}
