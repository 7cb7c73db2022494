//! What every page shares: its frame, its language, the headers that keep it to itself, and the answer where nothing is.

use super::Site;
use crate::model::{Lang, Timestamp};
use crate::render::{Words, own_name};
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

pub(super) const STYLE: &str = include_str!("../../templates/web/style.css");

/// Nothing is loaded, framed or run; the one style is known by its hash.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    policy(&format!("'sha256-{style}'"))
});

pub(super) fn policy(style: &str) -> String {
    format!("default-src 'none'; style-src {style}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
}

/// Head, top and foot of one page.
pub(super) struct Frame {
    pub lang: &'static str,
    pub dir: &'static str,
    pub title: String,
    pub style: &'static str,
    /// Search engines may have it.
    pub open: bool,
    /// Kind, title and address of the feeds with the same content.
    pub feeds: Vec<(&'static str, String, String)>,
    /// To other pages.
    pub ways: Vec<Way>,
    pub languages: Vec<Language>,
    pub languages_label: &'static str,
}

pub(super) struct Way {
    pub link: String,
    pub name: &'static str,
}

/// This page in one of the four languages.
pub(super) struct Language {
    pub code: &'static str,
    pub dir: &'static str,
    pub name: &'static str,
    pub link: String,
    pub current: bool,
}

impl Frame {
    /// A page that is nobody's business but its reader's.
    pub fn personal(lang: Lang, title: &str) -> Self {
        let words = Words::of(lang);
        Self {
            lang: words.lang.code(),
            dir: words.lang.dir(),
            title: title.to_owned(),
            style: STYLE,
            open: false,
            feeds: Vec::new(),
            ways: Vec::new(),
            languages: languages(words.lang.code(), ""),
            languages_label: words.say("page-languages"),
        }
    }

    /// The query that the same page has in each language, such as `q=torkham`.
    pub fn with_query(mut self, query: &str) -> Self {
        self.languages = languages(self.lang, query);
        self
    }
}

/// The links to this page in each language.
pub(super) fn languages(current: &str, query: &str) -> Vec<Language> {
    let more = if query.is_empty() { String::new() } else { format!("&{query}") };
    let language = |lang: Lang| Language {
        code: lang.code(),
        dir: lang.dir(),
        name: own_name(lang).unwrap_or_default(),
        link: format!("?lang={}{more}", lang.code()),
        current: lang.code() == current,
    };
    Lang::DIGEST.into_iter().map(language).collect()
}

/// The link's own language, or the browser's first that we have.
pub(super) fn lang(asked: &Uri, headers: &HeaderMap) -> Lang {
    let spoken = |tag: &str| Some(Lang::from_tag(tag)).filter(|lang| *lang != Lang::Other);
    let link = parameter(asked, "lang").and_then(|tag| spoken(&tag));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    link.or_else(|| accepted.split(',').find_map(|tag| spoken(tag.split(';').next()?))).unwrap_or_default()
}

/// The first value of a name in the query.
pub(super) fn parameter(asked: &Uri, name: &str) -> Option<String> {
    let mut query = url::form_urlencoded::parse(asked.query().unwrap_or("").as_bytes());
    query.find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

pub(super) fn rendered(page: &impl Template, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => failed(Lang::En, &error),
    }
}

/// The store or a template failed: logged here, and the reader is told nothing of it.
pub(super) fn failed(lang: Lang, error: &dyn std::fmt::Display) -> Response {
    tracing::error!("a page can't be shown: {error}");
    let said = format!("{}\n", Words::of(lang).say("page-not-now"));
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "300")], said).into_response()
}

#[derive(Template)]
#[template(path = "web/nothing.html")]
struct NothingPage {
    frame: Frame,
    words: &'static Words,
}

/// The same for a page that never was and for one that this link does not open.
pub(super) fn nothing(lang: Lang) -> Response {
    let words = Words::of(lang);
    rendered(
        &NothingPage { frame: Frame::personal(lang, words.say("page-nothing-here")), words },
        StatusCode::NOT_FOUND,
    )
}

pub(super) async fn nothing_here(asked: Uri, headers: HeaderMap) -> Response {
    nothing(lang(&asked, &headers))
}

/// How long, and by whom, an answer may be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    pub public: bool,
    pub seconds: u32,
    pub modified: Option<Timestamp>,
}

/// An answer that can be asked for again by ETag or date (RFC 9110 §13): 304 if nothing changed.
pub(super) fn kept(site: &Site, asked: &HeaderMap, kind: &'static str, body: String, keep: Keep) -> Response {
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(body.as_bytes())[..12]));
    let modified = keep.modified.map(|at| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let cache = match keep.public {
        true => format!("public, max-age={}", keep.seconds),
        false => "private, no-cache".to_owned(),
    };
    let mut answer = if is_known(asked, &etag, keep.modified) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], body).into_response()
    };
    let headers = answer.headers_mut();
    let values = [(header::ETAG, Some(etag)), (header::LAST_MODIFIED, modified), (header::CACHE_CONTROL, Some(cache))];
    for (name, value) in values {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    if keep.public && site.khyber.archive_is_public() {
        headers.insert(ROBOTS, HeaderValue::from_static("all"));
    }
    answer
}

/// If-None-Match decides where it is sent; only without it does the date.
fn is_known(asked: &HeaderMap, etag: &str, modified: Option<Timestamp>) -> bool {
    let mut tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok()).peekable();
    if tags.peek().is_some() {
        let is_it = |tag: &str| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == etag;
        return tags.any(|list| list.split(',').any(is_it));
    }
    let since = asked.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok());
    modified.zip(since).is_some_and(|(modified, since)| modified.timestamp() <= since.timestamp())
}

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Unless a page says otherwise: not kept, not indexed, not framed, and no other site is told where its reader came from.
pub(super) async fn with_safe_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let usual = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&POLICY).ok()),
        (header::CACHE_CONTROL, Some(HeaderValue::from_static("no-store"))),
        (header::REFERRER_POLICY, Some(HeaderValue::from_static("no-referrer"))),
        (header::X_CONTENT_TYPE_OPTIONS, Some(HeaderValue::from_static("nosniff"))),
        (ROBOTS, Some(HeaderValue::from_static("noindex, nofollow"))),
        (HeaderName::from_static("cross-origin-opener-policy"), Some(HeaderValue::from_static("same-origin"))),
        (HeaderName::from_static("cross-origin-resource-policy"), Some(HeaderValue::from_static("same-origin"))),
        (HeaderName::from_static("permissions-policy"), Some(HeaderValue::from_static("interest-cohort=()"))),
    ];
    for (name, value) in usual {
        if let Some(value) = value.filter(|_| !headers.contains_key(&name)) {
            headers.insert(name, value);
        }
    }
    response
}
