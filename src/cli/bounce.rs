//! `khyber bounce`

use super::at::At;
use super::{Exit, Global, setup};
use crate::daemon::limited_from;
use anyhow::Context;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct BounceArgs {
    /// Read what is new in this maildir instead of one message on standard input
    #[arg(long, value_name = "FOLDER")]
    maildir: Option<PathBuf>,
    /// Read what is unread in the mailbox of [imap] instead
    #[arg(long, conflicts_with_all = ["maildir", "recipient"])]
    imap: bool,
    /// The envelope's recipient, where the mail server knows it (Postfix: ${original_recipient})
    #[arg(long, value_name = "ADDRESS", conflicts_with = "maildir")]
    recipient: Option<String>,
    #[command(flatten)]
    at: At,
}

/// From a mail server's pipe nothing may get lost: whatever fails here is tried again (EX_TEMPFAIL).
pub async fn run(args: &BounceArgs, global: &Global) -> anyhow::Result<Exit> {
    match heard(args, global).await {
        Err(error) if args.maildir.is_none() && !args.imap => {
            setup::report(&error);
            Ok(Exit::Later)
        }
        ended => ended,
    }
}

async fn heard(args: &BounceArgs, global: &Global) -> anyhow::Result<Exit> {
    let (khyber, now) = (setup::open_beside(global).await?, args.at.now());
    let report = if let Some(folder) = &args.maildir {
        khyber.read_maildir(folder, now).await?
    } else if args.imap {
        let imap = khyber.config.bounce.as_ref().and_then(|bounce| bounce.imap.as_ref());
        khyber.read_imap(imap.context("there is no [imap] in the configuration")?, now).await?
    } else {
        let mut input = std::io::stdin().lock();
        let bytes = limited_from(&mut input)?;
        // A mail server that can't write all of a message may take that for a failure.
        std::io::copy(&mut input, &mut std::io::sink())?;
        let heard = khyber.hear(&bytes, args.recipient.as_deref(), now).await?;
        if !global.quiet {
            println!("{heard}");
        }
        return Ok(Exit::Fine);
    };
    if !global.quiet {
        println!("{report}");
    }
    report.problems.iter().for_each(|problem| eprintln!("khyber: {problem}"));
    Ok(if report.problems.is_empty() { Exit::Fine } else { Exit::PartlyFailed })
}
