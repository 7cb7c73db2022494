//! The command line: one file and one function per subcommand.

mod archive;
mod at;
mod bounce;
pub mod check;
pub mod check_online;
mod db;
mod demo;
mod dispatch;
mod dkim;
mod editions;
pub mod eval;
mod explain;
mod feeds;
mod feeds_add;
mod feeds_change;
mod feeds_file;
mod feeds_find;
mod feeds_import;
mod feeds_list;
pub mod feeds_test;
pub mod init;
pub mod opml;
mod outbox;
pub mod parse;
mod parse_measure;
mod pipe;
mod poll;
mod preview;
mod publish;
mod run;
mod score;
mod search;
mod send;
mod setup;
mod shell;
mod status;
mod stories;
mod subscribers;
pub mod subscribers_csv;
mod suppressions;
mod table;

use clap::{ArgAction, Parser, Subcommand};
use std::path::PathBuf;

pub use pipe::end_quietly;
pub use setup::report;

/// Reads the feeds on Pakistan and Afghanistan for you and mails one digest a day.
#[derive(Debug, Parser)]
#[command(name = "khyber", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 failed, 2 usage, 3 configuration, 4 partly failed; `bounce` on standard input: 75, try again later";

/// Options that every subcommand takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// Configuration file [default: khyber.toml, config/khyber.toml or /etc/khyber/khyber.toml]
    #[arg(short, long, global = true, env = "KHYBER_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print lists as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more (-vv: everything)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Answer yes to the question before a bulk change
    #[arg(short, long, global = true)]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole main job on sample feeds, without network or configuration
    Demo(demo::DemoArgs),
    /// Write a commented starter configuration
    Init(init::InitArgs),
    /// Report every mistake in the configuration at once
    Check(check::CheckArgs),
    /// Run the daemon: poll, publish and dispatch
    Run(run::RunArgs),
    /// Poll feeds that are due, or the named ones now
    Poll(poll::PollArgs),
    /// Publish the digests that are due
    Publish(publish::PublishArgs),
    /// Send what waits in the outbox
    Dispatch(dispatch::DispatchArgs),
    /// List the stories of the last hours
    Stories(stories::StoriesArgs),
    /// Find entries by their words
    Search(search::SearchArgs),
    /// Say why an entry was kept or dropped, and what it was grouped with
    Explain(explain::ExplainArgs),
    /// Print a digest as it would be now; sends and changes nothing
    Preview(preview::PreviewArgs),
    /// Print the DNS records of the DKIM keys
    Dkim(dkim::DkimArgs),
    /// Send a test mail
    Send(send::SendArgs),
    /// The editions that were published
    Editions(editions::EditionsArgs),
    /// The addresses of the archive on the web, and of its feeds
    Archive(archive::ArchiveArgs),
    /// The mails that wait, failed or went out
    Outbox(outbox::OutboxArgs),
    /// The feeds and how they do
    Feeds(feeds::FeedsArgs),
    /// The subscribers
    Subscribers(subscribers::SubscribersArgs),
    /// Who gets no mail, whatever the configuration says
    Suppressions(suppressions::SuppressionsArgs),
    /// Read a bounce, a complaint or a wish to leave, from a mail server's pipe or a maildir
    Bounce(bounce::BounceArgs),
    /// How everything does
    Status(status::StatusArgs),
    /// Back up, check or clean the database
    Db(db::DbArgs),
    /// Print what is read from feed documents, as JSON
    Parse(parse::ParseArgs),
    /// Judge and group entries from a file with the stages of the daemon
    Eval(eval::EvalArgs),
    /// Print a shell completion script
    Completions(shell::CompletionsArgs),
    /// Write man pages into a folder
    Man(shell::ManArgs),
}

/// How a subcommand ended; the process's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Fine = 0,
    Failed = 1,
    Usage = 2,
    Configuration = 3,
    PartlyFailed = 4,
    /// EX_TEMPFAIL: a mail server keeps the message and tries again.
    Later = 75,
}

impl Cli {
    /// Logs go to standard error: warnings for a command, what happens for the daemon, all of it with `-v`.
    pub fn start_log(&self) {
        let usual = match &self.command {
            Command::Run(args) if !args.once => setup::Usual::Events,
            _ => setup::Usual::Errors,
        };
        setup::start_log(&self.global, usual);
    }

    pub async fn run(&self) -> anyhow::Result<Exit> {
        let global = &self.global;
        match &self.command {
            Command::Demo(args) => demo::run(args, global).await,
            Command::Init(args) => init::run(args, global).await,
            Command::Check(args) => check_online::run(args, global).await,
            Command::Run(args) => run::run(args, global).await,
            Command::Poll(args) => poll::run(args, global).await,
            Command::Publish(args) => publish::run(args, global).await,
            Command::Dispatch(args) => dispatch::run(args, global).await,
            Command::Stories(args) => stories::run(args, global).await,
            Command::Search(args) => search::run(args, global).await,
            Command::Explain(args) => explain::run(args, global).await,
            Command::Preview(args) => preview::run(args, global).await,
            Command::Dkim(args) => dkim::run(args, global),
            Command::Send(args) => send::run(args, global).await,
            Command::Editions(args) => editions::run(args, global).await,
            Command::Archive(args) => archive::run(args, global).await,
            Command::Outbox(args) => outbox::run(args, global).await,
            Command::Feeds(args) => feeds::run(args, global).await,
            Command::Subscribers(args) => subscribers::run(args, global).await,
            Command::Suppressions(args) => suppressions::run(args, global).await,
            Command::Bounce(args) => bounce::run(args, global).await,
            Command::Status(args) => status::run(args, global).await,
            Command::Db(args) => db::run(args, global).await,
            Command::Parse(args) => parse::run(args, global).await,
            Command::Eval(args) => eval::run(args, global).await,
            Command::Completions(args) => shell::completions(args),
            Command::Man(args) => shell::man(args),
        }
    }
}
