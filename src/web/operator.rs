//! Pages for the operator: how everything does. Addresses are masked, and whoever may not read them finds nothing here.

use super::Site;
use super::frame::{Frame, failed, lang, nothing, parameter, rendered};
use super::limits::Peer;
use super::metrics;
use crate::daemon::clock;
use crate::model::{DeliveryStatus, FeedHealth, Lang, Timestamp};
use crate::store::{DeliveryFilter, FeedRow, StoreError, Worker};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

const EDITIONS: u32 = 10;
const WAITING: usize = 50;

#[derive(Template)]
#[template(path = "web/status.html")]
struct StatusPage {
    frame: Frame,
    troubles: Vec<String>,
    editions: Vec<[String; 4]>,
    next: String,
    outbox: Vec<(&'static str, i64)>,
    waiting: Vec<[String; 5]>,
    feeds: Vec<[String; 6]>,
    entries: i64,
    unconfirmed: i64,
    disk: Option<String>,
    workers: Vec<[String; 4]>,
}

/// Lets a request through that brings the token, or that comes from this machine and not through a proxy.
pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    if may_read(&site, &request) { next.run(request).await } else { nothing(lang(request.uri(), request.headers())) }
}

fn may_read(site: &Site, request: &Request) -> bool {
    let headers = request.headers();
    let token = site.khyber.config.web.as_ref().and_then(|web| web.status_token.as_ref());
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned));
    if let (Some(token), Some(given)) = (token, bearer.or_else(|| parameter(request.uri(), "token"))) {
        // Of hashes: the time that comparing takes says nothing of the token.
        return Sha256::digest(token.expose()) == Sha256::digest(given);
    }
    let from_here = request.extensions().get::<Peer>().is_some_and(|Peer(address)| address.ip().is_loopback());
    // nginx speaks HTTP/1.0 to what is behind it unless told otherwise; every other proxy adds one of the headers.
    from_here && request.version() >= Version::HTTP_11 && names_this_machine(headers) && !is_forwarded(headers)
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let url = url::Url::parse(&format!("http://{host}/")).ok();
    url.and_then(|url| url.host().map(|host| host.to_owned())).is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    })
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    let added = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];
    added.iter().any(|name| headers.contains_key(*name))
}

pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Ready while the store answers and there is room.
pub(super) async fn ready(State(site): State<Site>) -> Response {
    match site.khyber.store.count_unconfirmed().await {
        Ok(_) if site.khyber.has_room_to_poll() => "ready\n".into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "the disk is nearly full\n").into_response(),
        Err(error) => {
            tracing::error!("not ready: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

pub(super) async fn metrics(State(site): State<Site>) -> Response {
    match metrics::text(&site.khyber, clock::now()).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Err(error) => failed(Lang::En, &error),
    }
}

pub(super) async fn status(State(site): State<Site>) -> Response {
    match page(&site, clock::now()).await {
        Ok(page) => rendered(&page, StatusCode::OK),
        Err(error) => failed(Lang::En, &error),
    }
}

async fn page(site: &Site, now: Timestamp) -> Result<StatusPage, StoreError> {
    let khyber = &site.khyber;
    let rows = khyber.store.feeds().await?;
    let mut feeds: Vec<[String; 6]> = khyber
        .config
        .feeds
        .iter()
        .filter_map(|feed| Some(feed_row(&feed.publisher, rows.get(&feed.id)?, now)))
        .collect();
    feeds.sort_by_key(|row| (row[2] == "ok", row[0].clone()));
    let editions = khyber.store.editions(EDITIONS).await?;
    let editions = editions.into_iter().map(|row| {
        let state = format!("{:?}", row.state).to_lowercase();
        [row.digest.to_string(), when(Some(row.slot)), state, row.stories.to_string()]
    });
    let statuses =
        vec![DeliveryStatus::Queued, DeliveryStatus::Sending, DeliveryStatus::Deferred, DeliveryStatus::Quarantined];
    let waiting = khyber.store.deliveries(&DeliveryFilter { statuses, ..DeliveryFilter::default() }).await?;
    let waiting = waiting.into_iter().take(WAITING).map(|row| {
        let answer = row.answer.unwrap_or_default();
        [row.id.to_string(), row.subscriber.masked(), row.status.name().to_owned(), when(row.next_attempt_at), answer]
    });
    let (outbox, _) = khyber.store.outbox_counts().await?;
    let next = khyber.next_slot(now).await?.map(|(digest, slot)| format!("{digest} {}", when(Some(slot))));
    Ok(StatusPage {
        frame: Frame { languages: Vec::new(), ..Frame::personal(Lang::En, "Status") },
        troubles: khyber.troubles(now).await?.into_iter().map(|trouble| trouble.text).collect(),
        editions: editions.collect(),
        next: next.unwrap_or_else(|| "–".to_owned()),
        outbox: outbox.into_iter().map(|(status, number)| (status.name(), number)).collect(),
        waiting: waiting.collect(),
        feeds,
        entries: khyber.store.count_entries().await?,
        unconfirmed: khyber.store.count_unconfirmed().await?,
        workers: khyber.store.workers().await?.into_iter().map(worker_row).collect(),
        disk: khyber
            .room()
            .map(|room| format!("{} MiB free, {} MiB kept in reserve", room.free >> 20, room.reserve >> 20)),
    })
}

fn worker_row(worker: Worker) -> [String; 4] {
    let Worker { host, pid, version, roles, silent, .. } = worker;
    [format!("{host} {pid}"), version, roles, format!("{} s ago", silent.as_secs())]
}

fn feed_row(publisher: &str, row: &FeedRow, now: Timestamp) -> [String; 6] {
    let health = if row.is_paused(now) { FeedHealth::Paused } else { row.state.health };
    let error = row.state.last_error.clone().unwrap_or_default();
    [
        row.id.to_string(),
        publisher.to_owned(),
        metrics::health_name(health),
        when(row.state.last_ok_at),
        when(row.state.next_poll_at),
        error,
    ]
}

fn when(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "–".to_owned(), |at| at.format("%Y-%m-%d %H:%MZ").to_string())
}
