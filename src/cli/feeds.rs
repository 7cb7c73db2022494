//! `khyber feeds`

use super::table::when;
use super::{Exit, Global, feeds_add, feeds_test, opml, setup, table};
use crate::config::{self, FetchConfig};
use crate::daemon::clock;
use crate::model::{Feed, FeedHealth, FeedId};
use crate::store::FeedRow;
use anyhow::Context;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct FeedsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every feed and how it does
    List,
    /// Fetch and read one URL, and say everything about it; stores nothing
    Test { url: String },
    /// Fetch a URL once and print its [[feed]] table, or append it to a file
    Add {
        url: url::Url,
        /// Identifier [default: made from the host]
        #[arg(long)]
        id: Option<FeedId>,
        /// The news organisation [default: the feed's title]
        #[arg(long)]
        publisher: Option<String>,
        /// Append to this file, which the configuration includes
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Poll these no more until resumed
    Pause {
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<FeedId>,
    },
    /// Poll these again, now
    Resume {
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<FeedId>,
    },
    /// Turn an OPML file into [[feed]] tables
    Import {
        file: PathBuf,
        /// Append to this file, which the configuration includes
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Print the configured feeds as OPML
    Export,
}

#[derive(Debug, Serialize)]
struct Line {
    feed: String,
    publisher: String,
    side: &'static str,
    health: FeedHealth,
    last_new: String,
    next_poll: String,
    error: String,
    url: String,
}

pub async fn run(args: &FeedsArgs, global: &Global) -> anyhow::Result<Exit> {
    match &args.action {
        Action::List => list(global).await,
        Action::Test { url } => feeds_test::run(url, &fetch_config(global)?, clock::now()).await,
        Action::Add { url, id, publisher, to } => {
            let feed = feeds_add::feed(url, id.clone(), publisher.clone(), &fetch_config(global)?).await?;
            keep(&opml::to_toml(&[feed]), to.as_deref(), global, 1)
        }
        Action::Pause { feeds } => set_paused(feeds, Pause::On, global).await,
        Action::Resume { feeds } => set_paused(feeds, Pause::Off, global).await,
        Action::Import { file, to } => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let known = setup::load(global).map(|config| config.feeds).unwrap_or_default();
            let imported = opml::import(&text, &known).with_context(|| file.display().to_string())?;
            imported.skipped.iter().for_each(|skipped| eprintln!("{}: {skipped}", file.display()));
            let exit = keep(&opml::to_toml(&imported.feeds), to.as_deref(), global, imported.feeds.len())?;
            Ok(if imported.skipped.is_empty() { exit } else { Exit::PartlyFailed })
        }
        Action::Export => {
            println!("{}", opml::export(&setup::load(global)?.feeds)?);
            Ok(Exit::Fine)
        }
    }
}

/// Trying a feed needs no configuration; where there is one, its `[fetch]` holds.
fn fetch_config(global: &Global) -> anyhow::Result<FetchConfig> {
    match config::locate(global.config.as_deref()) {
        Ok(_) => Ok(setup::load(global)?.fetch),
        Err(_) => Ok(FetchConfig::default()),
    }
}

/// Prints new tables, or appends them to a file after asking.
fn keep(toml: &str, to: Option<&Path>, global: &Global, number: usize) -> anyhow::Result<Exit> {
    let Some(file) = to else {
        println!("{toml}");
        return Ok(Exit::Fine);
    };
    let feeds = table::count(number, "feed", "feeds");
    if !setup::confirmed(global, &format!("Append {feeds} to {}?", file.display()))? {
        return Ok(Exit::Fine);
    }
    let mut target = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let target = target.as_mut().map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    write!(target, "\n{toml}").with_context(|| file.display().to_string())?;
    println!("{feeds} appended to {}; `khyber check` tells whether it is included", file.display());
    Ok(Exit::Fine)
}

async fn list(global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let rows = khyber.store.feeds().await?;
    let lines: Vec<Line> = khyber.config.feeds.iter().map(|feed| line(feed, rows.get(&feed.id))).collect();
    let heads = ["FEED", "PUBLISHER", "SIDE", "HEALTH", "LAST NEW", "NEXT POLL", "ERROR"];
    table::print(global, &heads, &lines, |line| {
        let health = serde_json::to_value(line.health).ok().and_then(|value| value.as_str().map(str::to_owned));
        vec![
            line.feed.clone(),
            line.publisher.clone(),
            line.side.to_owned(),
            health.unwrap_or_default(),
            line.last_new.clone(),
            line.next_poll.clone(),
            line.error.clone(),
        ]
    })?;
    Ok(Exit::Fine)
}

fn line(feed: &Feed, row: Option<&FeedRow>) -> Line {
    let state = row.map(|row| row.state.clone()).unwrap_or_default();
    let paused = !feed.enabled || row.is_some_and(|row| row.paused);
    Line {
        feed: feed.id.to_string(),
        publisher: feed.publisher.clone(),
        side: feed.side.name(),
        health: if paused { FeedHealth::Paused } else { state.health },
        last_new: when(state.last_new_at),
        next_poll: when(state.next_poll_at),
        error: state.last_error.unwrap_or_default(),
        url: feed.url.to_string(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pause {
    On,
    Off,
}

async fn set_paused(feeds: &[FeedId], pause: Pause, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let mut unknown = 0;
    for feed in feeds {
        let known = match pause {
            Pause::On => khyber.store.pause_feed(feed, None).await?,
            Pause::Off => khyber.store.resume_feed(feed).await?,
        };
        if known {
            println!("{feed}: {}", if pause == Pause::On { "paused" } else { "resumed" });
        } else {
            eprintln!("khyber: there is no feed `{feed}`; `khyber feeds list` shows them");
            unknown += 1;
        }
    }
    Ok(match unknown {
        0 => Exit::Fine,
        n if n == feeds.len() => Exit::Failed,
        _ => Exit::PartlyFailed,
    })
}
