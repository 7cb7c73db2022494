//! Holds the source to the design: the import table as data, one place for the clock, files of a readable size.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules that it may import, itself aside. A stage that needs another stage belongs in `daemon`.
#[rustfmt::skip]
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("failpoint", &[]),
    ("model", &[]),
    ("config", &["model"]),
    ("fetch", &["model", "config"]),
    ("parse", &["model"]),
    ("store", &["model", "config", "failpoint"]),
    ("relevance", &["model"]),
    ("dedup", &["model"]),
    ("group", &["model"]),
    ("digest", &["model"]),
    ("render", &["model"]),
    ("deliver", &["model", "config", "failpoint"]),
    ("semantic", &["model", "config"]),
    (
        "daemon",
        &[
            "model",
            "config",
            "failpoint",
            "fetch",
            "parse",
            "store",
            "relevance",
            "dedup",
            "group",
            "digest",
            "render",
            "deliver",
            "semantic",
        ],
    ),
    ("web", &["model", "config", "store", "render", "deliver", "daemon"]),
    ("demo", &["model", "config", "daemon", "store"]),
    (
        "cli",
        &[
            "model",
            "config",
            "fetch",
            "parse",
            "store",
            "relevance",
            "dedup",
            "group",
            "digest",
            "render",
            "deliver",
            "semantic",
            "daemon",
            "demo",
            "web",
        ],
    ),
];

/// Same input, same bytes out: no clock, environment, file system, network, logging or async.
const PURE: &[&str] = &["model", "parse", "relevance", "dedup", "group", "digest", "render"];
#[rustfmt::skip]
const IMPURE: &[&str] = &[
    "async fn",
    "async move",
    ".await",
    "std::env",
    "std::fs",
    "std::net",
    "tokio::",
    "tracing::",
    "Instant::now",
    "println!",
    "eprintln!",
];

/// What only the named files may say.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("SystemTime::now", &["daemon/clock.rs"]),
    ("Utc::now", &["daemon/clock.rs"]),
    ("Local::now", &["daemon/clock.rs"]),
    ("disallowed_methods", &["daemon/clock.rs"]),
];

/// Nothing outside tests may say these; clippy's `unwrap_used` sees the first only.
const NOWHERE: &[&str] = &[".unwrap()", ".expect(", "todo!(", "unimplemented!(", "dbg!("];

const VAGUE_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

const MOST_LINES: usize = 400;

struct Source {
    /// Below `src/`, with forward slashes.
    path: String,
    text: String,
    /// The text without comments, literals and the tests at its end.
    code: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or("").trim_end_matches(".rs")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                let code = if is_test_file(&path) { String::new() } else { without_tests(&bare(&text)).to_owned() };
                found.push(Source { path, text, code });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Unit tests stand last in their file.
fn without_tests(code: &str) -> &str {
    code.find("#[cfg(test)]\nmod ").map_or(code, |at| &code[..at])
}

/// The code alone: comments, strings and character literals become nothing, so that words about code are not code.
fn bare(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            string_length(rest)
        } else if c == 'r' && !code.ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            raw_string_length(rest).unwrap_or(0)
        } else if c == '\'' {
            character_length(rest).unwrap_or(0)
        } else {
            0
        };
        if skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            rest = &rest[skipped..];
        }
    }
    code
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn raw_string_length(text: &str) -> Option<usize> {
    let hashes = text[1..].bytes().take_while(|&b| b == b'#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&close).map_or(text.len(), |end| 2 + hashes + end + close.len()))
}

/// `'x'` or `'\n'`, and no lifetime.
fn character_length(text: &str) -> Option<usize> {
    let body = &text[1..];
    if let Some(escape) = body.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return escape[first..].find('\'').map(|end| 2 + first + end + 1);
    }
    let first = body.chars().next()?.len_utf8();
    body[first..].starts_with('\'').then_some(2 + first)
}

