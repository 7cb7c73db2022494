//! The whole mail as formatted strings: head, what is new, sections, foot.

use super::board::{BoardLine, board};
use super::clean;
use super::dates::Calendar;
use super::label::unlabelled;
use super::select::{Pick, Picked, by_importance};
use super::story::{StoryBlock, Text, headline};
use super::words::Words;
use super::{Audience, Reader};
use crate::model::{Digest, Kind, Lang, Section, StoryStatus};

const MAX_TITLE: usize = 80;
const MAX_THEMED: usize = 300;
const MAX_NEW: usize = 3;
const MAX_DEVELOPING: usize = 2;
const MAX_QUIET: usize = 2;
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
        lead_chars: 300,
        contrasts: 4,
        reports: usize::MAX,
        copies: 6,
        stories: usize::MAX,
        sections: usize::MAX,
    };

    /// Down to a bare minimum that always fits.
    pub const LESS: [Detail; 8] = [
        Detail { lead_chars: 200, contrasts: 2, reports: 6, copies: 3, ..Detail::FULL },
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
    /// The class of the line height of the mail's own letters.
    pub height: &'static str,
    pub title: Text,
    /// What a browser and a discreet mailbox show.
    pub window_title: String,
    pub discreet: bool,
    /// `18 Dec`, for the subject.
    pub day: String,
    pub date: String,
    /// `No. 12`.
    pub number: Option<String>,
    pub counts: String,
    /// The theme's line below the date.
    pub masthead: Option<Text>,
    /// The headline for the subject; `None` when nothing is new.
    pub top: Option<String>,
    pub preheader: String,
    pub changed_heading: &'static str,
    pub changes: Vec<Change>,
    pub quiet: Option<Hushed>,
    pub board: Vec<BoardLine>,
    pub sections: Vec<SectionBlock>,
    pub foot: Foot,
}

/// `New: 11 stories`, and the most important of them.
pub struct Change {
    pub label: String,
    pub lines: Vec<Jump>,
}

/// A line that leads to its story below.
pub struct Jump {
    pub anchor: String,
    pub headline: Text,
}

/// Stories of the last edition that nothing new came of, in one line.
pub struct Hushed {
    pub label: String,
    pub lines: Vec<Away>,
}

/// A headline that leads to its publisher.
pub struct Away {
    pub headline: Text,
    pub link: Option<String>,
}

pub struct SectionBlock {
    pub anchor: String,
    pub title: Text,
    pub stories: Vec<StoryBlock>,
    pub opinions: Vec<StoryBlock>,
    pub more: Option<String>,
    /// The edition's page, where it has stories that this mail left out.
    pub rest: Option<String>,
}

pub struct Foot {
    /// The theme's line.
    pub theme: Option<Text>,
    pub why: String,
    /// View, change, pause, leave: what there is of it.
    pub ways: Vec<Way>,
    pub leave_by_answer: bool,
    pub tally: String,
    /// `3 of 41 feeds failing, one since Monday.`
    pub failing: Option<String>,
    pub silent: Option<String>,
    pub times: String,
}

pub struct Way {
    pub label: &'static str,
    pub link: String,
}

impl Page {
    pub fn of(digest: &Digest, all: &[Picked<'_>], reader: &Reader<'_>, detail: &Detail) -> Page {
        let calendar = Calendar { lang: reader.lang, zone: reader.timezone };
        let words = Words::of(reader.lang);
        let view = clean::link(reader.links.view);
        let writer = Writer { view: view.as_deref(), digest, detail, calendar, words };
        let shown = &all[..all.len().min(detail.sections)];
        let ranked = ranked(shown, detail);
        let top = ranked.first().map(|pick| in_language(pick, reader.lang, 70).text);
        Page {
            words,
            lang: Lang::code(if reader.lang == Lang::Other { Lang::En } else { reader.lang }),
            dir: reader.lang.dir(),
            height: Self::height_of(reader.lang),
            title: Text::guessed(clean::shortened(&digest.title, MAX_TITLE)),
            window_title: writer.window_title(reader.audience),
            discreet: reader.audience == Audience::Discreet,
            number: (digest.number > 0)
                .then(|| words.fill("edition-number", &[("n", &calendar.number(digest.number as usize))])),
            day: calendar.short_date(digest.slot),
            date: calendar.long_date(digest.slot),
            counts: writer.counts(all),
            masthead: themed(&reader.theme.masthead, reader.lang),
            // A page of the archive stands in no list of mails, and a text browser would show it.
            preheader: match reader.audience {
                Audience::Subscriber => preheader(&ranked, reader.lang, words),
                Audience::Discreet | Audience::Everybody => String::new(),
            },
            top,
            // Everybody has no last edition of their own.
            changed_heading: words.say(if digest.number != 1 && reader.audience != Audience::Everybody {
                "changed"
            } else {
                "in-this-edition"
            }),
            changes: writer.changes(&ranked),
            quiet: writer.quiet(reader),
            board: board(digest, calendar),
            sections: shown.iter().map(|section| writer.section(section)).collect(),
            foot: writer.foot(reader),
        }
    }

    /// The class of the line height that the mail's own letters want, with the blank before it. The face is inherited.
    fn height_of(lang: Lang) -> &'static str {
        match lang {
            Lang::Ur => " tall",
            Lang::Ps | Lang::Fa => " high",
            Lang::En | Lang::Other => "",
        }
    }

