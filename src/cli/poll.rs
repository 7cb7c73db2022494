//! `khyber poll`

use super::at::At;
use super::table::count;
use super::{Exit, Global, setup};
use crate::daemon::{Khyber, PollReport, Which};
use crate::model::{FeedId, Role, Roles, Timestamp};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

#[derive(Debug, clap::Args)]
pub struct PollArgs {
    /// Feeds to poll now, whether due or not; without any: those that are due
    #[arg(value_name = "FEED")]
    feeds: Vec<FeedId>,
    #[command(flatten)]
    at: At,
}

pub async fn run(args: &PollArgs, global: &Global) -> anyhow::Result<Exit> {
    let now = args.at.now();
    let khyber = setup::open_as(Roles::from_iter([Role::Poll]), global, now).await?;
    for id in &args.feeds {
        anyhow::ensure!(
            khyber.config.feeds.iter().any(|feed| feed.id == *id),
            "there is no feed `{id}`; `khyber feeds list` shows them"
        );
    }
    let which = if args.feeds.is_empty() { Which::Due } else { Which::Named(&args.feeds) };
    let exit = poll(&khyber, which, global, now).await;
    khyber.store.close().await;
    exit
}

/// Polls with a progress bar on a terminal, and prints a summary.
pub async fn poll(khyber: &Khyber, which: Which<'_>, global: &Global, now: Timestamp) -> anyhow::Result<Exit> {
    let bar = progress(0);
    if !bar.is_hidden() {
        bar.set_length(u64::try_from(khyber.due_feeds(which, now).await?)?);
    }
    let report = khyber
        .poll_once(which, now, &|feed| {
            bar.set_message(feed.publisher.clone());
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    let report = report?;
    print(&report, global);
    let failed = report.failed().count();
    Ok(if failed == 0 {
        Exit::Fine
    } else if failed == report.feeds.len() {
        Exit::Failed
    } else {
        Exit::PartlyFailed
    })
}

/// On a terminal only; a pipe stays quiet.
pub fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn print(report: &PollReport, global: &Global) {
    if global.quiet {
        return;
    }
    let unchanged = report.feeds.iter().filter(|feed| feed.not_modified).count();
    println!(
        "polled {}: {}, {unchanged} unchanged, {} failed",
        count(report.feeds.len(), "feed", "feeds"),
        count(report.new_entries(), "new entry", "new entries"),
        report.failed().count()
    );
    for feed in report.failed() {
        println!("  {}: {}", feed.feed, feed.error.as_deref().unwrap_or(""));
    }
}
