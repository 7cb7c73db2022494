//! `khyber feeds list`: how every feed does, and what to do about those that do not.

use super::table::when;
use super::{Exit, Global, setup, table};
use crate::daemon::clock;
use crate::model::{Feed, FeedHealth, FeedState, Timestamp};
use crate::store::FeedRow;
use serde::Serialize;

#[derive(Debug, Clone, clap::Args)]
pub struct ListArgs {
    /// Only those whose last poll failed: failing, blocked, broken or gone
    #[arg(long)]
    failing: bool,
    /// Only those that answer with nothing new for long
    #[arg(long)]
    stale: bool,
}

#[derive(Debug, Serialize)]
pub struct Line {
    pub feed: String,
    pub publisher: String,
    pub side: &'static str,
    pub health: FeedHealth,
    pub last_new: Option<Timestamp>,
    /// Seconds between the last poll and the next, as learned.
    pub interval: Option<i64>,
    pub next_check: Option<Timestamp>,
    /// The last failure in plain words.
    pub error: Option<String>,
    /// What the operator can do.
    pub advice: Option<String>,
    pub failures: u32,
    pub paused_until: Option<Timestamp>,
    pub full_text: bool,
    pub pages_read: Option<i64>,
    pub url: String,
}

pub async fn run(args: &ListArgs, global: &Global) -> anyhow::Result<Exit> {
    let khyber = setup::open_beside(global).await?;
    let now = clock::now();
    let rows = khyber.store.feeds().await?;
    let mut lines = Vec::new();
    for feed in &khyber.config.feeds {
        let mut line = line(feed, rows.get(&feed.id), now);
        if feed.full_text {
            let (read, reason) = khyber.store.pages_of(&feed.id).await?;
            line.pages_read = Some(read);
            line.advice =
                line.advice.or(reason.filter(|_| read == 0).map(|reason| format!("no page was read: {reason}")));
        }
        lines.push(line);
    }
    lines.retain(|line| args.wants(line.health));
    let heads = ["FEED", "PUBLISHER", "SIDE", "HEALTH", "LAST NEW", "EVERY", "NEXT CHECK", "TROUBLE"];
    table::print(global, &heads, &lines, cells)?;
    Ok(Exit::Fine)
}

impl ListArgs {
    fn wants(&self, health: FeedHealth) -> bool {
        let failing = is_failing(health);
        let stale = health == FeedHealth::Stale;
        (!self.failing && !self.stale) || (self.failing && failing) || (self.stale && stale)
    }
}

pub fn is_failing(health: FeedHealth) -> bool {
    matches!(health, FeedHealth::Failing | FeedHealth::Blocked | FeedHealth::Broken | FeedHealth::Gone)
}

fn cells(line: &Line) -> Vec<String> {
    let trouble = [line.error.clone(), line.advice.clone()].into_iter().flatten().collect::<Vec<_>>().join(" – ");
    vec![
        line.feed.clone(),
        line.publisher.clone(),
        line.side.to_owned(),
        health_name(line.health),
        when(line.last_new),
        line.interval.map_or_else(|| "–".to_owned(), span),
        when(line.next_check),
        trouble,
    ]
}

pub fn health_name(health: FeedHealth) -> String {
    super::feeds_file::name_of(health)
}

/// `1h`, `2h 30m`, `1d 1h`: the two largest units.
fn span(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let mut rest = seconds;
    let parts: Vec<String> = units
        .into_iter()
        .filter_map(|(length, unit)| {
            let number = rest / length;
            rest %= length;
            (number > 0).then(|| format!("{number}{unit}"))
        })
        .take(2)
        .collect();
    if parts.is_empty() { "<1m".to_owned() } else { parts.join(" ") }
}

fn line(feed: &Feed, row: Option<&FeedRow>, now: Timestamp) -> Line {
    let state = row.map(|row| row.state.clone()).unwrap_or_default();
    let paused = !feed.enabled || row.is_some_and(|row| row.is_paused(now));
    let health = if paused { FeedHealth::Paused } else { state.health };
    let interval = state.next_poll_at.zip(state.last_polled_at).map(|(next, last)| (next - last).num_seconds());
    Line {
        feed: feed.id.to_string(),
        publisher: feed.publisher.clone(),
        side: feed.side.name(),
        health,
        last_new: state.last_new_at,
        interval: interval.filter(|seconds| *seconds > 0),
        next_check: state.next_poll_at.filter(|_| !paused),
        advice: advice(feed, &state, health, row.and_then(|row| row.paused_until)),
        error: state.last_error,
        failures: state.failures,
        paused_until: row.and_then(|row| row.paused_until).filter(|_| paused),
        full_text: feed.full_text,
        pages_read: None,
        url: feed.url.to_string(),
    }
}

/// What the operator can do, in one sentence.
fn advice(feed: &Feed, state: &FeedState, health: FeedHealth, paused_until: Option<Timestamp>) -> Option<String> {
    let id = &feed.id;
    match health {
        FeedHealth::Paused if !feed.enabled => Some("enabled = false in the configuration".to_owned()),
        FeedHealth::Paused => Some(match paused_until {
            Some(until) => format!("paused until {}", when(Some(until))),
            None => format!("`khyber feeds resume {id}` polls it again"),
        }),
        FeedHealth::Blocked => Some(format!(
            "the site turns programs away: open it in a browser, set [fetch] contact, write to the publisher, or \
             `khyber feeds pause {id}`"
        )),
        FeedHealth::Broken => Some(format!("`khyber feeds test {id}` shows what it answers")),
        FeedHealth::Gone => Some(format!(
            "look for its new address with `khyber feeds add {}`, then `khyber feeds remove {id}`",
            feed.url.origin().ascii_serialization()
        )),
        FeedHealth::Failing if state.failures > 5 => {
            Some(format!("failed {} times in a row; `khyber feeds test {id}` shows more", state.failures))
        }
        FeedHealth::Stale => {
            let since = state
                .last_new_at
                .map_or_else(|| "for long".to_owned(), |at| format!("since {}", at.format("%Y-%m-%d")));
            Some(format!("answers, but nothing new {since}: the publisher may have another feed"))
        }
        _ => state.moved_to.as_ref().map(|to| format!("moved for good: change its url to {to}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        let shown: Vec<String> = [30, 60, 3_600, 9_000, 90_000, 86_461].into_iter().map(span).collect();
        assert_eq!(shown, ["<1m", "1m", "1h", "2h 30m", "1d 1h", "1d 1m"]);
    }

    #[test]
    fn filters_add_up() {
        let shown = |failing, stale| {
            let args = ListArgs { failing, stale };
            [FeedHealth::Ok, FeedHealth::Blocked, FeedHealth::Stale, FeedHealth::Paused]
                .map(|health| args.wants(health))
        };
        assert_eq!(shown(false, false), [true; 4]);
        assert_eq!(shown(true, false), [false, true, false, false]);
        assert_eq!(shown(true, true), [false, true, true, false]);
    }
}
