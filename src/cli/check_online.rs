//! `khyber check --online`: after the files, every feed is tried once and the mail server greeted; nothing is stored or sent.

use super::check::{self, CheckArgs};
use super::{Exit, Global, poll};
use crate::config::{ChannelConfig, Config};
use crate::daemon::clock;
use crate::fetch::{FetchOutcome, Fetcher, hosts::HostQueue};
use crate::model::{Feed, Validators};
use crate::parse::{FeedContext, parse};
use futures_util::StreamExt;
use tokio::net::TcpStream;

pub async fn run(args: &CheckArgs, global: &Global) -> anyhow::Result<Exit> {
    let (config, exit) = check::offline(global).await?;
    let Some(config) = config.filter(|_| args.online) else { return Ok(exit) };
    let feeds: Vec<&Feed> = config.feeds.iter().filter(|feed| feed.enabled).collect();
    let fetcher = Fetcher::new(&config.fetch)?;
    let hosts = HostQueue::new(&config.fetch);
    let bar = poll::progress(u64::try_from(feeds.len())?);
    let mut tries = futures_util::stream::iter(&feeds)
        .map(|feed: &&Feed| {
            let (feed, fetcher, hosts) = (*feed, &fetcher, &hosts);
            async move { (feed, try_feed(fetcher, hosts, feed).await) }
        })
        .buffer_unordered(config.fetch.concurrency.max(1));
    let mut failed = 0;
    while let Some((feed, found)) = tries.next().await {
        bar.inc(1);
        if let Err(reason) = found {
            failed += 1;
            bar.suspend(|| println!("feed `{}` ({}): {reason}", feed.id, feed.url));
        }
    }
    bar.finish_and_clear();
    println!("{} of {} feeds were read", feeds.len() - failed, feeds.len());
    let mail = greet(&config).await;
    if let Err(reason) = &mail {
        println!("mail: {reason}");
    }
    Ok(if failed == 0 && mail.is_ok() { Exit::Fine } else { Exit::PartlyFailed })
}

async fn try_feed(fetcher: &Fetcher, hosts: &HostQueue, feed: &Feed) -> Result<(), String> {
    let now = clock::now();
    let outcome = {
        let _turn = hosts.turn(&feed.url).await;
        fetcher.fetch(&feed.url, &Validators::default(), now).await
    };
    match outcome {
        FetchOutcome::Document { document, moved_to, .. } => {
            let context = FeedContext { feed: &feed.id, lang: feed.lang, now };
            parse(&document, &context).map_err(|error| error.to_string())?;
            moved_to.map_or(Ok(()), |url| Err(format!("has moved for good to {url}; write that in the configuration")))
        }
        FetchOutcome::NotModified { .. } => Ok(()),
        FetchOutcome::Gone => Err("answered 410 Gone: it is there no more".to_owned()),
        FetchOutcome::Failed { reason, .. } => Err(reason),
    }
}

/// Whether the relay can be reached at all; `khyber send --test` goes all the way.
async fn greet(config: &Config) -> Result<(), String> {
    match &config.mail.channel {
        ChannelConfig::File { dir } => {
            std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))
        }
        ChannelConfig::Smtp(smtp) => {
            let connect = TcpStream::connect((smtp.host.as_str(), smtp.port));
            let place = format!("{}:{}", smtp.host, smtp.port);
            match tokio::time::timeout(smtp.timeouts.connect, connect).await {
                Err(_) => Err(format!("{place}: no connection within {} s", smtp.timeouts.connect.as_secs())),
                Ok(Err(error)) => Err(format!("{place}: {error}")),
                Ok(Ok(_)) => Ok(()),
            }
        }
    }
}
