//! Composing over several editions: what is new, what goes on, what stands where, and what is left out.

use khyber::digest::{OTHER, Past, PastStory, Tally, compose};
use khyber::model::digest::{FirstRun, WhenEmpty};
use khyber::model::{
    CanonicalUrl, Coverage, Digest, DigestSpec, Entry, EntryId, EntryKey, Evidence, FeedKind, Kind, Lang, Owner,
    RelevantEntry, Scope, Side, Story, StoryStatus, StoryView, Timestamp, Topic, TopicId, UniqueEntry,
};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

const DAY: &str = "2026-03-02T05:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn topic(id: &str) -> TopicId {
    id.parse().unwrap()
}

fn coverage() -> Coverage {
    let topics = ["security", "trade", "refugees"];
    let titled = |id: &&str| Topic { id: topic(id), titles: vec![(Lang::En, id.to_uppercase())], terms: Vec::new() };
    Coverage { id: "desk".to_owned(), topics: topics.iter().map(titled).collect(), ..Coverage::default() }
}

pub fn spec() -> DigestSpec {
    DigestSpec {
        id: "desk".parse().unwrap(),
        title: "Desk".to_owned(),
        schedule: "0 10 * * *".parse().unwrap(),
        timezone: chrono_tz::Asia::Karachi,
        topics: Vec::new(),
        scopes: vec![Scope::Bilateral],
        max_stories: 40,
        max_stories_per_topic: 8,
        max_reports: 6,
        when_empty: WhenEmpty::Skip,
        max_late: Duration::from_secs(3600),
        window: Duration::from_secs(72 * 3600),
        first_run: FirstRun::OnlyNew,
        lang: Lang::En,
        discreet: false,
    }
}

