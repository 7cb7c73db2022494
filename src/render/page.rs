//! The whole mail as formatted strings: head, what is new, sections, foot.

use super::Reader;
use super::clean;
use super::dates::Calendar;
use super::select::{Pick, Picked, by_importance};
use super::story::{StoryBlock, Text, headline};
use super::words::Words;
use crate::model::{Digest, Lang, Section, StoryStatus};

const MAX_TITLE: usize = 80;
const MAX_NEW: usize = 6;
const MAX_SILENT: usize = 8;

/// How much of a digest a mail shows. What is left out is counted in its place.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    pub lead_chars: usize,
    /// Reports whose own headline is shown beside the story's.
    pub contrasts: usize,
    pub reports: usize,
    pub copies: usize,
    /// Stories of one section, and opinion pieces.
    pub stories: usize,
    pub sections: usize,
}

impl Detail {
    pub const FULL: Detail = Detail {
        lead_chars: 260,
        contrasts: 2,
        reports: usize::MAX,
        copies: 6,
        stories: usize::MAX,
        sections: usize::MAX,
    };

    /// Down to a bare minimum that always fits.
    pub const LESS: [Detail; 8] = [
        Detail { lead_chars: 200, reports: 6, copies: 3, ..Detail::FULL },
        Detail { lead_chars: 150, contrasts: 1, reports: 4, copies: 1, ..Detail::FULL },
        Detail { lead_chars: 100, contrasts: 0, reports: 3, copies: 0, ..Detail::FULL },
        Detail { lead_chars: 0, contrasts: 0, reports: 2, copies: 0, stories: 20, sections: 40 },
        Detail { lead_chars: 0, contrasts: 0, reports: 2, copies: 0, stories: 8, sections: 30 },
        Detail { lead_chars: 0, contrasts: 0, reports: 1, copies: 0, stories: 4, sections: 20 },
        Detail { lead_chars: 0, contrasts: 0, reports: 1, copies: 0, stories: 2, sections: 10 },
        Detail { lead_chars: 0, contrasts: 0, reports: 1, copies: 0, stories: 1, sections: 4 },
    ];
}

pub struct Page {
    pub words: &'static Words,
    pub lang: &'static str,
    pub dir: &'static str,
    pub title: Text,
    /// `18 Dec`, for the subject.
    pub day: String,
    pub date: String,
    pub counts: String,
    /// The headline for the subject; `None` when nothing is new.
    pub top: Option<String>,
    pub preheader: String,
    pub new: Vec<NewLine>,
    pub sections: Vec<SectionBlock>,
    pub foot: Foot,
}

/// One line of the list on top, leading to its story below.
pub struct NewLine {
    pub anchor: String,
    pub headline: Text,
}

pub struct SectionBlock {
    pub anchor: String,
    pub title: Text,
    pub stories: Vec<StoryBlock>,
    pub opinions: Vec<StoryBlock>,
    pub more: Option<String>,
}

pub struct Foot {
    pub why: String,
    pub leave: Option<String>,
    pub tally: String,
    pub silent: Option<String>,
    pub times: String,
}