/// The crate's modules that a piece of code names: `crate::a::…`, `use crate::{a, b::…}` and `khyber::a`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in ["crate::", "khyber::"] {
        for (at, _) in code.match_indices(root) {
            let after = &code[at + root.len()..];
            match after.strip_prefix('{') {
                Some(group) => found.extend(group_members(group)),
                None => found.extend(word(after)),
            }
        }
    }
    found
}

/// The first word of each member of a `{…}` group, nested groups left to their own root.
fn group_members(group: &str) -> Vec<String> {
    let mut members = vec![String::new()];
    let mut depth = 0;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ => {
                if let Some(last) = members.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    members.iter().filter_map(|member| word(member.trim_start())).collect()
}

fn word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

fn none(offences: Vec<String>) {
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let modules: Vec<&str> = MAY_IMPORT.iter().map(|(module, _)| *module).collect();
    let mut offences = Vec::new();
    for source in sources() {
        if matches!(source.path.as_str(), "lib.rs" | "main.rs") {
            continue;
        }
        let Some((module, allowed)) = MAY_IMPORT.iter().find(|(module, _)| *module == source.module()) else {
            offences.push(format!("src/{}: its module is not in the import table", source.path));
            continue;
        };
        for import in imports(&source.code) {
            if modules.contains(&import.as_str()) && import != *module && !allowed.contains(&import.as_str()) {
                offences.push(format!("src/{}: `{module}` may not import `{import}`", source.path));
            }
        }
    }
    none(offences);
}

#[test]
fn pure_stages_have_no_outside_world() {
    let pure = sources().into_iter().filter(|source| PURE.contains(&source.module()));
    none(pure.flat_map(|source| said(&source, IMPURE)).collect());
}

#[test]
fn the_clock_is_read_in_one_file() {
    let mut offences = Vec::new();
    for source in sources() {
        for (words, files) in ONLY_IN {
            if !files.contains(&source.path.as_str()) {
                offences.extend(said(&source, &[words]));
            }
        }
    }
    none(offences);
}

#[test]
fn one_file_names_feed_rs() {
    let naming: Vec<String> =
        sources().into_iter().filter(|source| source.code.contains("feed_rs")).map(|source| source.path).collect();
    assert!(naming.len() <= 1, "feed_rs is named by {naming:?}");
    assert!(naming.iter().all(|path| path.starts_with("parse/")), "feed_rs is named by {naming:?}");
}

#[test]
fn nothing_panics_by_habit() {
    none(sources().iter().flat_map(|source| said(source, NOWHERE)).collect());
}

#[test]
fn files_say_what_they_own_and_stay_readable() {
    let mut offences = Vec::new();
    for Source { path, text, .. } in sources() {
        if !text.starts_with("//! ") {
            offences.push(format!("src/{path}: the first line is not `//! …`"));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES {
            offences.push(format!("src/{path}: {lines} lines; a file past {MOST_LINES} owns two jobs"));
        }
        let vague = |part: &str| VAGUE_NAMES.contains(&part.trim_end_matches(".rs"));
        if path.split('/').any(vague) {
            offences.push(format!("src/{path}: the name does not say what it owns"));
        }
    }
    none(offences);
}

fn said(source: &Source, words: &[&str]) -> Vec<String> {
    let forbidden = words.iter().filter(|words| source.code.contains(**words));
    forbidden.map(|words| format!("src/{}: says `{words}`", source.path)).collect()
}

#[test]
fn the_reader_of_source_sees_code_and_only_code() {
    let text = r##"//! crate::store in a comment
use crate::{config::{Config, mail}, model::Entry};
fn f<'a>(x: &'a str) -> char { let s = "crate::fetch \" Utc::now"; let r = r#"crate::deliver"#; '"' }
fn g() { crate::parse::parse(); } /* crate::group */
#[cfg(test)]
mod tests { use crate::cli; }
"##;
    let code = bare(text);
    let found: Vec<String> = imports(without_tests(&code)).into_iter().collect();
    assert_eq!(found, ["config", "model", "parse"]);
    assert!(!code.contains("Utc::now") && code.contains("fn g()"));
}
