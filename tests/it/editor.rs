//! The editor on entries of our own in four languages: what is kept, what is folded, what stands together.

use khyber::config::coverage;
use khyber::daemon::editor::edit;
use khyber::digest::{Past, Tally, compose};
use khyber::model::{
    Coverage, DigestSpec, Entry, EntryId, EntryKey, FeedKind, Kind, Lang, Owner, Scope, Side, Story, Timestamp,
    UniqueEntry,
};
use khyber::relevance::judge;
use std::path::Path;

fn desk() -> Coverage {
    coverage::read(coverage::DEFAULT, Path::new(coverage::DEFAULT_FILE)).0.expect("the default coverage is sound")
}

/// An entry of the `id`-th half hour of a day.
pub fn entry(id: i64, publisher: &str, lang: Lang, headline: &str, summary: &str) -> Entry {
    let at: Timestamp = "2026-03-02T04:00:00Z".parse().expect("a date");
    let at = at + chrono::Duration::minutes(30 * id);
    Entry {
        id: EntryId(id),
        feed: "sample".parse().expect("an id"),
        publisher: publisher.to_owned(),
        side: Side::International,
        owner: Owner::Unknown,
        country: "INT".to_owned(),
        feed_kind: FeedKind::News,
        key: EntryKey(id.to_string()),
        url: None,
        headline: headline.to_owned(),
        summary: summary.to_owned(),
        author: None,
        source: None,
        categories: Vec::new(),
        lang,
        published: Some(at),
        first_seen: at,
    }
}

fn day() -> Vec<Entry> {
    let en = Lang::En;
    vec![
        entry(
            1,
            "Frontier Post",
            en,
            "Torkham crossing reopens after five days of closure",
            "Trucks loaded with fruit and cement moved through the Torkham border crossing on Monday after officials of Pakistan and Afghanistan agreed to end a five-day closure.",
        ),
        entry(
            2,
            "Khyber Wire",
            en,
            "Trade resumes as Torkham border crossing reopens",
            "Hundreds of trucks crossed at Torkham on Monday, five days after the crossing between Pakistan and Afghanistan was closed over a new check post.",
        ),
        entry(
            3,
            "Bakhtar Reader",
            en,
            "Polio drive starts in Kandahar and Helmand",
            "Health workers began a four-day polio vaccination drive for children in Kandahar and Helmand, the Taliban health ministry said.",
        ),
        entry(
            4,
            "Frontier Post",
            en,
            "Supreme Court hears petitions against the amendment",
            "ISLAMABAD: The Supreme Court of Pakistan on Monday resumed hearing petitions against the constitutional amendment.",
        ),
        entry(
            5,
            "Sports Desk",
            en,
            "Pakistan beat Afghanistan by six wickets in tri-series",
            "A century by the opening batter took Pakistan past Afghanistan with two overs to spare in the cricket match in Sharjah.",
        ),
        entry(
            6,
            "World Paper",
            en,
            "City council votes on new tram line",
            "The council of Lyon voted on Monday for a tram line to the airport.",
        ),
        entry(
            7,
            "Frontier Post",
            en,
            "Neighbours in name",
            "THE smiles at the meeting in Kabul should not deceive anyone. Pakistan must ask what the Taliban have done about militants who cross the border, and the Taliban must answer. The writer is a former ambassador.",
        ),
        entry(
            8,
            "Urdu Paper",
            Lang::Ur,
            "طورخم سرحد پانچ روز بعد کھول دی گئی",
            "پاکستان اور افغانستان کے حکام کے درمیان مذاکرات کے بعد طورخم پر تجارت بحال ہو گئی۔",
        ),
        entry(
            9,
            "Pashto Paper",
            Lang::Ps,
            "په کابل کې د ښځو پر زده کړو بندیز",
            "طالبانو په کابل کې د ښځو پر زده کړو نوی بندیز اعلان کړ.",
        ),
        entry(
            10,
            "Dari Paper",
            Lang::Fa,
            "اخراج مهاجران افغان از پاکستان ادامه دارد",
            "هزاران مهاجر افغان در یک هفته از پاکستان اخراج شدند و از گذرگاه تورخم به افغانستان بازگشتند.",
        ),
    ]
}

