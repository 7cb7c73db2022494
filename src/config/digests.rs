//! `[[digest]]`: what is published, when, and how much of it.

use super::feeds::slug_help;
use super::report::{At, Report, closest};
use super::section::Section;
use super::setting::{Word, Wrong};
use crate::model::{Coverage, DigestId, DigestSpec, FirstRun, Lang, Schedule, Scope, TopicId, WhenEmpty};
use chrono_tz::Tz;
use std::collections::HashSet;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

impl Word for DigestId {
    const WANTS: &'static str = "an id such as \"daily\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|_| Wrong::new(format!("`{word}` is not an id")).help(slug_help(word)))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for TopicId {
    const WANTS: &'static str = "a topic of the coverage file such as \"security\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|_| Wrong::new(format!("`{word}` is not a topic")).help(slug_help(word)))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for FirstRun {
    const WANTS: &'static str = "\"only-new\" or a duration such as \"24h\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        if word == "only-new" {
            return Ok(FirstRun::OnlyNew);
        }
        if let Some(wrong) = Self::number(word).filter(|_| word.bytes().all(|b| b.is_ascii_digit())) {
            return Err(wrong);
        }
        <Duration as Word>::parse(word).map(FirstRun::Span).map_err(|_| {
            let wrong = Wrong::new(format!("`{word}` is not {}", <Self as Word>::WANTS));
            let meant = word.contains("new") || closest(word, ["only-new"]).is_some();
            if meant { wrong.help("did you mean `only-new`?") } else { wrong }
        })
    }

    fn show(&self) -> String {
        match self {
            FirstRun::OnlyNew => "only-new".to_owned(),
            FirstRun::Span(span) => span.show(),
        }
    }

    fn number(digits: &str) -> Option<Wrong> {
        <Duration as Word>::number(digits)
    }
}

/// A digest, with the places of what can only be checked against the coverage.
pub(super) struct Written {
    pub spec: At<DigestSpec>,
    topics: Vec<At<TopicId>>,
}

/// The digests of one file.
pub(super) fn read(top: &Section<'_>) -> Vec<Written> {
    top.tables("digest").into_iter().filter_map(one).collect()
}

fn one(section: Section<'_>) -> Option<Written> {
    let id = section.required::<DigestId>("id", "a short name of your own that stays: id = \"daily\"");
    let title = section
        .required::<String>("title", "what stands at the head of the mail: title = \"Pakistan–Afghanistan daily\"");
    let schedule =
        section.required::<Schedule>("schedule", "five crontab fields; every day at six: schedule = \"0 6 * * *\"");
    let timezone = section.or("timezone", Tz::UTC);
    let topics = section.list::<TopicId>("topics").unwrap_or_default();
    let scopes = section.list_or("scope", &[Scope::Bilateral]);
    if scopes.is_empty() {
        let help = "leave the key away for bilateral, or name some of bilateral, pk, af".to_owned();
        section.report().error(
            section.heading(),
            &section.path_of("scope"),
            "`scope` is empty: no story would be left",
            Some(help),
        );
    }
    let spec = DigestSpec {
        title: title.map_or_else(String::new, |at| at.value),
        timezone,
        topics: topics.iter().map(|at| at.value.clone()).collect(),
        scopes,
        max_stories: section.within("max_stories", 40, 1..=500),
        max_stories_per_topic: section.within("max_stories_per_topic", 8, 1..=500),
        max_reports: section.within("max_reports", 6, 1..=100),
        when_empty: section.or("when_empty", WhenEmpty::Skip),
        max_late: section.within("max_late", 12 * HOUR, MINUTE..=30 * DAY),
        window: section.within("window", 48 * HOUR, HOUR..=30 * DAY),
        first_run: section.or("first_run", FirstRun::Span(24 * HOUR)),
        lang: section.or("language", Lang::En),
        discreet: section.or("discreet", false),
        id: id.as_ref()?.value.clone(),
        schedule: schedule.map(|at| at.value).unwrap_or_else(Schedule::daily),
    };
    section.finish();
    let id = id?;
    Some(Written { spec: At { value: spec, place: id.place, key: id.key }, topics })
}

/// What can only be seen over all files.
pub(super) fn check(digests: &[Written], coverage: &Coverage, report: &Report) {
    let mut ids = HashSet::new();
    for digest in digests {
        let At { value, place, key } = &digest.spec;
        if !ids.insert(&value.id) {
            let help = Some("each digest needs an id of its own".to_owned());
            report.error(place, key, format!("two digests have the id `{}`", value.id), help);
        }
        topics(&digest.topics, coverage, report);
    }
}

/// Topics that the coverage file does not have.
pub(super) fn topics(named: &[At<TopicId>], coverage: &Coverage, report: &Report) {
    let known = || coverage.topics.iter().map(|topic| topic.id.as_str());
    // Without a readable coverage file there is nothing to compare with, and that is reported already.
    for topic in named.iter().filter(|topic| !coverage.topics.is_empty() && coverage.topic(&topic.value).is_none()) {
        let help = match closest(topic.value.as_str(), known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its topics are {}", known().collect::<Vec<_>>().join(", ")),
        };
        report.error(&topic.place, &topic.key, format!("the coverage has no topic `{}`", topic.value), Some(help));
    }
}
