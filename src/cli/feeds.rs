//! `khyber feeds`

use super::table::when;
use super::{Exit, Global, setup, table};
use crate::model::{Feed, FeedHealth, FeedId};
use crate::store::FeedRow;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct FeedsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every feed and how it does
    List,
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
        Action::Pause { feeds } => set_paused(feeds, Pause::On, global).await,
        Action::Resume { feeds } => set_paused(feeds, Pause::Off, global).await,
    }
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
        if khyber.store.set_paused(feed, pause == Pause::On).await? {
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