fn story_of(stories: &[Story], id: i64) -> &Story {
    let holds = |story: &&Story| {
        story
            .reports
            .iter()
            .any(|r| r.lead.entry.id == EntryId(id) || r.copies.iter().any(|c| c.entry.id == EntryId(id)))
    };
    stories.iter().find(holds).expect("the entry stands in a story")
}

#[test]
fn a_day_is_edited() {
    let edited = edit(day(), &desk());
    let dropped: Vec<i64> = edited.dropped.iter().map(|dropped| dropped.entry.id.0).collect();
    assert_eq!(dropped, [5, 6], "{:#?}", edited.dropped);
    assert_eq!((edited.read, edited.kept, edited.folded), (10, 8, 0));
    assert_eq!(story_of(&edited.stories, 1).id, story_of(&edited.stories, 2).id);
    assert_ne!(story_of(&edited.stories, 1).id, story_of(&edited.stories, 4).id);
    assert!(edited.stories.iter().all(|story| !story.topics.is_empty()), "{:#?}", edited.stories);
}

#[test]
fn scopes_kinds_and_topics_in_four_languages() {
    let (desk, day) = (desk(), day());
    let expected = [
        (1, Scope::Bilateral, Kind::News, "borders"),
        (3, Scope::Af, Kind::News, "humanitarian"),
        (4, Scope::Pk, Kind::News, "governance"),
        (7, Scope::Bilateral, Kind::Opinion, ""),
        (8, Scope::Bilateral, Kind::News, "borders"),
        (9, Scope::Af, Kind::News, "governance"),
        (10, Scope::Bilateral, Kind::News, "refugees"),
    ];
    for (id, scope, kind, topic) in expected {
        let judged = judge(&day[id - 1], &desk);
        assert_eq!((judged.scope, judged.kind), (scope, kind), "{id}: {:#?}", judged.evidence);
        assert!(!judged.evidence.is_empty());
        assert!(
            topic.is_empty() || judged.topics[0].as_str() == topic,
            "{id}: {:?} {:#?}",
            judged.topics,
            judged.evidence
        );
    }
}

#[test]
fn an_op_ed_without_an_event_has_topics() {
    let text = "Behind warm words exchanged in Kabul, doubts remain over whether the Taliban will act against militants who attack Pakistan \
                from Afghan soil. Returnees expelled from Pakistan find no help, transit agreements are signed, and nothing is done \
                about cross-border terror. Until that changes, dialogue between the two governments must remain hollow.";
    let mut op_ed = entry(1, "Column", Lang::En, "Warm words, empty hands", text);
    op_ed.feed_kind = FeedKind::Opinion;
    let judged = judge(&op_ed, &desk());
    assert_eq!((judged.scope, judged.kind), (Scope::Bilateral, Kind::Opinion), "{:#?}", judged.evidence);
    assert!(["security", "diplomacy", "refugees", "governance", "trade"].contains(&judged.topics[0].as_str()));
}

#[test]
fn a_text_carried_by_three_is_one_report_with_its_origin() {
    let text = "KABUL (AFP) - Heavy rain swept away bridges and dozens of houses in the Afghan province of Baghlan overnight, killing at \
                least eleven people, local officials said on Monday, as rescue teams dug through mud with shovels and bare hands.";
    let mut entries = day();
    for (id, publisher) in [(21, "Paper A"), (22, "Paper B"), (23, "Paper C")] {
        entries.push(entry(id, publisher, Lang::En, &format!("Floods kill eleven in Baghlan, {publisher}"), text));
    }
    let edited = edit(entries, &desk());
    assert_eq!(edited.folded, 2);
    let story = story_of(&edited.stories, 23);
    assert_eq!((story.id, story.reports.len(), story.reports[0].copies.len()), (EntryId(21), 1, 2));
    assert_eq!(story.reports[0].origin.as_deref(), Some("AFP"));
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let desk = desk();
    let forwards = edit(day(), &desk).stories;
    let mut turned = day();
    turned.reverse();
    assert_eq!(edit(turned, &desk).stories, forwards);
    let mut rotated = day();
    rotated.rotate_left(4);
    assert_eq!(edit(rotated, &desk).stories, forwards);
}

