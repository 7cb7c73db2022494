//! Copies and what only looks like them, and how much is compared to tell.

use super::{MOST_COMPARED, leads, leads_counted};
use crate::model::{Entry, EntryId, EntryKey, FeedKind, Lang, Owner, Side, Timestamp};

fn entry(id: i64, publisher: &str, hours: i64, headline: &str, summary: &str) -> Entry {
    let at: Timestamp = "2026-03-02T20:00:00Z".parse().unwrap();
    let at = at + chrono::Duration::hours(hours);
    Entry {
        id: EntryId(id),
        feed: "sample".parse().unwrap(),
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
        lang: Lang::En,
        published: Some(at),
        first_seen: at,
    }
}

fn folded(entries: &[Entry]) -> Vec<usize> {
    leads(&entries.iter().collect::<Vec<_>>())
}

/// Sentences that share no run of words with those of another seed.
fn text(seed: usize, sentences: usize) -> String {
    const WORDS: [&str; 12] = [
        "traders",
        "convoy",
        "valley",
        "officials",
        "winter",
        "harvest",
        "bridge",
        "council",
        "river",
        "school",
        "market",
        "road",
    ];
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut out = String::new();
    for _ in 0..sentences * 12 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(WORDS[(state >> 33) % WORDS.len()]);
        out.push(' ');
    }
    out
}

#[test]
fn an_agency_text_with_its_first_paragraph_rewritten_is_a_copy() {
    let (first, rest) = (text(1, 2), text(2, 6));
    let entries = [
        entry(1, "One", 0, "Convoy waits at the bridge for a third day", &format!("{first}{rest}")),
        entry(2, "Two", 3, "Trucks stuck as bridge stays shut", &format!("{}{rest}", text(3, 2))),
        entry(3, "Three", 4, "A quite different matter", &text(4, 8)),
    ];
    assert_eq!(folded(&entries), [0, 0, 2]);
}

#[test]
fn a_text_inside_a_longer_one_is_a_copy_and_a_quoted_note_is_not() {
    let short = text(1, 4);
    let entries = [
        entry(1, "One", 0, "Harvest", &short),
        entry(2, "Two", 1, "Harvest in the valley, with voices", &format!("{short}{}", text(2, 12))),
    ];
    assert_eq!(folded(&entries), [0, 0]);
    let note = text(5, 2);
    let entries = [
        entry(1, "One", 0, "Note", &note),
        entry(2, "Two", 1, "Long report", &format!("{}{note}{}", text(6, 16), text(7, 7))),
    ];
    assert_eq!(folded(&entries), [0, 1]);
}

#[test]
fn a_reissue_under_the_same_headline_is_a_copy_of_its_own_publisher_only() {
    let headline = "Council opens the bridge over the river after winter repairs";
    let (old, new) = (text(1, 8), format!("{}{}", text(2, 6), text(1, 2)));
    let entries = |publisher| [entry(1, "One", 0, headline, &old), entry(2, publisher, 2, headline, &new)];
    assert_eq!(folded(&entries("One")), [0, 0]);
    assert_eq!(folded(&entries("Two")), [0, 1]);
    // A day later it is the next report under a standing headline.
    let later = [entry(1, "One", 0, headline, &old), entry(2, "One", 30, headline, &new)];
    assert_eq!(folded(&later), [0, 1]);
}

#[test]
fn background_that_a_newsroom_carries_along_makes_no_copy_next_day() {
    let background = text(1, 5);
    let with = |id, hours, headline, seed| entry(id, "One", hours, headline, &format!("{}{background}", text(seed, 3)));
    let next_day = [with(1, 0, "Talks open in the valley", 2), with(2, 24, "Bridge blown up by flood", 3)];
    assert_eq!(folded(&next_day), [0, 1]);
    let same_hour = [with(1, 0, "Talks open in the valley", 2), with(2, 1, "Bridge blown up by flood", 3)];
    assert_eq!(folded(&same_hour), [0, 0]);
}

#[test]
fn entries_of_a_series_stay_apart() {
    let body = "The price of 24-karat gold per tola in the cities of the country stood unchanged at the close of the market, the association of jewellers said in its daily list of rates.";
    for (one, next) in [
        ("Gold rate in Pakistan today, 2 March", "Gold rate in Pakistan today, 3 March"),
        ("Prayer timings for Monday", "Prayer timings for Tuesday"),
        ("Second Test, day one – live", "Second Test, day two – live"),
    ] {
        let days = [entry(1, "One", 0, one, body), entry(2, "One", 24, next, body)];
        assert_eq!(folded(&days), [0, 1], "{one}");
        let same = [entry(1, "One", 0, one, body), entry(2, "Two", 24, one, body)];
        assert_eq!(folded(&same), [0, 0], "{one}");
    }
}

