//! `khyber stories`: what the editor makes of the last hours.

use super::at::{At, span};
use super::table::when;
use super::{Exit, Global, setup};
use crate::model::{Story, TopicId};
use serde::Serialize;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct StoriesArgs {
    /// How far back
    #[arg(long, default_value = "24h", value_parser = span)]
    since: Duration,
    /// Only this topic
    #[arg(long, value_name = "T")]
    topic: Option<TopicId>,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Serialize)]
struct Line {
    story: i64,
    thread: i64,
    scope: &'static str,
    topics: Vec<String>,
    headline: String,
    reports: Vec<Report>,
}

#[derive(Debug, Serialize)]
struct Report {
    entry: i64,
    publisher: String,
    kind: &'static str,
    headline: String,
    url: Option<String>,
    at: String,
    copies: Vec<String>,
}

pub async fn run(args: &StoriesArgs, global: &Global) -> anyhow::Result<Exit> {
    let now = args.at.now();
    let khyber = setup::open_beside(global).await?;
    let stored = khyber.store.entries_seen(now - args.since, now).await?;
    let edited = khyber.edit(khyber.entries(stored)).await?;
    let wanted = |story: &&Story| args.topic.as_ref().is_none_or(|topic| story.topics.contains(topic));
    let mut stories: Vec<&Story> = edited.stories.iter().filter(wanted).collect();
    stories.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
    let lines: Vec<Line> = stories.into_iter().map(line).collect();
    if global.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
        return Ok(Exit::Fine);
    }
    for story in &lines {
        println!("{} [{}, {}]", story.headline, story.scope, story.topics.join(", "));
        for report in &story.reports {
            let copies =
                if report.copies.is_empty() { String::new() } else { format!(" (also {})", report.copies.join(", ")) };
            println!("    {:>8}  {}  {}: {}{copies}", report.entry, report.at, report.publisher, report.headline);
        }
    }
    println!("{} stories from {} entries, {} kept, {} folded", lines.len(), edited.read, edited.kept, edited.folded);
    Ok(Exit::Fine)
}

fn line(story: &Story) -> Line {
    let report = |unique: &crate::model::UniqueEntry| {
        let lead = &unique.lead.entry;
        Report {
            entry: lead.id.0,
            publisher: lead.publisher.clone(),
            kind: unique.lead.kind.name(),
            headline: lead.headline.clone(),
            url: lead.url.as_ref().map(ToString::to_string),
            at: when(Some(lead.at())),
            copies: unique.copies.iter().map(|copy| copy.entry.publisher.clone()).collect(),
        }
    };
    Line {
        story: story.id.0,
        thread: story.thread.0,
        scope: story.scope.name(),
        topics: story.topics.iter().map(ToString::to_string).collect(),
        headline: story.reports.first().map(|report| report.lead.entry.headline.clone()).unwrap_or_default(),
        reports: story.reports.iter().map(report).collect(),
    }
}
