//! `khyber demo`: the whole job on sample feeds, over loopback.

use super::{Exit, Global};
use crate::daemon::clock;
use crate::demo::settings::READERS;
use crate::demo::tour::{DayReport, Tour};
use crate::demo::{Day, Received};
use crate::model::{Lang, StoryStatus, Timestamp};
use anyhow::{Context, ensure};
use chrono::{DurationRound, TimeDelta};
use std::path::{Path, PathBuf};

/// Runs the whole job on sample feeds: no configuration, no account, no network.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// Opens the digest in the browser.
    #[arg(long)]
    pub open: bool,
    /// Two days show what is new since yesterday.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub days: u8,
    /// Keeps everything here instead of in a new temporary folder.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

pub async fn run(args: &DemoArgs, global: &Global) -> anyhow::Result<Exit> {
    let folder = folder(args.keep.as_deref())?;
    let tour = Tour::start(&folder, first_slot(clock::now(), args.days)?).await?;
    let mut newest = None;
    for day in (1..=args.days).filter_map(Day::from_number) {
        let report = tour.day(day).await?;
        if !global.quiet {
            println!("{}\n", told(&report));
        }
        for mail in &report.mails {
            let html = mail.keep(&folder, &format!("day-{}-{}", day.number(), language(mail).code()))?;
            if language(mail) == Lang::En {
                newest = Some(html);
            }
        }
    }
    let digest = newest.context("no mail in English arrived")?;
    if !global.quiet {
        println!("The digest as it was received; beside it the other languages, the mails and the configuration:");
    }
    println!("{}", digest.display());
    if args.open && !open(&digest) {
        eprintln!("No program was found that opens it; its path is above.");
    }
    Ok(Exit::Fine)
}

/// A slot is a whole minute; with two days, the first was yesterday.
fn first_slot(now: Timestamp, days: u8) -> anyhow::Result<Timestamp> {
    Ok(now.duration_trunc(TimeDelta::minutes(1))? - TimeDelta::days(i64::from(days) - 1))
}

fn folder(keep: Option<&Path>) -> anyhow::Result<PathBuf> {
    let Some(folder) = keep else {
        return Ok(tempfile::Builder::new().prefix("khyber-demo-").tempdir()?.keep());
    };
    std::fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    let is_empty = std::fs::read_dir(folder)?.next().is_none();
    ensure!(is_empty, "{} is not empty; name a new folder", folder.display());
    Ok(folder.canonicalize()?)
}

fn told(report: &DayReport) -> String {
    let digest = &report.digest;
    let (new, going_on) = (report.stories_that_are(StoryStatus::New), report.stories_that_are(StoryStatus::Developing));
    let what = match report.day {
        Day::First => String::new(),
        Day::Second => format!(": {new} new since yesterday, {going_on} developing"),
    };
    let mut lines = vec![
        format!("Day {}, {}", report.day.number(), digest.slot.format("%A %-d %B %Y")),
        line("polled", format!("{} feeds over HTTP, {} new entries", report.feeds, report.new_entries)),
        line("kept", format!("{} of {} entries concern Pakistan and Afghanistan", digest.kept, digest.read)),
        line("folded", format!("{} copies of a text that another publisher has too", digest.folded)),
        line("stories", format!("{}{what}", new + going_on)),
        line("opinion", format!("{} beside the news", count(report.opinions(), "piece"))),
    ];
    for section in &digest.sections {
        let titles = section.titles.iter().find(|(lang, _)| *lang == Lang::En);
        let title = titles.map_or(section.topic.as_str(), |(_, title)| title);
        lines.push(line("", format!("{:>2}  {title}", section.stories.len() + section.opinions.len())));
    }
    let languages: Vec<&str> = report.mails.iter().map(|mail| language(mail).code()).collect();
    lines.push(line("sent", format!("{} by SMTP ({})", count(report.mails.len(), "mail"), languages.join(", "))));
    lines.extend(report.broken.iter().map(|(publisher, reason)| line("broken", format!("{publisher}: {reason}"))));
    lines.join("\n")
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn line(label: &str, text: String) -> String {
    format!("  {label:<8} {text}")
}

fn language(mail: &Received) -> Lang {
    READERS.iter().find(|(email, ..)| *email == mail.to).map_or(Lang::Other, |(_, _, lang)| *lang)
}

/// Whether a program took it; its own output would only disturb.
fn open(file: &Path) -> bool {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let silent = std::process::Stdio::null;
    std::process::Command::new(opener).arg(file).stdout(silent()).stderr(silent()).spawn().is_ok()
}
