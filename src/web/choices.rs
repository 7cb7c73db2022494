//! The form of what a reader may choose, filled in with what holds now.

use super::Site;
use super::frame::Language;
use super::wish::{DAYS, KINDS};
use super::words::{ChoiceWords, Words};
use crate::daemon::Chosen;
use crate::model::{Lang, MailFormat, Scope};
use crate::render::kind_name;

/// Zones that the form offers; any other is taken too.
const ZONES: [&str; 27] = [
    "Asia/Karachi",
    "Asia/Kabul",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Riyadh",
    "Asia/Qatar",
    "Asia/Tashkent",
    "Asia/Dushanbe",
    "Asia/Kolkata",
    "Asia/Kuala_Lumpur",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Europe/Athens",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Rome",
    "Europe/Stockholm",
    "Europe/Vienna",
    "Europe/London",
    "UTC",
    "America/New_York",
    "America/Toronto",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
];
/// Of stories, in a list.
const NUMBERS: [usize; 5] = [5, 10, 15, 20, 30];

/// One box to tick, or one line of a list.
pub(super) struct Pick {
    pub value: String,
    pub label: String,
    pub lang: &'static str,
    pub dir: &'static str,
    pub on: bool,
}

/// Boxes under one heading.
pub(super) struct Boxes {
    pub name: &'static str,
    pub heading: &'static str,
    pub note: &'static str,
    pub picks: Vec<Pick>,
}

/// One of a list, or as usual.
pub(super) struct List {
    pub name: &'static str,
    pub label: &'static str,
    pub usual: &'static str,
    pub picks: Vec<Pick>,
}

/// Both halves of the form. Nothing is ticked for somebody unknown.
pub(super) struct Form {
    pub boxes: Vec<Boxes>,
    pub lists: Vec<List>,
}

impl Form {
    pub fn of(site: &Site, lang: Lang, languages: &[Language], chosen: &Chosen) -> Form {
        let maker = Maker { site, lang, words: Words::of(lang), choices: ChoiceWords::of(lang), languages, chosen };
        Form { boxes: maker.boxes(), lists: maker.lists() }
    }
}

struct Maker<'a> {
    site: &'a Site,
    lang: Lang,
    words: &'static Words,
    choices: &'static ChoiceWords,
    languages: &'a [Language],
    chosen: &'a Chosen,
}

impl Maker<'_> {
    fn pick(&self, value: impl ToString, label: impl Into<String>, on: bool) -> Pick {
        Pick { value: value.to_string(), label: label.into(), lang: self.words.lang, dir: self.words.dir, on }
    }

    fn languages(&self, on: impl Fn(&str) -> bool) -> Vec<Pick> {
        let pick = |of: &Language| Pick {
            value: of.code.to_owned(),
            label: of.name.to_owned(),
            lang: of.code,
            dir: of.dir,
            on: on(of.code),
        };
        self.languages.iter().map(pick).collect()
    }

    fn boxes(&self) -> Vec<Boxes> {
        let (chosen, choices, all) = (&self.chosen.select, self.choices, self.words.no_topic);
        let topics = self.site.khyber.config.coverage.topics.iter().map(|topic| {
            let title = self.site.topic_title(&topic.id, self.lang);
            let on = chosen.topics.contains(&topic.id);
            Pick { value: topic.id.to_string(), label: title.text, lang: title.lang, dir: title.dir, on }
        });
        let scope = |(scope, label): (Scope, &str)| self.pick(scope.name(), label, chosen.scopes.contains(&scope));
        let kind = |kind| {
            let label = kind_name(self.lang, kind).unwrap_or(choices.news);
            self.pick(kind.name(), label, chosen.kinds.contains(&kind))
        };
        let is_read = |code: &str| chosen.langs.iter().any(|lang| lang.code() == code);
        let named = DAYS.into_iter().zip(choices.days());
        let days = self.chosen.choice.days.as_deref().unwrap_or(&[]);
        let day = |((name, day), label)| self.pick(name, label, days.contains(&day));
        let boxes = |name, heading, note, picks| Boxes { name, heading, note, picks };
        vec![
            boxes("topic", self.words.topics, all, topics.collect()),
            boxes("scope", choices.scopes_heading, all, choices.scopes().into_iter().map(scope).collect()),
            boxes("kind", choices.kinds_heading, all, KINDS.into_iter().map(kind).collect()),
            boxes("reads", choices.reads_heading, all, self.languages(is_read)),
            boxes("day", choices.days_heading, choices.no_day, named.map(day).collect()),
        ]
    }

    fn lists(&self) -> Vec<List> {
        let (choice, choices) = (&self.chosen.choice, self.choices);
        let hour = |hour: u8| self.pick(hour, self.words.clock(&hour), choice.hour == Some(hour));
        let zone = |name: &str| {
            let on = choice.zone.is_some_and(|zone| zone.name() == name);
            Pick { lang: "en", dir: "ltr", ..self.pick(name, name.replace('_', " "), on) }
        };
        let (own, number) = (choice.zone.map(|zone| zone.name()), choice.max_stories);
        let zones = ZONES.into_iter().chain(own.filter(|own| !ZONES.contains(own)));
        let numbers = NUMBERS.into_iter().chain(number.filter(|own| !NUMBERS.contains(own)));
        let stories = |count: usize| self.pick(count, count.to_string(), number == Some(count));
        let format =
            |(format, label): (MailFormat, &str)| self.pick(format.name(), label, choice.format == Some(format));
        let list = |name, label, picks| List { name, label, usual: choices.as_usual, picks };
        vec![
            list("hour", self.words.hour, (0..24).map(hour).collect()),
            list("zone", choices.zone, zones.map(zone).collect()),
            list("stories", choices.stories, numbers.map(stories).collect()),
            list("format", choices.format, choices.formats().into_iter().map(format).collect()),
            list(
                "language",
                choices.language,
                self.languages(|code| choice.lang.is_some_and(|lang| lang.code() == code)),
            ),
        ]
    }
}
