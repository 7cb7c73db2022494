//! `khyber db`

use super::at::At;
use super::table::count;
use super::{Exit, Global, setup};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct DbArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write a consistent copy of the database, while the daemon runs
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Remove what [retention] no longer keeps
    Prune {
        #[command(flatten)]
        at: At,
    },
    /// Check the database file for damage
    Check,
}

pub async fn run(args: &DbArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    match &args.action {
        Action::Backup { file } => {
            anyhow::ensure!(!file.exists(), "{}: exists already; name a new file", file.display());
            khyber.store.backup(file).await?;
            println!("{}", file.display());
        }
        Action::Prune { at } => {
            if !setup::confirmed(global, "Remove what [retention] no longer keeps?")? {
                return Ok(Exit::Fine);
            }
            let pruned = khyber.prune(at.now()).await?;
            println!(
                "removed {} entries, {} editions, {} mail texts",
                pruned.entries, pruned.editions, pruned.messages
            );
        }
        Action::Check => {
            let findings = khyber.store.integrity().await?;
            findings.iter().for_each(|finding| println!("{finding}"));
            println!("{}: {}", khyber.store.path().display(), count(findings.len(), "finding", "findings"));
            if !findings.is_empty() {
                return Ok(Exit::Failed);
            }
        }
    }
    Ok(Exit::Fine)
}
