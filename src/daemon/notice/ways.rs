//! The ways to the operator that do not need the relay: a file, a webhook, the machine's own sendmail.

use crate::config::{Config, NoticeConfig};
use crate::fetch;
use crate::model::Timestamp;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const SENDMAIL_LIMIT: Duration = Duration::from_secs(60);

/// Through each configured way; one that works is enough. The reasons name neither an address nor the webhook.
pub(super) async fn tell(ways: &NoticeConfig, config: &Config, text: &str, now: Timestamp) -> Result<(), String> {
    let mut results = Vec::new();
    if let Some(file) = &ways.file {
        results.push(append(file, text).map_err(|error| format!("{}: {error}", file.display())));
    }
    if let Some(webhook) = &ways.webhook {
        let body = serde_json::json!({ "text": text }).to_string();
        let posted = fetch::post::json(webhook.expose(), body).await;
        results.push(posted.map_err(|error| format!("webhook: {error}")));
    }
    if let Some(program) = &ways.sendmail {
        results.push(
            sendmail(program, config, text, now).await.map_err(|error| format!("{}: {error}", program.display())),
        );
    }
    if results.iter().any(Result::is_ok) {
        for error in results.into_iter().filter_map(Result::err) {
            tracing::warn!("one way to the operator failed: {error}");
        }
        return Ok(());
    }
    Err(results.into_iter().filter_map(Result::err).collect::<Vec<_>>().join("; "))
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

async fn sendmail(program: &Path, config: &Config, text: &str, now: Timestamp) -> Result<(), String> {
    let Some(operator) = &config.operator else { return Err("`operator` is not set".to_owned()) };
    let from = config.mail.from.as_str();
    // Auto-Submitted: no vacation program should answer this (RFC 3834).
    let message = format!(
        "From: {from}\nTo: {}\nDate: {}\nSubject: Khyber needs a look\nAuto-Submitted: auto-generated\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}",
        operator.as_str(),
        now.to_rfc2822()
    );
    let run = async {
        let mut command = tokio::process::Command::new(program);
        command.args(["-i", "-f", from, "--", operator.as_str()]).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(message.as_bytes()).await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(SENDMAIL_LIMIT, run).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(status.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no end within a minute".to_owned()),
    }
}
