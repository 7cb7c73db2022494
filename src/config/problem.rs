//! One mistake in a configuration file, shown with its place, its line and what to do.

use std::ops::Range;
use std::path::PathBuf;

/// A mistake, or something that only deserves a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// What is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub severity: Severity,
    pub file: PathBuf,
    /// Byte span in the file's text.
    pub span: Option<Range<usize>>,
    /// Dotted path such as `digest[0].schedule`.
    pub key: String,
    pub message: String,
    /// "did you mean `…`?" or another way out.
    pub help: Option<String>,
}
