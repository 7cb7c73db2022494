//! `khyber run`: the daemon, or one round of it.

use super::at::At;
use super::{Exit, Global, dispatch, poll, publish, setup};
use crate::config;
use crate::daemon::{InboxReport, Khyber, Which, clock, serve};
use crate::model::{Role, Roles};
use crate::store::StoreError;
use crate::web;
use std::time::Duration;

/// Between two tries at a database server that is away.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Poll, publish, dispatch and read bounces once, then end
    #[arg(long)]
    pub once: bool,
    /// What this process does, of a desk in PostgreSQL, with any number of others
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "ROLE",
        default_value = "poll,publish,dispatch,web",
        conflicts_with = "once"
    )]
    pub roles: Vec<Role>,
    #[command(flatten)]
    at: At,
}

pub async fn run(args: &RunArgs, global: &Global) -> anyhow::Result<Exit> {
    if args.once {
        return once(args, global).await;
    }
    let roles: Roles = args.roles.iter().copied().collect();
    let khyber = open_patiently(roles, global).await?;
    let only_web = roles.iter().all(|role| role == Role::Web);
    if only_web && khyber.config.web.is_none() {
        khyber.store.close().await;
        anyhow::bail!("--roles web: there is nothing to do without [web]");
    }
    let file = khyber.config.file.clone();
    let reload = move || config::load(&file, &|name| std::env::var(name).ok()).map(|(config, _)| config);
    // Before the loops start: a port that is taken is told at once.
    let bound = match &khyber.config.web {
        Some(web) if roles.has(Role::Web) => Some(web::bind(web).await?),
        _ => None,
    };
    let answers = roles.has(Role::Web);
    serve(khyber, roles, &reload, |current, mut stopping| async move {
        if answers {
            web::serve(bound, current, stopping).await;
        } else {
            let _ = stopping.changed().await;
        }
    })
    .await?;
    Ok(Exit::Fine)
}

/// A database server that is still on its way after a reboot is waited for; said once.
async fn open_patiently(roles: Roles, global: &Global) -> anyhow::Result<Khyber> {
    let mut wait = Duration::from_secs(1);
    loop {
        let error = match setup::open_as(roles, global, clock::now()).await {
            Ok(khyber) => return Ok(khyber),
            Err(error) => error,
        };
        if !matches!(error.downcast_ref(), Some(StoreError::Away(_))) {
            return Err(error);
        }
        if wait.as_secs() == 1 {
            tracing::error!("waiting for the database: {error:#}");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// One round; each step goes on when the one before it failed in part.
async fn once(args: &RunArgs, global: &Global) -> anyhow::Result<Exit> {
    let now = args.at.now();
    let khyber = setup::open(global, now).await?;
    let polled = if khyber.has_room_to_poll() {
        poll::poll(&khyber, Which::Due, global, now).await
    } else {
        eprintln!("the disk is nearly full: nothing is polled until there is room again");
        Ok(Exit::PartlyFailed)
    };
    let published = khyber.publish_due(None, now).await;
    if let Ok(report) = &published {
        publish::print(report, global)?;
    }
    let dispatched = khyber.dispatch_due(now, &|| false).await;
    if let Ok(report) = &dispatched {
        dispatch::print(report, global);
    }
    let heard = khyber.read_bounces(now).await;
    if let Ok(report) = &heard {
        tell(report, global);
    }
    finish(&khyber, now).await;
    let heard = if heard?.problems.is_empty() { Exit::Fine } else { Exit::PartlyFailed };
    let exits = [polled?, published.map(|_| Exit::Fine)?, dispatch::exit(&dispatched?), heard];
    Ok(if exits.iter().all(|exit| *exit == Exit::Fine) { Exit::Fine } else { Exit::PartlyFailed })
}

fn tell(report: &InboxReport, global: &Global) {
    if report.read > 0 && !global.quiet {
        println!("bounces: {report}");
    }
    report.problems.iter().for_each(|problem| eprintln!("khyber: bounces can't be read: {problem}"));
}

async fn finish(khyber: &Khyber, now: crate::model::Timestamp) {
    if let Err(error) = khyber.store.take_in_new().await {
        tracing::error!("the index of words: {error}");
    }
    if let Err(error) = khyber.clean_up(now).await {
        tracing::error!("clean-up: {error}");
    }
    if let Err(error) = khyber.notify_operator(now).await {
        tracing::error!("looking for troubles: {error}");
    }
    khyber.store.close().await;
}
