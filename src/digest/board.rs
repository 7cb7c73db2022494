//! The crossing board: what was last reported of each crossing. Nothing is concluded; a sentence has to say it.

use crate::model::matcher::Matcher;
use crate::model::words::words;
use crate::model::{Coverage, CrossingReport, CrossingStatus, Kind, RelevantEntry, Story, Timestamp};
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// A report older than this leaves the board.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Sentences of a summary that are read: what stands deeper down is background.
const SENTENCES: usize = 2;

/// The board of an edition: newer reports over those of the edition before, in the coverage's order.
pub(super) fn board(
    stories: &[Story],
    coverage: &Coverage,
    before: &[CrossingReport],
    slot: Timestamp,
) -> Vec<CrossingReport> {
    if coverage.crossings.is_empty() {
        return Vec::new();
    }
    let reader = BoardReader::of(coverage);
    let mut board: Vec<Option<CrossingReport>> = coverage
        .crossings
        .iter()
        .map(|crossing| before.iter().find(|known| known.crossing == crossing.id && slot - known.at < KEPT).cloned())
        .collect();
    for relevant in stories.iter().flat_map(|story| &story.reports).map(|unique| &unique.lead) {
        let at = relevant.entry.at();
        if !matches!(relevant.kind, Kind::News | Kind::Official | Kind::Live) || at > slot {
            continue;
        }
        if let Some((index, status)) = reader.read(relevant)
            && board[index].as_ref().is_none_or(|known| known.at < at)
        {
            let crossing = &coverage.crossings[index];
            board[index] = Some(CrossingReport {
                crossing: crossing.id.clone(),
                titles: crossing.titles.clone(),
                status,
                publisher: relevant.entry.publisher.clone(),
                url: relevant.entry.url.as_ref().map(|url| url.as_str().to_owned()),
                at,
            });
        }
    }
    board.into_iter().flatten().collect()
}

struct BoardReader {
    names: Matcher,
    statuses: Matcher,
    /// What the targets of `statuses` say.
    meanings: Vec<Option<CrossingStatus>>,
}

impl BoardReader {
    fn of(coverage: &Coverage) -> Self {
        let mut names = Matcher::default();
        for (index, crossing) in coverage.crossings.iter().enumerate() {
            crossing.names.iter().for_each(|name| names.add(name, index));
        }
        let mut statuses = Matcher::default();
        for (index, of) in coverage.statuses.iter().enumerate() {
            of.words.iter().for_each(|phrase| statuses.add(phrase, index));
        }
        Self { names, statuses, meanings: coverage.statuses.iter().map(|of| of.status).collect() }
    }

    /// The first sentence that says how one crossing is.
    fn read(&self, relevant: &RelevantEntry) -> Option<(usize, CrossingStatus)> {
        let entry = &relevant.entry;
        let summary = sentences(&entry.summary).take(SENTENCES);
        std::iter::once(entry.headline.as_str()).chain(summary).find_map(|sentence| self.sentence(sentence))
    }

    /// One crossing, one status, and nothing that makes it unsure.
    fn sentence(&self, sentence: &str) -> Option<(usize, CrossingStatus)> {
        let words = words(sentence);
        let named: BTreeSet<usize> = self.names.find(&words).into_iter().map(|found| found.target).collect();
        let said: BTreeSet<Option<CrossingStatus>> =
            self.statuses.find(&words).into_iter().map(|found| self.meanings[found.target]).collect();
        let only = |set: &BTreeSet<usize>| set.first().copied().filter(|_| set.len() == 1);
        let crossing = only(&named)?;
        let mut said = said.into_iter();
        match (said.next()?, said.next(), said.next()) {
            (Some(status), None, _) => Some((crossing, status)),
            // "Reopens for pedestrians only".
            (Some(CrossingStatus::Open), Some(Some(CrossingStatus::Limited)), None) => {
                Some((crossing, CrossingStatus::Limited))
            }
            _ => None,
        }
    }
}

/// Split at full stops of the four languages; abbreviations only make a sentence shorter.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '۔', '؟', '\n', '؛', ';'])
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}
