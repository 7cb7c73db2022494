//! Made news: the same seed gives the same feeds, byte for byte. A feed shows its newest thirty entries.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

/// Entries in a feed.
pub const SHOWN: u64 = 30;
/// Entries that a feed gains from one day to the next.
pub const FRESH: u64 = 5;
/// 2026-03-01T00:00:00Z, when day 0 begins.
pub const BASE: u64 = 1_772_323_200;

const WHO: [&str; 8] =
    ["Traders", "Officials", "Drivers", "Teachers", "Villagers", "Doctors", "Farmers", "Aid workers"];
const WHERE: [&str; 8] = ["Torkham", "Chaman", "Kabul", "Peshawar", "Quetta", "Jalalabad", "Kandahar", "Islamabad"];
const WHAT: [&str; 8] = [
    "wait for the gates to open",
    "count the returning families",
    "ask for a new timetable",
    "speak of heavy rain",
    "welcome the talks",
    "report a shortage of flour",
    "repair the road",
    "open a clinic",
];
const MORE: [&str; 6] = [
    "The figures will be published before the end of the month. ",
    "Nobody was ready to say how long the work would take. ",
    "A similar plan was given up nine years ago for want of money. ",
    "Both sides said that they would meet again next week. ",
    "Prices have risen by a tenth since the autumn. ",
    "People were told to ask before they travel. ",
];

/// SplitMix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[(self.next() % words.len() as u64) as usize]
    }
}

/// Feed `number` as it stands on `day`: RSS, with about 45 kB.
pub fn feed(seed: u64, number: u64, day: u64) -> String {
    let last = SHOWN + day * FRESH;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Wire {number}</title>\
         <link>https://wire-{number}.example/</link><description>Made news</description><language>en</language>\n"
    );
    for entry in (last - SHOWN..last).rev() {
        write_entry(&mut text, seed, number, entry);
    }
    text.push_str("</channel></rss>\n");
    text
}

fn write_entry(text: &mut String, seed: u64, number: u64, entry: u64) {
    let mut dice = Dice(seed ^ (number << 32) ^ entry);
    let headline = format!("{} in {} {}", dice.pick(&WHO), dice.pick(&WHERE), dice.pick(&WHAT));
    // The first thirty are of the days before, the others of the day on which they came.
    let at = if entry < SHOWN { BASE - (SHOWN - entry) * 7_200 } else { day_of(entry) + entry % FRESH * 3_600 };
    let body: String = (0..10 + dice.next() % 16).map(|_| dice.pick(&MORE)).collect();
    let _ = writeln!(
        text,
        "<item><title>{headline}, report {entry}</title><link>https://wire-{number}.example/{entry}</link>\
         <guid isPermaLink=\"false\">wire-{number}-{entry}</guid><pubDate>{}</pubDate><author>desk@wire-{number}.example</author>\
         <category>World</category><description><![CDATA[<p>{body}</p><p>{} said so in {}.</p>]]></description></item>",
        http_date(at),
        dice.pick(&WHO),
        dice.pick(&WHERE)
    );
}

fn day_of(entry: u64) -> u64 {
    BASE + (entry - SHOWN) / FRESH * 86_400
}

/// When a feed was last changed.
pub fn changed_at(day: u64) -> String {
    http_date(BASE + day * 86_400)
}

fn http_date(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_and_a_day_brings_five() {
        assert_eq!(feed(1, 7, 0), feed(1, 7, 0));
        let ids = |day| -> Vec<String> {
            let parsed = feed_rs::parser::parse(feed(1, 7, day).as_bytes()).unwrap();
            parsed.entries.into_iter().map(|entry| entry.id).collect()
        };
        let (before, after) = (ids(0), ids(1));
        assert_eq!((before.len(), after.len()), (30, 30));
        assert_eq!(after.iter().filter(|id| !before.contains(id)).count(), 5);
    }

    #[test]
    fn a_feed_is_as_large_as_a_real_one() {
        let size = (0..50).map(|number| feed(1, number, 0).len()).sum::<usize>() / 50;
        assert!((30_000..60_000).contains(&size), "{size}");
    }
}
