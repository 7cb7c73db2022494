//! `khyber subscribers import` and `export`: a CSV table into a TOML file of `[[subscriber]]`, and back.

use crate::config::{self, Config};
use crate::model::Subscriber;
use csv::StringRecord;
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table};

/// The columns, in the order of an export. Only `email` is needed.
pub const COLUMNS: [&str; 14] = [
    "email",
    "name",
    "digests",
    "topics",
    "scope",
    "kinds",
    "languages",
    "max_stories",
    "timezone",
    "schedule",
    "language",
    "format",
    "discreet",
    "enabled",
];

/// What to do when some lines are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongLines {
    /// Import nothing.
    Refuse,
    /// Import the others.
    Skip,
}

/// One line that can't be taken, and every reason why. Addresses are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    pub line: u64,
    pub reasons: Vec<String>,
}

impl std::fmt::Display for LineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.reasons.join("; "))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{} can't be read: {why}", .file.display())]
    Read { file: PathBuf, why: String },
    #[error("{}: {why}", .file.display())]
    Header { file: PathBuf, why: String },
    #[error("{} wrong; nothing was imported:\n{}", lines(.0.len()), listed(.0))]
    Lines(Vec<LineError>),
    #[error("{} can't be extended: {why}", .file.display())]
    Target { file: PathBuf, why: String },
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line is".to_owned() } else { format!("{count} lines are") }
}

fn listed(errors: &[LineError]) -> String {
    let texts: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
    texts.join("\n")
}

/// What an import will do or did.
#[derive(Debug)]
pub struct Import {
    /// Where the subscribers go.
    pub target: PathBuf,
    pub added: usize,
    /// With `WrongLines::Skip`: what was left out.
    pub skipped: Vec<LineError>,
    text: String,
}

/// Reads and checks the table; writes nothing yet, so that a caller can show the count and ask.
pub fn prepare(table: &Path, target: &Path, config: &Config, wrong: WrongLines) -> Result<Import, ImportError> {
    let unreadable = |why: String| ImportError::Read { file: table.to_owned(), why };
    let bytes = std::fs::read(table).map_err(|why| unreadable(why.to_string()))?;
    let (rows, mut errors) = rows(&bytes).map_err(|why| ImportError::Header { file: table.to_owned(), why })?;
    let (good, refused) = check(rows, config);
    errors.extend(refused);
    errors.sort_by_key(|error| error.line);
    if !errors.is_empty() && wrong == WrongLines::Refuse {
        return Err(ImportError::Lines(errors));
    }
    let text = extended(target, &good)?;
    Ok(Import { target: target.to_owned(), added: good.len(), skipped: errors, text })
}

impl Import {
    /// Replaces the target in one step: a crash leaves the old file or the new one.
    pub fn write(&self) -> Result<(), ImportError> {
        let failed = |why: std::io::Error| ImportError::Target { file: self.target.clone(), why: why.to_string() };
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".subscribers-").tempfile_in(folder).map_err(failed)?;
        file.write_all(self.text.as_bytes()).map_err(failed)?;
        if let Ok(meta) = std::fs::metadata(&self.target) {
            file.as_file().set_permissions(meta.permissions()).map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.target).map_err(|why| failed(why.error))?;
        Ok(())
    }

    /// Whether the configuration reads the target; otherwise `include` wants another line.
    pub fn is_included(&self, config: &Config, env: &dyn Fn(&str) -> Option<String>) -> bool {
        let loaded = config::examine(&config.file, env);
        let count = loaded.config.map_or(0, |config| config.subscribers.len());
        self.added == 0 || count > config.subscribers.len()
    }
}

