//! `cargo bench --bench send`: mails of 43 KB a second through the dispatcher, from a database that waits for the disk, over SMTP on
//! loopback to a sink of its own process; at once, and with 20 ms to each reply. Then an edition for a hundred thousand readers, by a
//! process of its own in the environment of the service: it holds less memory there. The rates are those without it.
//!
//! `KHYBER_READERS=10000` makes the edition smaller.

#[allow(dead_code)] // what the store asks of it is for the bench of the editor
mod made_news;
mod service;
#[path = "send/sink.rs"]
mod sink;

use anyhow::Context;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::model::{DeliveryStatus, FeedState, Lang, MailFormat, Selection, Subscriber, Timestamp};
use khyber::store::DeliveryFilter;
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
/// MAIL, RCPT and DATA go together; then the dot.
const ROUND_TRIPS: f64 = 2.0;
const LATENCY: Duration = Duration::from_millis(20);
/// Asks this program for that part alone.
const EDITION: &str = "edition";

fn main() -> anyhow::Result<()> {
    let asked = std::env::args().nth(1).unwrap_or_default();
    if let Some(latency) = asked.strip_prefix("sink=").and_then(|text| text.parse().ok()) {
        return sink::serve(Duration::from_millis(latency));
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if asked == EDITION {
        return runtime.block_on(edition());
    }
    runtime.block_on(rates())?;
    let set: Vec<_> = service::environment().collect();
    println!("in the environment of deploy/khyber.service, {set:?}:");
    let ended = Command::new(std::env::current_exe()?).arg(EDITION).envs(set).status()?;
    anyhow::ensure!(ended.success(), "the edition failed");
    Ok(())
}

async fn rates() -> anyhow::Result<()> {
    for (connections, mails) in [(4, 3_000), (16, 6_000)] {
        let rate = median(connections, mails, Duration::ZERO).await?;
        println!("{connections:>3} connections, no latency      {rate:>6.0} mails/s");
    }
    for (connections, mails) in [(4, 300), (16, 1_200), (64, 4_800)] {
        let rate = median(connections, mails, LATENCY).await?;
        let ideal = connections as f64 / (ROUND_TRIPS * LATENCY.as_secs_f64());
        let part = rate / ideal * 100.0;
        println!("{connections:>3} connections, 20 ms a reply   {rate:>6.0} mails/s, {part:.0} % of {ideal:.0}");
    }
    Ok(())
}

/// A day's edition for very many readers with mixed wishes: published into the outbox, and drained.
async fn edition() -> anyhow::Result<()> {
    let readers: usize = std::env::var("KHYBER_READERS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let sink = sink::Child::start(Duration::ZERO)?;
    let (desk, seconds) = Desk::published(sink.port, 16, readers).await?;
    let file = std::fs::metadata(desk.khyber.store.path())?.len() >> 20;
    println!("{readers} mails queued in {seconds:.1} s; the database then has {file} MB");
    println!("    the process had at most {} MB", memory("VmHWM:")?);
    // From here on the most is that of the drain.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let first = memory("VmRSS:")?;
    let (rate, processor) = desk.drained(readers).await?;
    println!("{readers} mails drained at {rate:.0} a second, {processor:.2} ms of the processor each");
    println!("    the process had {first} MB when the drain began, and at most {} MB in it", memory("VmHWM:")?);
    Ok(())
}

/// An edition on its way.
struct Desk {
    khyber: Khyber,
    now: Timestamp,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// And how many seconds it took to publish.
    async fn published(port: u16, connections: usize, readers: usize) -> anyhow::Result<(Self, f64)> {
        let folder = tempfile::tempdir()?;
        let now: Timestamp = "2026-03-01T06:05:00Z".parse()?;
        let mut config = load(folder.path(), port, connections)?;
        let model = config.subscribers.remove(0);
        config.subscribers = (0..readers).map(|number| reader(&model, number)).collect::<anyhow::Result<_>>()?;
        let khyber = Khyber::open(config, now).await?;
        let entries: Vec<_> = made_news::entries(1, 1_500, now, 23).into_iter().map(made_news::as_read).collect();
        // What a feed brings at first is old.
        let (old, new) = entries.split_at(100);
        for (entries, hours) in [(old, 20), (new, 1)] {
            let seen = now - chrono::TimeDelta::hours(hours);
            khyber.store.ingest(&"made".parse()?, entries, seen, |_| FeedState::default()).await?;
        }
        let began = Instant::now();
        let published = khyber.publish_due(None, now).await?;
        let seconds = began.elapsed().as_secs_f64();
        let edition = published.editions.first().context("nothing was published")?;
        anyhow::ensure!(edition.deliveries == readers, "{edition:?}");
        static SAID: Once = Once::new();
        let some = khyber.store.deliveries(&DeliveryFilter::default()).await?.remove(0).id;
        let size = khyber.store.delivery_bytes(some).await?.map_or(0, |bytes| bytes.len());
        SAID.call_once(|| println!("mails of {} stories; one has {size} bytes", edition.stories));
        Ok((Self { khyber, now, _folder: folder }, seconds))
    }

    /// Mails a second, and milliseconds of the processor for each.
    async fn drained(self, mails: usize) -> anyhow::Result<(f64, f64)> {
        let (began, processor) = (Instant::now(), processor_seconds());
        let report = self.khyber.dispatch(&|| self.now, &|| false).await?;
        let (seconds, processor) = (began.elapsed().as_secs_f64(), processor_seconds() - processor);
        let (counts, _) = self.khyber.store.outbox_counts().await?;
        let accepted: i64 =
            counts.iter().filter(|(status, _)| *status == DeliveryStatus::Accepted).map(|(_, count)| *count).sum();
        anyhow::ensure!(report.accepted == mails && accepted == i64::try_from(mails)?, "{report:?}, {counts:?}");
        self.khyber.store.close().await;
        Ok((mails as f64 / seconds, processor * 1_000.0 / mails as f64))
    }
}

/// Of this process, all its threads.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn reader(model: &Subscriber, number: usize) -> anyhow::Result<Subscriber> {
    Ok(Subscriber {
        email: format!("reader{number}@domain{}.test", number % 997).parse()?,
        lang: Lang::DIGEST[number % 4],
        format: if number.is_multiple_of(10) { MailFormat::Text } else { MailFormat::Both },
        select: Selection { max_stories: [None, Some(20), Some(30)][number / 4 % 3], ..Selection::default() },
        ..model.clone()
    })
}

/// Megabytes of this process, as the kernel names them: held now, or the most of all time or since that was forgotten.
fn memory(name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes >> 10)
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
    let sink = sink::Child::start(latency)?;
    let (desk, _) = Desk::published(sink.port, connections, mails).await?;
    let (rate, _) = desk.drained(mails).await?;
    Ok(rate)
}

fn load(folder: &Path, port: u16, connections: usize) -> anyhow::Result<config::Config> {
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = {port}\n\
         concurrency = {connections}\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n\
         [[feed]]\nid = \"made\"\nurl = \"https://made.example/feed\"\npublisher = \"Made News\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    let file = folder.join("khyber.toml");
    std::fs::write(&file, text)?;
    Ok(config::load(&file, &|_| None).map_err(|problems| anyhow::anyhow!("{problems}"))?.0)
}
