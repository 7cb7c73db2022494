//! `[[subscriber]]`: who gets which digest.

use super::digests;
use super::report::{At, Place, Report, closest};
use super::section::Section;
use super::setting::Setting;
use crate::model::{
    Coverage, DigestId, DigestSpec, EmailAddress, Kind, Lang, MailFormat, Schedule, Scope, Selection, Subscriber,
    TopicId,
};
use chrono::Weekday;
use chrono_tz::Tz;
use std::collections::HashSet;

/// A subscriber, with the places of what can only be checked against digests and coverage.
pub(super) struct Reader {
    pub subscriber: At<Subscriber>,
    digests: Vec<At<DigestId>>,
    topics: Vec<At<TopicId>>,
    /// Neither `digest` nor `digests` was written.
    unnamed: bool,
    /// The language was written; otherwise the digest's holds.
    own_language: bool,
    /// Over the digest's schedule.
    hour: Option<u8>,
    days: Option<Vec<Weekday>>,
}

/// The subscribers of one file.
pub(super) fn read(top: &Section<'_>) -> Vec<Reader> {
    top.tables("subscriber").into_iter().filter_map(one).collect()
}

fn one(section: Section<'_>) -> Option<Reader> {
    let email = section.required::<EmailAddress>("email", "email = \"reader@example.org\"");
    let name = section.get::<String>("name").map(|at| at.value);
    let single = section.get::<DigestId>("digest");
    let several = section.list::<DigestId>("digests");
    let unnamed = !section.has("digest") && !section.has("digests");
    if let (Some(single), Some(_)) = (&single, &several) {
        let help = Some("write one of the two".to_owned());
        section.report().error(&single.place, &single.key, "`digest` and `digests` are both set", help);
    }
    let digests: Vec<At<DigestId>> = single.into_iter().chain(several.unwrap_or_default()).collect();
    let topics = some::<TopicId>(&section, "topics").unwrap_or_default();
    let select = Selection {
        topics: topics.iter().map(|at| at.value.clone()).collect(),
        scopes: values(some::<Scope>(&section, "scope")).unwrap_or_default(),
        kinds: values(some::<Kind>(&section, "kinds")).unwrap_or_default(),
        langs: values(some::<Lang>(&section, "languages")).unwrap_or_default(),
        max_stories: section.within_if_set::<usize>("max_stories", 1..=500).map(|at| at.value),
    };
    let language = section.get::<Lang>("language").map(|at| at.value);
    let timezone = section.get::<Tz>("timezone").map(|at| at.value);
    let schedule = section.get::<Schedule>("schedule");
    let hour = section.within_if_set::<u16>("hour", 0..=23).and_then(|at| u8::try_from(at.value).ok());
    let days = values(some::<Weekday>(&section, "days"));
    if let Some(schedule) = schedule.as_ref().filter(|_| section.has("hour") || section.has("days")) {
        let help = Some("a schedule holds the hour and the days: write it, or the two".to_owned());
        let message = "`schedule` stands beside `hour` or `days`, which say the same another way";
        section.report().error(&schedule.place, &schedule.key, message, help);
    }
    let format = section.or("format", MailFormat::Both);
    let discreet = section.or("discreet", false);
    let enabled = section.or("enabled", true);
    section.finish();
    let email = email?;
    let subscriber = Subscriber {
        email: email.value,
        name,
        digests: digests.iter().map(|at| at.value.clone()).collect(),
        select,
        timezone,
        schedule: schedule.map(|at| at.value),
        lang: language.unwrap_or_default(),
        format,
        discreet,
        enabled,
    };
    let subscriber = At { value: subscriber, place: email.place, key: email.key };
    Some(Reader { subscriber, digests, topics, unnamed, own_language: language.is_some(), hour, days })
}

/// A list that names something; an empty one is a mistake, since a key left away means all.
fn some<T: Setting>(section: &Section<'_>, key: &'static str) -> Option<Vec<At<T>>> {
    let list = section.list::<T>(key)?;
    if section.is_empty_list(key) {
        let help = Some("leave the key away for all".to_owned());
        let message = format!("`{key}` is empty: nothing would be left");
        section.report().error(&section.key_place(key), &section.path_of(key), message, help);
    }
    Some(list)
}

