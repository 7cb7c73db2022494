//! `khyber outbox`

use super::table::{count, when};
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{DeliveryId, DeliveryStatus};
use crate::store::{DeliveryFilter, DeliveryRow};
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct OutboxArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Mails that wait or failed; addresses are masked
    List {
        /// Those that went out, too
        #[arg(long)]
        all: bool,
    },
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
    subscriber: String,
    status: &'static str,
    attempts: u32,
    next_attempt: String,
    answer: String,
}

const WAITING: [DeliveryStatus; 4] =
    [DeliveryStatus::Queued, DeliveryStatus::Sending, DeliveryStatus::Deferred, DeliveryStatus::Quarantined];

pub async fn run(args: &OutboxArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let store = &khyber.store;
    match &args.action {
        Action::List { all } => {
            let failed = [DeliveryStatus::Refused, DeliveryStatus::Expired];
            let statuses = if *all { Vec::new() } else { WAITING.into_iter().chain(failed).collect() };
            let rows = store.deliveries(&DeliveryFilter { statuses, ..DeliveryFilter::default() }).await?;
            print(&rows, global)?;
        }
        Action::Retry { deliveries } => {
            let ids = chosen(&khyber, deliveries).await?;
            if asked(global, "Try", ids.len())? {
                println!("queued {}", store.retry_deliveries(&ids, clock::now()).await?);
            }
        }
        Action::Cancel { deliveries } => {
            let ids = chosen(&khyber, deliveries).await?;
            if asked(global, "Cancel", ids.len())? {
                println!("cancelled {}", store.cancel_deliveries(&ids, clock::now()).await?);
            }
        }
    }
    Ok(Exit::Fine)
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
        subscriber: row.subscriber.masked(),
        status: row.status.name(),
        attempts: row.attempts,
        next_attempt: when(row.next_attempt_at),
        answer: row.answer.clone().unwrap_or_default(),
    };
    let lines: Vec<Line> = rows.iter().map(line).collect();
    let heads = ["DELIVERY", "EDITION", "SUBSCRIBER", "STATUS", "ATTEMPTS", "NEXT", "ANSWER"];
    table::print(global, &heads, &lines, |row| {
        vec![
            row.delivery.to_string(),
            row.edition.to_string(),
            row.subscriber.clone(),
            row.status.to_owned(),
            row.attempts.to_string(),
            row.next_attempt.clone(),
            row.answer.clone(),
        ]
    })
}
