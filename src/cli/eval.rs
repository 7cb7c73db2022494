//! `khyber eval`: the editor's decisions on rows of a file, for scoring.

use super::score::{self, Figure, Labels};
use super::{Exit, Global};
use crate::config::{coverage, problem::Problems};
use crate::daemon::meaning::meanings_of;
use crate::model::{
    Coverage, Entry, EntryId, EntryKey, FeedId, FeedKind, Kind, Lang, Owner, RelevantEntry, Scope, Side, Timestamp,
    TopicId,
};
use crate::{dedup, group, parse, relevance};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Read entries, judge and group them, write what was decided or score it
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EvalArgs {
    /// JSON lines with id, title, summary, source, url, date, lang; date and summary may be missing
    #[arg(required_unless_present = "score", requires = "out")]
    pub entries: Option<PathBuf>,
    /// Where to write JSON lines with id, scope, kind, topics, story, thread, copy_of
    #[arg(long, value_name = "PREDICTIONS.jsonl")]
    pub out: Option<PathBuf>,
    /// Decide on the rows of this labelled file and print the figures, with their spread over its days
    #[arg(long, value_name = "GOLD.jsonl", conflicts_with = "entries")]
    pub score: Option<PathBuf>,
    /// Another coverage file than the one that Khyber brings along
    #[arg(long, value_name = "FILE")]
    pub coverage: Option<PathBuf>,
    /// Group with the sentence vectors of the model in this folder
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
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
    /// What the feed's configuration would say.
    country: Option<String>,
    feed_kind: Option<FeedKind>,
    author: Option<String>,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Serialize)]
struct Decided<'a> {
    id: &'a str,
    scope: &'static str,
    kind: &'static str,
    topics: &'a [TopicId],
    /// How surely the scope holds.
    score: f64,
    story: String,
    thread: String,
    copy_of: Option<&'a str>,
}

pub async fn run(args: &EvalArgs, _global: &Global) -> anyhow::Result<Exit> {
    let coverage = read_coverage(args.coverage.as_deref())?;
    let Some(file) = args.score.as_ref().or(args.entries.as_ref()) else { bail!("name a file of entries") };
    let (rows, bad) = read_rows::<Row>(file)?;
    let feed: FeedId = "eval".parse().context("the feed of rows")?;
    let entries: Vec<Entry> = rows.iter().enumerate().map(|(at, row)| entry(at, row, &feed)).collect();
    let verdicts = decide(entries, &coverage, args.model.as_deref())?;
    if let Some(out) = &args.out {
        write(out, &rows, &verdicts)?;
    }
    if args.score.is_some() {
        print_score(file, &rows, &verdicts)?;
    }
    for problem in &bad {
        eprintln!("{problem}");
    }
    Ok(if bad.is_empty() { Exit::Fine } else { Exit::PartlyFailed })
}

fn print_score(file: &Path, rows: &[Row], verdicts: &HashMap<EntryId, Verdict>) -> anyhow::Result<()> {
    let (gold, _) = read_rows::<Labels>(file)?;
    if !gold.iter().any(|row| row.scope.is_some() || row.story.is_some() || row.kind.is_some()) {
        bail!("{}: no row has a label: give scope, kind, topics or story", file.display());
    }
    let decided: Vec<Labels> = decided(rows, verdicts).map(|decided| decided.labels()).collect();
    let by_id: HashMap<&str, &Labels> = decided.iter().map(|row| (row.id.as_str(), row)).collect();
    let parts: Vec<Vec<Figure>> = score::folds(&gold).iter().map(|part| score::figures(part, &by_id)).collect();
    println!("rows             {}", gold.len());
    for figure in score::figures(&gold, &by_id) {
        match score::spread(figure.name, &parts) {
            Some(spread) => println!("{figure}; {} parts in time: {spread}", parts.len()),
            None => println!("{figure}"),
        }
    }
    score::reliability(&gold, &by_id).iter().for_each(|band| println!("{band}"));
    Ok(())
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
    coverage.with_context(|| Problems::new(problems, vec![(file, text)]).to_string())
}

