//! `khyber outbox`

use super::table::{count, when};
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{DeliveryId, DeliveryStatus, EditionId, EmailAddress};
use crate::store::{DeliveryFilter, DeliveryRow, Store};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct OutboxArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    list: ListArgs,
}

/// Which mails to list.
#[derive(Debug, Clone, Default, clap::Args)]
struct ListArgs {
    /// Those that went out or were suppressed, too
    #[arg(long)]
    all: bool,
    /// Only of this edition
    #[arg(long, value_name = "NUMBER")]
    edition: Option<i64>,
    /// Only to this reader
    #[arg(long, value_name = "ADDRESS")]
    subscriber: Option<EmailAddress>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Who got which edition, what waits and why; addresses are masked (the same as without a subcommand)
    List(ListArgs),
    /// Try now what waits or failed
    Retry {
        /// Deliveries, by number; without any: all that wait
        deliveries: Vec<i64>,
    },
    /// End what waits
    Cancel {
        /// Deliveries, by number; without any: all that wait
        deliveries: Vec<i64>,
    },
}

#[derive(Debug, Serialize)]
struct Line {
    delivery: i64,
    edition: i64,
    digest: String,
    slot: String,
    subscriber: String,
    status: &'static str,
    attempts: u32,
    next_attempt: String,
    ended: String,
    answer: String,
}

const WAITING: [DeliveryStatus; 4] =
    [DeliveryStatus::Queued, DeliveryStatus::Sending, DeliveryStatus::Deferred, DeliveryStatus::Quarantined];

pub async fn run(args: &OutboxArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let store = &khyber.store;
    match &args.action {
        None => list(store, &args.list, global).await?,
        Some(Action::List(which)) => list(store, which, global).await?,
        Some(Action::Retry { deliveries }) => {
            let ids = chosen(&khyber, deliveries).await?;
            if asked(global, "Try", ids.len())? {
                println!("queued {}", store.retry_deliveries(&ids, clock::now()).await?);
            }
        }
        Some(Action::Cancel { deliveries }) => {
            let ids = chosen(&khyber, deliveries).await?;
            if asked(global, "Cancel", ids.len())? {
                println!("cancelled {}", store.cancel_deliveries(&ids, clock::now()).await?);
            }
        }
    }
    Ok(Exit::Fine)
}

/// A question about one edition or reader is about all of its mails.
async fn list(store: &Store, which: &ListArgs, global: &Global) -> anyhow::Result<()> {
    let failed = [DeliveryStatus::Refused, DeliveryStatus::Expired];
    let everything = which.all || which.edition.is_some() || which.subscriber.is_some();
    let statuses = if everything { Vec::new() } else { WAITING.into_iter().chain(failed).collect() };
    let (edition, subscriber) = (which.edition.map(EditionId), which.subscriber.clone());
    print(&store.deliveries(&DeliveryFilter { edition, subscriber, statuses }).await?, global)
}

async fn chosen(khyber: &crate::daemon::Khyber, named: &[i64]) -> anyhow::Result<Vec<DeliveryId>> {
    if !named.is_empty() {
        return Ok(named.iter().map(|id| DeliveryId(*id)).collect());
    }
    let filter = DeliveryFilter { statuses: WAITING.to_vec(), ..DeliveryFilter::default() };
    Ok(khyber.store.deliveries(&filter).await?.iter().map(|row| row.id).collect())
}

fn asked(global: &Global, verb: &str, number: usize) -> anyhow::Result<bool> {
    if number == 0 {
        println!("nothing waits");
        return Ok(false);
    }
    setup::confirmed(global, &format!("{verb} {}?", count(number, "mail", "mails")))
}

/// Deliveries as a table; addresses stay masked, in JSON too.
pub fn print(rows: &[DeliveryRow], global: &Global) -> anyhow::Result<()> {
    let line = |row: &DeliveryRow| Line {
        delivery: row.id.0,
        edition: row.edition.0,
        digest: row.digest.to_string(),
        slot: when(Some(row.slot)),
        subscriber: row.subscriber.masked(),
        status: if row.at_dot && row.status == DeliveryStatus::Sending {
            "sending, at the final dot"
        } else {
            row.status.name()
        },
        attempts: row.attempts,
        next_attempt: when(row.next_attempt_at),
        ended: when(row.ended_at),
        answer: row.answer.clone().unwrap_or_default(),
    };
    let lines: Vec<Line> = rows.iter().map(line).collect();
    let heads =
        ["DELIVERY", "EDITION", "DIGEST", "SLOT", "SUBSCRIBER", "STATUS", "ATTEMPTS", "NEXT", "ENDED", "ANSWER"];
    table::print(global, &heads, &lines, |row| {
        vec![
            row.delivery.to_string(),
            row.edition.to_string(),
            row.digest.clone(),
            row.slot.clone(),
            row.subscriber.clone(),
            row.status.to_owned(),
            row.attempts.to_string(),
            row.next_attempt.clone(),
            row.ended.clone(),
            row.answer.clone(),
        ]
    })
}
