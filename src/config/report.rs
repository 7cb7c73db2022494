//! Where readers of sections put what they find: problems, unknown keys, and which keys they asked for.

use super::problem::{Problem, Severity};
use super::show::without_addresses;
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File { file: PathBuf, span: Option<Range<usize>> },
    Env { variable: String },
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub value: T,
    pub place: Place,
    /// Dotted path such as `digest[0].schedule`.
    pub key: String,
}

impl<T> At<T> {
    /// A warning at this place that says nothing yet.
    pub fn here(&self) -> Problem {
        problem(Severity::Warning, &self.place, &self.key, String::new(), None)
    }
}

/// One key that the code reads, and the default it uses; the shipped file is held to this list by a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Without indexes: `digest`, `smtp`, empty for the top level.
    pub section: String,
    pub key: &'static str,
    /// In TOML notation.
    pub default: Option<String>,
}

struct Unknown {
    place: Place,
    key: String,
    section: String,
    name: String,
    known: Vec<&'static str>,
}

#[derive(Default)]
pub(super) struct Report {
    problems: RefCell<Vec<Problem>>,
    asked: RefCell<Vec<Asked>>,
    unknown: RefCell<Vec<Unknown>>,
}

impl Report {
    pub fn push(&self, problem: Problem) {
        let message = without_addresses(&problem.message);
        self.problems.borrow_mut().push(Problem { message, ..problem });
    }

    pub fn extend(&self, problems: Vec<Problem>) {
        self.problems.borrow_mut().extend(problems);
    }

    pub fn error(&self, place: &Place, key: &str, message: impl Into<String>, help: Option<String>) {
        self.push(problem(Severity::Error, place, key, message.into(), help));
    }

    pub fn warning(&self, place: &Place, key: &str, message: impl Into<String>, help: Option<String>) {
        self.push(problem(Severity::Warning, place, key, message.into(), help));
    }

    /// A problem of a whole file.
    pub fn file(&self, severity: Severity, file: &Path, message: String, help: Option<String>) {
        self.push(problem(severity, &Place::File { file: file.to_owned(), span: None }, "", message, help));
    }

    pub fn asked(&self, section: &str, key: &'static str, default: Option<String>) {
        let mut all = self.asked.borrow_mut();
        // From behind: a thousand feeds ask for the same few keys one after the other.
        match all.iter_mut().rev().find(|known| known.key == key && known.section == section) {
            Some(known) if known.default.is_none() => known.default = default,
            Some(_) => {}
            None => all.push(Asked { section: section.to_owned(), key, default }),
        }
    }

    /// A key nobody asked for. What to suggest is decided at the end, when every section has been read.
    pub fn unknown(&self, place: Place, section: &str, path: &str, name: &str, known: Vec<&'static str>) {
        let key = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let unknown = Unknown { place, key, section: section.to_owned(), name: name.to_owned(), known };
        self.unknown.borrow_mut().push(unknown);
    }

    pub fn finish(self) -> (Vec<Problem>, Vec<Asked>) {
        let asked = self.asked.take();
        for unknown in self.unknown.take() {
            let title = if unknown.section.is_empty() {
                "at the top level".to_owned()
            } else {
                format!("in [{}]", unknown.section)
            };
            let message = format!("unknown key `{}` {title}", unknown.name);
            let help = closest(&unknown.name, unknown.known.iter().copied())
                .map(|name| format!("did you mean `{name}`?"))
                .or_else(|| elsewhere(&unknown, &asked))
                .unwrap_or_else(|| format!("known here: {}", unknown.known.join(", ")));
            self.error(&unknown.place, &unknown.key, message, Some(help));
        }
        (self.problems.take(), asked)
    }
}

fn elsewhere(unknown: &Unknown, asked: &[Asked]) -> Option<String> {
    let home = asked.iter().find(|known| known.key == unknown.name && known.section != unknown.section)?;
    Some(match home.section.as_str() {
        "" => format!("`{}` belongs at the top of the file, before the first [section]", home.key),
        section => format!("`{}` belongs in [{section}]", home.key),
    })
}

fn problem(severity: Severity, place: &Place, key: &str, message: String, help: Option<String>) -> Problem {
    match place {
        Place::File { file, span } => {
            Problem { severity, file: file.clone(), span: span.clone(), key: key.to_owned(), message, help }
        }
        Place::Env { variable } => {
            Problem { severity, file: PathBuf::new(), span: None, key: variable.clone(), message, help }
        }
    }
}

/// The known name that a typist most likely meant, if one is near enough to be worth saying.
pub fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    let distance = |other: &str| strsim::damerau_levenshtein(&lower, &other.to_lowercase());
    let limit = lower.chars().count().div_ceil(3).clamp(1, 4);
    let mut known: Vec<&str> = known.into_iter().collect();
    // `language` for `lang`, `user` for `username`.
    let begins =
        |other: &&str| other.len() >= 3 && lower.len() >= 3 && (lower.starts_with(*other) || other.starts_with(&lower));
    if let Some(at) = known.iter().position(begins) {
        return Some(known.swap_remove(at));
    }
    let near = known.into_iter().map(|other| (distance(other), other)).min_by_key(|(far, _)| *far)?;
    (near.0 <= limit).then_some(near.1)
}
