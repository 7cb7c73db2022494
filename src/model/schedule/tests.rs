//! Schedules against an independent model: a walk over every minute of UTC, without the `cron` crate.

use super::*;
use chrono::{Datelike, Timelike};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap()
}

fn refused(text: &str) -> String {
    text.parse::<Schedule>().unwrap_err().0
}

type Rule = fn(&NaiveDateTime) -> bool;

const RULES: [(&str, Rule); 9] = [
    ("0 6 * * *", |t| t.hour() == 6 && t.minute() == 0),
    ("30 2 * * *", |t| t.hour() == 2 && t.minute() == 30),
    ("*/20 1-3 * * *", |t| (1..=3).contains(&t.hour()) && t.minute() % 20 == 0),
    ("0 0 * * fri-sun", |t| {
        t.hour() == 0 && t.minute() == 0 && [4, 5, 6].contains(&t.weekday().num_days_from_monday())
    }),
    ("15 7,19 1,15 * mon", |t| {
        t.minute() == 15
            && [7, 19].contains(&t.hour())
            && ([1, 15].contains(&t.day()) || t.weekday() == chrono::Weekday::Mon)
    }),
    ("0 12 */2 * 7", |t| t.hour() == 12 && t.minute() == 0 && t.day() % 2 == 1 && t.weekday() == chrono::Weekday::Sun),
    ("@hourly", |t| t.minute() == 0),
    ("0 1 29 2 *", |t| t.hour() == 1 && t.minute() == 0 && t.day() == 29 && t.month() == 2),
    ("45 23 31 mar-OCT/2 *", |t| {
        t.hour() == 23 && t.minute() == 45 && t.day() == 31 && [3, 5, 7, 9].contains(&t.month())
    }),
];

/// The instants at which wall time reaches or passes a matching minute for the first time, by walking every minute.
fn walk(zone: Tz, from: Timestamp, until: Timestamp) -> Vec<Vec<Timestamp>> {
    let mut slots = vec![Vec::new(); RULES.len()];
    let minute = Duration::minutes(1);
    let mut reached = from.with_timezone(&zone).naive_local();
    let mut now = from;
    while now <= until {
        let wall = now.with_timezone(&zone).naive_local();
        let mut fired = [false; RULES.len()];
        while reached <= wall {
            for (at, (_, rule)) in RULES.iter().enumerate() {
                fired[at] |= rule(&reached);
            }
            reached += minute;
        }
        for (at, _) in fired.iter().enumerate().filter(|(_, fired)| **fired) {
            slots[at].push(now);
        }
        now += minute;
    }
    slots
}

