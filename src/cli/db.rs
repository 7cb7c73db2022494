//! `khyber db`

use super::at::At;
use super::table::count;
use super::{Exit, Global, setup};
use crate::config::{PostgresConfig, Secret};
use crate::daemon::DataLock;
use crate::store::Store;
use anyhow::Context;
use std::path::{Path, PathBuf};

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
    /// Move a desk from SQLite to PostgreSQL: everything in one transaction, compared by counts and checksums
    ///
    /// Stop the daemon first, and set `url` in [store] afterwards. The SQLite file stays as it is.
    Copy {
        /// The database of a data folder: sqlite://data/khyber.db
        #[arg(long, value_name = "URL")]
        from: String,
        /// An empty database: postgres://user@host/database. The password is better in KHYBER_STORE__PASSWORD, where no list of
        /// processes shows it
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

pub async fn run(args: &DbArgs, global: &Global) -> anyhow::Result<Exit> {
    if let Action::Copy { from, to } = &args.action {
        return copy(from, to).await;
    }
    let khyber = setup::open_beside(global).await?;
    match &args.action {
        Action::Copy { .. } => {}
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

async fn copy(from: &str, to: &str) -> anyhow::Result<Exit> {
    let file = from.strip_prefix("sqlite:").context("--from is a file of SQLite: sqlite://data/khyber.db")?;
    let file = Path::new(file.strip_prefix("//").unwrap_or(file));
    anyhow::ensure!(file.is_file(), "{}: there is no such file", file.display());
    let mut server = PostgresConfig::from_url(Secret::new(to.to_owned()))
        .map_err(|_| anyhow::anyhow!("--to is a database of PostgreSQL: postgres://user@host/database"))?;
    server.password = std::env::var("KHYBER_STORE__PASSWORD").ok().map(Secret::new);
    // A daemon at work on either would go on writing to what was copied already.
    let _lock = DataLock::acquire(file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")))?;
    let source = Store::open_file(file.to_owned()).await?;
    let target = Store::connect(&server).await?;
    target.hold_alone().await?;
    let copied = source.copy_to(&target).await?;
    for table in &copied {
        println!("{:32} {:>10}  {:032x}", table.table, table.rows, table.checksum);
    }
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    println!("{rows} rows are at {}, and every checksum agrees", target.path().display());
    source.close().await;
    target.close().await;
    Ok(Exit::Fine)
}
