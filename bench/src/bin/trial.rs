//! What the parts can do with nothing around them: `trial URLS DATABASE CONCURRENCY` asks each feed once, conditionally, reads it
//! with feed-rs, and stores it in SQLite, one writer and one transaction for what has come.

use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;

const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, etag TEXT, modified TEXT);
    CREATE TABLE IF NOT EXISTS entries (feed TEXT NOT NULL, guid TEXT NOT NULL, url TEXT, title TEXT, summary TEXT, published INTEGER,
        UNIQUE (feed, guid));";
const BATCH: usize = 64;

struct Read {
    url: String,
    etag: Option<String>,
    modified: Option<String>,
    feed: feed_rs::model::Feed,
}

type Validators = HashMap<String, (Option<String>, Option<String>)>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [urls, database, concurrency] = arguments.as_slice() else { anyhow::bail!("trial URLS DATABASE CONCURRENCY") };
    let urls: Arc<Vec<String>> = Arc::new(std::fs::read_to_string(urls)?.lines().map(str::to_owned).collect());
    let database = Connection::open(database)?;
    database.execute_batch(SCHEMA)?;
    let known: Validators = database
        .prepare("SELECT url, etag, modified FROM feeds")?
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<Result<_, _>>()?;
    let (send, receive) = mpsc::channel(256);
    let writer = std::thread::spawn(move || write(database, receive));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(poll(urls, known, concurrency.parse()?, send))?;
    writer.join().expect("the writer ends")
}

async fn poll(urls: Arc<Vec<String>>, known: Validators, tasks: usize, send: mpsc::Sender<Read>) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let (known, next) = (Arc::new(known), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let (client, urls, known, next, send) =
                (client.clone(), urls.clone(), known.clone(), next.clone(), send.clone());
            tokio::spawn(async move {
                while let Some(url) = urls.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Some(read) = ask(&client, url, known.get(url)).await? {
                        send.send(read).await?;
                    }
                }
                anyhow::Ok(())
            })
        })
        .collect();
    drop(send);
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn ask(
    client: &reqwest::Client,
    url: &str,
    known: Option<&(Option<String>, Option<String>)>,
) -> anyhow::Result<Option<Read>> {
    let mut request = client.get(url);
    if let Some((etag, modified)) = known {
        request = etag.iter().fold(request, |request, etag| request.header("If-None-Match", etag));
        request = modified.iter().fold(request, |request, at| request.header("If-Modified-Since", at));
    }
    let response = request.send().await?.error_for_status()?;
    if response.status() == 304 {
        return Ok(None);
    }
    let said = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (etag, modified) = (said("etag"), said("last-modified"));
    let body = response.bytes().await?;
    let feed = tokio::task::spawn_blocking(move || feed_rs::parser::parse(&body[..])).await??;
    Ok(Some(Read { url: url.to_owned(), etag, modified, feed }))
}

fn write(mut database: Connection, mut receive: mpsc::Receiver<Read>) -> anyhow::Result<()> {
    let mut batch = Vec::new();
    while receive.blocking_recv_many(&mut batch, BATCH) > 0 {
        let transaction = database.transaction()?;
        for Read { url, etag, modified, feed } in batch.drain(..) {
            let state =
                "INSERT INTO feeds VALUES (?1, ?2, ?3) ON CONFLICT (url) DO UPDATE SET etag = ?2, modified = ?3";
            transaction.prepare_cached(state)?.execute(params![url, etag, modified])?;
            let mut insert = transaction
                .prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING")?;
            for entry in feed.entries {
                let link = entry.links.into_iter().next().map(|link| link.href);
                let (title, summary) = (entry.title.map(|text| text.content), entry.summary.map(|text| text.content));
                let published = entry.published.map(|at| at.timestamp());
                insert.execute(params![url, entry.id, link, title, summary, published])?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}