impl Page {
    pub fn of(digest: &Digest, all: &[Picked<'_>], reader: &Reader<'_>, detail: &Detail) -> Page {
        let calendar = Calendar { lang: reader.lang, zone: reader.timezone };
        let words = Words::of(reader.lang);
        let writer = Writer { digest, detail, calendar, words };
        let shown = &all[..all.len().min(detail.sections)];
        let ranked = ranked(shown, detail);
        let top = ranked.first().map(|pick| in_language(pick, reader.lang, 70).text);
        Page {
            words,
            lang: Lang::code(if reader.lang == Lang::Other { Lang::En } else { reader.lang }),
            dir: if reader.lang.is_rtl() { "rtl" } else { "ltr" },
            title: Text::guessed(clean::shortened(&digest.title, MAX_TITLE)),
            day: calendar.short_date(digest.slot),
            date: calendar.long_date(digest.slot),
            counts: writer.counts(all),
            preheader: preheader(&ranked, reader.lang, words),
            top,
            new: new_lines(&ranked, reader.lang),
            sections: shown.iter().map(|section| writer.section(section)).collect(),
            foot: writer.foot(reader),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.sections.iter().all(|section| section.stories.is_empty() && section.opinions.is_empty())
    }
}

/// News by weight; opinion pieces after all news.
fn ranked<'a>(sections: &'a [Picked<'a>], detail: &Detail) -> Vec<&'a Pick<'a>> {
    let cut = |list: &'a [Pick<'a>]| list.iter().take(detail.stories);
    let mut ranked: Vec<&Pick<'_>> =
        sections.iter().flat_map(|section| cut(&section.stories).chain(cut(&section.opinions))).collect();
    ranked.sort_by(|a, b| by_importance(a.story, b.story));
    ranked
}

/// The story's headline in the reader's language where one of its news reports has it.
fn in_language(pick: &Pick<'_>, lang: Lang, max: usize) -> Text {
    let own = pick
        .reports
        .iter()
        .find(|report| report.lang == lang && !report.kind.is_opinion() && !clean::line(&report.headline).is_empty());
    match own {
        Some(report) if pick.lang() != lang => Text::new(clean::shortened(&report.headline, max), lang),
        _ => headline(pick, max),
    }
}

/// What a mailbox shows after the subject: the headlines that the subject has no room for.
fn preheader(ranked: &[&Pick<'_>], lang: Lang, words: &Words) -> String {
    let next: Vec<String> = ranked.iter().skip(1).take(3).map(|pick| in_language(pick, lang, 60).text).collect();
    if ranked.is_empty() { words.nothing_new_long.to_owned() } else { next.join(" · ") }
}

/// Only where the list saves the reader something.
fn new_lines(ranked: &[&Pick<'_>], lang: Lang) -> Vec<NewLine> {
    if ranked.len() < 4 {
        return Vec::new();
    }
    let new = ranked.iter().filter(|pick| pick.story.status == StoryStatus::New && !pick.is_opinion());
    let line =
        |pick: &&Pick<'_>| NewLine { anchor: format!("s{}", pick.story.id), headline: in_language(pick, lang, 110) };
    new.take(MAX_NEW).map(line).collect()
}

struct Writer<'a> {
    digest: &'a Digest,
    detail: &'a Detail,
    calendar: Calendar,
    words: &'static Words,
}

impl Writer<'_> {
    fn section(&self, picked: &Picked<'_>) -> SectionBlock {
        let block = |pick: &Pick<'_>| StoryBlock::of(pick, self.digest.slot, self.detail, self.calendar);
        let stories: Vec<StoryBlock> = picked.stories.iter().take(self.detail.stories).map(block).collect();
        let opinions: Vec<StoryBlock> = picked.opinions.iter().take(self.detail.stories).map(block).collect();
        let cut = picked.stories.len() + picked.opinions.len() - stories.len() - opinions.len();
        let more = picked.more + cut;
        SectionBlock {
            anchor: format!("t-{}", picked.section.topic),
            title: self.title(picked.section),
            stories,
            opinions,
            more: (more > 0).then(|| self.calendar.count(&self.words.more_stories, more)),
        }
    }

    /// In the reader's language, else in English, else in whatever the coverage file has.
    fn title(&self, section: &Section) -> Text {
        let titled = |lang: Lang| section.titles.iter().find(|(known, _)| *known == lang);
        let title = titled(self.calendar.lang).or_else(|| titled(Lang::En)).or(section.titles.first());
        match title {
            Some((lang, title)) => Text::new(clean::shortened(title, MAX_TITLE), *lang),
            None => Text::new(section.topic.to_string(), Lang::En),
        }
    }

    fn counts(&self, sections: &[Picked<'_>]) -> String {
        let stories: usize = sections.iter().map(|section| section.stories.len()).sum();
        let opinions: usize = sections.iter().map(|section| section.opinions.len()).sum();
        let mut parts = Vec::new();
        if stories > 0 {
            parts.push(self.calendar.count(&self.words.stories, stories));
        }
        if opinions > 0 {
            parts.push(self.calendar.count(&self.words.opinions, opinions));
        }
        if parts.is_empty() { self.words.nothing_new.to_owned() } else { parts.join(" · ") }
    }

    fn foot(&self, reader: &Reader<'_>) -> Foot {
        let number = |n: usize| self.calendar.number(n);
        let title = clean::shortened(&self.digest.title, MAX_TITLE);
        let tally = (self.words.tally)
            .replace("{read}", &number(self.digest.read))
            .replace("{kept}", &number(self.digest.kept))
            .replace("{folded}", &number(self.digest.folded));
        Foot {
            why: self.words.why.replace("{title}", &title),
            leave: clean::leaving_link(reader.unsubscribe),
            tally,
            silent: self.silent(),
            times: self.words.times_in.replace("{zone}", &self.calendar.zone_name(self.digest.slot)),
        }
    }

    fn silent(&self) -> Option<String> {
        let names: Vec<String> = self.digest.silent_publishers.iter().map(|name| clean::shortened(name, 40)).collect();
        if names.is_empty() {
            return None;
        }
        let shown = names.len().min(MAX_SILENT);
        let mut text = format!("{} {}", self.words.silent, names[..shown].join(self.words.comma));
        if names.len() > shown {
            text.push(' ');
            text.push_str(&self.calendar.count(&self.words.silent_more, names.len() - shown));
        }
        Some(text)
    }
}
