//! One function per subcommand.

pub mod check;
pub mod eval;
pub mod init;
pub mod parse;
pub mod subscribers_csv;

use std::path::PathBuf;

/// Options that every subcommand takes.
#[derive(Debug, Clone, Default)]
pub struct Global {
    pub config: Option<PathBuf>,
    /// Lists as JSON instead of a table.
    pub json: bool,
    pub quiet: bool,
    pub verbose: u8,
    /// Answers the question before a bulk change.
    pub yes: bool,
}

/// How a subcommand ended; the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Fine = 0,
    Failed = 1,
    Usage = 2,
    Configuration = 3,
    PartlyFailed = 4,
}