#[test]
fn an_update_of_an_update_is_folded_and_goes_no_further() {
    let headline = "Council opens the bridge over the river after winter repairs";
    let (a, b, c) = (text(1, 4), text(2, 4), text(3, 4));
    // Each shares half with the one before; the last shares nothing with the first.
    let entries = [
        entry(1, "One", 0, headline, &format!("{a}{b}")),
        entry(2, "One", 1, headline, &format!("{b}{c}")),
        entry(3, "One", 2, headline, &format!("{c}{}", text(4, 4))),
        entry(4, "One", 3, headline, &format!("{}{}", text(4, 4), text(5, 4))),
    ];
    assert_eq!(folded(&entries), [0, 0, 0, 3]);
    // Another publisher's reissue is another text.
    let mut abroad = entries;
    abroad[2].publisher = "Two".to_owned();
    assert_eq!(folded(&abroad)[2], 2);
}

#[test]
fn a_text_with_a_hundred_copies_still_finds_the_next() {
    let body = text(1, 8);
    let entries: Vec<Entry> = (0..200)
        .map(|id| entry(id, &id.to_string(), id / 80, &format!("Headline {id} of the bridge"), &format!("{body} {id}")))
        .collect();
    assert!(folded(&entries).iter().all(|lead| *lead == 0));
}

#[test]
fn a_teaser_that_its_feed_cut_short_is_the_text_it_begins() {
    let body = text(1, 16);
    let teaser = format!("{}…", body.split(' ').take(18).collect::<Vec<_>>().join(" "));
    let headline = "Hope for calm at the bridge after a week of fighting";
    let pair = |title: &str, teaser: &str| [entry(1, "One", 0, headline, &body), entry(2, "Two", 1, title, teaser)];
    assert_eq!(folded(&pair("Hope for calm on bridge after week of fighting", &teaser)), [0, 0]);
    assert_eq!(folded(&pair("Traders count their losses", &teaser)), [0, 1]);
    assert_eq!(folded(&pair(headline, teaser.trim_end_matches('…'))), [0, 1]);
}

#[test]
fn a_picture_over_two_reports_makes_no_copy() {
    let caption = "The ministers of the two countries shake hands after signing an agreement in the presence of their hosts in Doha \
                   on a Sunday. — Reuters";
    let pair = [
        entry(1, "One", 0, "Talks fail, minister confirms", &format!("{caption}Minister says the other side left…")),
        entry(2, "One", 8, "Sides agree to keep truce", &format!("{caption}Mediator announces that talks resume…")),
    ];
    assert_eq!(folded(&pair), [0, 1]);
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let body = text(1, 6);
    let mut entries: Vec<Entry> =
        (0..6).map(|at| entry(at + 1, "One", at, &format!("Headline {at} of some length"), &body)).collect();
    let lead = |entries: &[Entry]| -> Vec<(i64, i64)> {
        let leads = folded(entries);
        let mut pairs: Vec<_> =
            entries.iter().zip(leads).map(|(entry, lead)| (entry.id.0, entries[lead].id.0)).collect();
        pairs.sort_unstable();
        pairs
    };
    let forwards = lead(&entries);
    entries.reverse();
    assert_eq!(lead(&entries), forwards);
    entries.rotate_left(2);
    assert_eq!(lead(&entries), forwards);
}

/// Work, not time: pairs of texts that were compared word by word.
#[test]
fn ten_thousand_equal_or_hostile_entries_cost_no_square() {
    let count = 10_000;
    let compared = |entries: Vec<Entry>| leads_counted(&entries.iter().collect::<Vec<_>>()).1;
    let body = text(1, 3);
    let equal = (0..count).map(|id| entry(id, "One", 0, "The same headline in every entry of all", &body)).collect();
    assert_eq!(compared(equal), 0, "equal texts need no comparison");
    let bare = (0..count).map(|id| entry(id, "One", 0, "The same headline in every entry of all", "")).collect();
    assert!(compared(bare) <= 10_000 * MOST_COMPARED);
    let numbered = (0..count).map(|id| entry(id, "One", 0, &format!("Headline number {id} of all"), &body)).collect();
    assert!(compared(numbered) <= 10_000 * MOST_COMPARED);
    let odd = ["", "x", "🎉🎉🎉", "\u{202e}\u{2066}\u{0}", "کابل Kabul Кабул 喀布尔", &"a ".repeat(50_000)];
    let odd = (0..600).map(|id| entry(id, "One", 0, odd[id as usize % odd.len()], odd[id as usize / 100])).collect();
    assert!(compared(odd) <= 600 * MOST_COMPARED);
}
