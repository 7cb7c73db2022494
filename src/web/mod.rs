//! Pages for readers: leaving, pausing, choosing. An edge like `cli`, in plain HTTP behind a web server with TLS.

mod answer;
mod index;
mod server;
mod wish;
mod words;

use crate::config::WebConfig;
use crate::daemon::{Khyber, clock};
use crate::model::Timestamp;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use index::Index;
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
}

/// The pages over one configuration; `now` decides which past readers' links still work.
pub async fn pages(khyber: Arc<Khyber>, now: Timestamp) -> Result<Router, crate::store::StoreError> {
    let index = Arc::new(Index::new(&khyber, now).await?);
    Ok(Router::new()
        .route("/leave/{token}", get(answer::ask).post(answer::act))
        .fallback(answer::nothing_here)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(axum::middleware::map_response(answer::with_safe_headers))
        .with_state(Site { khyber, index }))
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
