//! `khyber feeds`

use super::feeds_add::{self, AddArgs};
use super::feeds_change::{self, Change};
use super::feeds_import::{self, ImportArgs};
use super::feeds_list::{self, ListArgs};
use super::feeds_test::{self, TestArgs};
use super::{Exit, Global, feeds_file, setup};
use crate::config::{self, Config, FetchConfig};
use crate::daemon::clock;
use crate::model::{FeedId, Timestamp};
use serde::de::DeserializeOwned;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub struct FeedsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every feed and how it does
    List(ListArgs),
    /// Fetch and read one feed, and say everything about it; stores nothing
    Test(TestArgs),
    /// Find the feed of a site, or take a feed, and write it into the configuration
    Add(AddArgs),
    /// Poll these no more until resumed
    Pause {
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<FeedId>,
        /// Poll them again from this day (UTC) on
        #[arg(long, value_name = "DATE", value_parser = super::at::instant)]
        until: Option<Timestamp>,
    },
    /// Poll these again, now
    Resume {
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<FeedId>,
    },
    /// Take these out of the configuration; what was read from them is kept
    Remove {
        #[arg(required = true, value_name = "FEED")]
        feeds: Vec<FeedId>,
    },
    /// Take the feeds of an OPML file into the configuration
    Import(ImportArgs),
    /// Print the configured feeds as OPML
    Export,
}

pub async fn run(args: &FeedsArgs, global: &Global) -> anyhow::Result<Exit> {
    match &args.action {
        Action::List(args) => feeds_list::run(args, global).await,
        Action::Test(args) => feeds_test::run(args, global, clock::now()).await,
        Action::Add(args) => feeds_add::run(args, global).await,
        Action::Pause { feeds, until } => feeds_change::set(feeds, Change::Pause(*until), clock::now(), global).await,
        Action::Resume { feeds } => feeds_change::set(feeds, Change::Resume, clock::now(), global).await,
        Action::Remove { feeds } => feeds_change::remove(feeds, global),
        Action::Import(args) => feeds_import::import(args, global),
        Action::Export => feeds_import::export(global),
    }
}

/// Trying a feed needs no configuration; where there is one, it has to be right.
pub fn config_if_any(global: &Global) -> anyhow::Result<Option<Config>> {
    match config::locate(global.config.as_deref()) {
        Ok(_) => setup::load(global).map(Some),
        Err(_) if global.config.is_none() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub fn fetch_of(config: Option<&Config>) -> FetchConfig {
    config.map_or_else(FetchConfig::default, |config| config.fetch.clone())
}

/// Whether the configuration reads this file.
pub fn includes(config: &Config, file: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let files = feeds_file::files(&config.file).unwrap_or_default();
    files.iter().any(|known| whole(known) == whole(file))
}

/// One word of a closed set, as in TOML; the error names them all.
pub fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| error.to_string())
}