/// The rows that can be read, and a sentence on each that cannot.
fn read_rows<T: serde::de::DeserializeOwned>(file: &Path) -> anyhow::Result<(Vec<T>, Vec<String>)> {
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
        side: Side::Unknown,
        owner: Owner::Unknown,
        country: row.country.clone().unwrap_or_else(|| "INT".to_owned()),
        feed_kind: row.feed_kind.unwrap_or(FeedKind::News),
        key: EntryKey(row.id.clone()),
        url: url.as_ref().map(parse::canonical::canonical),
        headline: row.title.clone(),
        summary: row.summary.clone().unwrap_or_default(),
        author: row.author.clone(),
        source: None,
        categories: row.categories.clone(),
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
    score: f64,
    story: EntryId,
    thread: EntryId,
    copy_of: Option<EntryId>,
}

/// The daemon's stages; only that rows out of scope are kept too, so that their stories can be scored.
fn decide(entries: Vec<Entry>, coverage: &Coverage, model: Option<&Path>) -> anyhow::Result<HashMap<EntryId, Verdict>> {
    let judge = relevance::Judge::new(coverage);
    let judged = entries.into_iter().map(|entry| {
        let relevance::Judgement { scope, kind, topics, score, evidence } = judge.judge(&entry);
        RelevantEntry { entry, scope, kind, topics, score, evidence }
    });
    let unique = dedup::dedup(judged.collect());
    let meanings = model.map(|model| meanings_of(model, &unique)).transpose()?.unwrap_or_default();
    let stories = group::group(unique, &[], coverage, &meanings);
    let mut verdicts = HashMap::new();
    for story in stories {
        for report in story.reports {
            let lead = report.lead.entry.id;
            for (kept, copy_of) in report.copies.into_iter().map(|copy| (copy, Some(lead))).chain([(report.lead, None)])
            {
                let RelevantEntry { entry, scope, kind, topics, score, .. } = kept;
                let verdict = Verdict { scope, kind, topics, score, story: story.id, thread: story.thread, copy_of };
                verdicts.insert(entry.id, verdict);
            }
        }
    }
    Ok(verdicts)
}

/// What was decided on each row, in the order of the rows.
fn decided<'a>(rows: &'a [Row], verdicts: &'a HashMap<EntryId, Verdict>) -> impl Iterator<Item = Decided<'a>> {
    rows.iter().enumerate().filter_map(|(at, row)| {
        let verdict = verdicts.get(&EntryId(at as i64 + 1))?;
        let original = verdict.copy_of.and_then(|lead| rows.get(usize::try_from(lead.0 - 1).ok()?));
        Some(Decided {
            id: &row.id,
            scope: verdict.scope.name(),
            kind: verdict.kind.name(),
            topics: &verdict.topics,
            score: verdict.score,
            story: verdict.story.to_string(),
            thread: verdict.thread.to_string(),
            copy_of: original.map(|row| row.id.as_str()),
        })
    })
}

impl Decided<'_> {
    fn labels(self) -> Labels {
        Labels {
            id: self.id.to_owned(),
            date: None,
            scope: Some(self.scope.to_owned()),
            kind: Some(self.kind.to_owned()),
            topics: Some(self.topics.iter().map(|topic| topic.as_str().to_owned()).collect()),
            story: Some(self.story),
            thread: Some(self.thread),
            copy_of: self.copy_of.map(str::to_owned),
            score: Some(self.score),
        }
    }
}

fn write(out: &Path, rows: &[Row], verdicts: &HashMap<EntryId, Verdict>) -> anyhow::Result<()> {
    let file = File::create(out).with_context(|| format!("cannot write {}", out.display()))?;
    let mut file = BufWriter::new(file);
    for decided in decided(rows, verdicts) {
        serde_json::to_writer(&mut file, &decided)?;
        file.write_all(b"\n")?;
    }
    file.flush().with_context(|| format!("cannot write {}", out.display()))
}