#[test]
fn agrees_with_a_walk_over_every_minute() {
    let cases = [
        (Tz::Asia__Karachi, "2008-01-01T00:00:00Z", "2009-12-31T00:00:00Z"),
        (Tz::Asia__Kabul, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        (Tz::America__New_York, "2023-06-01T00:00:00Z", "2025-06-01T00:00:00Z"),
        (Tz::Europe__London, "2023-06-01T00:00:00Z", "2024-06-01T00:00:00Z"),
        (Tz::Australia__Lord_Howe, "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z"),
        // Midnight itself is in the gap.
        (Tz::America__Havana, "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z"),
        // 30 December 2011 did not happen.
        (Tz::Pacific__Apia, "2011-06-01T00:00:00Z", "2012-06-01T00:00:00Z"),
        (Tz::Antarctica__Troll, "2024-01-01T00:00:00Z", "2024-12-31T00:00:00Z"),
    ];
    for (zone, from, until) in cases {
        let (from, until) = (at(from), at(until));
        for ((text, _), model) in RULES.iter().zip(walk(zone, from, until)) {
            let schedule = schedule(text);
            let ours = schedule.slots_between(zone, from - Duration::seconds(1), until);
            assert_eq!(ours, model, "{text} in {zone}");
            for pair in model.windows(2).step_by(7) {
                let between = pair[0] + (pair[1] - pair[0]) / 2;
                assert_eq!(schedule.last_slot(zone, between), Some(pair[0]), "{text} in {zone} before {between}");
                assert_eq!(schedule.last_slot(zone, pair[1]), Some(pair[1]), "{text} in {zone} at {}", pair[1]);
                assert_eq!(schedule.next_slot(zone, between), Some(pair[1]), "{text} in {zone} after {between}");
            }
        }
    }
}

#[test]
fn every_zone_has_one_slot_a_day() {
    for zone in chrono_tz::TZ_VARIANTS {
        let slots = schedule("30 2 * * *").slots_between(zone, at("2024-02-20T00:00:00Z"), at("2024-11-20T00:00:00Z"));
        assert!((273..=275).contains(&slots.len()), "{zone}: {}", slots.len());
        let days: std::collections::BTreeSet<_> =
            slots.iter().map(|slot| slot.with_timezone(&zone).date_naive()).collect();
        assert_eq!(days.len(), slots.len(), "{zone}");
    }
}

#[test]
fn in_a_gap_the_first_valid_instant_in_an_overlap_the_first() {
    let zone = Tz::America__New_York;
    let gap = schedule("30 2 * * *").slots_between(zone, at("2024-03-09T12:00:00Z"), at("2024-03-10T23:00:00Z"));
    assert_eq!(gap, [at("2024-03-10T07:00:00Z")]);
    let overlap = schedule("30 1 * * *").slots_between(zone, at("2024-11-02T12:00:00Z"), at("2024-11-03T23:00:00Z"));
    assert_eq!(overlap, [at("2024-11-03T05:30:00Z")]);
    let between = at("2024-11-03T06:10:00Z");
    assert_eq!(schedule("30 1 * * *").last_slot(zone, between), Some(at("2024-11-03T05:30:00Z")));
}

#[test]
fn equal_ways_to_write_it() {
    let pairs = [
        ("0 6 * * 0", "0 6 * * 7"),
        ("0 6 * * 5-7", "0 6 * * fri,sat,sun"),
        ("0 6 * * Monday", "0 6 * * 1"),
        ("@daily", "0 0 * * *"),
        ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"),
        ("*/15 * * * *", "0,15,30,45 * * * *"),
        ("  0   6 * * *  ", "0 6 * * *"),
    ];
    for (one, other) in pairs {
        let slots = |text| {
            schedule(text).slots_between(Tz::Asia__Karachi, at("2024-01-01T00:00:00Z"), at("2024-03-01T00:00:00Z"))
        };
        assert_eq!(slots(one), slots(other), "{one} and {other}");
        assert!(!slots(one).is_empty(), "{one}");
    }
}

#[test]
fn refusals_say_why() {
    let cases = [
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("0 25 * * *", "25 is out of range in the field hour: 0 to 23"),
        ("0 0 0 * *", "0 is out of range in the field day of month"),
        ("0 6 * *", "has 4 fields instead of five"),
        ("daily", "has 1 field instead of five"),
        ("06:30", "every day at 06:30 is \"30 6 * * *\""),
        ("24:30", "has 1 field instead of five"),
        ("0 0 6 * * *", "seconds"),
        ("0 6 * * funday", "`funday` means nothing in the field day of week (0 to 7, or sun to sat)"),
        ("0 22-4 * * *", "write 22-23,0-4"),
        ("*/0 * * * *", "the step must be 1 to 59"),
        ("5/15 * * * *", "a step without a range: write 5-59/"),
        ("0 6 L * *", "means nothing"),
        ("0 6 * * 1#2", "means nothing"),
        ("0 6 ? * *", "means nothing"),
        ("@reboot", "@daily"),
        ("", "0 fields"),
        ("0 6,, * * *", "means nothing"),
        ("-1 6 * * *", "means nothing"),
    ];
    for (text, why) in cases {
        let said = refused(text);
        assert!(said.contains(why), "{text:?}: {said}");
    }
}

#[test]
fn leap_days_are_not_never() {
    assert_eq!(
        schedule("0 0 29 2 *").next_slot(Tz::UTC, at("2096-03-01T00:00:00Z")),
        None,
        "cron knows years up to 2100"
    );
    assert_eq!(schedule("0 0 29 2 *").next_slot(Tz::UTC, at("2024-03-01T00:00:00Z")), Some(at("2028-02-29T00:00:00Z")));
    // With a day of the week it fires on those days too.
    assert!("0 0 30 2 mon".parse::<Schedule>().is_ok());
}

#[test]
fn another_hour_keeps_the_days() {
    for (text, moved) in [
        ("0 6 * * *", "0 18 * * *"),
        ("30 6,12 * * mon-fri", "30 18 * * mon-fri"),
        ("*/5 * 1 * *", "0 18 1 * *"),
        ("@weekly", "0 18 * * 0"),
    ] {
        let schedule: Schedule = text.parse().unwrap();
        assert_eq!(schedule.at_hour(18).unwrap().as_str(), moved);
        assert!(schedule.at_hour(24).is_none());
    }
}
