//! `cargo bench --bench send`: mails of 43 KB a second through the dispatcher, from a database that waits for the disk, over SMTP on
//! loopback to a sink of its own process; at once, and with 20 ms to each reply. Then an edition for a hundred thousand readers.
//!
//! `KHYBER_READERS=10000` makes the edition smaller.

#[path = "send/sink.rs"]
mod sink;

use anyhow::Context;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::{DeliveryStatus, EmailAddress, EntryId, OutgoingMessage, Timestamp};
use khyber::store::{EditionState, NewDelivery, NewEdition};
use std::path::Path;
use std::time::{Duration, Instant};

const MAIL: usize = 43_000;
const ROUNDS: usize = 3;
/// MAIL, RCPT and DATA go together; then the dot.
const ROUND_TRIPS: f64 = 2.0;
const LATENCY: Duration = Duration::from_millis(20);

fn main() -> anyhow::Result<()> {
    if let Some(latency) = std::env::args().nth(1).and_then(|text| text.strip_prefix("sink=")?.parse().ok()) {
        return sink::serve(Duration::from_millis(latency));
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        for (connections, mails) in [(4, 4_000), (16, 8_000)] {
            let rate = median(connections, mails, Duration::ZERO).await?;
            println!("{connections:>3} connections, no latency      {rate:>6.0} mails/s");
        }
        for (connections, mails) in [(4, 400), (16, 1_600), (64, 6_400)] {
            let rate = median(connections, mails, LATENCY).await?;
            let ideal = connections as f64 / (ROUND_TRIPS * LATENCY.as_secs_f64());
            let part = rate / ideal * 100.0;
            println!("{connections:>3} connections, 20 ms a reply   {rate:>6.0} mails/s, {part:.0} % of {ideal:.0}");
        }
        Ok(())
    })
}

/// Mails a second.
async fn median(connections: usize, mails: usize, latency: Duration) -> anyhow::Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(sent(connections, mails, latency).await?);
    }
    rates.sort_by(f64::total_cmp);
    Ok(rates[ROUNDS / 2])
}

async fn sent(connections: usize, mails: usize, latency: Duration) -> anyhow::Result<f64> {
    let (folder, sink) = (tempfile::tempdir()?, sink::Child::start(latency)?);
    let now: Timestamp = "2026-03-01T06:05:00Z".parse()?;
    let khyber = Khyber::open(load(folder.path(), sink.port, connections)?, now).await?;
    let deliveries = (0..mails).map(mail).collect::<anyhow::Result<Vec<_>>>()?;
    let digest = "daily".parse()?;
    let (state, upto) = (EditionState::Published, EntryId(0));
    let new = NewEdition { digest: &digest, cadence: "daily", slot: now, state, upto, content: None, deliveries };
    khyber.store.create_edition(new, now).await?;
    let began = Instant::now();
    let report = khyber.dispatch(&|| now, &|| false).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (counts, _) = khyber.store.outbox_counts().await?;
    let accepted: i64 =
        counts.iter().filter(|(status, _)| *status == DeliveryStatus::Accepted).map(|(_, count)| *count).sum();
    anyhow::ensure!(report.accepted == mails && accepted == i64::try_from(mails)?, "{report:?}, {counts:?}");
    khyber.store.close().await;
    Ok(mails as f64 / seconds)
}

fn load(folder: &Path, port: u16, connections: usize) -> anyhow::Result<config::Config> {
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = {port}\n\
         concurrency = {connections}\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    let file = folder.join("khyber.toml");
    std::fs::write(&file, text)?;
    Ok(config::load(&file, &|_| None).map_err(|problems| anyhow::anyhow!("{problems}"))?.0)
}

/// Of one sheet, to readers of fifty domains.
fn mail(number: usize) -> anyhow::Result<NewDelivery> {
    let subscriber: EmailAddress = format!("reader{number}@domain{}.test", number % 50).parse()?;
    let mut bytes = format!("To: {subscriber}\r\nMessage-ID: <{number}@desk.test>\r\n\r\n").into_bytes();
    let line = b"Something happened at the border; the crossing at Torkham opens again.\r\n";
    bytes.extend(line.iter().cycle().take((MAIL - bytes.len()) / line.len() * line.len()));
    let message = OutgoingMessage {
        envelope_from: "khyber@desk.test".parse().context("the sender")?,
        to: subscriber.clone(),
        message_id: format!("<{number}@desk.test>"),
        bytes,
    };
    Ok(NewDelivery { subscriber, message })
}
