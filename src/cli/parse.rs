//! `khyber parse`: what is read from a document, one JSON object each; no store, no network.

use super::{Exit, Global, parse_measure};
use crate::model::{Document, Timestamp};
use crate::parse::{self, ParseWarning, ReadEntry, ReadFeed, Text};
use anyhow::Context;
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use url::Url;

#[derive(Debug, clap::Args)]
pub struct ParseArgs {
    /// Documents as they were served
    #[arg(value_name = "FILE", required_unless_present = "manifest")]
    pub files: Vec<PathBuf>,
    /// A list of documents, one JSON object a line: id, file (relative to the list), url, headers
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The address that the documents named on the command line came from; relative links are resolved against it
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Print what reading costs (processor time, peak memory) instead of what was read
    #[arg(long)]
    pub measure: bool,
}

/// One line of a manifest.
#[derive(Deserialize)]
struct Row {
    id: Option<String>,
    file: PathBuf,
    url: Option<Url>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

pub async fn run(args: &ParseArgs, _global: &Global) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = 0_usize;
    let mut total = 0_usize;
    let mut emit = |line: Value| -> anyhow::Result<()> {
        total += 1;
        failed += usize::from(line["ok"] == false);
        writeln!(out, "{line}").context("standard output")
    };
    for file in &args.files {
        let document = Document { url: address(args.url.as_ref(), file)?, content_type: None, bytes: read(file)? };
        emit(line(json!({ "file": file }), report(args, &document)?))?;
    }
    if let Some(manifest) = &args.manifest {
        each_row(manifest, |row| {
            let file = manifest.parent().unwrap_or(Path::new("")).join(&row.file);
            let header = row.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            let content_type = header.map(|(_, value)| value.clone());
            let document = Document { url: address(row.url.as_ref(), &file)?, content_type, bytes: read(&file)? };
            let name = row.id.map_or_else(|| json!({ "file": row.file }), |id| json!({ "id": id }));
            emit(line(name, report(args, &document)?))
        })?;
    }
    out.flush().context("standard output")?;
    Ok(match failed {
        0 => Exit::Fine,
        _ if failed == total => Exit::Failed,
        _ => Exit::PartlyFailed,
    })
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn each_row(manifest: &Path, mut work: impl FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let file = std::fs::File::open(manifest).with_context(|| manifest.display().to_string())?;
    for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line.with_context(|| manifest.display().to_string())?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row = serde_json::from_slice(&line).with_context(|| format!("{}:{}", manifest.display(), number + 1))?;
        work(row)?;
    }
    Ok(())
}

/// Where the document came from; a file of unknown origin stands for itself.
fn address(url: Option<&Url>, file: &Path) -> anyhow::Result<Url> {
    if let Some(url) = url {
        return Ok(url.clone());
    }
    let path = std::path::absolute(file).with_context(|| file.display().to_string())?;
    Url::from_file_path(&path).map_err(|()| anyhow::anyhow!("{}: not a path that has an address", path.display()))
}

fn report(args: &ParseArgs, document: &Document) -> anyhow::Result<Value> {
    if args.measure {
        return parse_measure::measured(document);
    }
    Ok(match parse::read(document) {
        Ok(feed) => feed_line(&feed),
        Err(error) => json!({ "ok": false, "error": error.to_string(), "entries": [] }),
    })
}

fn line(mut name: Value, rest: Value) -> Value {
    if let (Some(line), Value::Object(rest)) = (name.as_object_mut(), rest) {
        line.extend(rest);
    }
    name
}

fn feed_line(feed: &ReadFeed) -> Value {
    json!({
        "ok": true,
        "error": null,
        "format": feed.format.to_string(),
        "title": feed.title.as_ref().map(parse::text::plain),
        "lang": feed.lang,
        "entries": feed.entries.iter().map(entry_line).collect::<Vec<_>>(),
        "warnings": feed.warnings.iter().map(ParseWarning::to_string).collect::<Vec<_>>(),
    })
}

fn entry_line(entry: &ReadEntry) -> Value {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
    json!({
        "title": entry.title.as_ref().map(Text::as_str),
        "link": entry.link,
        "links": entry.links,
        "id": entry.id,
        "published": time(entry.published),
        "updated": time(entry.updated),
        "summary": entry.summary.as_ref().map(Text::as_str),
        "content": entry.content.as_ref().map(Text::as_str),
        "authors": entry.authors,
        "categories": entry.categories,
        "lang": entry.lang,
        "source": entry.source,
    })
}
