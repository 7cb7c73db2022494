//! `khyber subscribers`

use super::at::span;
use super::subscribers_csv::{self, WrongLines};
use super::table::when;
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{EmailAddress, Subscriber};
use crate::store::Suppression;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct SubscribersArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Every subscriber, what they get and when
    List,
    /// Add subscribers from a CSV file
    Import {
        /// A table with a header line; only the column `email` is needed
        file: PathBuf,
        /// The TOML file that takes them [default: subscribers.toml beside the configuration]
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Leave out lines that are wrong; without this, one wrong line stops the import
        #[arg(long)]
        skip_bad: bool,
    },
    /// Print the subscribers as CSV
    Export,
    /// Send nothing for a while, or until resumed
    Pause {
        address: EmailAddress,
        /// How long [default: until resumed]
        #[arg(long = "for", value_name = "SPAN", value_parser = span)]
        length: Option<Duration>,
        /// End the pause
        #[arg(long, conflicts_with = "length")]
        resume: bool,
    },
    /// Remove what the database holds of a reader
    Erase { address: EmailAddress },
}

#[derive(Debug, Serialize)]
struct Line {
    email: String,
    digests: Vec<String>,
    schedule: String,
    timezone: String,
    language: &'static str,
    /// `file`: the configuration; `web`: the page.
    from: &'static str,
    state: String,
}

pub async fn run(args: &SubscribersArgs, global: &Global) -> anyhow::Result<Exit> {
    match &args.action {
        Action::List => list(global).await,
        Action::Import { file, to, skip_bad } => {
            let wrong = if *skip_bad { WrongLines::Skip } else { WrongLines::Refuse };
            import(file, to.as_deref(), wrong, global)
        }
        Action::Export => {
            print!("{}", subscribers_csv::export(&setup::load(global)?.subscribers)?);
            Ok(Exit::Fine)
        }
        Action::Pause { address, length, resume } => {
            let khyber = setup::open_beside(global).await?;
            let now = clock::now();
            if *resume {
                let done = khyber.store.unsuppress(address).await?;
                println!("{}: {}", address.as_str(), if done { "resumed" } else { "was not paused" });
            } else {
                let until = length.map(|length| now + length);
                khyber.store.suppress(address, "paused by the operator", until, now).await?;
                println!(
                    "{}: paused until {}",
                    address.as_str(),
                    until.map_or("resumed".to_owned(), |at| when(Some(at)))
                );
            }
            Ok(Exit::Fine)
        }
        Action::Erase { address } => erase(address, global).await,
    }
}

fn import(table: &Path, to: Option<&Path>, wrong: WrongLines, global: &Global) -> anyhow::Result<Exit> {
    let config = setup::load(global)?;
    let target = to.map_or_else(|| config.file.with_file_name("subscribers.toml"), Path::to_owned);
    let import = subscribers_csv::prepare(table, &target, &config, wrong)?;
    import.skipped.iter().for_each(|error| eprintln!("{}: {error}", table.display()));
    let subscribers = table::count(import.added, "subscriber", "subscribers");
    if import.added == 0 {
        println!("{}: nobody new", table.display());
    } else if setup::confirmed(global, &format!("Add {subscribers} to {}?", import.target.display()))? {
        import.write()?;
        println!("added {subscribers} to {}", import.target.display());
        if !import.is_included(&config, &|name| std::env::var(name).ok()) {
            println!("{} does not include it yet: add it to `include`", config.file.display());
        }
    }
    Ok(if import.skipped.is_empty() { Exit::Fine } else { Exit::PartlyFailed })
}

async fn list(global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let suppressions = khyber.store.suppressions().await?;
    let web = khyber.web_subscribers().await?;
    let line = |(subscriber, from): (&Subscriber, &'static str)| {
        let digests = khyber.config.digests.iter().filter(|spec| subscriber.digests.contains(&spec.id));
        let schedule = |spec: &crate::model::DigestSpec| {
            subscriber.schedule.as_ref().unwrap_or(&spec.schedule).as_str().to_owned()
        };
        let zones = digests.clone().map(|spec| subscriber.timezone.unwrap_or(spec.timezone).to_string());
        Line {
            email: subscriber.email.as_str().to_owned(),
            digests: digests.clone().map(|spec| spec.id.to_string()).collect(),
            schedule: digests.clone().map(schedule).collect::<Vec<_>>().join(", "),
            timezone: zones.collect::<Vec<_>>().join(", "),
            language: subscriber.lang.code(),
            from,
            state: state(subscriber, &suppressions),
        }
    };
    let configured = khyber.config.subscribers.iter().map(|subscriber| (subscriber, "file"));
    let lines: Vec<Line> = configured.chain(web.iter().map(|subscriber| (subscriber, "web"))).map(line).collect();
    let heads = ["EMAIL", "DIGESTS", "SCHEDULE", "ZONE", "LANGUAGE", "FROM", "STATE"];
    table::print(global, &heads, &lines, |line| {
        vec![
            line.email.clone(),
            line.digests.join(", "),
            line.schedule.clone(),
            line.timezone.clone(),
            line.language.to_owned(),
            line.from.to_owned(),
            line.state.clone(),
        ]
    })?;
    Ok(Exit::Fine)
}

fn state(subscriber: &Subscriber, suppressions: &[Suppression]) -> String {
    let now = clock::now();
    let holds = |suppression: &&Suppression| {
        suppression.address == subscriber.email && suppression.until.is_none_or(|until| until > now)
    };
    match suppressions.iter().find(holds) {
        Some(Suppression { reason, until: Some(until), .. }) => format!("{reason} until {}", when(Some(*until))),
        Some(suppression) => suppression.reason.clone(),
        None if subscriber.enabled => "active".to_owned(),
        None => "disabled".to_owned(),
    }
}

async fn erase(address: &EmailAddress, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let question = format!("Remove {} from every delivery, and the texts of their mails?", address.as_str());
    if !setup::confirmed(global, &question)? {
        return Ok(Exit::Fine);
    }
    let changed = khyber.store.erase(address, clock::now()).await?;
    println!("erased from {}", table::count(usize::try_from(changed)?, "delivery", "deliveries"));
    if khyber.config.subscribers.iter().any(|subscriber| subscriber.email == *address) {
        println!("the configuration still names this address: remove its [[subscriber]] too");
    }
    Ok(Exit::Fine)
}
