//! The listener: a bound on connections, headers and time, so that nobody can hold the daemon up.

use super::limits::Peer;
use crate::config::WebConfig;
use anyhow::Context;
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Beside a reverse proxy, which holds slow readers itself.
const CONNECTIONS: usize = 256;
/// For the head of a request, and again for its body.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// For a whole connection: a page is a few kilobytes.
const TOTAL: Duration = Duration::from_secs(60);
const HEADER_BYTES: usize = 16 << 10;
/// After an error of accept (too many open files), so that it does not spin.
const BREATH: Duration = Duration::from_millis(200);

/// A listening socket, and the setting that asked for it.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    wanted: SocketAddr,
}

/// Listens where `[web]` says.
pub async fn bind(web: &WebConfig) -> anyhow::Result<Bound> {
    let listener = TcpListener::bind(web.listen).await;
    let listener = listener.with_context(|| format!("[web] listen = \"{}\" can't be listened on", web.listen))?;
    Ok(Bound { listener, wanted: web.listen })
}

impl Bound {
    pub(super) fn is_for(&self, web: &WebConfig) -> bool {
        self.wanted == web.listen
    }

    /// Where it really listens, when port 0 was asked for.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until dropped.
    pub async fn serve(&self, pages: Router) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // Never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let pages = pages.clone().layer(axum::Extension(Peer(peer)));
                    tokio::spawn(async move {
                        // What goes wrong with one connection concerns nobody else.
                        let _ = tokio::time::timeout(TOTAL, answer(stream, pages)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

async fn answer(stream: TcpStream, pages: Router) {
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // One request each: a connection kept by a proxy would hold a place, and show the old pages after a reload.
        .keep_alive(false)
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(pages))
        .await;
}
