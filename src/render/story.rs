//! One story as formatted strings: headline, lead, whose press says it, and how else it is told.

use super::clean;
use super::dates::Calendar;
use super::page::Detail;
use super::select::Pick;
use super::words::{Words, own_name};
use crate::model::{EntryId, Kind, Lang, Report, StoryStatus, StoryView, Timestamp};
use std::collections::BTreeSet;

const MAX_HEADLINE: usize = 180;
const MAX_PUBLISHER: usize = 50;

/// Text with the language and direction it is set in.
pub struct Text {
    pub text: String,
    /// BCP 47, or empty where the language is not known.
    pub lang: &'static str,
    /// Chooses the typeface and line height: a language with letters of its own, else Latin's.
    pub class: &'static str,
    pub dir: &'static str,
}

impl Text {
    pub fn new(text: String, lang: Lang) -> Self {
        match lang {
            Lang::Other => Self::guessed(text),
            _ => Self { lang: lang.code(), class: lang.code(), dir: if lang.is_rtl() { "rtl" } else { "ltr" }, text },
        }
    }

    /// Direction from the first letter; for names, which carry no language.
    pub fn guessed(text: String) -> Self {
        let rtl = text.chars().find(|c| c.is_alphabetic()).is_some_and(is_rtl);
        let (dir, class) = if rtl { ("rtl", "") } else { ("ltr", "en") };
        Self { lang: "", class, dir, text }
    }
}

/// Hebrew, Arabic and their presentation forms.
pub fn is_rtl(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

/// What a story is called: a feed that gives no headline leaves the start of its text, or at least its name.
pub fn headline(pick: &Pick<'_>, max: usize) -> Text {
    let publisher = pick.reports.first().map_or("", |report| report.publisher.as_str());
    let own = if pick.is_own_lead() { pick.story.headline.as_str() } else { pick.reports[0].headline.as_str() };
    let names = [own, summary(pick), publisher, "—"];
    let name = names.into_iter().map(|name| clean::shortened(name, max)).find(|name| !name.is_empty());
    Text::new(name.unwrap_or_default(), pick.lang())
}

/// Only the edition's own lead has a summary.
fn summary<'a>(pick: &Pick<'a>) -> &'a str {
    if pick.is_own_lead() { &pick.story.summary } else { "" }
}

pub struct StoryBlock {
    pub anchor: String,
    pub headline: Text,
    pub link: Option<String>,
    pub lead: Option<Text>,
    /// `New`, or `Developing · day 3`.
    pub status: String,
    pub is_new: bool,
    pub is_opinion: bool,
    /// `Opinion`, `Analysis`… where the story is not plain news.
    pub kind: Option<&'static str>,
    /// `08:40 · 9 publishers, 2 origins · 3 earlier reports`.
    pub meta: String,
    /// Reports with their own headline: the other side's, and the one in the reader's language.
    pub contrasts: Vec<Source>,
    pub sources: Vec<Source>,
    pub more: Option<String>,
}

pub struct Source {
    pub publisher: Text,
    pub side: &'static str,
    pub link: Option<String>,
    pub time: String,
    pub headline: Text,
    /// The language's own name, where the text is not in the reader's language.
    pub lang_mark: Option<Text>,
    pub kind: Option<&'static str>,
    pub is_opinion: bool,
    /// `from AFP`, where the publisher did not write the text.
    pub credit: Option<String>,
    /// `also in: Geo News, Ariana News`.
    pub copies: Option<String>,
    /// Further reports of the same publisher on this story, as `2`, `3`…
    pub further: Vec<Further>,
}

pub struct Further {
    pub number: String,
    pub link: String,
}

impl StoryBlock {
    pub fn of(pick: &Pick<'_>, slot: Timestamp, detail: &Detail, calendar: Calendar) -> Self {
        let words = Words::of(calendar.lang);
        let desk = Desk { slot, detail, calendar, words };
        let story = pick.story;
        let shown = &pick.reports[..pick.reports.len().min(detail.reports)];
        let contrasts = contrasts(pick, shown, detail.contrasts, calendar.lang);
        let (beside, rest): (Vec<&Report>, Vec<&Report>) =
            shown.iter().copied().partition(|report| contrasts.contains(&report.entry));
        let more = story.more_reports + pick.reports.len() - shown.len();
        let lead_kind = shown.first().map(|report| report.kind);
        let url = if pick.is_own_lead() { &story.url } else { &pick.reports[0].url };
        let mut sources = desk.sources(&rest);
        // The story's own mark stands above its headline already.
        sources.iter_mut().take(1).for_each(|source| source.kind = None);
        let lead = clean::shortened(summary(pick), detail.lead_chars);
        StoryBlock {
            anchor: format!("s{}", story.id),
            headline: headline(pick, MAX_HEADLINE),
            link: clean::link(url.as_deref()),
            lead: (detail.lead_chars > 0 && !lead.is_empty()).then(|| Text::new(lead, pick.lang())),
            status: desk.status(story),
            is_new: story.status == StoryStatus::New,
            kind: lead_kind.and_then(|kind| words.kind(kind)),
            is_opinion: lead_kind.is_some_and(Kind::is_opinion),
            meta: desk.meta(story),
            contrasts: beside.into_iter().map(|report| desk.source(report)).collect(),
            sources,
            more: (more > 0).then(|| calendar.count(&words.more_reports, more)),
        }
    }
}