#[test]
fn opinion_never_leads_a_story_with_news() {
    for story in edit(day(), &desk()).stories {
        let news = story.reports.iter().any(|report| !report.lead.kind.is_opinion());
        assert!(!news || !story.reports[0].lead.kind.is_opinion());
    }
}

#[test]
fn hostile_text_is_survived() {
    let mut entries: Vec<Entry> = (1..=3_000).map(|id| entry(id, "Same", Lang::En, "Kabul", "")).collect();
    entries.push(entry(4_000, "Long", Lang::En, &"Kabul talks ".repeat(10_000), ""));
    entries.push(entry(4_001, "Odd", Lang::Other, "🎉\u{202e}کابل Kabul\u{0}", "\u{200c}\u{200c}"));
    let edited = edit(entries, &desk());
    assert_eq!(edited.read, 3_002);
    assert_eq!(edited.kept, 3_002);
}

/// What a hostile feed sends in a headline: nothing panics, nothing is read beyond its cap, and the answer is the same twice.
#[test]
fn hostile_headlines_are_judged() {
    let desk = desk();
    let judge = khyber::relevance::Judge::new(&desk);
    let headlines = [
        "Kabul ".repeat(17_000),
        "K".repeat(100_000),
        "a*b:c?".repeat(15_000),
        "🎉".repeat(25_000),
        "\u{202e}\u{2066}کابل\u{2069}\u{202c}".repeat(5_000),
        "Kabul کابل Кабул 喀布尔 काबुल ".repeat(2_500),
        "\u{300}\u{64b}".repeat(30_000),
        "?".to_owned(),
        String::new(),
    ];
    for headline in headlines {
        for (headline, summary) in [(headline.as_str(), ""), ("Torkham", headline.as_str())] {
            let entry = entry(1, "Hostile", Lang::Other, headline, summary);
            let judged = judge.judge(&entry);
            assert_eq!(judged, judge.judge(&entry));
            assert!((0.0..=1.0).contains(&judged.score) && judged.topics.len() <= 2);
            assert!(judged.evidence.len() < 100, "{}", judged.evidence.len());
            assert!(judged.evidence.iter().all(|evidence| evidence.weight.is_finite()));
        }
    }
}

/// The set of our own, as entries.
fn events() -> Vec<Entry> {
    let rows = include_str!("fixtures/editor/events.jsonl");
    let rows = rows.lines().map(|row| serde_json::from_str::<serde_json::Value>(row).expect("a row"));
    rows.enumerate()
        .map(|(at, row)| {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            let mut entry =
                entry(at as i64 + 1, text("source"), Lang::from_tag(text("lang")), text("title"), text("summary"));
            entry.published = text("date").parse().ok();
            entry.first_seen = entry.published.expect("a date");
            entry
        })
        .collect()
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(12))]

    #[test]
    fn any_order_of_arrival_gives_the_same_stories(
        order in proptest::strategy::Strategy::prop_shuffle(proptest::strategy::Just((0..events().len()).collect::<Vec<_>>()))
    ) {
        let (desk, events) = (desk(), events());
        let shuffled: Vec<Entry> = order.iter().map(|at| events[*at].clone()).collect();
        let (forwards, otherwise) = (edit(events, &desk), edit(shuffled, &desk));
        proptest::prop_assert!(forwards.stories.iter().any(|story| story.reports.len() > 1));
        proptest::prop_assert_eq!(forwards.stories, otherwise.stories);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(12))]

    /// Whichever entries come from opinion feeds: opinion stands behind news, in the story and in the edition, and no publisher
    /// is counted for it.
    #[test]
    fn opinion_never_leads_and_never_confirms(opinions in proptest::collection::vec(proptest::bool::ANY, events().len())) {
        let mut entries = events();
        for (entry, opinion) in entries.iter_mut().zip(opinions) {
            entry.feed_kind = if opinion { FeedKind::Opinion } else { FeedKind::News };
        }
        let past = Past { eligible: entries.iter().map(|entry| entry.id).collect(), ..Past::default() };
        let (desk, slot) = (desk(), entries.iter().map(Entry::at).max().expect("entries"));
        let stories = edit(entries, &desk).stories;
        let is_opinion = |unique: &UniqueEntry| unique.lead.kind.is_opinion();
        let mixed = |story: &&Story| story.reports.iter().any(is_opinion) && !story.reports.iter().all(is_opinion);
        proptest::prop_assert!(stories.iter().filter(mixed).count() > 3);
        for story in &stories {
            proptest::prop_assert!(!is_opinion(&story.reports[0]) || story.reports.iter().all(is_opinion));
        }
        let spec = DigestSpec { scopes: Vec::new(), max_stories: 500, max_stories_per_topic: 500, ..crate::digest::spec() };
        let digest = compose(&spec, slot, stories.clone(), &desk, &past, &Tally::default());
        for section in &digest.sections {
            proptest::prop_assert!(section.opinions.iter().all(|view| view.reports.iter().all(|r| r.kind.is_opinion())));
            for view in &section.stories {
                proptest::prop_assert!(!view.reports[0].kind.is_opinion(), "{}", view.headline);
                let story = story_of(&stories, view.id.0);
                let news = story.reports.iter().filter(|unique| !is_opinion(unique));
                let carriers: std::collections::BTreeSet<_> =
                    news.flat_map(|u| u.copies.iter().chain([&u.lead])).map(|kept| &kept.entry.publisher).collect();
                proptest::prop_assert_eq!(view.publishers, carriers.len());
            }
        }
    }
}

