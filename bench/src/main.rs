//! `cargo run --release` in this folder: Khyber, the bare trial of its parts, and the peers poll the same feeds in the same run,
//! in turn, several rounds; then the medians. README.md tells how the peers are installed.

use anyhow::Context;
use clap::Parser;
use khyber_bench::contestants::{Contestant, Who};
use khyber_bench::measure::{Cost, median};
use khyber_bench::server::FeedServer;
use khyber_bench::table::{Line, POLLS, markdown, plot};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1_000)]
    feeds: u64,
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Milliseconds before each answer
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// At once, for those that let themselves be told
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only Khyber and the trial
    #[arg(long)]
    no_peers: bool,
    /// Where peers.sh put the peers
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target/peers"))]
    peers: PathBuf,
    /// An SVG of the table
    #[arg(long)]
    plot: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let server = FeedServer::start(arguments.seed, arguments.feeds, Duration::from_millis(arguments.latency))?;
    let wanted = |who: &Who| !arguments.no_peers || matches!(who, Who::Trial | Who::Khyber);
    let mut all: Vec<(Who, [Vec<Cost>; 3])> = Vec::new();
    for who in Who::ALL.into_iter().filter(wanted) {
        if who.program(&arguments.peers).is_file() {
            all.push((who, Default::default()));
        } else {
            println!("{}: not installed", who.name());
        }
    }
    for round in 1..=arguments.rounds {
        for (who, costs) in &mut all {
            let polled =
                round_of(*who, &arguments, &server).with_context(|| format!("{}, round {round}", who.name()))?;
            for (poll, cost) in polled.into_iter().enumerate() {
                costs[poll].push(cost);
            }
        }
    }
    let lines: Vec<Line> = all
        .iter()
        .map(|(who, costs)| Line { name: who.name().to_owned(), costs: [0, 1, 2].map(|poll| median(&costs[poll])) })
        .collect();
    let title = format!(
        "{} feeds of 30 entries, {} at once, {} ms latency",
        arguments.feeds, arguments.concurrency, arguments.latency
    );
    println!("{title}; seconds wall / processor, MB; medians of {} rounds\n", arguments.rounds);
    print!("{}", markdown(&lines));
    ratios(&lines, &arguments);
    if let Some(file) = &arguments.plot {
        plot(&lines, file, &title)?;
    }
    Ok(())
}

/// A first poll, one of unchanged feeds, and one of the next day; each has to be what it is called.
fn round_of(who: Who, arguments: &Arguments, server: &FeedServer) -> anyhow::Result<[Cost; 3]> {
    let folder = tempfile::tempdir()?;
    server.turn_to(0);
    let program = who.program(&arguments.peers);
    let contestant = Contestant::new(who, program, folder.path(), &server.urls(), arguments.concurrency)?;
    server.counts();
    let first = contestant.poll(0.0)?;
    let (answered, _) = server.counts();
    anyhow::ensure!(answered == arguments.feeds, "{answered} feeds of {} were read", arguments.feeds);
    let unchanged = contestant.poll(0.25)?;
    let (answered, not_modified) = server.counts();
    // Not every peer asks whether anything changed.
    let asks = !matches!(who, Who::Trial | Who::Khyber) || not_modified == arguments.feeds;
    anyhow::ensure!(asks, "{answered} unchanged feeds were sent again");
    server.turn_to(1);
    let next = contestant.poll(1.0)?;
    let (answered, _) = server.counts();
    anyhow::ensure!(answered == arguments.feeds, "{answered} changed feeds of {} were read", arguments.feeds);
    Ok([first, unchanged, next])
}

fn ratios(lines: &[Line], arguments: &Arguments) {
    let Some(own) = lines.iter().find(|line| line.name == Who::Khyber.name()) else { return };
    println!();
    for line in lines.iter().filter(|line| line.name != own.name) {
        let ratio = |poll: usize| line.costs[poll].wall / own.costs[poll].wall;
        println!("{} takes {:.2}, {:.2} and {:.2} of Khyber's time", line.name, ratio(0), ratio(1), ratio(2));
    }
    if arguments.latency > 0 {
        let waits = arguments.feeds.div_ceil(arguments.concurrency as u64) as f64;
        let ideal = waits * arguments.latency as f64 / 1e3;
        for (poll, name) in POLLS.iter().enumerate() {
            println!("Khyber, {name}: {:.2} of the ideal {ideal:.2} s", own.costs[poll].wall / ideal);
        }
    }
}