/// Which reports show their own headline: one in the reader's language if the story's is not, then one from each
/// side that is not the lead's. Opinion is no other telling of the news.
fn contrasts(pick: &Pick<'_>, shown: &[&Report], max: usize, lang: Lang) -> Vec<EntryId> {
    let Some((lead, others)) = shown.split_first() else { return Vec::new() };
    let mut sides = vec![lead.side];
    let mut chosen: Vec<&Report> = Vec::new();
    let fitting = || {
        others.iter().copied().filter(|report| !report.kind.is_opinion() && !clean::line(&report.headline).is_empty())
    };
    if pick.lang() != lang {
        chosen.extend(fitting().find(|report| report.lang == lang));
    }
    sides.extend(chosen.iter().map(|report| report.side));
    for report in fitting() {
        let told = std::iter::once(lead.headline.as_str()).chain(chosen.iter().map(|known| known.headline.as_str()));
        let is_told =
            report.publisher == lead.publisher || told.into_iter().any(|known| alike(known, &report.headline));
        if !sides.contains(&report.side) && !is_told {
            sides.push(report.side);
            chosen.push(report);
        }
    }
    chosen.into_iter().take(max).map(|report| report.entry).collect()
}

/// Two headlines that share most of their words tell a reader nothing side by side.
fn alike(one: &str, other: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let split = text.split(|c: char| !c.is_alphanumeric()).take(60);
        split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    one.intersection(&other).count() * 10 >= one.union(&other).count() * 6
}

struct Desk<'a> {
    slot: Timestamp,
    detail: &'a Detail,
    calendar: Calendar,
    words: &'static Words,
}

impl Desk<'_> {
    fn status(&self, story: &StoryView) -> String {
        let day = self.words.day.replace("{n}", &self.calendar.number(story.day as usize));
        // A first report from last night makes no "day 2" on a story that is new to the reader.
        let runs = story.status == StoryStatus::Developing || story.thread != story.id;
        let label = match story.status {
            StoryStatus::New => self.words.new,
            StoryStatus::Developing => self.words.developing,
        };
        if runs && story.day > 1 { format!("{label} · {day}") } else { label.to_owned() }
    }

    fn meta(&self, story: &StoryView) -> String {
        let mut parts = Vec::new();
        if let Some(newest) = story.reports.iter().map(|report| report.at).max() {
            parts.push(self.calendar.time(newest, self.slot));
        }
        if story.publishers > 1 {
            let mut voices = self.calendar.count(&self.words.publishers, story.publishers);
            if story.origins < story.publishers {
                voices.push_str(self.words.comma);
                voices.push_str(&self.calendar.count(&self.words.origins, story.origins));
            }
            parts.push(voices);
        }
        if story.earlier_reports > 0 {
            parts.push(self.calendar.count(&self.words.earlier_reports, story.earlier_reports));
        }
        parts.join("\u{a0}· ")
    }

    /// One item a publisher; its further reports are numbered behind its name.
    fn sources(&self, reports: &[&Report]) -> Vec<Source> {
        let mut sources: Vec<(&str, Source)> = Vec::new();
        for report in reports {
            match sources.iter_mut().find(|(publisher, _)| *publisher == report.publisher) {
                Some((_, known)) if !report.kind.is_opinion() || known.is_opinion => {
                    let number = self.calendar.number(known.further.len() + 2);
                    known.further.extend(clean::link(report.url.as_deref()).map(|link| Further { number, link }));
                }
                _ => sources.push((&report.publisher, self.source(report))),
            }
        }
        sources.into_iter().map(|(_, source)| source).collect()
    }

    fn source(&self, report: &Report) -> Source {
        let foreign = report.lang != self.calendar.lang;
        let mark = own_name(report.lang).filter(|_| foreign);
        let publisher = clean::shortened(&report.publisher, MAX_PUBLISHER);
        let origin = report.origin.as_deref().map(clean::line);
        let origin = origin.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case(&report.publisher));
        Source {
            publisher: Text::guessed(if publisher.is_empty() { "—".to_owned() } else { publisher }),
            side: self.words.side(report.side),
            link: clean::link(report.url.as_deref()),
            time: self.calendar.time(report.at, self.slot),
            headline: Text::new(clean::shortened(&report.headline, MAX_HEADLINE), report.lang),
            lang_mark: mark.map(|name| Text::new(name.to_owned(), report.lang)),
            kind: self.words.kind(report.kind),
            is_opinion: report.kind.is_opinion(),
            credit: origin.map(|name| self.words.credit.replace("{name}", &clean::shortened(&name, MAX_PUBLISHER))),
            copies: self.copies(report),
            further: Vec::new(),
        }
    }

    fn copies(&self, report: &Report) -> Option<String> {
        let total = report.copies.len();
        let shown = total.min(self.detail.copies);
        if shown == 0 {
            return None;
        }
        let names: Vec<String> =
            report.copies[..shown].iter().map(|copy| clean::shortened(&copy.publisher, MAX_PUBLISHER)).collect();
        let rest = if total > shown { format!(" +{}", self.calendar.number(total - shown)) } else { String::new() };
        Some(format!("{}: {}{rest}", self.words.also_in, names.join(self.words.comma)))
    }
}
