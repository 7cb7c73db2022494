//! One mistake in a configuration file, with its place and what to do; and all of them together.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A mistake, or something that only deserves a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// What is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    /// Empty for a value that came from the environment: `key` is then the variable's name.
    pub file: PathBuf,
    /// Byte span in the file's text.
    pub span: Option<Range<usize>>,
    /// Dotted path such as `digest[0].schedule`.
    pub key: String,
    pub message: String,
    /// "did you mean `…`?" or another way out.
    pub help: Option<String>,
}

/// Every problem of a configuration, with the texts that show the lines they are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    all: Vec<Problem>,
    texts: BTreeMap<PathBuf, String>,
}

impl Problems {
    /// In the order of `files`, and of places within each. What concerns a file as a whole comes first, if only as a
    /// warning last.
    pub fn new(mut all: Vec<Problem>, files: Vec<(PathBuf, String)>) -> Self {
        let order: Vec<PathBuf> = files.iter().map(|(path, _)| path.clone()).collect();
        let rank = |problem: &Problem| order.iter().position(|path| *path == problem.file).map_or(0, |at| at + 1);
        let start = |problem: &Problem| problem.span.as_ref().map_or(0, |span| span.start);
        let remark = |problem: &Problem| problem.span.is_none() && problem.severity == Severity::Warning;
        all.sort_by_key(|problem| (remark(problem), rank(problem), start(problem)));
        all.dedup();
        Self { all, texts: files.into_iter().collect() }
    }

    /// One more, last.
    pub(super) fn add(&mut self, problem: Problem) {
        self.all.push(problem);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.all.iter()
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.all.iter().filter(|problem| problem.severity == severity).count()
    }

    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    pub fn warnings(&self) -> Vec<Problem> {
        self.all.iter().filter(|problem| problem.severity == Severity::Warning).cloned().collect()
    }

    pub(super) fn text(&self, file: &Path) -> Option<&str> {
        self.texts.get(file).map(String::as_str)
    }

    /// 1-based line and column (in characters) of a problem, where it has a place in a file.
    pub fn position(&self, problem: &Problem) -> Option<(usize, usize)> {
        let text = self.text(&problem.file)?;
        let before = text.get(..problem.span.as_ref()?.start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((before.matches('\n').count() + 1, before[line_start..].chars().count() + 1))
    }
}

impl std::error::Error for Problems {}
