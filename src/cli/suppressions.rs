//! `khyber suppressions`

use super::table::when;
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{EmailAddress, Timestamp};
use chrono::TimeDelta;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct SuppressionsArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Who gets no mail, why and until when (the same as without a subcommand)
    List {
        /// Print whole addresses
        #[arg(long)]
        show: bool,
    },
    /// Send nothing to this address any more, whatever the configuration says
    Add {
        address: EmailAddress,
        /// Ends by itself after so many days
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: Option<u16>,
        /// For the list
        #[arg(long, default_value = "by the operator")]
        reason: String,
    },
    /// Send to this address again
    Remove { address: EmailAddress },
}

#[derive(Debug, Serialize)]
struct Line {
    address: String,
    reason: String,
    since: String,
    until: String,
}

pub async fn run(args: &SuppressionsArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let (store, now) = (&khyber.store, clock::now());
    match &args.action {
        None => list(&store.suppressions().await?, false, now, global)?,
        Some(Action::List { show }) => list(&store.suppressions().await?, *show, now, global)?,
        Some(Action::Add { address, days, reason }) => {
            let until = days.map(|days| now + TimeDelta::days(days.into()));
            store.suppress(address, reason.trim(), until, now).await?;
            println!("suppressed {address}");
        }
        Some(Action::Remove { address }) if store.unsuppress(address).await? => println!("{address} gets mail again"),
        Some(Action::Remove { address }) => {
            eprintln!("khyber: {address} is not suppressed; `khyber suppressions list --show` names all that are");
            return Ok(Exit::Failed);
        }
    }
    Ok(Exit::Fine)
}

fn list(all: &[crate::store::Suppression], show: bool, now: Timestamp, global: &Global) -> anyhow::Result<()> {
    let lines = all.iter().filter(|one| one.until.is_none_or(|until| until > now)).map(|one| Line {
        address: if show { one.address.as_str().to_owned() } else { one.address.masked() },
        reason: one.reason.clone(),
        since: when(Some(one.created_at)),
        until: one.until.map_or_else(|| "for good".to_owned(), |until| when(Some(until))),
    });
    let lines: Vec<Line> = lines.collect();
    table::print(global, &["ADDRESS", "REASON", "SINCE", "UNTIL"], &lines, |line| {
        vec![line.address.clone(), line.reason.clone(), line.since.clone(), line.until.clone()]
    })
}
