//! Publishers' hosts on loopback, each under an address of its own, that write down who asked when.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One answered request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub host: usize,
    /// The User-Agent, which names the worker.
    pub by: String,
    /// When its head was complete.
    pub began: Instant,
    /// Just before the last byte of the answer went out.
    pub ended: Instant,
}

pub struct Newsstand {
    pub port: u16,
    hosts: usize,
    asked: Arc<Mutex<Vec<Asked>>>,
    under_way: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

/// Loopback has sixteen million addresses.
fn address(host: usize) -> String {
    format!("127.7.{}.{}", host / 250, host % 250 + 1)
}

impl Newsstand {
    /// Each answer takes `latency`.
    pub fn open(hosts: usize, latency: Duration) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (asked, under_way) = (Arc::default(), Arc::default());
        let port = runtime.block_on(async {
            let first = TcpListener::bind((address(0), 0)).await.unwrap();
            let port = first.local_addr().unwrap().port();
            let mut listeners = vec![first];
            for host in 1..hosts {
                listeners.push(TcpListener::bind((address(host), port)).await.unwrap());
            }
            for (host, listener) in listeners.into_iter().enumerate() {
                let (asked, under_way) = (Arc::clone(&asked), Arc::clone(&under_way));
                tokio::spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        let (asked, under_way) = (Arc::clone(&asked), Arc::clone(&under_way));
                        tokio::spawn(async move {
                            // Whoever asks is killed again and again: a broken connection is nothing.
                            let _ = serve(stream, host, latency, &asked, &under_way).await;
                        });
                    }
                });
            }
            port
        });
        Self { port, hosts, asked, under_way, _runtime: runtime }
    }

    /// The configuration of so many feeds, spread over the hosts.
    pub fn feeds(&self, feeds: usize) -> String {
        let feed = |n: usize| {
            let url = format!("http://{}:{}/{n}", address(n % self.hosts), self.port);
            format!("[[feed]]\nid = \"feed-{n}\"\nurl = \"{url}\"\npublisher = \"P{}\"\n", n % self.hosts)
        };
        (0..feeds).map(feed).collect()
    }

    pub fn private(&self) -> String {
        let hosts: Vec<String> = (0..self.hosts).map(|host| format!("\"{}\"", address(host))).collect();
        format!("allow_private = [{}]\nspace_private = true\n", hosts.join(", "))
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Pairs of requests to one host that overlap, or follow each other sooner than `spacing`.
    pub fn impolite(&self, spacing: Duration) -> Vec<(Asked, Asked)> {
        let mut asked = self.asked();
        asked.sort_by_key(|one| (one.host, one.began));
        let close = |pair: &&[Asked]| {
            pair[0].host == pair[1].host && pair[1].began.saturating_duration_since(pair[0].ended) < spacing
        };
        asked.windows(2).filter(close).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    host: usize,
    latency: Duration,
    asked: &Mutex<Vec<Asked>>,
    under_way: &AtomicUsize,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..read]);
    }
    let began = Instant::now();
    under_way.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("").to_owned();
    let field =
        |name: &str| head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix(name).map(str::to_owned));
    let by = field("user-agent: ").unwrap_or_default();
    tokio::time::sleep(latency).await;
    let answer = if field("if-none-match: ").is_some() {
        "HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\nConnection: close\r\n\r\n".to_owned()
    } else {
        document(&path)
    };
    asked.lock().unwrap().push(Asked { host, by, began, ended: Instant::now() });
    under_way.fetch_sub(1, Ordering::SeqCst);
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

/// Two entries, and none that concerns the desk: its mails stay small.
fn document(path: &str) -> String {
    let entry = |n: usize| {
        format!(
            "<item><title>Harvest {n} of {path}</title><link>http://harvest.test{path}/{n}</link><guid>{path}/{n}</guid></item>"
        )
    };
    let body = format!("<rss version=\"2.0\"><channel><title>Harvest</title>{}{}</channel></rss>", entry(1), entry(2));
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"one\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
