//! `[[subscriber]]`: who gets which digest.

use super::digests;
use super::report::{At, Report, closest};
use super::section::Section;
use crate::model::{Coverage, DigestId, DigestSpec, EmailAddress, Lang, MailFormat, Schedule, Subscriber, TopicId};
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
    let topics = section.list::<TopicId>("topics").unwrap_or_default();
    let language = section.get::<Lang>("language").map(|at| at.value);
    let timezone = section.get::<Tz>("timezone").map(|at| at.value);
    let schedule = section.get::<Schedule>("schedule").map(|at| at.value);
    let format = section.or("format", MailFormat::Both);
    let discreet = section.or("discreet", false);
    let enabled = section.or("enabled", true);
    section.finish();
    let email = email?;
    let subscriber = Subscriber {
        email: email.value,
        name,
        digests: digests.iter().map(|at| at.value.clone()).collect(),
        topics: topics.iter().map(|at| at.value.clone()).collect(),
        timezone,
        schedule,
        lang: language.unwrap_or_default(),
        format,
        discreet,
        enabled,
    };
    let subscriber = At { value: subscriber, place: email.place, key: email.key };
    Some(Reader { subscriber, digests, topics, unnamed, own_language: language.is_some() })
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
        if !reader.own_language
            && let Some(first) = digests.iter().find(|digest| Some(&digest.id) == value.digests.first())
        {
            value.lang = first.lang;
        }
        for digest in &reader.digests {
            missing_digest(digest, digests, report);
        }
        digests::topics(&reader.topics, coverage, report);
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
