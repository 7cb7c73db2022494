//! One story as formatted strings: headline, lead, whose press says it, and how else it is told.

use super::clean;
use super::dates::Calendar;
use super::label::unlabelled;
use super::page::Detail;
use super::select::Pick;
use super::who;
use super::words::{Words, own_name};
use crate::model::digest::{Figure, Rewrite};
use crate::model::{Digest, EntryId, Kind, Lang, Owner, Report, Side, StoryStatus, StoryView, Timestamp};

const MAX_HEADLINE: usize = 180;
pub(super) const MAX_PUBLISHER: usize = 50;
/// More names than this say less than their number.
const MAX_ORIGINS: usize = 4;

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
            _ => Self { lang: lang.code(), class: lang.code(), dir: lang.dir(), text },
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
    let names = [unlabelled(own, pick.kind()), summary(pick), publisher, "—"];
    let name = names.into_iter().map(|name| clean::shortened(name, max)).find(|name| !name.is_empty());
    Text::new(name.unwrap_or_default(), pick.lang())
}

/// Only the edition's own lead has a summary.
fn summary<'a>(pick: &Pick<'a>) -> &'a str {
    if pick.is_own_lead() { unlabelled(&pick.story.summary, pick.kind()) } else { "" }
}

pub struct StoryBlock {
    pub anchor: String,
    pub headline: Text,
    pub link: Option<String>,
    pub lead: Option<Text>,
    /// `Opinion`, `New`, `Developing · day 3 · first seen 16 Dec`, `Agency text`, `State media`.
    pub badges: Vec<Badge>,
    /// `08:40 · 9 publishers, 2 origins · 3 earlier reports`.
    pub meta: String,
    /// Reports with their own headline: the other side's, and the one in the reader's language.
    pub contrasts: Vec<Source>,
    pub sources: Vec<Source>,
    pub more: Option<String>,
    /// `Who covers it: Pakistan 3, Afghanistan, state 1`.
    pub who: Option<String>,
    pub figures: Vec<FigureBlock>,
    pub rewrites: Vec<RewriteBlock>,
}

/// A mark in words, and the class that colours it.
#[derive(Clone)]
pub struct Badge {
    pub text: String,
    pub class: &'static str,
}

pub struct FigureBlock {
    pub said: Vec<SaidBlock>,
}

pub struct SaidBlock {
    pub words: Text,
    pub publisher: Text,
    pub time: String,
}

pub struct RewriteBlock {
    pub intro: String,
    pub before: Text,
}

pub struct Source {
    pub publisher: Text,
    /// Underlines the publisher where the line is a link.
    pub name: &'static str,
    /// `None` where it is not known.
    pub side: Option<&'static str>,
    pub link: Option<String>,
    pub time: String,
    pub headline: Text,
    /// The language's own name, where the text is not in the reader's language.
    pub lang_mark: Option<Text>,
    pub badges: Vec<Badge>,
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
    pub fn of(pick: &Pick<'_>, digest: &Digest, detail: &Detail, calendar: Calendar) -> Self {
        let words = Words::of(calendar.lang);
        let desk = Desk { slot: digest.slot, detail, calendar, words };
        let story = pick.story;
        let shown = &pick.reports[..pick.reports.len().min(detail.reports)];
        let contrasts = contrasts(pick, shown, detail.contrasts, calendar.lang);
        let (beside, rest): (Vec<&Report>, Vec<&Report>) =
            shown.iter().copied().partition(|report| contrasts.contains(&report.entry));
        let more = story.more_reports + pick.reports.len() - shown.len();
        let url = if pick.is_own_lead() { &story.url } else { &pick.reports[0].url };
        let mut contrasts: Vec<Source> = beside.into_iter().map(|report| desk.source(report)).collect();
        let mut sources = desk.sources(&rest, &mut contrasts);
        // The story's own marks stand above its headline already.
        // Its link is the headline's.
        for first in sources.iter_mut().take(1) {
            first.badges.clear();
            first.name = "";
        }
        let lead = clean::sentences(summary(pick), detail.lead_chars);
        StoryBlock {
            anchor: format!("s{}", story.id),
            headline: headline(pick, MAX_HEADLINE),
            link: clean::link(url.as_deref()),
            lead: (detail.lead_chars > 0 && !lead.is_empty()).then(|| Text::new(lead, pick.lang())),
            badges: desk.story_badges(pick),
            meta: desk.meta(story),
            contrasts,
            sources,
            more: (more > 0).then(|| calendar.count("more-reports", more)),
            who: who::who(story, &digest.reach, &desk.calendar, words),
            figures: story.figures.iter().take(2).map(|figure| desk.figure(figure)).collect(),
            rewrites: story.rewrites.iter().map(|rewrite| desk.rewrite(rewrite)).collect(),
        }
    }
}