/// An entry, with the facts that composing looks at.
#[derive(Clone)]
struct Report {
    id: i64,
    publisher: &'static str,
    side: Side,
    owner: &'static str,
    kind: Kind,
    at: &'static str,
    origin: Option<&'static str>,
    copies: Vec<(i64, &'static str)>,
    topics: Vec<&'static str>,
    evidence: Vec<(&'static str, f64)>,
}

fn news(id: i64, publisher: &'static str) -> Report {
    Report {
        id,
        publisher,
        side: Side::Pakistan,
        owner: "unknown",
        kind: Kind::News,
        at: "2026-03-02T03:00:00Z",
        origin: None,
        copies: Vec::new(),
        topics: Vec::new(),
        evidence: Vec::new(),
    }
}

fn opinion(id: i64, publisher: &'static str) -> Report {
    Report { kind: Kind::Opinion, ..news(id, publisher) }
}

impl Report {
    fn relevant(&self, id: i64, publisher: &str) -> RelevantEntry {
        let entry = Entry {
            id: EntryId(id),
            feed: "feed".parse().unwrap(),
            publisher: publisher.to_owned(),
            side: self.side,
            owner: Owner::of(self.owner),
            country: "PK".to_owned(),
            feed_kind: FeedKind::News,
            key: EntryKey(id.to_string()),
            url: Some(url(id)),
            headline: format!("Headline {id}"),
            summary: format!("Headline {id}. What {publisher} says."),
            author: None,
            source: None,
            categories: Vec::new(),
            lang: Lang::En,
            published: Some(at(self.at)),
            first_seen: at(self.at),
        };
        let found = |(what, weight): &(&str, f64)| Evidence {
            what: (*what).to_owned(),
            words: String::new(),
            place: "headline".to_owned(),
            weight: *weight,
        };
        RelevantEntry {
            entry,
            scope: Scope::Bilateral,
            kind: self.kind,
            topics: self.topics.iter().map(|id| topic(id)).collect(),
            score: 1.0,
            evidence: self.evidence.iter().map(found).collect(),
        }
    }

    fn unique(&self) -> UniqueEntry {
        UniqueEntry {
            lead: self.relevant(self.id, self.publisher),
            copies: self.copies.iter().map(|(id, publisher)| self.relevant(*id, publisher)).collect(),
            origin: self.origin.map(str::to_owned),
        }
    }
}

fn url(id: i64) -> CanonicalUrl {
    serde_json::from_value(serde_json::json!(format!("https://press.example/{id}"))).unwrap()
}

fn story(topics: &[&str], weight: f64, reports: &[Report]) -> Story {
    let ids = reports.iter().flat_map(|report| std::iter::once(report.id).chain(report.copies.iter().map(|c| c.0)));
    let id = EntryId(ids.min().unwrap());
    Story {
        id,
        thread: id,
        topics: topics.iter().map(|id| topic(id)).collect(),
        scope: Scope::Bilateral,
        reports: reports.iter().map(Report::unique).collect(),
        weight,
    }
}

/// No earlier edition; everything may appear.
fn first_edition(stories: &[Story]) -> Past {
    let entries = stories
        .iter()
        .flat_map(|story| &story.reports)
        .flat_map(|unique| std::iter::once(&unique.lead).chain(&unique.copies).map(|relevant| relevant.entry.id));
    Past { eligible: entries.collect(), ..Past::default() }
}

/// What the store would remember after these editions.
fn remembered(editions: &[&Digest], stories: &[Story]) -> Past {
    let mut past = first_edition(stories);
    for view in editions.iter().flat_map(|digest| views(digest)) {
        for entry in &view.entries {
            past.seen.insert(*entry);
            let known = PastStory { story: view.id, thread: view.thread, first_seen: view.first_seen };
            past.stories.insert(*entry, known);
        }
    }
    past
}

fn composed(spec: &DigestSpec, slot: &str, stories: &[Story], past: &Past) -> Digest {
    compose(spec, at(slot), stories.to_vec(), &coverage(), past, &Tally::default())
}

fn first(stories: &[Story]) -> Digest {
    composed(&spec(), DAY, stories, &first_edition(stories))
}

fn views(digest: &Digest) -> Vec<&StoryView> {
    digest.told().collect()
}

fn outline(digest: &Digest) -> Vec<(String, Vec<i64>, Vec<i64>, usize)> {
    let ids = |list: &[StoryView]| list.iter().map(|view| view.id.0).collect();
    let line = |section: &khyber::model::Section| {
        (section.topic.to_string(), ids(&section.stories), ids(&section.opinions), section.more)
    };
    digest.sections.iter().map(line).collect()
}

#[test]
fn sections_stand_in_the_order_of_the_coverage_and_stories_by_voices_then_by_newness() {
    let stories = [
        story(&["refugees"], 9.0, &[news(1, "A")]),
        story(&["security"], 1.0, &[news(2, "A")]),
        story(&["security", "trade"], 3.0, &[news(3, "A")]),
        story(&["security"], 1.0, &[Report { at: "2026-03-02T04:00:00Z", ..news(4, "A") }]),
        story(&["security"], 1.0, &[news(5, "A"), news(6, "B")]),
    ];
    let expected =
        vec![("security".to_owned(), vec![5, 4, 2, 3], vec![], 0), ("refugees".to_owned(), vec![1], vec![], 0)];
    assert_eq!(outline(&first(&stories)), expected);
}

#[test]
fn a_story_without_topic_goes_where_its_evidence_points_else_to_other() {
    let hinted = Report { evidence: vec![("trade", 0.4), ("security", 0.1)], ..news(1, "A") };
    let voted = [Report { topics: vec!["refugees"], ..news(2, "A") }, news(3, "B")];
    let stories = [story(&[], 1.0, &[hinted]), story(&[], 1.0, &voted), story(&[], 1.0, &[news(4, "A")])];
    let digest = first(&stories);
    let topics: Vec<(String, i64)> =
        digest.sections.iter().map(|section| (section.topic.to_string(), section.stories[0].id.0)).collect();
    assert_eq!(topics, [("trade".to_owned(), 1), ("refugees".to_owned(), 2), (OTHER.to_owned(), 4)]);
    assert_eq!(digest.sections[2].titles.len(), Lang::DIGEST.len());
}

#[test]
fn a_digest_takes_its_own_topics_and_scopes_only() {
    let stories = [
        story(&["security"], 1.0, &[news(1, "A")]),
        story(&["security", "trade"], 1.0, &[news(2, "A")]),
        story(&[], 1.0, &[news(3, "A")]),
        Story { scope: Scope::Af, ..story(&["trade"], 1.0, &[news(4, "A")]) },
    ];
    let trade = DigestSpec { topics: vec![topic("trade")], ..spec() };
    let digest = composed(&trade, DAY, &stories, &first_edition(&stories));
    assert_eq!(outline(&digest), vec![("trade".to_owned(), vec![2], vec![], 0)]);
}

#[test]
fn what_was_seen_is_left_out_and_what_goes_on_keeps_its_id_and_counts_its_days() {
    let monday = [story(&["security"], 2.0, &[news(1, "A"), news(2, "B")]), story(&["trade"], 1.0, &[news(3, "A")])];
    let first = first(&monday);
    assert!(views(&first).iter().all(|view| view.status == StoryStatus::New && view.day == 1));

    let late = Report { at: "2026-03-04T01:00:00Z", ..news(9, "C") };
    let wednesday = [story(&["security"], 2.0, &[news(2, "B"), late, news(1, "A")]), monday[1].clone()];
    let second = composed(&spec(), "2026-03-04T05:00:00Z", &wednesday, &remembered(&[&first], &wednesday));
    let views = views(&second);
    let [view] = views.as_slice() else { panic!("the seen story is back: {views:?}") };
    assert_eq!((view.status, view.day, view.id, view.thread), (StoryStatus::Developing, 3, EntryId(1), EntryId(1)));
    assert_eq!(view.first_seen, at("2026-03-02T03:00:00Z"));
    // Only what is new is told; the headline is that of the unseen report.
    assert_eq!((view.headline.as_str(), view.reports.len(), view.earlier_reports), ("Headline 9", 1, 2));
    assert_eq!(view.entries, [EntryId(1), EntryId(2), EntryId(9)]);

    let third = composed(&spec(), "2026-03-05T05:00:00Z", &wednesday, &remembered(&[&first, &second], &wednesday));
    assert!(third.is_empty());
}

#[test]
fn a_new_copy_of_a_seen_text_brings_nothing_back() {
    let monday = [story(&["security"], 1.0, &[news(1, "A")])];
    let first = first(&monday);
    let copied = [story(&["security"], 1.0, &[Report { copies: vec![(5, "B")], ..news(1, "A") }])];
    assert!(composed(&spec(), DAY, &copied, &remembered(&[&first], &copied)).is_empty());
    // Even when the editor now takes the copy for the lead.
    let turned = [story(&["security"], 1.0, &[Report { copies: vec![(1, "A")], ..news(5, "B") }])];
    assert!(composed(&spec(), DAY, &turned, &remembered(&[&first], &turned)).is_empty());
}

#[test]
fn context_alone_makes_no_story_but_stands_beside_one() {
    let stories = [story(&["security"], 1.0, &[news(1, "A"), news(2, "B")]), story(&["trade"], 1.0, &[news(3, "A")])];
    let past = Past { eligible: HashSet::from([EntryId(2)]), ..Past::default() };
    let digest = composed(&spec(), DAY, &stories, &past);
    let views = views(&digest);
    let [view] = views.as_slice() else { panic!("{views:?}") };
    assert_eq!((view.headline.as_str(), view.reports.len()), ("Headline 2", 2));
}

#[test]
fn what_the_limits_leave_out_is_counted_and_comes_up_again() {
    let stories: Vec<Story> = (1..=5)
        .map(|id| story(&["security"], f64::from(10 - i32::try_from(id).unwrap()), &[news(id, "A")]))
        .chain([story(&["trade"], 0.1, &[news(6, "A")])])
        .collect();
    let tight = DigestSpec { max_stories: 3, max_stories_per_topic: 4, ..spec() };
    let digest = composed(&tight, DAY, &stories, &first_edition(&stories));
    // Each topic's first story comes before any topic's third.
    let expected = vec![("security".to_owned(), vec![1, 2], vec![], 3), ("trade".to_owned(), vec![6], vec![], 0)];
    assert_eq!(outline(&digest), expected);
    let next = composed(&tight, DAY, &stories, &remembered(&[&digest], &stories));
    assert_eq!(outline(&next), vec![("security".to_owned(), vec![3, 4, 5], vec![], 0)]);
}

#[test]
fn opinion_never_leads_news_and_confirms_nothing() {
    let stories = [story(&["security"], 1.0, &[opinion(1, "A"), news(2, "B"), opinion(3, "C")])];
    let digest = first(&stories);
    let view = &digest.sections[0].stories[0];
    assert_eq!(view.headline, "Headline 2");
    assert_eq!(view.reports.iter().map(|report| report.entry.0).collect::<Vec<_>>(), [2, 1, 3]);
    assert_eq!((view.publishers, view.origins), (1, 1));

    // A second report of one publisher still comes before anybody's opinion.
    let late = Report { at: "2026-03-02T04:00:00Z", ..opinion(1, "A") };
    let digest = first(&[story(&["security"], 1.0, &[late, news(2, "B"), news(4, "B")])]);
    let order: Vec<i64> = views(&digest)[0].reports.iter().map(|report| report.entry.0).collect();
    assert_eq!(order, [2, 4, 1]);
}

#[test]
fn opinion_stands_apart() {
    let stories =
        [story(&["security"], 9.0, &[opinion(1, "A"), opinion(2, "B")]), story(&["security"], 1.0, &[news(3, "A")])];
    assert_eq!(outline(&first(&stories)), vec![("security".to_owned(), vec![3], vec![1], 0)]);
    assert_eq!(views(&first(&stories))[1].publishers, 2);

    // Nothing but opinion is new on a story that was told: it does not come back as news.
    let monday = [story(&["trade"], 1.0, &[news(5, "A")])];
    let told = first(&monday);
    let argued = [story(&["trade"], 1.0, &[news(5, "A"), opinion(6, "B")])];
    let digest = composed(&spec(), DAY, &argued, &remembered(&[&told], &argued));
    assert_eq!(outline(&digest), vec![("trade".to_owned(), vec![], vec![5], 0)]);
    assert_eq!(views(&digest)[0].headline, "Headline 6");
}

#[test]
fn a_full_edition_keeps_a_place_for_opinion() {
    let mut stories: Vec<Story> = (1..=10).map(|id| story(&["security"], 5.0, &[news(id, "A")])).collect();
    stories.extend((11..=20).map(|id| story(&["security"], 1.0, &[opinion(id, "B")])));
    let tight = DigestSpec { max_stories: 5, ..spec() };
    let digest = composed(&tight, DAY, &stories, &first_edition(&stories));
    assert_eq!(outline(&digest), vec![("security".to_owned(), vec![1, 2, 3, 4], vec![11], 15)]);
}

#[test]
fn reports_show_each_side_before_a_second_of_one_and_count_the_rest() {
    let reports = [
        news(1, "Pak One"),
        Report { at: "2026-03-02T04:30:00Z", ..news(2, "Pak Two") },
        Report { side: Side::AfghanistanExile, ..news(3, "Exile") },
        Report { side: Side::AfghanistanState, at: "2026-03-02T02:00:00Z", ..news(4, "State") },
        Report { at: "2026-03-02T04:45:00Z", ..news(5, "Pak One") },
    ];
    let stories = [story(&["security"], 1.0, &reports)];
    let three = DigestSpec { max_reports: 3, ..spec() };
    let digest = composed(&three, DAY, &stories, &first_edition(&stories));
    let view = views(&digest)[0];
    assert_eq!(view.reports.iter().map(|report| report.entry.0).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!((view.more_reports, view.publishers), (2, 4));
}

#[test]
fn copies_are_folded_and_origins_counted() {
    let agency =
        Report { origin: Some("Wire"), copies: vec![(11, "B"), (12, "A"), (13, "C"), (14, "B")], ..news(1, "A") };
    let same_agency = Report { origin: Some("WIRE"), ..news(2, "D") };
    let digest = first(&[story(&["security"], 1.0, &[agency, same_agency, news(3, "E")])]);
    let view = views(&digest)[0];
    assert_eq!((view.publishers, view.origins), (5, 2));
    let copies: Vec<&str> = view.reports[0].copies.iter().map(|copy| copy.publisher.as_str()).collect();
    assert_eq!(copies, ["B", "C"], "each publisher once, the lead's own reissue not at all");
    assert_eq!(view.entries.len(), 7, "every entry counts as seen");
}

#[test]
fn a_split_story_keeps_its_id_in_one_part_and_its_thread_in_both() {
    let monday = [story(&["security"], 1.0, &[news(1, "A"), news(2, "B"), news(3, "C")])];
    let first = first(&monday);
    let split = [
        story(&["security"], 1.0, &[news(2, "B"), news(3, "C"), news(8, "D")]),
        story(&["security"], 1.0, &[news(1, "A"), news(9, "E")]),
    ];
    let digest = composed(&spec(), "2026-03-03T05:00:00Z", &split, &remembered(&[&first], &split));
    let mut ids: Vec<(i64, i64)> = views(&digest).iter().map(|view| (view.id.0, view.thread.0)).collect();
    ids.sort();
    assert_eq!(ids, [(1, 1), (2, 1)]);
}

#[test]
fn a_new_event_of_a_thread_that_the_readers_know_is_developing_and_counts_its_days_and_reports() {
    let monday = [story(&["security"], 1.0, &[news(1, "A"), news(2, "B")]), story(&["trade"], 1.0, &[news(3, "C")])];
    let first = first(&monday);
    assert!(views(&first).iter().all(|view| view.status == StoryStatus::New && view.earlier_reports == 0));
    let next = [
        Story { thread: EntryId(1), ..story(&["security"], 1.0, &[news(7, "B"), news(8, "C")]) },
        story(&["trade"], 1.0, &[news(9, "B")]),
    ];
    let digest = composed(&spec(), "2026-03-05T05:00:00Z", &next, &remembered(&[&first], &next));
    let [on, apart] = views(&digest)[..] else { panic!("{digest:?}") };
    assert_eq!((on.id, on.thread, on.status, on.day), (EntryId(7), EntryId(1), StoryStatus::Developing, 4));
    assert_eq!((on.first_seen, on.earlier_reports), (views(&first)[0].first_seen, 2));
    assert_eq!(on.reports.iter().map(|report| report.entry.0).collect::<BTreeSet<_>>(), BTreeSet::from([7, 8]));
    assert_eq!((apart.status, apart.earlier_reports), (StoryStatus::New, 0));
}

/// The thread's first story may have been left out by the limits, or its first report be older than what is read now.
#[test]
fn any_story_of_a_thread_that_was_shown_makes_it_known() {
    let monday = [Story { thread: EntryId(1), ..story(&["security"], 1.0, &[news(4, "A")]) }];
    let first = first(&monday);
    let unshown = Story { thread: EntryId(2), ..story(&["security"], 1.0, &[news(2, "B")]) };
    let shown = Story { thread: EntryId(2), ..monday[0].clone() };
    let fresh = Story { thread: EntryId(2), ..story(&["security"], 1.0, &[news(7, "C")]) };
    for stories in [[unshown.clone(), shown.clone(), fresh.clone()], [fresh, shown, unshown]] {
        let digest = composed(&spec(), "2026-03-03T05:00:00Z", &stories, &remembered(&[&first], &stories));
        let of_seven = views(&digest).into_iter().find(|view| view.id == EntryId(7)).expect("it is shown");
        let told = (of_seven.thread, of_seven.status, of_seven.earlier_reports);
        assert_eq!(told, (EntryId(1), StoryStatus::Developing, 1));
    }
}

#[test]
fn an_opinion_piece_on_a_running_thread_is_a_new_piece() {
    let monday = [story(&["security"], 1.0, &[news(1, "A")])];
    let first = first(&monday);
    let next = [Story { thread: EntryId(1), ..story(&["security"], 1.0, &[opinion(7, "B")]) }];
    let digest = composed(&spec(), "2026-03-03T05:00:00Z", &next, &remembered(&[&first], &next));
    let view = views(&digest)[0];
    assert_eq!((view.thread, view.status, view.earlier_reports), (EntryId(1), StoryStatus::New, 0));
}

#[test]
fn a_thread_begins_with_its_earliest_story() {
    let told = |story, first_seen| PastStory { story: EntryId(story), thread: EntryId(1), first_seen: at(first_seen) };
    let stories = [story(&["security"], 1.0, &[news(5, "A"), news(9, "B")])];
    let mut past = first_edition(&stories);
    past.seen.insert(EntryId(5));
    past.stories.insert(EntryId(1), told(1, "2026-02-20T05:00:00Z"));
    past.stories.insert(EntryId(5), told(5, "2026-02-28T05:00:00Z"));
    let digest = composed(&spec(), DAY, &stories, &past);
    let view = views(&digest)[0];
    assert_eq!((view.id, view.thread, view.day), (EntryId(5), EntryId(1), 11));
}

#[test]
fn days_are_counted_in_the_zone_of_the_digest() {
    let evening = Report { at: "2026-03-01T20:00:00Z", ..news(1, "A") };
    let stories = [story(&["security"], 1.0, &[evening])];
    assert_eq!(views(&first(&stories))[0].day, 1, "past midnight in Karachi");
    let utc = DigestSpec { timezone: chrono_tz::UTC, ..spec() };
    assert_eq!(views(&composed(&utc, DAY, &stories, &first_edition(&stories)))[0].day, 2);
    // A publisher's wrong clock does not make a story of today twenty years old.
    let wrong = [story(&["security"], 1.0, &[Report { at: "2006-01-01T00:00:00Z", ..news(1, "A") }])];
    assert_eq!(views(&first(&wrong))[0].day, 4);
}

#[test]
fn a_summary_does_not_repeat_its_headline_and_has_an_end() {
    let mut stories = [story(&["security"], 1.0, &[news(1, "A")])];
    assert_eq!(views(&first(&stories))[0].summary, "What A says.");
    stories[0].reports[0].lead.entry.summary = "word ".repeat(1_000);
    let digest = first(&stories);
    let summary = &views(&digest)[0].summary;
    assert!(summary.chars().count() <= 601 && summary.ends_with("word…"));
}

#[test]
fn the_tally_is_carried_and_the_silent_are_named_once() {
    let silent = ["B", "A", "B"].map(str::to_owned).to_vec();
    let tally = Tally { read: 10, kept: 4, folded: 2, silent_publishers: silent, ..Tally::default() };
    let digest = compose(&spec(), at(DAY), Vec::new(), &coverage(), &Past::default(), &tally);
    assert_eq!((digest.read, digest.kept, digest.folded), (10, 4, 2));
    assert_eq!(digest.silent_publishers, ["A", "B"]);
    assert!(digest.is_empty() && digest.sections.is_empty());
}

#[test]
fn an_edition_survives_being_stored() {
    let digest = first(&[story(&["security"], 1.5, &[news(1, "A"), opinion(2, "B")])]);
    let stored = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Digest>(&stored).unwrap(), digest);
}

const TOPICS: [&[&str]; 4] = [&["security"], &["trade"], &["refugees", "trade"], &[]];

/// Thirty stories of one to three reports; half of the entries were in an earlier edition.
fn a_newsday() -> (Vec<Story>, Past) {
    let kinds = [Kind::News, Kind::News, Kind::Opinion];
    let stories: Vec<Story> = (0..30_i64)
        .map(|n| {
            let pick = |step: i64| usize::try_from((n * 7 + step * 5) % 60).unwrap();
            let reports: Vec<Report> = (0..=n % 3)
                .map(|step| Report {
                    kind: kinds[pick(step) % 3],
                    ..news(n * 10 + step, ["A", "B", "C"][pick(step) % 3])
                })
                .collect();
            story(TOPICS[pick(1) % 4], f64::from(i32::try_from(n % 4).unwrap()), &reports)
        })
        .collect();
    let told: Vec<Story> = stories.iter().step_by(3).cloned().collect();
    let past = remembered(&[&first(&told)], &stories);
    (stories, past)
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(stories in Just(a_newsday().0).prop_shuffle(), max in 1..40_usize) {
        let (sorted, past) = a_newsday();
        let spec = DigestSpec { max_stories: max, max_stories_per_topic: 1 + max / 3, ..spec() };
        let digest = composed(&spec, DAY, &stories, &past);
        prop_assert_eq!(&digest, &composed(&spec, DAY, &sorted, &past));
        prop_assert!(digest.stories() <= max);
        let ids: HashSet<EntryId> = views(&digest).iter().map(|view| view.id).collect();
        prop_assert_eq!(ids.len(), digest.stories());
        let fresh = |view: &&StoryView| view.reports.iter().any(|report| report.fresh);
        prop_assert!(views(&digest).iter().all(fresh));
        let unlimited = DigestSpec { max_stories: 999, max_stories_per_topic: 999, ..spec.clone() };
        let all = composed(&unlimited, DAY, &sorted, &past).stories();
        let left_out: usize = digest.sections.iter().map(|section| section.more).sum();
        prop_assert_eq!(digest.stories() + left_out, all);
    }
}

/// A story of one report with these words.
fn told(id: i64, publisher: &'static str, headline: &str) -> UniqueEntry {
    let mut unique = news(id, publisher).unique();
    unique.lead.entry.headline = headline.to_owned();
    unique.lead.entry.summary = String::new();
    unique
}

fn one_story(reports: Vec<UniqueEntry>) -> Vec<Story> {
    let mut stories = vec![story(&["security"], 1.0, &[news(1, "A")])];
    stories[0].reports = reports;
    stories
}

#[test]
fn different_numbers_stand_side_by_side_with_their_words() {
    let stories = one_story(vec![
        told(1, "A", "At least 12 people killed in Bannu"),
        told(2, "B", "Bannu blast kills 9"),
        told(3, "C", "12 killed in Bannu, officials say"),
    ]);
    let digest = composed(&spec(), DAY, &stories, &first_edition(&stories));
    let figures = &views(&digest)[0].figures;
    assert_eq!(figures.len(), 1, "{figures:?}");
    let words: Vec<(&str, &str)> =
        figures[0].said.iter().map(|said| (said.publisher.as_str(), said.words.as_str())).collect();
    assert_eq!(words, [("B", "kills 9"), ("A", "At least 12 people killed"), ("C", "12 killed")]);
}

#[test]
fn numbers_that_may_both_be_true_are_not_set_against_each_other() {
    for (one, other) in [
        ("At least 10 people killed", "12 people killed"),
        ("12 soldiers killed", "20 militants killed"),
        ("12 people killed", "12 killed"),
        ("12 people killed", "Dozens killed"),
    ] {
        let stories = one_story(vec![told(1, "A", one), told(2, "B", other)]);
        let digest = composed(&spec(), DAY, &stories, &first_edition(&stories));
        assert_eq!(views(&digest)[0].figures, [], "{one} / {other}");
    }
}

#[test]
fn a_story_without_news_falls_quiet_in_one_line_and_the_edition_counts_on() {
    let stories = vec![story(&["security"], 2.0, &[news(1, "A")]), story(&["trade"], 1.0, &[news(2, "B")])];
    let first = composed(&spec(), DAY, &stories, &first_edition(&stories));
    assert_eq!((first.number, first.quiet.len()), (1, 0));
    let mut later = stories.clone();
    later[0].reports.push(news(3, "C").unique());
    let mut past = remembered(&[&first], &later);
    past.previous = Some(first.clone());
    let second = composed(&spec(), "2026-03-03T05:00:00Z", &later, &past);
    assert_eq!(second.number, 2);
    assert_eq!(second.quiet.iter().map(|quiet| quiet.headline.as_str()).collect::<Vec<_>>(), ["Headline 2"]);
}

#[test]
fn a_headline_edited_in_place_is_told_with_its_first_words() {
    let stories = one_story(vec![told(1, "A", "Border closed after fire"), told(2, "B", "Border closed.")]);
    let mut past = first_edition(&stories);
    past.rewrites = std::collections::HashMap::from([
        (EntryId(1), vec![(at("2026-03-02T04:00:00Z"), "Border reopens".to_owned())]),
        (EntryId(2), vec![(at("2026-03-02T04:00:00Z"), "Border closed".to_owned())]),
    ]);
    let digest = composed(&spec(), DAY, &stories, &past);
    let rewrites = &views(&digest)[0].rewrites;
    assert_eq!(rewrites.len(), 1, "a full stop is no news: {rewrites:?}");
    assert_eq!((rewrites[0].publisher.as_str(), rewrites[0].before.as_str()), ("A", "Border reopens"));
}

/// The board after one edition with these headlines, from 03:00 on, a minute apart.
fn board(headlines: &[&str], previous: Option<Digest>, slot: &str) -> Vec<(String, String, String)> {
    use khyber::config::coverage::{DEFAULT, DEFAULT_FILE, read};
    let coverage = read(DEFAULT, std::path::Path::new(DEFAULT_FILE)).0.unwrap();
    let reports = headlines.iter().enumerate().map(|(n, headline)| {
        let n = i64::try_from(n).unwrap();
        let mut unique = told(n + 1, "A", headline);
        unique.lead.entry.published = Some(at(slot) - chrono::TimeDelta::minutes(100 - n));
        unique.lead.entry.first_seen = at(slot);
        unique
    });
    let stories = one_story(reports.collect());
    let past = Past { previous, ..first_edition(&stories) };
    let digest = compose(&spec(), at(slot), stories, &coverage, &past, &Tally::default());
    let words = |report: &khyber::model::CrossingReport| {
        let status = format!("{:?}", report.status);
        (report.crossing.clone(), status, report.at.to_rfc3339())
    };
    digest.board.iter().map(words).collect()
}

fn statuses(headlines: &[&str]) -> Vec<String> {
    board(headlines, None, DAY).into_iter().map(|(crossing, status, _)| format!("{crossing} {status}")).collect()
}

#[test]
fn the_board_says_what_a_sentence_said_of_a_crossing() {
    for (headline, says) in [
        ("Torkham reopens to trucks", "torkham Open"),
        ("Torkham border closed after firing", "torkham Closed"),
        ("Kharlachi partially reopens", "kharlachi Limited"),
        ("Ghulam Khan crossing opens at night for fruit", "ghulam-khan Limited"),
        ("طورخم سرحد تجارت کے لیے کھول دی گئی", "torkham Open"),
        ("باب دوستی دوسرے روز بھی بند", "chaman Closed"),
        ("گذرگاه تورخم بسته شد", "torkham Closed"),
    ] {
        assert_eq!(statuses(&[headline]), [says], "{headline}");
    }
}

#[test]
fn the_board_concludes_nothing() {
    for headline in [
        "Torkham will reopen on Monday",
        "Torkham may be closed",
        "Traders demand that Torkham is open",
        "Torkham not closed, official says",
        "Torkham opened, Spin Boldak closed",
        "Torkham opened after it was closed for a week",
        "Trucks pass Torkham",
        "Ghulam Khan shuts his shop",
        "Border closed",
        "چمن میں دکانیں بند رہی",
    ] {
        assert_eq!(statuses(&[headline]), Vec::<String>::new(), "{headline}");
    }
}

#[test]
fn the_newest_report_holds_and_the_board_goes_from_edition_to_edition() {
    assert_eq!(statuses(&["Torkham closed", "Torkham reopens"]), ["torkham Open"]);
    assert_eq!(statuses(&["Torkham reopens", "Torkham closed"]), ["torkham Closed"]);
    let stories = one_story(vec![told(1, "A", "Torkham closed")]);
    let mut first = composed(&spec(), DAY, &stories, &first_edition(&stories));
    first.board = vec![khyber::model::CrossingReport {
        crossing: "torkham".to_owned(),
        titles: Vec::new(),
        status: khyber::model::CrossingStatus::Closed,
        publisher: "A".to_owned(),
        url: None,
        at: at(DAY),
    }];
    let kept = board(&["Kharlachi reopens"], Some(first.clone()), "2026-03-04T05:00:00Z");
    assert_eq!(kept[0], ("torkham".to_owned(), "Closed".to_owned(), at(DAY).to_rfc3339()), "two days old");
    assert_eq!(kept.len(), 2);
    assert_eq!(board(&["Kharlachi reopens"], Some(first), "2026-04-04T05:00:00Z").len(), 1, "too old to be told");
}

/// Ids of the stories, the weightiest first, whatever order they came in.
fn ranked(stories: &[Story], seen: &[i64]) -> Vec<i64> {
    let spec = DigestSpec { scopes: Vec::new(), ..spec() };
    let mut past = first_edition(stories);
    past.seen.extend(seen.iter().map(|id| EntryId(*id)));
    let ids = |stories: &[Story]| {
        let digest = composed(&spec, DAY, stories, &past);
        views(&digest).iter().map(|view| view.id.0).collect::<Vec<_>>()
    };
    let turned: Vec<Story> = stories.iter().rev().cloned().collect();
    assert_eq!(ids(stories), ids(&turned));
    ids(stories)
}

#[test]
fn voices_sides_novelty_and_both_countries_decide_the_order() {
    let of = |reports: &[Report]| story(&["security"], 0.0, reports);
    let lone = || of(&[news(1, "A")]);
    let abroad = |id, publisher| Report { side: Side::AfghanistanState, ..news(id, publisher) };
    let copied = of(&[Report { copies: vec![(21, "B"), (22, "C")], ..news(20, "A") }]);
    assert_eq!(ranked(&[lone(), of(&[news(30, "A"), news(31, "B")])], &[]), [30, 1], "two wrote it");
    assert_eq!(
        ranked(&[copied, of(&[news(30, "A"), news(31, "B")])], &[]),
        [30, 20],
        "written twice beats carried thrice"
    );
    assert_eq!(ranked(&[of(&[news(10, "A"), news(11, "B")]), of(&[news(30, "A"), abroad(31, "K")])], &[]), [30, 10]);
    let live: Vec<Report> = (40..48).map(|id| news(id, "A")).collect();
    assert_eq!(
        ranked(&[of(&live), of(&[news(90, "A"), news(91, "B")])], &[]),
        [90, 40],
        "eight parts of one live page"
    );
    assert_eq!(ranked(&[of(&[news(10, "A"), news(11, "A")]), of(&[news(30, "A"), news(31, "A")])], &[10]), [30, 10]);
    let unknown = |id, publisher| Report { side: Side::Unknown, ..news(id, publisher) };
    let known = of(&[news(10, "A"), news(11, "B")]);
    assert_eq!(ranked(&[known, of(&[news(30, "A"), unknown(31, "K")])], &[]), [10, 30], "an unknown side is none");
    let home = Story { scope: Scope::Pk, ..lone() };
    assert_eq!(ranked(&[home, of(&[news(30, "A")])], &[]), [30, 1], "both countries");
}

#[test]
fn publishers_of_one_owner_are_counted_as_such() {
    let of = |id, publisher, owner| Report { owner, ..news(id, publisher) };
    let reports = [
        of(1, "A", "Valley Group"),
        of(2, "B", "Valley Group"),
        of(3, "C", "Hill Group"),
        of(4, "D", "state"),
        of(5, "E", "state"),
        news(6, "F"),
    ];
    let digest = first(&[story(&["security"], 0.0, &reports)]);
    assert_eq!(views(&digest)[0].owners, [("Valley Group".to_owned(), 2)]);
}

#[test]
fn five_thousand_stories_of_one_day_leave_an_edition_of_the_configured_size() {
    let stories: Vec<Story> =
        (0..5_000).map(|n| story(&[["security", "trade"][n % 2]], 0.0, &[news(n as i64 + 1, "A")])).collect();
    let digest = first(&stories);
    assert_eq!(digest.sections.iter().map(|section| section.stories.len()).collect::<Vec<_>>(), [8, 8]);
    assert_eq!(digest.sections.iter().map(|section| section.more).sum::<usize>(), 5_000 - 16);
}