    /// The class of a text in a language, with the blank before it; less for the mail's own.
    pub fn face(&self, class: &str) -> String {
        if class == self.lang { self.height.to_owned() } else { format!(" {class}") }
    }

    pub fn is_empty(&self) -> bool {
        self.sections.iter().all(|section| section.stories.is_empty() && section.opinions.is_empty())
    }
}

/// In the reader's language, else in English.
fn themed(lines: &[(Lang, String)], lang: Lang) -> Option<Text> {
    let said = |wanted: Lang| lines.iter().find(|(known, _)| *known == wanted);
    let (lang, text) = said(lang).or_else(|| said(Lang::En))?;
    Some(Text::new(clean::shortened(text, MAX_THEMED), *lang)).filter(|text| !text.text.is_empty())
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
        Some(report) if pick.lang() != lang => {
            Text::new(clean::shortened(unlabelled(&report.headline, report.kind), max), lang)
        }
        _ => headline(pick, max),
    }
}

/// What a mailbox shows after the subject: the headlines that the subject has no room for.
fn preheader(ranked: &[&Pick<'_>], lang: Lang, words: &Words) -> String {
    let next: Vec<String> = ranked.iter().skip(1).take(3).map(|pick| in_language(pick, lang, 60).text).collect();
    if ranked.is_empty() { words.say("nothing-new-long").to_owned() } else { next.join(" · ") }
}

struct Writer<'a> {
    /// The edition on the web.
    view: Option<&'a str>,
    digest: &'a Digest,
    detail: &'a Detail,
    calendar: Calendar,
    words: &'static Words,
}

