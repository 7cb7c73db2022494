//! The form of what a reader may choose, filled in with what holds now.

use super::Site;
use super::frame::Language;
use super::wish::{DAYS, KINDS};
use crate::daemon::Chosen;
use crate::model::{Lang, MailFormat, Scope};
use crate::render::Words;
use crate::render::dates::Calendar;

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
        let maker = Maker { site, lang, words: Words::of(lang), languages, chosen };
        Form { boxes: maker.boxes(), lists: maker.lists() }
    }
}

struct Maker<'a> {
    site: &'a Site,
    lang: Lang,
    words: &'static Words,
    languages: &'a [Language],
    chosen: &'a Chosen,
}

impl Maker<'_> {
    fn pick(&self, value: impl ToString, label: impl Into<String>, on: bool) -> Pick {
        Pick {
            value: value.to_string(),
            label: label.into(),
            lang: self.words.lang.code(),
            dir: self.words.lang.dir(),
            on,
        }
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
        let (chosen, words) = (&self.chosen.select, self.words);
        let all = words.say("page-no-topic");
        let topics = self.site.khyber.config.coverage.topics.iter().map(|topic| {
            let title = self.site.topic_title(&topic.id, self.lang);
            let on = chosen.topics.contains(&topic.id);
            Pick { value: topic.id.to_string(), label: title.text, lang: title.lang, dir: title.dir, on }
        });
        let scopes = [
            (Scope::Bilateral, words.say("choice-bilateral")),
            (Scope::Pk, words.say("choice-pakistan")),
            (Scope::Af, words.say("choice-afghanistan")),
        ];
        let scopes = scopes.into_iter().filter(|(scope, _)| self.site.khyber.takes(*scope));
        let scope = |(scope, label): (Scope, &str)| self.pick(scope.name(), label, chosen.scopes.contains(&scope));
        let kind = |kind| {
            let label = words.kind(kind).unwrap_or_else(|| words.say("choice-news"));
            self.pick(kind.name(), label, chosen.kinds.contains(&kind))
        };
        let is_read = |code: &str| chosen.langs.iter().any(|lang| lang.code() == code);
        let named = DAYS.into_iter().zip(Calendar::weekdays(self.lang));
        let days = self.chosen.choice.days.as_deref().unwrap_or(&[]);
        let day = |((name, day), label): ((&str, _), &&str)| self.pick(name, *label, days.contains(&day));
        let boxes = |name, heading, note, picks| Boxes { name, heading, note, picks };
        let boxes = vec![
            boxes("topic", words.say("page-topics"), all, topics.collect()),
            boxes("scope", words.say("choice-scopes-heading"), all, scopes.map(scope).collect()),
            boxes("kind", words.say("choice-kinds-heading"), all, KINDS.into_iter().map(kind).collect()),
            boxes("reads", words.say("choice-reads-heading"), all, self.languages(is_read)),
            boxes("day", words.say("choice-days-heading"), words.say("choice-no-day"), named.map(day).collect()),
        ];
        // One box of a kind is no choice.
        boxes.into_iter().filter(|boxes| boxes.picks.len() > 1).collect()
    }

    fn lists(&self) -> Vec<List> {
        let (choice, words) = (&self.chosen.choice, self.words);
        let hour = |hour: u8| self.pick(hour, format!("{hour:02}:00"), choice.hour == Some(hour));
        let zone = |name: &str| {
            let on = choice.zone.is_some_and(|zone| zone.name() == name);
            Pick { lang: "en", dir: "ltr", ..self.pick(name, name.replace('_', " "), on) }
        };
        let (own, number) = (choice.zone.map(|zone| zone.name()), choice.max_stories);
        let zones = ZONES.into_iter().chain(own.filter(|own| !ZONES.contains(own)));
        let numbers = NUMBERS.into_iter().chain(number.filter(|own| !NUMBERS.contains(own)));
        let stories = |count: usize| self.pick(count, count.to_string(), number == Some(count));
        let formats = [
            (MailFormat::Both, words.say("choice-both")),
            (MailFormat::Html, words.say("choice-html")),
            (MailFormat::Text, words.say("choice-text")),
        ];
        let format =
            |(format, label): (MailFormat, &str)| self.pick(format.name(), label, choice.format == Some(format));
        let list = |name, label, picks| List { name, label, usual: words.say("choice-as-usual"), picks };
        vec![
            list("hour", words.say("page-hour"), (0..24).map(hour).collect()),
            list("zone", words.say("choice-zone"), zones.map(zone).collect()),
            list("stories", words.say("choice-stories"), numbers.map(stories).collect()),
            list("format", words.say("choice-format"), formats.into_iter().map(format).collect()),
            list(
                "language",
                words.say("page-language"),
                self.languages(|code| choice.lang.is_some_and(|lang| lang.code() == code)),
            ),
        ]
    }
}
