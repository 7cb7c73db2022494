//! A publisher's web site on loopback: feeds as the test wants them, and a count of what was asked.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Pages = Arc<Mutex<BTreeMap<String, (StatusCode, String)>>>;

pub struct Site {
    port: u16,
    pages: Pages,
}

impl Site {
    pub async fn start() -> Self {
        let pages = Pages::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = Router::new().route("/{page}", get(answer)).with_state(pages.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { port, pages }
    }

    pub fn url(&self, page: &str) -> String {
        format!("http://127.0.0.1:{}/{page}", self.port)
    }

    /// RSS 2.0 of entries: guid, headline, summary, RFC 2822 date.
    pub fn set_feed(&self, page: &str, entries: &[(&str, &str, &str, &str)]) {
        let items: String = entries
            .iter()
            .map(|(guid, headline, summary, date)| {
                format!(
                    "<item><guid isPermaLink=\"false\">{guid}</guid><title>{headline}</title><link>https://{page}.test/{guid}</link>\
                     <description>{summary}</description><pubDate>{date}</pubDate></item>\n"
                )
            })
            .collect();
        let feed = format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{page}</title><link>https://{page}.test/</link>\
             <description>x</description>{items}</channel></rss>"
        );
        self.set(page, StatusCode::OK, &feed);
    }

    pub fn set(&self, page: &str, status: StatusCode, body: &str) {
        self.pages.lock().unwrap().insert(page.to_owned(), (status, body.to_owned()));
    }
}

async fn answer(State(pages): State<Pages>, Path(page): Path<String>) -> Response {
    match pages.lock().unwrap().get(&page) {
        Some((status, body)) => {
            (*status, [(header::CONTENT_TYPE, "application/rss+xml")], body.clone()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
