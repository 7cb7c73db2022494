//! `khyber search`: entries by their words.

use super::table::when;
use super::{Exit, Global, setup, table};
use crate::model::EntryId;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Entries that hold all of these words are listed, the newest first
    #[arg(required = true)]
    words: Vec<String>,
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Only entries with a lower number: the last one listed gives the next page
    #[arg(long, value_name = "ENTRY")]
    before: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Line {
    entry: i64,
    at: String,
    publisher: String,
    headline: String,
    url: Option<String>,
    /// The thread under which an edition showed it.
    story: Option<i64>,
}

pub async fn run(args: &SearchArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let found = khyber.store.search(&args.words.join(" "), args.before.map(EntryId), args.limit).await?;
    let threads: Vec<_> = found.iter().map(|found| (found.entry.id, found.thread)).collect();
    let line = |entry: crate::model::Entry| Line {
        entry: entry.id.0,
        at: when(Some(entry.at())),
        story: threads.iter().find(|(id, _)| *id == entry.id).and_then(|(_, thread)| Some(thread.as_ref()?.0)),
        publisher: entry.publisher,
        headline: entry.headline,
        url: entry.url.map(|url| url.to_string()),
    };
    let lines: Vec<Line> =
        khyber.entries(found.into_iter().map(|found| found.entry).collect()).into_iter().map(line).collect();
    table::print(global, &["ENTRY", "AT", "PUBLISHER", "HEADLINE", "LINK"], &lines, |line| {
        let url = line.url.clone().unwrap_or_else(|| "–".to_owned());
        vec![line.entry.to_string(), line.at.clone(), line.publisher.clone(), line.headline.clone(), url]
    })?;
    Ok(Exit::Fine)
}