/// "Gold rate in Pakistan today" is no story, and a series that is one stays apart by its number; a toll that rises is one event.
#[test]
fn look_alikes_stay_apart_and_a_rising_toll_joins() {
    let en = Lang::En;
    let mut entries = day();
    let polio = |id, district: &str, toll: &str| {
        let summary = format!(
            "The health ministry in Kabul said the vaccination round in {district} ended, the {toll} in a row."
        );
        entry(id, "Monitor", en, &format!("Taliban: vaccination round {toll} over in {district}"), &summary)
    };
    entries.extend([polio(31, "Khost", "third"), polio(90, "Herat", "fourth")]);
    let flood = |id, publisher: &str, toll: u32| {
        let headline = format!("Flash flood in Swat kills {toll}, dozens missing");
        let summary = format!(
            "Rescuers in Swat, Pakistan, have found {toll} bodies since the river tore through a bazaar before dawn; more are missing."
        );
        entry(id, publisher, en, &headline, &summary)
    };
    entries.extend([flood(41, "Frontier Post", 9), flood(43, "Khyber Wire", 14), flood(47, "Indus Courier", 22)]);
    let edited = edit(entries, &desk());
    assert_ne!(story_of(&edited.stories, 31).id, story_of(&edited.stories, 90).id);
    assert_eq!(story_of(&edited.stories, 41).id, story_of(&edited.stories, 43).id);
    assert_eq!(story_of(&edited.stories, 41).id, story_of(&edited.stories, 47).id);
}

/// "National Assembly" is Pakistan's office unless another country owns it; what was left out stands in the evidence.
#[test]
fn an_office_of_another_country_is_not_ours() {
    let desk =
        khyber::config::coverage::read(khyber::config::coverage::DEFAULT, std::path::Path::new("default")).0.unwrap();
    let judged = |headline: &str, summary: &str, country: &str| {
        let report = Entry { country: country.to_owned(), ..entry(1, "Paper", Lang::En, headline, summary) };
        let judged = khyber::relevance::judge(&report, &desk);
        (judged.scope, judged.evidence.iter().any(|evidence| evidence.what == "another-country"))
    };
    for (headline, summary) in [
        (
            "Kuwait dissolves National Assembly",
            "The National Assembly of the emirate was dissolved on Monday after a row over debts.",
        ),
        (
            "National Assembly of South Korea votes on president",
            "The National Assembly votes on Saturday, its speaker says.",
        ),
        ("French National Assembly debates budget", "The National Assembly sat all night."),
    ] {
        assert_eq!(judged(headline, summary, "INT"), (Scope::None, true), "{headline}");
    }
    let ours =
        ("National Assembly passes police bill", "The National Assembly passed the bill after a debate of four hours.");
    assert_eq!(judged(ours.0, ours.1, "PK"), (Scope::Pk, false));
    let visited = (
        "National Assembly speaker receives French envoy",
        "The National Assembly speaker spoke of trade with France.",
    );
    assert_eq!(judged(visited.0, visited.1, "PK"), (Scope::Pk, false));
}
