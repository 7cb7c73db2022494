//! Dates, times and numbers as each language writes them in a mail.

use crate::model::{Lang, Timestamp};
use chrono::{DateTime, Datelike, FixedOffset, Offset, TimeZone, Timelike};
use chrono_tz::Tz;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_UR: [&str; 12] =
    ["جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر"];
const MONTHS_PS: [&str; 12] =
    ["جنوري", "فبروري", "مارچ", "اپریل", "مۍ", "جون", "جولای", "اګست", "سپټمبر", "اکتوبر", "نومبر", "ډسمبر"];
/// The Gregorian months as Afghanistan's press writes them in Dari.
const MONTHS_FA: [&str; 12] =
    ["جنوری", "فبروری", "مارچ", "اپریل", "می", "جون", "جولای", "اگست", "سپتمبر", "اکتوبر", "نومبر", "دسمبر"];

/// Monday first.
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_UR: [&str; 7] = ["پیر", "منگل", "بدھ", "جمعرات", "جمعہ", "ہفتہ", "اتوار"];
const DAYS_PS: [&str; 7] = ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"];
const DAYS_FA: [&str; 7] = ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"];

/// One reader's calendar: a language and a zone.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    pub lang: Lang,
    pub zone: Tz,
}

impl Calendar {
    /// `Sunday, 18 December 2022`.
    pub fn long_date(&self, at: Timestamp) -> String {
        let day = at.with_timezone(&self.zone);
        let name = name(self.days(), day.weekday().num_days_from_monday());
        let month = name_of_month(self.months(), &day);
        self.digits(&format!("{name}{} {} {month} {}", self.comma(), day.day(), day.year()))
    }

    /// `18 Dec`; the month is short in English only, the other languages do not shorten it.
    pub fn short_date(&self, at: Timestamp) -> String {
        let day = at.with_timezone(&self.zone);
        let month = name_of_month(self.months(), &day);
        let short: String =
            if self.months() == &MONTHS_EN { month.chars().take(3).collect() } else { month.to_owned() };
        self.digits(&format!("{} {short}", day.day()))
    }

    /// `18 Dec 2022`.
    pub fn day(&self, at: Timestamp) -> String {
        let year = at.with_timezone(&self.zone).year();
        format!("{} {}", self.short_date(at), self.digits(&year.to_string()))
    }

    /// `08:40` on the day of the edition, else with its date before it.
    pub fn time(&self, at: Timestamp, edition: Timestamp) -> String {
        let (day, today) = (at.with_timezone(&self.zone), edition.with_timezone(&self.zone));
        let clock = self.digits(&format!("{:02}:{:02}", day.hour(), day.minute()));
        if day.date_naive() == today.date_naive() { clock } else { format!("{} {clock}", self.short_date(at)) }
    }

    /// `UTC+05:00 (Asia/Karachi)`; the offset holds on the day of the edition.
    pub fn zone_name(&self, at: Timestamp) -> String {
        let offset: FixedOffset = self.zone.offset_from_utc_datetime(&at.naive_utc()).fix();
        if self.zone.name() == "UTC" { "UTC".to_owned() } else { format!("{}, UTC{offset}", self.zone.name()) }
    }

    pub fn number(&self, n: usize) -> String {
        self.digits(&n.to_string())
    }

    pub fn count(&self, id: &str, n: usize) -> String {
        super::words::Words::of(self.lang).count(id, n, &self.number(n))
    }

    /// The weekday within the last six days, else the date.
    pub fn recent_day(&self, at: Timestamp, edition: Timestamp) -> String {
        let day = at.with_timezone(&self.zone);
        let age = (edition.with_timezone(&self.zone).date_naive() - day.date_naive()).num_days();
        if (0..=6).contains(&age) {
            name(self.days(), day.weekday().num_days_from_monday()).to_owned()
        } else {
            self.short_date(at)
        }
    }

