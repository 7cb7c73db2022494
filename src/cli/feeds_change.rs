//! `khyber feeds pause`, `resume` and `remove`.

use super::feeds_file::{self, FeedsFile};
use super::table::count;
use super::{Exit, Global, setup};
use crate::config::closest;
use crate::model::{Feed, FeedId, Timestamp};

/// For good, or until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Pause(Option<Timestamp>),
    Resume,
}

pub async fn set(feeds: &[FeedId], change: Change, now: Timestamp, global: &Global) -> anyhow::Result<Exit> {
    if let Change::Pause(Some(until)) = change {
        anyhow::ensure!(until > now, "--until lies in the past");
    }
    let khyber = setup::open_beside(global).await?;
    let mut unknown = 0;
    for id in feeds {
        let configured = khyber.config.feeds.iter().any(|feed| feed.id == *id);
        let known = configured
            && match change {
                Change::Pause(until) => khyber.store.pause_feed(id, until).await?,
                Change::Resume => khyber.store.resume_feed(id).await?,
            };
        if !known {
            unknown += 1;
            eprintln!("khyber: {}", no_such(id, &khyber.config.feeds));
        } else if !global.quiet {
            match change {
                Change::Pause(None) => println!("{id}: paused; `khyber feeds resume {id}` polls it again"),
                Change::Pause(Some(until)) => println!("{id}: paused until {}", super::table::when(Some(until))),
                Change::Resume => println!("{id}: resumed, and due now"),
            }
        }
    }
    Ok(partly(unknown, feeds.len()))
}

pub fn remove(feeds: &[FeedId], global: &Global) -> anyhow::Result<Exit> {
    let config = setup::load(global)?;
    let (known, unknown): (Vec<_>, Vec<_>) =
        feeds.iter().partition(|id| config.feeds.iter().any(|feed| feed.id == **id));
    unknown.iter().for_each(|id| eprintln!("khyber: {}", no_such(id, &config.feeds)));
    if known.is_empty() {
        return Ok(Exit::Failed);
    }
    let names: Vec<String> = known.iter().map(|id| id.to_string()).collect();
    let question =
        format!("Remove {} ({}) from the configuration?", count(known.len(), "feed", "feeds"), names.join(", "));
    if !setup::confirmed(global, &question)? {
        return Ok(Exit::Fine);
    }
    let mut left: Vec<&FeedId> = known;
    for path in feeds_file::files(&config.file)? {
        let mut file = FeedsFile::open(&path)?;
        let before = left.len();
        left.retain(|id| !file.remove(id));
        if left.len() < before {
            file.save()?;
            println!(
                "{}: {} removed; what was read from them is kept as [retention] says",
                path.display(),
                before - left.len()
            );
        }
    }
    left.iter().for_each(|id| eprintln!("khyber: the table of `{id}` was not found; remove it by hand"));
    Ok(partly(unknown.len() + left.len(), feeds.len()))
}

fn partly(failed: usize, all: usize) -> Exit {
    match failed {
        0 => Exit::Fine,
        n if n == all => Exit::Failed,
        _ => Exit::PartlyFailed,
    }
}

/// With the id that was probably meant.
pub fn no_such(id: &FeedId, feeds: &[Feed]) -> String {
    let near = closest(id.as_str(), feeds.iter().map(|feed| feed.id.as_str()));
    let hint =
        near.map_or_else(|| "`khyber feeds list` shows them".to_owned(), |near| format!("did you mean `{near}`?"));
    format!("there is no feed `{id}`; {hint}")
}
