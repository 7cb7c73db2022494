//! `khyber editions`

use super::table::{count, when};
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{DeliveryStatus, EditionId};
use crate::store::{DeliveryFilter, EditionRow, EditionState};
use anyhow::Context;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct EditionsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The latest editions, newest first
    List {
        #[arg(long, default_value_t = 30)]
        limit: u32,
    },
    /// One edition: its stories, and who got it
    Show { edition: i64 },
    /// Send an edition again to those it did not reach
    Resend {
        edition: i64,
        /// Only deliveries that were refused, expired, cancelled or quarantined (a mail that was accepted is never repeated)
        #[arg(long, required = true)]
        only_failed: bool,
    },
}

#[derive(Debug, Serialize)]
struct Line {
    edition: i64,
    digest: String,
    slot: String,
    schedule: String,
    state: &'static str,
    stories: usize,
}

pub async fn run(args: &EditionsArgs, global: &Global) -> anyhow::Result<Exit> {
    match &args.action {
        Action::List { limit } => list(*limit, global).await,
        Action::Show { edition } => show(EditionId(*edition), global).await,
        Action::Resend { edition, .. } => resend(EditionId(*edition), global).await,
    }
}

pub fn state_name(state: EditionState) -> &'static str {
    match state {
        EditionState::Published => "published",
        EditionState::Empty => "empty",
        EditionState::Folded => "folded",
    }
}

async fn list(limit: u32, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let line = |row: EditionRow| Line {
        edition: row.id.0,
        digest: row.digest.to_string(),
        slot: when(Some(row.slot)),
        schedule: row.cadence,
        state: state_name(row.state),
        stories: row.stories,
    };
    let rows: Vec<Line> = khyber.store.editions(limit).await?.into_iter().map(line).collect();
    table::print(global, &["EDITION", "DIGEST", "SLOT", "SCHEDULE", "STATE", "STORIES"], &rows, |row| {
        let number = [row.edition.to_string(), row.digest.clone(), row.slot.clone(), row.schedule.clone()];
        number.into_iter().chain([row.state.to_owned(), row.stories.to_string()]).collect()
    })?;
    Ok(Exit::Fine)
}

async fn show(id: EditionId, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let (row, digest) = khyber.store.edition(id).await?.with_context(|| format!("there is no edition {id}"))?;
    if global.json {
        println!("{}", serde_json::to_string_pretty(&digest)?);
        return Ok(Exit::Fine);
    }
    println!("edition {id}: {} {} ({})", row.digest, when(Some(row.slot)), state_name(row.state));
    for section in digest.iter().flat_map(|digest| &digest.sections) {
        println!("\n{}", section.topic);
        for story in section.stories.iter().chain(&section.opinions) {
            println!("  {} ({})", story.headline, count(story.publishers, "publisher", "publishers"));
        }
    }
    println!();
    let filter = DeliveryFilter { edition: Some(id), ..DeliveryFilter::default() };
    super::outbox::print(&khyber.store.deliveries(&filter).await?, global)?;
    Ok(Exit::Fine)
}

async fn resend(id: EditionId, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    khyber.store.edition(id).await?.with_context(|| format!("there is no edition {id}"))?;
    let statuses =
        [DeliveryStatus::Refused, DeliveryStatus::Expired, DeliveryStatus::Cancelled, DeliveryStatus::Quarantined];
    let filter = DeliveryFilter { edition: Some(id), statuses: statuses.to_vec(), ..DeliveryFilter::default() };
    let failed: Vec<_> = khyber.store.deliveries(&filter).await?.iter().map(|row| row.id).collect();
    let mails = count(failed.len(), "mail", "mails");
    if failed.is_empty() || !setup::confirmed(global, &format!("Queue {mails} again?"))? {
        println!("{mails} to send again; nothing changed");
        return Ok(Exit::Fine);
    }
    let queued = khyber.store.retry_deliveries(&failed, clock::now()).await?;
    println!("queued {queued} of {mails}; the others' texts are no longer kept");
    Ok(Exit::Fine)
}