fn values<T>(list: Option<Vec<At<T>>>) -> Option<Vec<T>> {
    Some(list?.into_iter().map(|at| at.value).collect())
}

/// Checks names against digests and coverage, and fills in what a subscriber leaves to the digest.
pub(super) fn check(readers: &mut [Reader], digests: &[&DigestSpec], coverage: &Coverage, report: &Report) {
    let mut seen = HashSet::new();
    for reader in readers {
        let At { value, place, key } = &mut reader.subscriber;
        if !seen.insert(value.email.as_str().to_lowercase()) {
            let help = Some("one [[subscriber]] an address; `digests = [...]` names several digests".to_owned());
            report.error(place, key, format!("two subscribers have the address {}", value.email), help);
        }
        if reader.unnamed {
            match digests {
                [only] => value.digests = vec![only.id.clone()],
                // No digest at all is said once, for the whole configuration.
                [] => {}
                _ => {
                    let help = Some(format!("digest = {:?}; digests are {}", digests[0].id.as_str(), names(digests)));
                    report.error(
                        place,
                        key,
                        format!("subscriber {} names no digest, and there are several", value.email),
                        help,
                    );
                }
            }
        }
        let named = |id: &DigestId| digests.iter().find(|digest| digest.id == *id).copied();
        if let Some(first) = value.digests.first().and_then(named) {
            if !reader.own_language {
                value.lang = first.lang;
            }
            // With both written, which is reported, either would do.
            if value.schedule.is_none() && (reader.hour.is_some() || reader.days.is_some()) {
                value.schedule = first.schedule.moved(reader.hour, reader.days.as_deref());
            }
        }
        for digest in value.digests.iter().filter_map(named) {
            contradictions(value, digest, place, key, report);
        }
        for digest in &reader.digests {
            missing_digest(digest, digests, report);
        }
        digests::topics(&reader.topics, coverage, report);
    }
}

/// Wishes that this digest cannot meet. They are no errors: a reader may have several digests, and mail still goes out.
fn contradictions(reader: &Subscriber, digest: &DigestSpec, place: &Place, key: &str, report: &Report) {
    let (select, email) = (&reader.select, &reader.email);
    let apart = |wanted: bool, has: bool| wanted && !has;
    let topics = apart(
        !select.topics.is_empty() && !digest.topics.is_empty(),
        select.topics.iter().any(|topic| digest.topics.contains(topic)),
    );
    let scopes = apart(!select.scopes.is_empty(), select.scopes.iter().any(|scope| digest.scopes.contains(scope)));
    for (what, _) in [("topics", topics), ("scope", scopes)].into_iter().filter(|(_, apart)| *apart) {
        let message = format!("subscriber {email} wants only `{what}` that the digest `{}` leaves out", digest.id);
        let help = format!("no story will reach them; widen `{what}` here, or in the [[digest]]");
        report.warning(place, key, message, Some(help));
    }
    if let Some(max) = select.max_stories.filter(|max| *max > digest.max_stories) {
        let message = format!("subscriber {email} wants up to {max} stories of `{}`", digest.id);
        let help = format!("the digest itself holds {} at most (`max_stories`)", digest.max_stories);
        report.warning(place, key, message, Some(help));
    }
}

fn missing_digest(named: &At<DigestId>, digests: &[&DigestSpec], report: &Report) {
    let known = || digests.iter().map(|digest| digest.id.as_str());
    if known().any(|id| id == named.value.as_str()) {
        return;
    }
    let help = match closest(named.value.as_str(), known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if digests.is_empty() => "there is no [[digest]] yet".to_owned(),
        None => format!("digests are {}", names(digests)),
    };
    report.error(&named.place, &named.key, format!("there is no digest `{}`", named.value), Some(help));
}

fn names(digests: &[&DigestSpec]) -> String {
    let ids: Vec<&str> = digests.iter().map(|digest| digest.id.as_str()).collect();
    ids.join(", ")
}