/// Which reports show their own headline, where it differs: one in the reader's language if the story's is not, then one
/// from each side that is not the lead's, then others. Opinion is no other telling of the news.
fn contrasts(pick: &Pick<'_>, shown: &[&Report], max: usize, lang: Lang) -> Vec<EntryId> {
    let Some((lead, others)) = shown.split_first() else { return Vec::new() };
    let fitting: Vec<Telling<'_>> = others
        .iter()
        .filter(|report| !report.kind.is_opinion() && report.publisher != lead.publisher)
        .filter(|report| !clean::line(&report.headline).is_empty())
        .map(|report| Telling::of(report))
        .collect();
    if max == 0 || fitting.is_empty() {
        return Vec::new();
    }
    let lead = Telling::of(lead);
    let mut chosen: Vec<&Telling<'_>> = Vec::new();
    if pick.lang() != lang {
        chosen.extend(fitting.iter().find(|telling| telling.report.lang == lang));
    }
    for wants_new_side in [true, false] {
        for telling in &fitting {
            let mut known = chosen.iter().copied().chain([&lead]);
            let heard = known.clone().any(|known| known.report.side == telling.report.side);
            if heard != wants_new_side && !known.any(|known| known.tells(telling)) {
                chosen.push(telling);
            }
        }
    }
    chosen.into_iter().take(max).map(|telling| telling.report.entry).collect()
}

/// A report and the words of its headline.
struct Telling<'a> {
    report: &'a Report,
    words: Vec<String>,
}

impl<'a> Telling<'a> {
    fn of(report: &'a Report) -> Self {
        let split = report.headline.split(|c: char| !c.is_alphanumeric()).take(60);
        let mut words: Vec<String> = split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        words.sort_unstable();
        words.dedup();
        Self { report, words }
    }

    /// Two headlines that share most of their words tell a reader nothing side by side.
    fn tells(&self, other: &Telling<'_>) -> bool {
        let shared = self.words.iter().filter(|word| other.words.binary_search(word).is_ok()).count();
        let all = self.words.len() + other.words.len() - shared;
        self.report.publisher == other.report.publisher || shared * 10 >= all * 6
    }
}

struct Desk<'a> {
    slot: Timestamp,
    detail: &'a Detail,
    calendar: Calendar,
    words: &'static Words,
}

