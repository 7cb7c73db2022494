//! The Solar Hijri calendar of Afghanistan and Iran.

use chrono::{Days, NaiveDate};

/// Dari, Pashto and Iranian names, one line a month.
pub(super) const MONTHS: [&str; 12] = [
    "حمل وری فروردین",
    "ثور غویی اردیبهشت",
    "جوزا غبرګولی خرداد",
    "سرطان چنګاښ تیر",
    "اسد زمری مرداد",
    "سنبله وږی شهریور",
    "میزان تله مهر",
    "عقرب لړم آبان",
    "قوس لیندۍ آذر",
    "جدی مرغومی دی",
    "دلو سلواغه بهمن",
    "حوت کب اسفند",
];

/// The Gregorian day, by the 33-year cycle of leap years (exact for 1244–1531).
pub(super) fn to_gregorian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1244..=1531).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if (month > 6 && day > 30) || (month == 12 && day > 29 && !is_leap(year)) {
        return None;
    }
    let leaps =
        (1300..year).filter(|y| is_leap(*y)).count() as i64 - (year..1300).filter(|y| is_leap(*y)).count() as i64;
    let before = if month <= 7 { (month - 1) * 31 } else { 186 + (month - 7) * 30 };
    let days = i64::from(year - 1300) * 365 + leaps + i64::from(before) + i64::from(day) - 1;
    // 1 Farvardin 1300 was 21 March 1921.
    let epoch = NaiveDate::from_ymd_opt(1921, 3, 21)?;
    match u64::try_from(days) {
        Ok(days) => epoch.checked_add_days(Days::new(days)),
        Err(_) => epoch.checked_sub_days(Days::new(days.unsigned_abs())),
    }
}

fn is_leap(year: i32) -> bool {
    matches!(year % 33, 1 | 5 | 9 | 13 | 17 | 22 | 26 | 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        let day = |y, m, d| to_gregorian(y, m, d).map(|day| day.to_string()).unwrap_or_default();
        assert_eq!(day(1403, 1, 1), "2024-03-20");
        assert_eq!(day(1404, 1, 1), "2025-03-21");
        assert_eq!(day(1357, 11, 22), "1979-02-11");
        assert_eq!(day(1399, 12, 30), "2021-03-20");
        assert_eq!(day(1400, 5, 24), "2021-08-15");
        assert_eq!(day(1404, 12, 30), "");
    }
}
