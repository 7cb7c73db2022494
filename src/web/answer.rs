//! Requests and their answers. Only a POST changes anything; every answer is the same whether or not the token is somebody's.

use super::choices::Form;
use super::frame::{Frame, lang, rendered};
use super::server::PATIENCE;
use super::wish::{self, PAUSES, Wish};
use super::{MOST_BYTES, Site};
use crate::daemon::{Chosen, Khyber, clock};
use crate::model::{DigestId, EmailAddress, Lang, Timestamp, TopicId};
use crate::render::Words;
use crate::render::dates::Calendar;
use crate::store::StoreError;
use askama::Template;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

#[derive(Template)]
#[template(path = "web/leave.html")]
struct LeavePage {
    frame: Frame,
    words: &'static Words,
    /// What keeps the mail away, if something does.
    away: Option<String>,
    pauses: Vec<(u16, String)>,
    form: Form,
    mistake: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "web/done.html")]
struct DonePage {
    frame: Frame,
    words: &'static Words,
    message: String,
    query: String,
}

/// GET and HEAD: the form, with what its reader chose; link scanners follow links, and nothing may come of that.
pub(super) async fn ask(
    State(site): State<Site>,
    asked: Uri,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    form(&site, &token, lang(&asked, &headers), None).await
}

/// POST: a mail program's one click, or a button of the form.
pub(super) async fn act(State(site): State<Site>, asked: Uri, Path(token): Path<String>, request: Request) -> Response {
    let lang = lang(&asked, request.headers());
    let words = Words::of(lang);
    let fields = match fields(request, &site).await {
        Ok(fields) => fields,
        Err(status) => return form(&site, &token, lang, Some((words.say("page-not-understood"), status))).await,
    };
    let known: Vec<TopicId> = site.khyber.config.coverage.topics.iter().map(|topic| topic.id.clone()).collect();
    let Some(wish) = wish::read(&fields, &known) else {
        return form(&site, &token, lang, Some((words.say("page-not-understood"), StatusCode::BAD_REQUEST))).await;
    };
    if let Some((address, digest)) = site.index.find(&token) {
        if let Err(error) = grant(&site.khyber, &wish, &address, &digest, clock::now()).await {
            tracing::error!("a reader's wish could not be saved: {error}");
            return form(&site, &token, lang, Some((words.say("page-try-later"), StatusCode::SERVICE_UNAVAILABLE)))
                .await;
        }
        tracing::info!(%address, %digest, wish = name(&wish), "changed by the reader");
    }
    let frame = Frame::personal(lang, words.say("page-done"));
    let page = DonePage { frame, words, message: message(lang, &wish), query: format!("lang={}", words.lang.code()) };
    rendered(&page, StatusCode::OK)
}

async fn grant(
    khyber: &Khyber,
    wish: &Wish,
    address: &EmailAddress,
    digest: &DigestId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let store = &khyber.store;
    match wish {
        Wish::LeaveDigest => store.leave_digest(address, digest, now).await,
        Wish::LeaveAll => store.leave_all(address, now).await,
        Wish::Pause(days) => store.pause(address, now + TimeDelta::days(i64::from(*days)), now).await,
        Wish::Choose(choice) => khyber.prefer(address, choice, now).await,
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

fn message(lang: Lang, wish: &Wish) -> String {
    let words = Words::of(lang);
    match wish {
        Wish::LeaveDigest => words.say("page-left-this").to_owned(),
        Wish::LeaveAll => words.say("page-left-all").to_owned(),
        Wish::Pause(days) => count(lang, "page-paused", *days),
        Wish::Choose(_) => words.say("page-chosen").to_owned(),
        Wish::ComeBack => words.say("page-came-back").to_owned(),
    }
}

fn count(lang: Lang, id: &str, days: u16) -> String {
    Calendar { lang, zone: chrono_tz::Tz::UTC }.count(id, usize::from(days))
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
        let read = axum::Form::<Vec<(String, String)>>::from_request(request, site).await;
        return read.map(|axum::Form(fields)| fields).map_err(|refused| refused.into_response().status());
    }
    let mut parts = Multipart::from_request(request, site).await.map_err(|refused| refused.status())?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| error.status())? {
        let name = part.name().unwrap_or("").to_owned();
        fields.push((name, part.text().await.map_err(|error| error.status())?));
    }
    Ok(fields)
}

/// The same for an unknown token as for a reader who chose nothing.
async fn form(site: &Site, token: &str, lang: Lang, mistake: Option<(&'static str, StatusCode)>) -> Response {
    let (words, now) = (Words::of(lang), clock::now());
    let chosen = match site.index.find(token) {
        Some((address, digest)) => site.khyber.chosen(&address, &digest).await,
        None => Ok(Chosen::default()),
    };
    // A store that does not answer must not keep anybody from leaving: the mistake shown is then an earlier one.
    let chosen = chosen.unwrap_or_else(|error| {
        tracing::error!("what a reader chose can't be shown: {error}");
        Chosen::default()
    });
    let frame = Frame::personal(lang, words.say("page-title"));
    let page = LeavePage {
        words,
        away: away(&chosen, lang, now),
        pauses: PAUSES.iter().map(|days| (*days, count(lang, "page-days", *days))).collect(),
        form: Form::of(site, lang, &frame.languages, &chosen),
        frame,
        mistake: mistake.map(|(text, _)| text),
    };
    rendered(&page, mistake.map_or(StatusCode::OK, |(_, status)| status))
}

fn away(chosen: &Chosen, lang: Lang, now: Timestamp) -> Option<String> {
    let words = Words::of(lang);
    let calendar = Calendar { lang, zone: chosen.choice.zone.unwrap_or_default() };
    let paused = chosen.paused_until.filter(|until| *until > now);
    let paused = paused.map(|until| words.fill("page-paused-until", &[("when", &calendar.long_date(until))]));
    chosen.has_left.then(|| words.say("page-has-left").to_owned()).or(paused)
}
