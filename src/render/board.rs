//! The crossing board as formatted strings: status, who reported it, when.

use super::clean;
use super::dates::Calendar;
use super::story::Text;
use super::words::Words;
use crate::model::{CrossingReport, CrossingStatus, Digest, Lang};
use chrono::TimeDelta;

/// What was reported longer ago is shown grey.
const FRESH: TimeDelta = TimeDelta::days(3);

pub struct BoardLine {
    pub name: Text,
    pub status: &'static str,
    /// Chooses the colour; empty for what is too old.
    pub class: &'static str,
    pub publisher: Text,
    pub link: Option<String>,
    pub time: String,
    /// `no newer report`.
    pub old: Option<&'static str>,
}

pub fn board(digest: &Digest, calendar: Calendar) -> Vec<BoardLine> {
    digest.board.iter().map(|report| line(report, digest, calendar)).collect()
}

fn line(report: &CrossingReport, digest: &Digest, calendar: Calendar) -> BoardLine {
    let words = Words::of(calendar.lang);
    let (lang, name) = calendar.lang.title(&report.titles).unwrap_or((Lang::Other, &report.crossing));
    let is_old = digest.slot - report.at > FRESH;
    let (status, class) = match report.status {
        CrossingStatus::Open => (words.say("open"), "is-open"),
        CrossingStatus::Closed => (words.say("closed"), "is-closed"),
        CrossingStatus::Limited => (words.say("limited"), "is-limited"),
    };
    BoardLine {
        name: Text::new(clean::shortened(name, 40), lang),
        status,
        class: if is_old { "is-old" } else { class },
        publisher: Text::guessed(clean::shortened(&report.publisher, 50)),
        link: clean::link(report.url.as_deref()),
        time: calendar.time(report.at, digest.slot),
        old: is_old.then(|| words.say("no-newer-report")),
    }
}