impl Desk<'_> {
    fn story_badges(&self, pick: &Pick<'_>) -> Vec<Badge> {
        let mut badges = Vec::new();
        let first = pick.reports.first();
        if let Some(report) = first {
            badges.extend(self.kind_badge(report.kind));
        }
        badges.push(self.status(pick.story));
        badges.extend(first.into_iter().flat_map(|report| self.voice_badges(report)));
        badges
    }

    fn kind_badge(&self, kind: Kind) -> Option<Badge> {
        let class = if kind.is_opinion() { "tag is-op" } else { "tag" };
        self.words.kind(kind).map(|text| Badge { text: text.to_owned(), class })
    }

    /// Whose words they are, where that is known.
    fn voice_badges(&self, report: &Report) -> Vec<Badge> {
        // The Afghan state's press, also where its owner is not configured.
        let is_state =
            report.owner == Owner::State || report.owner == Owner::Unknown && report.side == Side::AfghanistanState;
        let marks = [(is_state, "state-media"), (origin(report).is_some(), "agency-text")];
        let marks = marks.into_iter().filter(|(holds, _)| *holds);
        marks.map(|(_, id)| Badge { text: self.words.say(id).to_owned(), class: "tag" }).collect()
    }

    fn status(&self, story: &StoryView) -> Badge {
        let day = self.words.fill("day", &[("n", &self.calendar.number(story.day as usize))]);
        // A first report from last night makes no "day 2" on a story that is new to the reader.
        let runs = story.status == StoryStatus::Developing || story.thread != story.id;
        let (label, class) = match story.status {
            StoryStatus::New => (self.words.say("new"), "tag is-new"),
            StoryStatus::Developing => (self.words.say("developing"), "tag"),
        };
        let began = self.words.fill("first-seen", &[("date", &self.calendar.short_date(story.first_seen))]);
        let text = if runs && story.day > 1 { format!("{label} · {day} · {began}") } else { label.to_owned() };
        Badge { text, class }
    }

    fn figure(&self, figure: &Figure) -> FigureBlock {
        let said = figure.said.iter().take(5).map(|said| SaidBlock {
            words: Text::new(clean::shortened(&said.words, 80), said.lang),
            publisher: Text::guessed(clean::shortened(&said.publisher, MAX_PUBLISHER)),
            time: self.calendar.time(said.at, self.slot),
        });
        FigureBlock { said: said.collect() }
    }

    fn rewrite(&self, rewrite: &Rewrite) -> RewriteBlock {
        let publisher = clean::shortened(&rewrite.publisher, MAX_PUBLISHER);
        let time = self.calendar.time(rewrite.at, self.slot);
        RewriteBlock {
            intro: self.words.fill("rewritten", &[("publisher", &publisher), ("time", &time)]),
            before: Text::new(clean::shortened(&rewrite.before, MAX_HEADLINE), rewrite.lang),
        }
    }

    fn meta(&self, story: &StoryView) -> String {
        let mut parts = Vec::new();
        if let Some(newest) = story.reports.iter().map(|report| report.at).max() {
            parts.push(self.calendar.time(newest, self.slot));
        }
        if story.publishers > 1 {
            let mut voices = self.calendar.count("publishers", story.publishers);
            if story.origins < story.publishers {
                voices.push_str(self.words.say("comma"));
                voices.push_str(&self.calendar.count("origins", story.origins));
                let names = &story.origin_names;
                if !names.is_empty() && names.len() <= MAX_ORIGINS {
                    let names: Vec<String> = names.iter().map(|name| clean::shortened(name, 30)).collect();
                    voices.push_str(&format!(" ({})", names.join(self.words.say("comma"))));
                }
            }
            parts.push(voices);
        }
        if story.earlier_reports > 0 {
            parts.push(self.calendar.count("earlier-reports", story.earlier_reports));
        }
        parts.join(" · ")
    }

    /// One item a publisher; its further reports are numbered behind its name, which may stand among the contrasts.
    fn sources(&self, reports: &[&Report], contrasts: &mut [Source]) -> Vec<Source> {
        let mut sources: Vec<Source> = Vec::new();
        for (at, report) in reports.iter().enumerate() {
            let source = self.source(report);
            // The lead's own item comes before the contrasts.
            let known = contrasts.iter_mut().filter(|_| at > 0).chain(&mut sources);
            let mut known = known.filter(|known| known.publisher.text == source.publisher.text);
            match known.next() {
                Some(known) if !source.is_opinion || known.is_opinion => {
                    let number = self.calendar.number(known.further.len() + 2);
                    known.further.extend(source.link.map(|link| Further { number, link }));
                }
                _ => sources.push(source),
            }
        }
        sources
    }

    fn source(&self, report: &Report) -> Source {
        let foreign = report.lang != self.calendar.lang;
        let mark = own_name(report.lang).filter(|_| foreign);
        let publisher = clean::shortened(&report.publisher, MAX_PUBLISHER);
        let badges = self.kind_badge(report.kind).into_iter().chain(self.voice_badges(report)).collect();
        Source {
            publisher: Text::guessed(if publisher.is_empty() { "—".to_owned() } else { publisher }),
            name: if clean::link(report.url.as_deref()).is_some() { "name" } else { "" },
            side: (report.side != Side::Unknown).then(|| self.words.side(report.side)),
            link: clean::link(report.url.as_deref()),
            time: self.calendar.time(report.at, self.slot),
            headline: Text::new(clean::shortened(unlabelled(&report.headline, report.kind), MAX_HEADLINE), report.lang),
            lang_mark: mark.map(|name| Text::new(name.to_owned(), report.lang)),
            badges,
            is_opinion: report.kind.is_opinion(),
            credit: origin(report)
                .map(|name| self.words.fill("credit", &[("name", &clean::shortened(&name, MAX_PUBLISHER))])),
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
        Some(format!("{}: {}{rest}", self.words.say("also-in"), names.join(self.words.say("comma"))))
    }
}

/// Who wrote the text, where the publisher did not.
fn origin(report: &Report) -> Option<String> {
    let name = report.origin.as_deref().map(clean::line)?;
    (!name.is_empty() && !name.eq_ignore_ascii_case(&report.publisher)).then_some(name)
}
