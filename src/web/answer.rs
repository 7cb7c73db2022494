//! Requests and their answers. Only a POST changes anything; every answer is the same whether or not the token is somebody's.

use super::Site;
use super::wish::{self, PAUSES, Wish};
use super::words::Words;
use crate::daemon::clock;
use crate::model::{DigestId, EmailAddress, Lang, Timestamp, TopicId};
use crate::store::{Choice, Store, StoreError};
use askama::Template;
use axum::extract::{Form, FromRequest, Multipart, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../../templates/web/style.css");

#[derive(Template)]
#[template(path = "web/leave.html")]
struct LeavePage<'a> {
    words: &'static Words,
    style: &'static str,
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
    words: &'static Words,
    style: &'static str,
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
        if let Err(error) = grant(&site.khyber.store, &wish, address, digest, clock::now()).await {
            tracing::error!("a reader's wish could not be saved: {error}");
            return form(&site, lang, Some(words.try_later), StatusCode::SERVICE_UNAVAILABLE);
        }
        tracing::info!(%address, %digest, wish = name(&wish), "changed by the reader");
    }
    let page = DonePage { words, style: STYLE, message: message(words, &wish), query: format!("lang={}", words.lang) };
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
        Wish::Choose { topics, hour } => {
            let choice = Choice { topics: topics.clone(), hour: *hour, ..Choice::default() };
            store.prefer(address, &choice, now).await
        }
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
async fn fields(request: Request, site: &Site) -> Result<Vec<(String, String)>, StatusCode> {
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
    let page = LeavePage {
        words: Words::of(lang),
        style: STYLE,
        topics: topics.collect(),
        pauses: &PAUSES,
        hours: (0..24).collect(),
        mistake,
    };
    rendered(&page, status)
}

fn rendered(page: &impl Template, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!("a page can't be rendered: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The link's own language, or the browser's first that we have.
fn lang(asked: &Uri, headers: &HeaderMap) -> Lang {
    let spoken = |tag: &str| Some(Lang::from_tag(tag)).filter(|lang| *lang != Lang::Other);
    let mut query = url::form_urlencoded::parse(asked.query().unwrap_or("").as_bytes());
    let link = query.find(|(name, _)| name == "lang").and_then(|(_, tag)| spoken(&tag));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    link.or_else(|| accepted.split(',').find_map(|tag| spoken(tag.split(';').next()?))).unwrap_or_default()
}

pub(super) async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Nothing is loaded, framed, stored or told to another site.
pub(super) async fn with_safe_headers(mut response: Response) -> Response {
    let style = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "interest-cohort=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