    /// Pashto and Dari write ۰–۹; Urdu's press writes 0–9 in its mails as English does.
    fn digits(&self, text: &str) -> String {
        if !matches!(self.lang, Lang::Ps | Lang::Fa) {
            return text.to_owned();
        }
        let eastern = |c: char| c.to_digit(10).and_then(|d| char::from_u32(0x06F0 + d)).unwrap_or(c);
        text.chars().map(|c| if c.is_ascii_digit() { eastern(c) } else { c }).collect()
    }

    fn comma(&self) -> &'static str {
        if self.lang.is_rtl() { "،" } else { "," }
    }

    fn months(&self) -> &'static [&'static str; 12] {
        match self.lang {
            Lang::En | Lang::Other => &MONTHS_EN,
            Lang::Ur => &MONTHS_UR,
            Lang::Ps => &MONTHS_PS,
            Lang::Fa => &MONTHS_FA,
        }
    }

    fn days(&self) -> &'static [&'static str; 7] {
        Self::weekdays(self.lang)
    }

    /// Monday first.
    pub fn weekdays(lang: Lang) -> &'static [&'static str; 7] {
        match lang {
            Lang::En | Lang::Other => &DAYS_EN,
            Lang::Ur => &DAYS_UR,
            Lang::Ps => &DAYS_PS,
            Lang::Fa => &DAYS_FA,
        }
    }
}

fn name<const N: usize>(names: &[&'static str; N], index: u32) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("")
}

fn name_of_month(names: &[&'static str; 12], day: &DateTime<Tz>) -> &'static str {
    name(names, day.month0())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn in_lang(lang: Lang) -> Calendar {
        Calendar { lang, zone: chrono_tz::Asia::Kabul }
    }

    #[test]
    fn each_language_writes_its_own_date() {
        let slot = at("2022-12-18T20:00:00Z");
        assert_eq!(in_lang(Lang::En).long_date(slot), "Monday, 19 December 2022");
        assert_eq!(in_lang(Lang::Ur).long_date(slot), "پیر، 19 دسمبر 2022");
        assert_eq!(in_lang(Lang::Ps).long_date(slot), "دوشنبه، ۱۹ ډسمبر ۲۰۲۲");
        assert_eq!(in_lang(Lang::Fa).long_date(slot), "دوشنبه، ۱۹ دسمبر ۲۰۲۲");
        assert_eq!(in_lang(Lang::Other).short_date(slot), "19 Dec");
    }

    #[test]
    fn a_time_of_another_day_carries_its_date() {
        let slot = at("2022-12-18T02:30:00Z");
        assert_eq!(in_lang(Lang::En).time(at("2022-12-18T01:00:00Z"), slot), "05:30");
        assert_eq!(in_lang(Lang::En).time(at("2022-12-17T19:00:00Z"), slot), "17 Dec 23:30");
        assert_eq!(in_lang(Lang::Fa).time(at("2022-12-18T01:00:00Z"), slot), "۰۵:۳۰");
    }

    #[test]
    fn the_zone_is_named_with_its_offset() {
        assert_eq!(in_lang(Lang::En).zone_name(at("2022-12-18T02:30:00Z")), "Asia/Kabul, UTC+04:30");
        let utc = Calendar { lang: Lang::En, zone: Tz::UTC };
        assert_eq!(utc.zone_name(at("2022-12-18T02:30:00Z")), "UTC");
    }

    #[test]
    fn a_day_of_this_week_has_its_name() {
        let slot = at("2022-12-18T02:30:00Z");
        assert_eq!(in_lang(Lang::En).recent_day(at("2022-12-14T02:30:00Z"), slot), "Wednesday");
        assert_eq!(in_lang(Lang::En).recent_day(at("2022-12-11T02:30:00Z"), slot), "11 Dec");
        assert_eq!(in_lang(Lang::Ps).number(120), "۱۲۰");
    }
}
