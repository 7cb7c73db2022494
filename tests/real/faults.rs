//! Three days in which a third of the feeds misbehave in every way the replay server knows; the others must not notice.

use super::replay::News;
use super::{Need, needing};
use chrono::{DateTime, TimeDelta};
use khyber::config;
use khyber::daemon::{FeedPoll, Khyber, Which};
use khyber::model::{FeedHealth, FeedId, Timestamp};
use libtest_mimic::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const START: &str = "2022-12-17T06:00:00Z";
const ROUNDS: i32 = 13;
/// Each fault, and what the operator has to be shown for it; `None` where the feed is read all the same, in part.
const FAULTS: [(&str, Option<FeedHealth>); 14] = [
    ("500", Some(FeedHealth::Failing)),
    ("503-retry-after", Some(FeedHealth::Failing)),
    ("429", Some(FeedHealth::Failing)),
    ("410", Some(FeedHealth::Gone)),
    ("301", Some(FeedHealth::Failing)),
    ("timeout", Some(FeedHealth::Failing)),
    ("drip", Some(FeedHealth::Failing)),
    ("truncate", None),
    ("html", Some(FeedHealth::Blocked)),
    ("empty", Some(FeedHealth::Failing)),
    ("bad-utf8", None),
    ("gzip-bomb", Some(FeedHealth::Failing)),
    ("huge", Some(FeedHealth::Failing)),
    ("reset", Some(FeedHealth::Failing)),
];

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("python3")];
    vec![needing("faults::of_a_third_of_the_feeds_cost_the_others_nothing", &needs, a_third_misbehaves)]
}

fn a_third_misbehaves() {
    let (calm, troubled) = (Desk::start(), Desk::start());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (expected, found) = runtime.block_on(async {
        let calm = three_days(&calm, Weather::Calm);
        let troubled = three_days(&troubled, Weather::Troubled);
        tokio::join!(calm, troubled)
    });
    assert!(expected.entries.len() > 300 && expected.mails.len() == 4, "{} entries", expected.entries.len());
    assert_eq!(found.entries, expected.entries, "every entry of the others is stored, in the same round");
    assert_eq!(found.mails.len(), expected.mails.len(), "a digest a day");
    for (found, expected) in found.mails.iter().zip(&expected.mails) {
        let lost: Vec<_> = expected.difference(found).collect();
        assert!(lost.is_empty(), "links of the others that the digest lost: {lost:?}");
    }
    let missed: Vec<_> = FAULTS.iter().filter(|(kind, _)| !found.met.contains_key(kind)).collect();
    assert!(missed.is_empty(), "{missed:?}");
    println!("faults met: {:?}; {} entries of ten feeds", found.met, found.entries.len());
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Weather {
    Calm,
    Troubled,
}

/// What three days left behind for the feeds without faults.
struct Days {
    entries: BTreeSet<(String, String, Timestamp)>,
    /// The links to the others' articles in each mail.
    mails: Vec<BTreeSet<String>>,
    met: BTreeMap<&'static str, usize>,
}

async fn three_days(desk: &Desk, weather: Weather) -> Days {
    let start = DateTime::parse_from_rfc3339(START).unwrap().to_utc();
    let (config, _) = config::load(&desk.folder.path().join("khyber.toml"), &|_| None).unwrap();
    let feeds: Vec<FeedId> = config.feeds.iter().map(|feed| feed.id.clone()).collect();
    let chosen: Vec<FeedId> = feeds.iter().step_by(3).cloned().collect();
    let khyber = Khyber::open(config, start).await.unwrap();
    let mut met = BTreeMap::new();
    for round in 0..=ROUNDS {
        let now = start + TimeDelta::hours(6) * round;
        desk.news.set_clock(&now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        let faults = faults(&chosen, usize::try_from(round).unwrap(), weather);
        for (feed, (kind, _)) in chosen.iter().zip(&faults) {
            desk.news.fault(feed.as_str(), kind);
            // As an operator would, so that each round meets its fault instead of waiting for the last one to pass.
            khyber.store.resume_feed(feed).await.unwrap();
        }
        let report = khyber.poll_once(Which::Due, now, &|_| {}).await.unwrap();
        for (feed, (kind, expected)) in chosen.iter().zip(faults) {
            let poll = report.feeds.iter().find(|poll| poll.feed == *feed).unwrap();
            told(poll, kind, expected);
            *met.entry(kind).or_default() += 1;
        }
        khyber.publish_due(None, now).await.unwrap();
        khyber.dispatch_due(now, &|| false).await.unwrap();
    }
    let until = start + TimeDelta::days(9);
    let stored = khyber.store.entries_seen(start - TimeDelta::days(1), until).await.unwrap();
    let others = || stored.iter().filter(|entry| !chosen.contains(&entry.feed));
    let links: BTreeSet<&str> = others().filter_map(|entry| entry.entry.url.as_ref()).map(|url| url.as_str()).collect();
    let entries = others().map(|one| (one.feed.to_string(), one.entry.key.0.clone(), one.first_seen)).collect();
    let mails = mails(&desk.folder.path().join("data/outbox"));
    let of_others =
        |mail: String| links.iter().filter(|link| mail.contains(**link)).map(|link| link.to_string()).collect();
    Days { entries, mails: mails.into_iter().map(of_others).collect(), met }
}

/// One fault for each of the chosen feeds; none in the last round, in which all have to recover.
fn faults(chosen: &[FeedId], round: usize, weather: Weather) -> Vec<(&'static str, Option<FeedHealth>)> {
    let fault = |feed: usize| match weather {
        Weather::Troubled if round < ROUNDS as usize => FAULTS[(round * chosen.len() + feed) % FAULTS.len()],
        _ => ("none", None),
    };
    (0..chosen.len()).map(fault).collect()
}

fn told(poll: &FeedPoll, kind: &str, expected: Option<FeedHealth>) {
    match expected {
        Some(health) => {
            assert_eq!(poll.health, health, "{kind}: {:?}", poll.error);
            assert!(
                poll.error.as_ref().is_some_and(|words| words.len() > 10),
                "{kind} is told in words: {:?}",
                poll.error
            );
        }
        None => assert_eq!((poll.health, &poll.error), (FeedHealth::Ok, &None), "{kind}"),
    }
}

fn mails(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let text = |file: &std::path::PathBuf| {
        let bytes = std::fs::read(file).unwrap();
        mail_parser::MessageParser::default().parse(&bytes).unwrap().body_text(0).unwrap().into_owned()
    };
    files.iter().map(text).collect()
}

/// A replay server and an operator's folder over it; mails become files.
struct Desk {
    folder: tempfile::TempDir,
    news: News,
}

impl Desk {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let news = News::start(START);
        let config = "data_dir = \"data\"\ninclude = [\"feeds.toml\"]\n\
                      [fetch]\nallow_private = [\"127.0.0.1\"]\nheader_timeout = \"5s\"\nidle_timeout = \"1s\"\ntotal_timeout = \"5s\"\n\
                      [mail]\nfrom = \"khyber@desk.test\"\n\
                      [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\ntimezone = \"UTC\"\n\
                      scope = [\"bilateral\", \"pk\", \"af\"]\n[[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n";
        std::fs::write(folder.path().join("khyber.toml"), config).unwrap();
        std::fs::write(folder.path().join("feeds.toml"), news.get("/feeds.toml")).unwrap();
        Self { folder, news }
    }
}
