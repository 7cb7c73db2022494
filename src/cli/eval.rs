//! `khyber eval`: the editor's decisions on rows of a file, for scoring.

use super::{Exit, Global};
use crate::config::coverage;
use crate::model::{
    Coverage, Entry, EntryId, EntryKey, FeedId, FeedKind, Kind, Lang, RelevantEntry, Scope, Side, Timestamp, TopicId,
};
use crate::{dedup, group, parse, relevance};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Read entries, judge and group them, write what was decided
#[derive(Debug, Clone, clap::Args)]
pub struct EvalArgs {
    /// JSON lines with id, title, summary, source, url, date, lang; date and summary may be missing
    pub entries: PathBuf,
    /// Where to write JSON lines with id, scope, kind, topics, story, thread, copy_of
    #[arg(long, value_name = "PREDICTIONS.jsonl")]
    pub out: PathBuf,
    /// Another coverage file than the one that Khyber brings along
    #[arg(long, value_name = "FILE")]
    pub coverage: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    title: String,
    summary: Option<String>,
    source: Option<String>,
    url: Option<String>,
    date: Option<String>,
    lang: Option<String>,
}

#[derive(Serialize)]
struct Decided<'a> {
    id: &'a str,
    scope: &'static str,
    kind: &'static str,
    topics: &'a [TopicId],
    story: String,
    thread: String,
    copy_of: Option<&'a str>,
}

pub async fn run(args: &EvalArgs, _global: &Global) -> anyhow::Result<Exit> {
    let coverage = read_coverage(args.coverage.as_deref())?;
    let (rows, bad) = read_rows(&args.entries)?;
    let feed: FeedId = "eval".parse().context("the feed of rows")?;
    let entries: Vec<Entry> = rows.iter().enumerate().map(|(at, row)| entry(at, row, &feed)).collect();
    write(&args.out, &rows, decide(entries, &coverage))?;
    for problem in &bad {
        eprintln!("{problem}");
    }
    Ok(if bad.is_empty() { Exit::Fine } else { Exit::PartlyFailed })
}

fn read_coverage(file: Option<&Path>) -> anyhow::Result<Coverage> {
    let (text, file) = match file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            (text, file.to_owned())
        }
        None => (coverage::DEFAULT.to_owned(), PathBuf::from(coverage::DEFAULT_FILE)),
    };
    let (coverage, problems) = coverage::read(&text, &file);
    match (coverage, problems.first()) {
        (Some(coverage), _) => Ok(coverage),
        (None, Some(problem)) => bail!("{}: {}: {}", file.display(), problem.key, problem.message),
        (None, None) => bail!("{}: no coverage in it", file.display()),
    }
}

/// The rows that can be read, and a sentence on each that cannot.
fn read_rows(file: &Path) -> anyhow::Result<(Vec<Row>, Vec<String>)> {
    let lines = BufReader::new(File::open(file).with_context(|| format!("cannot open {}", file.display()))?);
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (number, line) in lines.split(b'\n').enumerate() {
        let line = line.with_context(|| format!("cannot read {}", file.display()))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(row) => rows.push(row),
            Err(error) => bad.push(format!("{}:{}: {error}", file.display(), number + 1)),
        }
    }
    Ok((rows, bad))
}

/// A row as the store would hand it on. Rows without a date share one instant: time then tells nothing.
fn entry(at: usize, row: &Row, feed: &FeedId) -> Entry {
    let published = row.date.as_deref().and_then(date);
    let first_seen = published.unwrap_or(Timestamp::UNIX_EPOCH);
    let url = row.url.as_deref().and_then(|url| url::Url::parse(url).ok());
    Entry {
        id: EntryId(at as i64 + 1),
        feed: feed.clone(),
        publisher: row.source.clone().unwrap_or_default(),
        side: Side::International,
        country: "INT".to_owned(),
        feed_kind: FeedKind::News,
        key: EntryKey(row.id.clone()),
        url: url.as_ref().map(parse::canonical::canonical),
        headline: row.title.clone(),
        summary: row.summary.clone().unwrap_or_default(),
        author: None,
        source: None,
        categories: Vec::new(),
        lang: row.lang.as_deref().map_or(Lang::En, Lang::from_tag),
        published,
        first_seen,
    }
}

fn date(text: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|date| date.to_utc())
}

/// What the editor says of one row; positions are those of the rows.
struct Verdict {
    scope: Scope,
    kind: Kind,
    topics: Vec<TopicId>,
    story: EntryId,
    thread: EntryId,
    copy_of: Option<EntryId>,
}

/// The daemon's stages; only that rows out of scope are kept too, so that their stories can be scored.
fn decide(entries: Vec<Entry>, coverage: &Coverage) -> HashMap<EntryId, Verdict> {
    let judge = relevance::Judge::new(coverage);
    let judged = entries.into_iter().map(|entry| {
        let relevance::Judgement { scope, kind, topics, score, evidence } = judge.judge(&entry);
        RelevantEntry { entry, scope, kind, topics, score, evidence }
    });
    let stories = group::group(dedup::dedup(judged.collect()), coverage);
    let mut verdicts = HashMap::new();
    for story in stories {
        for report in story.reports {
            let lead = report.lead.entry.id;
            for (kept, copy_of) in report.copies.into_iter().map(|copy| (copy, Some(lead))).chain([(report.lead, None)])
            {
                let RelevantEntry { entry, scope, kind, topics, .. } = kept;
                let verdict = Verdict { scope, kind, topics, story: story.id, thread: story.thread, copy_of };
                verdicts.insert(entry.id, verdict);
            }
        }
    }
    verdicts
}

fn write(out: &Path, rows: &[Row], verdicts: HashMap<EntryId, Verdict>) -> anyhow::Result<()> {
    let file = File::create(out).with_context(|| format!("cannot write {}", out.display()))?;
    let mut file = BufWriter::new(file);
    for (at, row) in rows.iter().enumerate() {
        let Some(verdict) = verdicts.get(&EntryId(at as i64 + 1)) else { continue };
        let original = verdict.copy_of.and_then(|lead| rows.get(usize::try_from(lead.0 - 1).ok()?));
        let decided = Decided {
            id: &row.id,
            scope: verdict.scope.name(),
            kind: verdict.kind.name(),
            topics: &verdict.topics,
            story: verdict.story.to_string(),
            thread: verdict.thread.to_string(),
            copy_of: original.map(|row| row.id.as_str()),
        };
        serde_json::to_writer(&mut file, &decided)?;
        file.write_all(b"\n")?;
    }
    file.flush().with_context(|| format!("cannot write {}", out.display()))
}
