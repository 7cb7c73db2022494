//! `khyber check`: every problem of the configuration at once.

use super::{Exit, Global};
use crate::config::{self, Config, Loaded, Problem, Severity};
use std::io::Write;

#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// Also try the network: poll every feed once and greet the mail server; nothing is stored or sent
    #[arg(long)]
    pub online: bool,
}

/// Prints all problems and a summary; the configuration is there if it has no errors, for what `--online` does next.
pub fn offline(global: &Global) -> anyhow::Result<(Option<Config>, Exit)> {
    let path = config::locate(global.config.as_deref())?;
    let loaded = config::examine(&path, &|name| std::env::var(name).ok());
    let mut out = std::io::stdout().lock();
    if global.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&as_json(&loaded))?)?;
    } else {
        // What was asked for goes to stdout; scripts that only want to know look at the exit code.
        if loaded.problems.iter().next().is_some() {
            writeln!(out, "{}", loaded.problems)?;
        }
        if let Some(config) = loaded.config.as_ref().filter(|_| !global.quiet) {
            writeln!(out, "{}", summary(config))?;
        }
    }
    let exit = if loaded.config.is_some() { Exit::Fine } else { Exit::Configuration };
    Ok((loaded.config, exit))
}

fn summary(config: &Config) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    format!(
        "{} is fine: {}, {}, {}, {}",
        config.file.display(),
        count(config.feeds.len(), "feed"),
        count(config.digests.len(), "digest"),
        count(config.subscribers.len(), "subscriber"),
        count(config.coverage.topics.len(), "topic"),
    )
}

fn as_json(loaded: &Loaded) -> serde_json::Value {
    let problem = |problem: &Problem| {
        let place = loaded.problems.position(problem);
        serde_json::json!({
            "severity": problem.severity.name(),
            "file": problem.file.display().to_string(),
            "line": place.map(|(line, _)| line),
            "column": place.map(|(_, column)| column),
            "key": problem.key,
            "message": problem.message,
            "help": problem.help,
        })
    };
    serde_json::json!({
        "ok": loaded.config.is_some(),
        "errors": loaded.problems.count(Severity::Error),
        "warnings": loaded.problems.count(Severity::Warning),
        "problems": loaded.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}