/// A CSV table that `prepare` reads back.
pub fn export(subscribers: &[Subscriber]) -> Result<String, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS)?;
    for subscriber in subscribers {
        let digests: Vec<&str> = subscriber.digests.iter().map(|id| id.as_str()).collect();
        let select = &subscriber.select;
        let topics: Vec<&str> = select.topics.iter().map(|id| id.as_str()).collect();
        let scopes: Vec<&str> = select.scopes.iter().map(|scope| scope.name()).collect();
        let kinds: Vec<&str> = select.kinds.iter().map(|kind| kind.name()).collect();
        let langs: Vec<&str> = select.langs.iter().map(|lang| lang.code()).collect();
        out.write_record([
            subscriber.email.as_str(),
            subscriber.name.as_deref().unwrap_or(""),
            &digests.join(" "),
            &topics.join(" "),
            &scopes.join(" "),
            &kinds.join(" "),
            &langs.join(" "),
            &select.max_stories.map_or_else(String::new, |max| max.to_string()),
            subscriber.timezone.map_or("", |zone| zone.name()),
            subscriber.schedule.as_ref().map_or("", |schedule| schedule.as_str()),
            subscriber.lang.code(),
            subscriber.format.name(),
            if subscriber.discreet { "true" } else { "false" },
            if subscriber.enabled { "true" } else { "false" },
        ])?;
    }
    let bytes = out.into_inner().map_err(|why| csv::Error::from(why.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// One line of the table as a `[[subscriber]]`.
struct Row {
    line: u64,
    table: Table,
}

/// The lines that have the right shape, and those that do not.
fn rows(bytes: &[u8]) -> Result<(Vec<Row>, Vec<LineError>), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or(b"");
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|mark| (first.iter().filter(|b| *b == mark).count(), *mark == b','));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(bytes);
    let header = reader.headers().map_err(|why| format!("the first line can't be read: {why}"))?.clone();
    let columns = columns(&header)?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for record in reader.byte_records() {
        let record = record.map_err(|why| why.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        match StringRecord::from_byte_record(record)
            .map_err(|_| "is not UTF-8".to_owned())
            .and_then(|record| row(&record, &columns))
        {
            Ok(table) => rows.push(Row { line, table }),
            Err(reason) => errors.push(LineError { line, reasons: vec![reason] }),
        }
    }
    Ok((rows, errors))
}

/// The header's names in the order of the table.
fn columns(header: &StringRecord) -> Result<Vec<&'static str>, String> {
    let mut columns = Vec::new();
    for name in header {
        let lower = name.to_lowercase();
        let lower = if lower == "digest" { "digests" } else { &lower };
        let known =
            COLUMNS.iter().find(|column| **column == lower).ok_or_else(|| match config::closest(lower, COLUMNS) {
                Some(near) => format!("unknown column `{name}`: did you mean `{near}`?"),
                None => format!("unknown column `{name}`; the first line names columns, out of {}", COLUMNS.join(", ")),
            })?;
        if columns.contains(known) {
            return Err(format!("the column `{known}` comes twice"));
        }
        columns.push(*known);
    }
    if columns.contains(&"email") { Ok(columns) } else { Err("there is no column `email`".to_owned()) }
}

fn row(record: &StringRecord, columns: &[&'static str]) -> Result<Table, String> {
    if record.iter().any(|field| field.contains(['\n', '\r'])) {
        return Err("a quotation mark opens here and does not close on the same line".to_owned());
    }
    if record.len() != columns.len() {
        return Err(format!("has {} fields, and the first line names {}", record.len(), columns.len()));
    }
    let mut table = Table::new();
    for (column, field) in columns.iter().zip(record).filter(|(column, field)| !field.is_empty() || **column == "email")
    {
        let item = match *column {
            "max_stories" => match field.parse::<i64>() {
                Ok(number) => toml_edit::value(number),
                Err(_) => return Err(format!("`max_stories` is a number, not `{field}`")),
            },
            "digests" | "topics" | "scope" | "kinds" | "languages" => {
                let words = field.split([' ', ',', ';', '|']).filter(|word| !word.is_empty());
                toml_edit::value(words.collect::<Array>())
            }
            "discreet" | "enabled" => match field.to_lowercase().as_str() {
                "true" | "yes" | "1" => toml_edit::value(true),
                "false" | "no" | "0" => toml_edit::value(false),
                _ => return Err(format!("`{column}` is true or false, not `{field}`")),
            },
            _ => toml_edit::value(field),
        };
        table.insert(column, item);
    }
    Ok(table)
}

/// The same checks that the configuration goes through, and nobody twice.
fn check(rows: Vec<Row>, config: &Config) -> (Vec<Row>, Vec<LineError>) {
    let mut document = DocumentMut::new();
    let tables: ArrayOfTables = rows.iter().map(|row| row.table.clone()).collect();
    document.insert("subscriber", Item::ArrayOfTables(tables));
    let mut reasons: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (at, message) in config::check_subscribers(&document.to_string(), config) {
        reasons.entry(at).or_default().push(message);
    }
    let known: HashSet<String> = config.subscribers.iter().map(|one| one.email.as_str().to_lowercase()).collect();
    let (mut good, mut errors) = (Vec::new(), Vec::new());
    for (at, row) in rows.into_iter().enumerate() {
        let email = row.table.get("email").and_then(Item::as_str).unwrap_or("").to_lowercase();
        if known.contains(&email) {
            reasons.entry(at).or_default().push("this address is a subscriber already".to_owned());
        }
        match reasons.remove(&at) {
            Some(reasons) => errors.push(LineError { line: row.line, reasons }),
            None => good.push(row),
        }
    }
    (good, errors)
}

/// The target's text with the new subscribers behind the old ones; comments and order stay.
fn extended(target: &Path, rows: &[Row]) -> Result<String, ImportError> {
    let failed = |why: String| ImportError::Target { file: target.to_owned(), why };
    let old = match std::fs::read_to_string(target) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(why) => return Err(failed(why.to_string())),
    };
    let document: DocumentMut = old.parse().map_err(|why: toml_edit::TomlError| failed(why.message().to_owned()))?;
    if document.get("subscriber").is_some_and(|item| !item.is_array_of_tables()) {
        return Err(failed("its `subscriber` is not written as [[subscriber]] tables".to_owned()));
    }
    // Appending text keeps every byte of the old file, trailing comments included, in its place.
    let mut text = old;
    for row in rows {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let between = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{between}[[subscriber]]\n{}", row.table));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
