//! What a reader can choose of an edition: in the configuration, over it in the store, and in the mail that comes of it.

use khyber::config::{self, Config};
use khyber::model::{Digest, Kind, Lang, MailFormat, Scope, Selection, Timestamp};
use khyber::render::{Audience, Links, PLAIN, Reader, render, stories_for};
use khyber::store::{Choice, Store};

const MAIN: &str = "[[feed]]\nid = 'a'\nurl = 'https://a.example/f'\npublisher = 'A'\n\
    [[digest]]\nid = 'daily'\ntitle = 'Daily'\nschedule = '30 6 * * *'\nmax_stories = 20\n\
    topics = ['security', 'trade']\nscope = ['bilateral', 'pk']\n\
    [[subscriber]]\nemail = 'reader@example.org'\n";

fn loaded(keys: &str) -> Result<(Config, Vec<String>), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("khyber.toml");
    std::fs::write(&file, format!("{MAIN}{keys}")).unwrap();
    let (config, warnings) = config::load(&file, &|_| None).map_err(|problems| problems.to_string())?;
    Ok((config, warnings.into_iter().map(|warning| warning.message).collect()))
}

#[test]
fn every_wish_can_be_written_down() {
    let keys = "topics = ['trade']\nscope = ['bilateral']\nkinds = ['news', 'official']\nlanguages = ['en', 'ur']\n\
        max_stories = 12\nhour = 19\ndays = ['mon', 'thu', 'sun']\nformat = 'html'\n";
    let (config, warnings) = loaded(keys).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    let reader = &config.subscribers[0];
    let select = Selection {
        topics: vec!["trade".parse().unwrap()],
        scopes: vec![Scope::Bilateral],
        kinds: vec![Kind::News, Kind::Official],
        langs: vec![Lang::En, Lang::Ur],
        max_stories: Some(12),
    };
    assert_eq!((&reader.select, reader.format), (&select, MailFormat::Html));
    // The digest's minute, the reader's hour and days.
    assert_eq!(reader.schedule.as_ref().unwrap().as_str(), "30 19 * * 1,4,7");
}

#[test]
fn wishes_that_contradict_each_other_or_the_digest_are_named() {
    for (keys, says) in [
        ("topics = ['refugees']\n", "wants only `topics` that the digest `daily` leaves out"),
        ("scope = ['af']\n", "wants only `scope` that the digest `daily` leaves out"),
        ("max_stories = 30\n", "wants up to 30 stories of `daily`"),
    ] {
        let (_, warnings) = loaded(keys).unwrap();
        assert!(warnings.len() == 1 && warnings[0].contains(says), "{keys}: {warnings:?}");
    }
    for (keys, says) in [
        ("hour = 7\nschedule = '0 8 * * *'\n", "`schedule` stands beside `hour` or `days`"),
        ("kinds = []\n", "`kinds` is empty: nothing would be left"),
        ("days = []\n", "`days` is empty"),
        ("languages = ['klingon']\n", "is not a language"),
        ("kinds = ['opinions']\n", "did you mean `opinion`?"),
        ("days = ['monday']\n", "did you mean `mon`?"),
        ("hour = 24\n", "`hour` = 24 is out of range"),
        ("max_stories = 0\n", "`max_stories` = 0 is out of range"),
    ] {
        let problems = loaded(keys).unwrap_err();
        assert!(problems.contains(says) && problems.contains("khyber.toml:"), "{keys}: {problems}");
    }
}

#[tokio::test]
async fn a_choice_in_the_store_comes_back_whole_and_is_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let address = "reader@example.org".parse().unwrap();
    let choice = Choice {
        topics: Some(vec!["trade".parse().unwrap()]),
        scopes: Some(vec![Scope::Af]),
        kinds: Some(vec![Kind::News, Kind::Live]),
        langs: Some(vec![Lang::Ps, Lang::Fa]),
        max_stories: Some(7),
        format: Some(MailFormat::Text),
        hour: Some(0),
        days: Some(vec![chrono::Weekday::Fri]),
        zone: Some(chrono_tz::Asia::Kabul),
        lang: Some(Lang::Ur),
    };
    store.prefer(&address, &choice, now).await.unwrap();
    assert_eq!(store.preferences().await.unwrap()[&address].choice, choice);
    store.pause(&address, now, now).await.unwrap();
    assert_eq!(store.preferences().await.unwrap()[&address].choice, choice, "a pause forgets nothing");
    store.prefer(&address, &Choice::default(), now).await.unwrap();
    assert_eq!(store.preferences().await.unwrap()[&address].choice, Choice::default());
}

fn rich() -> Digest {
    serde_json::from_str(include_str!("fixtures/digest/rich.json")).unwrap()
}

fn text(select: &Selection) -> String {
    let timezone = chrono_tz::Asia::Karachi;
    let (lang, format) = (Lang::En, MailFormat::Text);
    let reader = Reader {
        lang,
        select,
        timezone,
        format,
        links: Links::default(),
        audience: Audience::Subscriber,
        theme: &PLAIN,
    };
    render(&rich(), &reader).unwrap().text
}

#[test]
fn scopes_and_kinds_leave_stories_out() {
    let count = |select: &Selection| stories_for(&rich(), select);
    assert_eq!(count(&Selection::default()), 10);
    let af = Selection { scopes: vec![Scope::Af], ..Selection::default() };
    assert_eq!(count(&af), 1);
    assert!(!text(&af).contains("more stor"), "what a reader does not want is not missed");
    let news = Selection { kinds: vec![Kind::News, Kind::Official, Kind::Live], ..Selection::default() };
    assert_eq!(count(&news), 8);
    assert!(!text(&news).contains("What a fence cannot settle") && text(&Selection::default()).contains("a fence"));
}

#[test]
fn a_story_is_told_in_a_language_that_its_reader_reads() {
    let urdu = Selection { langs: vec![Lang::Ur], ..Selection::default() };
    let told = text(&urdu);
    assert_eq!(stories_for(&rich(), &urdu), 4);
    assert!(told.contains("بابِ دوستی دوسرے روز بھی بند") && told.contains("https://sarhad.example/104"));
    for other in ["Shelling shuts", "Hewad State Radio"] {
        assert!(!told.contains(other), "{other}");
    }
}

#[test]
fn the_most_important_stories_are_kept_and_the_rest_is_counted() {
    let two = Selection { max_stories: Some(2), ..Selection::default() };
    let told = text(&two);
    assert_eq!(stories_for(&rich(), &two), 2);
    // Weights 9.1 and 6.5, in the order of their sections.
    let at = |words: &str| told.find(words).unwrap_or_else(|| panic!("{words} is not in\n{told}"));
    assert!(at("Shelling shuts") < at("One register for two customs"));
    assert!(told.contains("[5 more stories left out here]"), "{told}");
    let one = Selection { max_stories: Some(1), topics: vec!["diplomacy".parse().unwrap()], ..Selection::default() };
    assert_eq!(stories_for(&rich(), &one), 1);
}

#[test]
fn each_form_has_its_parts() {
    let (select, timezone) = (&Selection::default(), chrono_tz::UTC);
    let parts = |format| {
        let reader = Reader {
            lang: Lang::En,
            select,
            timezone,
            format,
            links: Links::default(),
            audience: Audience::Subscriber,
            theme: &PLAIN,
        };
        let mail = render(&rich(), &reader).unwrap();
        (!mail.text.is_empty(), mail.html.is_some())
    };
    assert_eq!(MailFormat::ALL.map(parts), [(true, true), (false, true), (true, false)]);
}
