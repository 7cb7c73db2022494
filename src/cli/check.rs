//! `khyber check`: every problem of the configuration at once.

use super::Global;
use super::table::when;
use crate::config::{self, Config, Loaded, Problem, Severity, StoreConfig};
use crate::daemon::clock;
use crate::store::Store;
use std::io::Write;

#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// Also try the network: poll every feed once, log in to the mail server, read the sender's SPF, DKIM and DMARC records;
    /// nothing is stored or sent
    #[arg(long)]
    pub online: bool,
}

/// Everything that can be said without the network.
pub async fn offline(global: &Global) -> anyhow::Result<Loaded> {
    let path = config::locate(global.config.as_deref())?;
    let mut loaded = config::examine(&path, &|name| std::env::var(name).ok());
    loaded.warn_of_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    point_at_stopped(&mut loaded).await?;
    Ok(loaded)
}

/// Prints all problems and a summary.
pub fn print(loaded: &Loaded, global: &Global) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if global.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&as_json(loaded))?)?;
        return Ok(());
    }
    // What was asked for goes to stdout; scripts that only want to know look at the exit code.
    if loaded.problems.iter().next().is_some() {
        writeln!(out, "{}", loaded.problems)?;
    }
    if let Some(config) = loaded.config.as_ref().filter(|_| !global.quiet) {
        writeln!(out, "{}", summary(config))?;
    }
    Ok(())
}

/// What the store knows beats the configuration: whoever is named there but gets no mail is pointed at.
async fn point_at_stopped(loaded: &mut Loaded) -> anyhow::Result<()> {
    let Some(config) = &loaded.config else { return Ok(()) };
    if matches!(config.store, StoreConfig::Sqlite) && !config.data_dir.join("khyber.db").is_file() {
        return Ok(());
    }
    let store = Store::of(&config.store, &config.data_dir).await?;
    let now = clock::now();
    let mut found = Vec::new();
    for suppression in store.suppressions().await? {
        if suppression.until.is_none_or(|until| until > now) {
            let until = suppression.until.map_or(String::new(), |until| format!(" until {}", when(Some(until))));
            let message = format!("this subscriber is suppressed{until} and gets no mail: {}", suppression.reason);
            let help = "remove the [[subscriber]]; `khyber suppressions list` shows them all".to_owned();
            found.push((suppression.address, message, help));
        }
    }
    for (address, chosen) in store.preferences().await? {
        if let Some(until) = chosen.paused_until.filter(|until| *until > now) {
            let message = format!("this subscriber paused and gets no mail until {}", when(Some(until)));
            found.push((address.clone(), message, "nothing to do: it ends by itself".to_owned()));
        }
        for digest in chosen.left {
            let message = format!("this subscriber left the digest `{digest}` and gets no mail of it");
            found.push((address.clone(), message, "take the digest off this [[subscriber]]".to_owned()));
        }
    }
    store.close().await;
    for (address, message, help) in found {
        loaded.warn_of(&address, message, help);
    }
    Ok(())
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

pub fn as_json(loaded: &Loaded) -> serde_json::Value {
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
