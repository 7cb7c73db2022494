//! News that never was: deterministic entries whose words, events and copies are spread as in real windows.

use chrono::TimeDelta;
use khyber::model::{Entry, EntryId, EntryKey, Feed, FeedKind, Lang, NewEntry, Owner, Side, Timestamp};
use khyber::store::StoredEntry;

/// Words in all, of which the n-th is used 1/n as often as the first.
const VOCABULARY: usize = 30_000;
/// Words that an event brings with it.
const EVENT: usize = 16;
/// One entry in so many is a copy of an earlier one.
const COPIES: usize = 6;
const PLACES: [&str; 8] = ["Torkham", "Chaman", "Kabul", "Peshawar", "Kandahar", "Islamabad", "Quetta", "Jalalabad"];

/// A sequence that is the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// By Zipf's law: often small.
    fn zipf(&mut self, end: usize) -> usize {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((end as f64).powf(share) - 1.0) as usize
    }
}

fn word(at: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ba", "do", "fe", "gi", "hu", "ka", "lo", "me", "ni", "pu", "ra", "so", "te", "vi", "zu", "cha", "mor", "len",
        "tir", "gus",
    ];
    let mut out = String::new();
    let mut rest = at + 20;
    while rest > 0 {
        out.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    out
}

/// `count` entries from `first` on, spread evenly over the hours before `until`.
pub fn entries(first: i64, count: usize, until: Timestamp, hours: i64) -> Vec<Entry> {
    let mut dice = Dice::new(first as u64 + 7);
    let mut out: Vec<Entry> = Vec::with_capacity(count);
    for at in 0..count {
        let id = first + at as i64;
        let seen = until - TimeDelta::seconds(hours * 3_600 * (count - at) as i64 / count as i64);
        let (headline, summary) = if at > 0 && dice.below(COPIES) == 0 {
            let original = &out[out.len() - 1 - dice.zipf(out.len().min(400))];
            (format!("{} {}", original.headline, word(dice.below(500))), original.summary.clone())
        } else {
            report(&mut dice, at / 6 + 60)
        };
        out.push(entry(id, seen, dice.below(120), headline, summary));
    }
    out
}

/// A report of one of the events so far: some are told all day long, most by a few while they are new.
fn report(dice: &mut Dice, events: usize) -> (String, String) {
    let event = if dice.below(4) == 0 { events / 40 * 40 } else { events - dice.zipf(events.min(60)) };
    let place = PLACES[event % PLACES.len()];
    let mut text = |length: usize, of_event: usize| -> String {
        let words = (0..length).map(|_| {
            if dice.below(100) < of_event {
                word(VOCABULARY + event * EVENT + dice.below(EVENT))
            } else {
                word(dice.zipf(VOCABULARY))
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let headline = format!("{place}: {}", text(8, 55));
    let summary = format!("{} in {place}, Pakistan and Afghanistan said. {}", text(14, 45), text(60, 25));
    (headline, summary)
}

fn entry(id: i64, seen: Timestamp, publisher: usize, headline: String, summary: String) -> Entry {
    Entry {
        id: EntryId(id),
        feed: "made".parse().expect("an id"),
        publisher: format!("Publisher {publisher}"),
        side: Side::International,
        owner: Owner::Unknown,
        country: "INT".to_owned(),
        feed_kind: FeedKind::News,
        key: EntryKey(id.to_string()),
        url: None,
        headline,
        summary,
        author: None,
        source: None,
        categories: Vec::new(),
        lang: Lang::En,
        published: Some(seen),
        first_seen: seen,
    }
}

/// As a feed would bring it.
pub fn as_read(entry: Entry) -> NewEntry {
    NewEntry {
        key: entry.key,
        guid: None,
        url: None,
        headline: entry.headline,
        summary: entry.summary,
        author: None,
        source: None,
        categories: Vec::new(),
        lang: entry.lang,
        published: entry.published,
        updated: None,
    }
}

/// As the store hands it on; publishers that a feed of one name would hide stay apart.
pub fn with_facts(feed: &Feed, stored: StoredEntry) -> Entry {
    let publisher = format!("{} {}", feed.publisher, stored.id.0 % 120);
    Entry {
        id: stored.id,
        feed: stored.feed,
        publisher,
        side: feed.side,
        owner: feed.owner.clone(),
        country: feed.country.clone(),
        feed_kind: feed.kind,
        key: stored.entry.key,
        url: None,
        headline: stored.entry.headline,
        summary: stored.entry.summary,
        author: None,
        source: None,
        categories: Vec::new(),
        lang: stored.entry.lang,
        published: stored.entry.published,
        first_seen: stored.first_seen,
    }
}
