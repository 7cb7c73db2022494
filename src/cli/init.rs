//! `khyber init`: a commented starter configuration in a folder; never over an existing file.

use super::{Exit, Global};
use crate::config::starter;
use anyhow::Context;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, clap::Args)]
pub struct InitArgs {
    /// Where to write; made if it is not there
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

pub async fn run(args: &InitArgs, global: &Global) -> anyhow::Result<Exit> {
    let existing: Vec<PathBuf> = paths(&args.dir).map(|(path, _)| path).filter(|path| path.exists()).collect();
    if !existing.is_empty() {
        let names: Vec<String> = existing.iter().map(|path| path.display().to_string()).collect();
        anyhow::bail!("nothing was written: {} already there; move it away or choose another folder", names.join(", "));
    }
    for (path, text) in paths(&args.dir) {
        write_new(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
        if !global.quiet {
            println!("wrote {}", path.display());
        }
    }
    if !global.quiet {
        let config = args.dir.join("khyber.toml");
        println!("next: add yourself to {}, then", args.dir.join("subscribers.toml").display());
        println!("  khyber check -c {0}\n  khyber run -c {0}", config.display());
    }
    Ok(Exit::Fine)
}

fn paths(dir: &Path) -> impl Iterator<Item = (PathBuf, &'static str)> {
    starter::FILES.iter().map(move |(name, text)| (dir.join(name), *text))
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // create_new: a file that appeared since the look above is not overwritten either.
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
