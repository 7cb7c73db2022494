//! `khyber archive`: the addresses of the archive's pages and feeds, which nobody can guess where it is private.

use super::{Exit, Global, setup, table};
use crate::daemon::Place;
use anyhow::Context;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub struct ArchiveArgs {
    /// Editions of each digest that are named
    #[arg(long, default_value_t = 3)]
    editions: u32,
}

#[derive(Debug, Serialize)]
struct Line {
    page: String,
    link: String,
}

pub async fn run(args: &ArchiveArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let link = |place: Place<'_>| {
        khyber.archive_link(place).context("there is no [web] section, and so no archive on the web")
    };
    let mut lines = vec![
        Line { page: "all".to_owned(), link: link(Place::Index)? },
        Line { page: "search".to_owned(), link: link(Place::Search)? },
    ];
    let with_feeds = |page: String, link: String| {
        let feeds = ["atom.xml", "feed.json"]
            .map(|file| Line { page: format!("{page}, feed"), link: format!("{link}/{file}") });
        std::iter::once(Line { page, link }).chain(feeds)
    };
    for spec in &khyber.config.digests {
        lines.extend(with_feeds(format!("digest {}", spec.id), link(Place::Digest(&spec.id))?));
        for key in khyber.listed(spec, args.editions).await? {
            lines.push(Line { page: format!("edition {}", key.id), link: link(Place::edition(&key))? });
        }
    }
    for topic in &khyber.config.coverage.topics {
        lines.extend(with_feeds(format!("topic {}", topic.id), link(Place::Topic(&topic.id))?));
    }
    table::print(global, &["PAGE", "LINK"], &lines, |line| vec![line.page.clone(), line.link.clone()])?;
    Ok(Exit::Fine)
}
