//! Requests and their answers. Only a POST changes anything; every answer is the same whether or not the token is somebody's.

use super::Site;
use super::frame::{Frame, lang, rendered};
use super::wish::{self, PAUSES, Wish};
use super::words::Words;
use crate::daemon::clock;
use crate::model::{DigestId, EmailAddress, Lang, Timestamp, TopicId};
use crate::store::{Store, StoreError};
use askama::Template;
use axum::extract::{Form, FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

#[derive(Template)]
#[template(path = "web/leave.html")]
struct LeavePage<'a> {
    frame: Frame,
    words: &'static Words,
    topics: Vec<TopicChoice<'a>>,
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
        Wish::Choose { topics, hour } => store.prefer(address, topics.as_deref(), *hour, now).await,
        Wish::ComeBack => store.come_back(address, digest, now).await,
    }
}

fn name(wish: &Wish) -> &'static str {
    match wish {
        Wish::LeaveDigest => "leave",
        Wish::LeaveAll => "leave all",
        Wish::Pause(_) => "pause",
        Wish::Choose { .. } => "choose",
        Wish::ComeBack => "come back",
    }
}

fn message(words: &Words, wish: &Wish) -> String {
    match wish {
        Wish::LeaveDigest => words.left_this.to_owned(),
        Wish::LeaveAll => words.left_all.to_owned(),
        Wish::Pause(days) => words.paused(*days),
        Wish::Choose { .. } => words.chosen.to_owned(),
        Wish::ComeBack => words.came_back.to_owned(),
    }
}

/// RFC 8058 §3.1: mail programs post urlencoded or as multipart/form-data.
pub(super) async fn fields(request: Request, site: &Site) -> Result<Vec<(String, String)>, StatusCode> {
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
    let words = Words::of(lang);
    let page = LeavePage {
        frame: Frame::personal(lang, words.title),
        words,
        topics: topics.collect(),
        pauses: &PAUSES,
        hours: (0..24).collect(),
        mistake,
    };
    rendered(&page, status)
}
