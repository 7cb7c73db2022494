//! `khyber publish`

use super::at::At;
use super::table::{count, when};
use super::{Exit, Global, setup};
use crate::config::Config;
use crate::daemon::PublishReport;
use crate::model::{DigestId, DigestSpec, Role, Roles};

#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// Only this digest
    #[arg(long, value_name = "ID")]
    digest: Option<DigestId>,
    #[command(flatten)]
    at: At,
}

pub async fn run(args: &PublishArgs, global: &Global) -> anyhow::Result<Exit> {
    let now = args.at.now();
    let khyber = setup::open_as(Roles::from_iter([Role::Publish]), global, now).await?;
    if let Some(id) = &args.digest {
        find_digest(&khyber.config, Some(id))?;
    }
    let report = khyber.publish_due(args.digest.as_ref(), now).await;
    khyber.store.close().await;
    print(&report?, global)?;
    Ok(Exit::Fine)
}

/// The named digest, or the first one.
pub fn find_digest<'a>(config: &'a Config, id: Option<&DigestId>) -> anyhow::Result<&'a DigestSpec> {
    let found = config.digests.iter().find(|spec| id.is_none_or(|id| *id == spec.id));
    found.ok_or_else(|| match id {
        Some(id) => anyhow::anyhow!("there is no digest `{id}` in {}", config.file.display()),
        None => anyhow::anyhow!("there is no [[digest]] in {}", config.file.display()),
    })
}

pub fn print(report: &PublishReport, global: &Global) -> anyhow::Result<()> {
    if global.quiet {
        return Ok(());
    }
    if report.editions.is_empty() {
        println!("published nothing: no slot is due");
    }
    for edition in &report.editions {
        println!(
            "{} {} {}: {} from {} kept of {} read ({} folded as copies), {}",
            super::editions::state_name(edition.state),
            edition.digest,
            when(Some(edition.slot)),
            count(edition.stories, "story", "stories"),
            edition.kept,
            count(edition.read, "entry", "entries"),
            edition.folded,
            count(edition.deliveries, "mail", "mails"),
        );
    }
    Ok(())
}
