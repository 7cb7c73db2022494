//! `khyber feeds import` and `export`: OPML in and out.

use super::feeds_file::{self, FeedsFile};
use super::table::count;
use super::{Exit, Global, feeds, opml, setup};
use anyhow::{Context, bail};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    file: PathBuf,
    /// Write into this file [default: where the configuration has its feeds]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Say what would be done with each line, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub fn import(args: &ImportArgs, global: &Global) -> anyhow::Result<Exit> {
    let name = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| name.to_string())?;
    let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
    let config = feeds::config_if_any(global)?;
    let known = config.as_ref().map(|config| config.feeds.as_slice()).unwrap_or_default();
    let imported = opml::import(&text, known).with_context(|| name.to_string())?;
    if global.json {
        println!("{}", serde_json::to_string_pretty(&imported.rows)?);
    } else if !global.quiet {
        imported.rows.iter().for_each(|row| println!("{name}: {row}"));
    }
    let refused = imported.refused();
    let exit = match refused {
        0 => Exit::Fine,
        all if all == imported.rows.len() => Exit::Failed,
        _ => Exit::PartlyFailed,
    };
    let new = count(imported.feeds.len(), "new feed", "new feeds");
    if imported.feeds.is_empty() {
        eprintln!("{name}: no new feed");
        return Ok(exit);
    }
    let to = match (&args.to, &config) {
        (Some(to), _) => to.clone(),
        (None, Some(config)) => feeds_file::home(&config.file)?,
        (None, None) if args.dry_run => PathBuf::from("feeds.toml"),
        (None, None) => {
            bail!("there is no configuration to write into: `khyber init` makes one, or give a file with --to")
        }
    };
    if args.dry_run {
        eprintln!("{new} would be written into {}; nothing was", to.display());
        return Ok(exit);
    }
    if !setup::confirmed(global, &format!("Write {new} into {}?", to.display()))? {
        return Ok(Exit::Fine);
    }
    let mut file = FeedsFile::open(&to)?;
    file.add(&imported.feeds)?;
    file.save()?;
    eprintln!("{new} written into {}; a running daemon takes them up after SIGHUP", to.display());
    if config.is_some_and(|config| !feeds::includes(&config, &to)) {
        eprintln!("{} is not included by the configuration: add it to `include`", to.display());
    }
    Ok(exit)
}

pub fn export(global: &Global) -> anyhow::Result<Exit> {
    println!("{}", opml::export(&setup::load(global)?.feeds)?);
    Ok(Exit::Fine)
}
