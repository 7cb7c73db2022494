//! `khyber explain`: why an entry was kept or dropped, and what it was grouped with.

use super::at::{At, span};
use super::table::when;
use super::{Exit, Global, setup};
use crate::daemon::Khyber;
use crate::model::{Entry, EntryId, Evidence, Timestamp};
use crate::{group, relevance};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// An entry's link, or its number as `khyber stories` shows it
    #[arg(value_name = "URL|ID")]
    what: String,
    /// How far around the entry to look for its story
    #[arg(long, default_value = "3d", value_parser = span)]
    around: Duration,
    #[command(flatten)]
    at: At,
}

pub async fn run(args: &ExplainArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let id = args.what.parse().ok().map(EntryId);
    let link = url::Url::parse(&args.what).ok().map(|url| crate::parse::canonical::canonical(&url));
    let found = khyber.store.find_entries(id, link.as_ref().map(|link| link.as_str())).await?;
    if found.is_empty() {
        anyhow::bail!("no entry `{}` is stored; `khyber stories` lists numbers and links", args.what);
    }
    for entry in khyber.entries(found) {
        explain(&khyber, &entry, args.around, args.at.now()).await?;
    }
    Ok(Exit::Fine)
}

async fn explain(khyber: &Khyber, entry: &Entry, around: Duration, now: Timestamp) -> anyhow::Result<()> {
    println!("{} {}", entry.id, entry.headline);
    println!("  {} ({}), feed `{}`, {}", entry.publisher, entry.side.name(), entry.feed, when(Some(entry.at())));
    for (replaced, headline) in khyber.store.headline_versions(entry.id).await? {
        println!("  until {}: {headline}", when(Some(replaced)));
    }
    let judgement = relevance::judge(entry, &khyber.config.coverage);
    let topics: Vec<&str> = judgement.topics.iter().map(|topic| topic.as_str()).collect();
    let topics = if topics.is_empty() { "none".to_owned() } else { topics.join(", ") };
    let (scope, kind) = (judgement.scope.name(), judgement.kind.name());
    println!("  scope {scope} ({:.0} % sure), kind {kind}, topics {topics}", judgement.score * 100.0);
    judgement.evidence.iter().for_each(print_evidence);
    let until = (entry.first_seen + around).min(now.max(entry.first_seen));
    let stored = khyber.store.entries_seen(entry.first_seen - around, until).await?;
    let edited = khyber.edit(khyber.entries(stored)).await?;
    if let Some(dropped) = edited.dropped.iter().find(|dropped| dropped.entry.id == entry.id) {
        println!("  dropped: {}", dropped.reason);
        return Ok(());
    }
    let holds = |unique: &crate::model::UniqueEntry| {
        unique.lead.entry.id == entry.id || unique.copies.iter().any(|copy| copy.entry.id == entry.id)
    };
    for story in edited.stories.iter().filter(|story| story.reports.iter().any(holds)) {
        println!("  story {} (thread {}):", story.id, story.thread);
        for unique in &story.reports {
            let mark = if holds(unique) { '>' } else { ' ' };
            let lead = &unique.lead.entry;
            println!("  {mark} {} {}: {}", lead.id, lead.publisher, lead.headline);
            for copy in &unique.copies {
                println!("      copy {} {}", copy.entry.id, copy.entry.publisher);
            }
        }
    }
    let others: Vec<&Entry> = edited.dropped.iter().map(|dropped| &dropped.entry).collect();
    let unique: Vec<_> = edited.stories.into_iter().flat_map(|story| story.reports).collect();
    let near = group::neighbours(entry.id, &unique, &others, &khyber.config.coverage, &edited.meanings);
    for near in near.into_iter().take(5) {
        println!("  similar to {} ({:.2})", near.entry, near.score);
        near.evidence.iter().for_each(print_evidence);
    }
    Ok(())
}

fn print_evidence(evidence: &Evidence) {
    println!("    {:+.2} {} ({}: {})", evidence.weight, evidence.what, evidence.place, evidence.words);
}
