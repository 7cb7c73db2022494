//! Pages for readers: subscribing, choosing, leaving, the archive; and for the operator. An edge like `cli`, in plain HTTP behind a web
//! server with TLS.

mod answer;
mod archive;
mod choices;
mod feeds;
mod find;
mod frame;
mod index;
mod limits;
mod metrics;
mod operator;
mod server;
mod shown;
mod story;
mod subscribe;
mod wish;

use crate::config::WebConfig;
use crate::daemon::{Khyber, clock};
use crate::model::Timestamp;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use index::Index;
use limits::{Limits, Turns};
use std::sync::Arc;
use tokio::sync::watch;

pub use server::{Bound, bind};

/// A form of ours has some hundred bytes; a one-click POST has thirty.
const MOST_BYTES: usize = 16 << 10;

/// What a request needs of one configuration.
#[derive(Clone)]
struct Site {
    khyber: Arc<Khyber>,
    index: Arc<Index>,
    limits: Arc<Limits>,
    turns: Arc<Turns>,
}

/// The pages over one configuration; `now` decides which past readers' links still work.
pub async fn pages(khyber: Arc<Khyber>, now: Timestamp) -> Result<Router, crate::store::StoreError> {
    let index = Arc::new(Index::new(&khyber, now).await?);
    let site = Site { khyber, index, limits: Arc::default(), turns: Arc::default() };
    let operators = Router::new()
        .route("/status", get(operator::status))
        .route("/metrics", get(operator::metrics))
        .route("/healthz", get(operator::health))
        .route("/readyz", get(operator::ready))
        .route_layer(axum::middleware::from_fn_with_state(site.clone(), operator::guard));
    Ok(Router::new()
        .route("/leave/{token}", get(answer::ask).post(answer::act))
        .route("/subscribe", get(subscribe::ask).post(subscribe::act))
        .route("/confirm/{token}", get(subscribe::look).post(subscribe::confirm))
        .merge(archive_pages().route_layer(axum::middleware::from_fn_with_state(site.clone(), limits::take_turns)))
        .merge(operators)
        .fallback(frame::nothing_here)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(axum::middleware::map_response(frame::with_safe_headers))
        .with_state(site))
}

/// Each page with and without the key that a private one needs.
fn archive_pages() -> Router<Site> {
    Router::new()
        .route("/", get(archive::front))
        .route("/archive/{key}", get(archive::private_front))
        .route("/search", get(find::search))
        .route("/search/{key}", get(find::search))
        .route("/edition/{digest}/{link}", get(archive::edition))
        .route("/story/{id}", get(story::story))
        .route("/story/{id}/{key}", get(story::story))
        .route("/digest/{id}", get(archive::digest))
        .route("/digest/{id}/{key}", get(archive::digest))
        .route("/digest/{id}/atom.xml", get(feeds::digest))
        .route("/digest/{id}/feed.json", get(feeds::digest))
        .route("/digest/{id}/{key}/atom.xml", get(feeds::digest))
        .route("/digest/{id}/{key}/feed.json", get(feeds::digest))
        .route("/topic/{id}", get(archive::topic))
        .route("/topic/{id}/{key}", get(archive::topic))
        .route("/topic/{id}/atom.xml", get(feeds::topic))
        .route("/topic/{id}/feed.json", get(feeds::topic))
        .route("/topic/{id}/{key}/atom.xml", get(feeds::topic))
        .route("/topic/{id}/{key}/feed.json", get(feeds::topic))
        .route("/robots.txt", get(feeds::robots))
        .route("/sitemap.xml", get(feeds::sitemap))
}

/// Serves until stopped; a reload brings new pages, and a new listener if `[web] listen` changed.
pub async fn serve(
    mut bound: Option<Bound>,
    mut current: watch::Receiver<Arc<Khyber>>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let khyber = current.borrow_and_update().clone();
        bound = listener(bound, khyber.config.web.as_ref()).await;
        let reloaded = async {
            // Without a sender there will be no reload.
            if current.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let serving = async {
            match (&bound, pages(khyber, clock::now()).await) {
                (Some(bound), Ok(pages)) => bound.serve(pages).await,
                (Some(_), Err(error)) => tracing::error!("the web pages can't be served: {error}"),
                (None, _) => {}
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = reloaded => {}
            () = serving => {}
        }
    }
}

/// The listener that the configuration asks for: the one there is, a new one, or none.
async fn listener(bound: Option<Bound>, wanted: Option<&WebConfig>) -> Option<Bound> {
    let wanted = wanted?;
    match bound {
        Some(bound) if bound.is_for(wanted) => Some(bound),
        other => {
            drop(other);
            match bind(wanted).await {
                Ok(bound) => Some(bound),
                Err(error) => {
                    tracing::error!("{error:#}; readers can't reach the pages until the next reload");
                    None
                }
            }
        }
    }
}
