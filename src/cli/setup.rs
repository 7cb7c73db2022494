//! What every subcommand starts with: the log, the configuration, the question before a bulk change.

use super::table::count;
use super::{Exit, Global, pipe};
use crate::config::{self, Config, NoConfiguration, Problems};
use crate::daemon::Khyber;
use crate::model::{Roles, Timestamp};
use std::io::{BufRead, IsTerminal, Write};
use tracing_subscriber::EnvFilter;

/// What is logged without `-q` and `-v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// The command tells of failures itself.
    Errors,
    /// What happens, for a journal.
    Events,
}

pub(super) fn start_log(global: &Global, usual: Usual) {
    let level = match (global.quiet, global.verbose, usual) {
        (true, _, _) => "error",
        (_, 0, Usual::Errors) => "khyber=error",
        (_, 0, Usual::Events) | (_, 1, _) => "khyber=info",
        (_, 2, _) => "khyber=debug",
        _ => "debug",
    };
    // KHYBER_LOG takes tracing's filter syntax. Under systemd the journal has its own time stamps.
    let filter = EnvFilter::try_from_env("KHYBER_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // It logs what it says to the server, the password included.
    let filter = match "async_imap=off".parse() {
        Ok(silence) => filter.add_directive(silence),
        Err(_) => filter,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    let started =
        if std::env::var_os("JOURNAL_STREAM").is_some() { log.without_time().try_init() } else { log.try_init() };
    if let Err(error) = started {
        eprintln!("khyber: logging could not be started: {error}");
    }
}

/// Prints an error once and says how the process should end.
pub fn report(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<Problems>() {
        Some(problems) => {
            eprint!("{problems}");
            Exit::Configuration
        }
        None if pipe::is_closed(error) => Exit::Fine,
        None => {
            eprintln!("khyber: {error:#}");
            if error.is::<NoConfiguration>() { Exit::Configuration } else { Exit::Failed }
        }
    }
}

/// Loads the configuration; that there are warnings is said unless `--quiet`.
pub fn load(global: &Global) -> anyhow::Result<Config> {
    let file = config::locate(global.config.as_deref())?;
    let loaded = config::examine(&file, &|name| std::env::var(name).ok());
    let Some(config) = loaded.config else { return Err(loaded.problems.into()) };
    let warnings = loaded.problems.iter().count();
    if !global.quiet && warnings > 0 {
        eprintln!("{}: {}; `khyber check` shows them", file.display(), count(warnings, "warning", "warnings"));
    }
    Ok(config)
}

/// For subcommands that change state.
pub async fn open(global: &Global, now: Timestamp) -> anyhow::Result<Khyber> {
    open_as(Roles::ALL, global, now).await
}

/// As `open`, beside daemons in other roles.
pub async fn open_as(roles: Roles, global: &Global, now: Timestamp) -> anyhow::Result<Khyber> {
    Khyber::open_as(roles, load(global)?, now).await
}

/// For subcommands that only look, or make one small change beside a daemon.
pub async fn open_beside(global: &Global) -> anyhow::Result<Khyber> {
    Khyber::open_beside(load(global)?).await
}

/// Asks before a bulk change. Without a terminal and without `--yes` the answer is no.
pub fn confirmed(global: &Global, question: &str) -> anyhow::Result<bool> {
    if global.yes {
        return Ok(true);
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    if std::io::stdin().is_terminal() {
        std::io::stdin().lock().read_line(&mut answer)?;
    } else {
        eprintln!("no (not a terminal; use --yes)");
    }
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