impl Writer<'_> {
    fn window_title(&self, audience: Audience) -> String {
        let date = self.calendar.long_date(self.digest.slot);
        if audience == Audience::Discreet {
            return self.words.fill("neutral-subject", &[("date", &date)]);
        }
        format!("{} · {date}", clean::shortened(&self.digest.title, MAX_TITLE))
    }

    /// Only where the list saves the reader something.
    fn changes(&self, ranked: &[&Pick<'_>]) -> Vec<Change> {
        if ranked.len() < 4 {
            return Vec::new();
        }
        let kinds = [(StoryStatus::New, "new", MAX_NEW), (StoryStatus::Developing, "developing", MAX_DEVELOPING)];
        let change = |(status, label, max): (StoryStatus, &str, usize)| {
            let of: Vec<&&Pick<'_>> =
                ranked.iter().filter(|pick| pick.story.status == status && !pick.is_opinion()).collect();
            let jump = |pick: &&&Pick<'_>| Jump {
                anchor: format!("s{}", pick.story.id),
                headline: in_language(pick, self.calendar.lang, 110),
            };
            (!of.is_empty()).then(|| Change {
                label: format!("{}: {}", self.words.say(label), self.calendar.count("stories", of.len())),
                lines: of.iter().take(max).map(jump).collect(),
            })
        };
        kinds.into_iter().filter_map(change).collect()
    }

    fn quiet(&self, reader: &Reader<'_>) -> Option<Hushed> {
        let wanted = |topic| reader.select.topics.is_empty() || reader.select.topics.contains(topic);
        let reads = |lang| reader.select.langs.is_empty() || reader.select.langs.contains(&lang);
        let lines: Vec<Away> = (self.digest.quiet.iter())
            .filter(|quiet| wanted(&quiet.topic) && reads(quiet.lang))
            .take(MAX_QUIET)
            .map(|quiet| Away {
                headline: Text::new(clean::shortened(unlabelled(&quiet.headline, Kind::News), 70), quiet.lang),
                link: clean::link(quiet.url.as_deref()),
            })
            .collect();
        (!lines.is_empty()).then(|| Hushed { label: format!("{}:", self.words.say("quiet")), lines })
    }

    fn section(&self, picked: &Picked<'_>) -> SectionBlock {
        let block = |pick: &Pick<'_>| StoryBlock::of(pick, self.digest, self.detail, self.calendar);
        let stories: Vec<StoryBlock> = picked.stories.iter().take(self.detail.stories).map(block).collect();
        let opinions: Vec<StoryBlock> = picked.opinions.iter().take(self.detail.stories).map(block).collect();
        let cut = picked.stories.len() + picked.opinions.len() - stories.len() - opinions.len();
        let more = picked.more + cut;
        // What the edition's own limits left out is not on its page either.
        let elsewhere = more > picked.section.more;
        SectionBlock {
            anchor: format!("t-{}", picked.section.topic),
            title: self.title(picked.section),
            stories,
            opinions,
            more: (more > 0).then(|| self.calendar.count("more-stories", more)),
            rest: self.view.filter(|_| elsewhere).map(str::to_owned),
        }
    }

    fn title(&self, section: &Section) -> Text {
        match self.calendar.lang.title(&section.titles) {
            Some((lang, title)) => Text::new(clean::shortened(title, MAX_TITLE), lang),
            None => Text::new(section.topic.to_string(), Lang::En),
        }
    }

    /// `41 feeds read, 212 reports, 18 stories`.
    fn counts(&self, sections: &[Picked<'_>]) -> String {
        let stories: usize = sections.iter().map(|section| section.stories.len()).sum();
        let opinions: usize = sections.iter().map(|section| section.opinions.len()).sum();
        let feeds = self.digest.feeds.all - self.digest.feeds.failing.min(self.digest.feeds.all);
        let counted = |id: &str, n: usize| (n > 0).then(|| self.calendar.count(id, n));
        let read = [counted("feeds-read", feeds), counted("reports-read", self.digest.read)];
        let told = [counted("stories", stories), counted("opinions", opinions)];
        let nothing = (stories + opinions == 0).then(|| self.words.say("nothing-new").to_owned());
        let parts: Vec<String> = read.into_iter().chain(told).chain([nothing]).flatten().collect();
        parts.join(self.words.say("comma"))
    }

    fn foot(&self, reader: &Reader<'_>) -> Foot {
        let number = |n: usize| self.calendar.number(n);
        let title = clean::shortened(&self.digest.title, MAX_TITLE);
        let leave = clean::leaving_link(reader.links.unsubscribe);
        let ways = [
            ("view", clean::link(reader.links.view)),
            ("change", clean::link(reader.links.change)),
            ("pause", clean::link(reader.links.pause)),
            ("leave", leave.clone()),
        ];
        let tally = [
            ("read", number(self.digest.read)),
            ("kept", number(self.digest.kept)),
            ("folded", number(self.digest.folded)),
        ];
        let tally = tally.each_ref().map(|(name, number)| (*name, number.as_str()));
        let way = |(id, link): (&str, Option<String>)| Some(Way { label: self.words.say(id), link: link? });
        Foot {
            theme: themed(&reader.theme.footer, reader.lang),
            why: match reader.audience {
                Audience::Subscriber => self.words.fill("why", &[("title", &title)]),
                Audience::Discreet => self.words.say("why-discreet").to_owned(),
                Audience::Everybody => String::new(),
            },
            ways: ways.into_iter().filter_map(way).collect(),
            leave_by_answer: leave.is_none() && reader.audience != Audience::Everybody,
            tally: self.words.fill("tally", &tally),
            failing: self.failing(),
            silent: self.silent(),
            times: self.words.fill("times-in", &[("zone", &self.calendar.zone_name(self.digest.slot))]),
        }
    }

    fn failing(&self) -> Option<String> {
        let feeds = self.digest.feeds;
        let (num, all) = (self.calendar.number(feeds.failing), self.calendar.number(feeds.all));
        let counts = [("num", num.as_str()), ("all", all.as_str())];
        match feeds.since {
            _ if feeds.failing == 0 => None,
            Some(since) => {
                let when = self.calendar.recent_day(since, self.digest.slot);
                Some(self.words.fill("feeds-failing-since", &[counts[0], counts[1], ("when", &when)]))
            }
            None => Some(self.words.fill("feeds-failing", &counts)),
        }
    }

    fn silent(&self) -> Option<String> {
        let names: Vec<String> = self.digest.silent_publishers.iter().map(|name| clean::shortened(name, 40)).collect();
        if names.is_empty() {
            return None;
        }
        let shown = names.len().min(MAX_SILENT);
        let mut text = format!("{} {}", self.words.say("silent"), names[..shown].join(self.words.say("comma")));
        if names.len() > shown {
            text.push(' ');
            text.push_str(&self.calendar.count("silent-more", names.len() - shown));
        }
        Some(text)
    }
}
