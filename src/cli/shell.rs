//! `khyber completions` and `khyber man`

use super::{Cli, Exit};
use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Folder for khyber.1 and one page per subcommand
    folder: PathBuf,
}

pub fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "khyber", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Fine)
}

pub fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    let failed = || format!("{}: the man pages can't be written there", args.folder.display());
    std::fs::create_dir_all(&args.folder).with_context(failed)?;
    clap_mangen::generate_to(Cli::command(), &args.folder).with_context(failed)?;
    Ok(Exit::Fine)
}
