//! A date taken apart: which of its numbers and words is the day, the month, the year, the time, the zone.

use super::months::{self, Month};
use super::{at_offset, solar, zones};
use crate::model::Timestamp;
use chrono::{Days, NaiveDate, NaiveTime};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    numbers: Vec<Number>,
    month: Option<Month>,
    /// The month's name came before any number.
    month_leads: bool,
    time: Option<(u32, u32, u32)>,
    afternoon: Option<bool>,
    offset: Option<i32>,
}

#[derive(Debug, Clone, Copy)]
struct Number {
    value: i32,
    digits: usize,
    /// The character that follows: tells `9/15/2026` from `15.9.2026`.
    follows: u8,
}

impl Parts {
    pub(super) fn read(text: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut rest = text;
        let mut before = b' ';
        while let Some(first) = rest.chars().next() {
            let length = if first.is_ascii_digit() {
                parts.number(rest, before)?
            } else if first.is_alphabetic() {
                parts.word(rest)
            } else if (first == '+' || first == '-') && parts.time.is_some() {
                parts.signed_offset(rest)
            } else {
                first.len_utf8()
            };
            before = rest.as_bytes()[length - 1];
            rest = &rest[length..];
        }
        Some(parts)
    }

    /// A number, or a time when a colon follows; the bytes taken.
    fn number(&mut self, rest: &str, before: u8) -> Option<usize> {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let follows = rest.as_bytes().get(digits).copied().unwrap_or(b' ');
        if follows == b':' && self.time.is_none() && digits <= 2 {
            return self.clock(rest);
        }
        let compact_time = self.time.is_none() && self.numbers.len() == 3 && before.eq_ignore_ascii_case(&b't');
        if compact_time && matches!(digits, 4 | 6) {
            let two = |at: usize| rest.get(at..at + 2).and_then(|text| text.parse().ok()).unwrap_or(0);
            self.time = Some((two(0), two(2), if digits == 6 { two(4) } else { 0 }));
        } else if digits == 8 && self.numbers.is_empty() && self.month.is_none() {
            for (at, digits) in [(0, 4), (4, 2), (6, 2)] {
                let value = rest.get(at..at + digits)?.parse().ok()?;
                self.numbers.push(Number { value, digits, follows: b'-' });
            }
        } else if digits <= 4 && self.numbers.len() < 4 {
            let value = rest.get(..digits)?.parse().ok()?;
            self.numbers.push(Number { value, digits, follows });
        } else if digits > 4 {
            return None;
        }
        Some(digits)
    }

    /// `18:28`, `18:28:00`, `18:28:00.123`, `18:28:00,123`.
    fn clock(&mut self, rest: &str) -> Option<usize> {
        let bytes = rest.as_bytes();
        let mut values = [0_u32; 3];
        let mut at = 0;
        for (index, value) in values.iter_mut().enumerate() {
            if index > 0 {
                if bytes.get(at) != Some(&b':') {
                    break;
                }
                at += 1;
            }
            let digits = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            *value = rest.get(at..at + digits)?.parse().unwrap_or(0);
            at += digits;
        }
        if matches!(bytes.get(at), Some(b'.' | b',')) && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at += 1 + bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        }
        self.time = Some((values[0], values[1], values[2]));
        Some(at)
    }

    /// A month, a zone, AM or PM; weekdays and other words mean nothing here. The bytes taken.
    fn word(&mut self, rest: &str) -> usize {
        let end =
            |extra: fn(char) -> bool| rest.find(move |c: char| !c.is_alphabetic() && !extra(c)).unwrap_or(rest.len());
        let length = end(|c| matches!(c, '\u{064B}'..='\u{0652}' | '\u{200C}'));
        let word = rest[..length].to_lowercase();
        let dotted = rest.get(..4).unwrap_or("").to_ascii_lowercase();
        match word.as_str() {
            "am" | "ق" | "오전" | "上午" => self.afternoon = Some(false),
            "pm" | "오후" | "下午" => self.afternoon = Some(true),
            "a" | "p" if dotted.ends_with(".m.") => {
                self.afternoon = Some(word == "p");
                return 4;
            }
            "t" => {}
            _ => {
                // French `mar.` in front of the day is Tuesday; after it, March.
                let open = self.month.is_none() || (self.month_leads && !self.numbers.is_empty());
                if let Some(month) = months::find(&word).filter(|_| open) {
                    self.month = Some(month);
                    self.month_leads = self.numbers.is_empty();
                }
                if self.offset.is_none() && self.time.is_some() {
                    self.offset = zones::offset(&word);
                }
            }
        }
        length
    }

    /// `+0500`, `+05:00`, `+5`, also after `GMT`. The bytes taken.
    fn signed_offset(&mut self, rest: &str) -> usize {
        let negative = rest.starts_with('-');
        let body = &rest[1..];
        let hours = body.bytes().take_while(u8::is_ascii_digit).count();
        if hours == 0 || hours > 4 || (negative && self.numbers.len() < 2 && self.month.is_none()) {
            return 1;
        }
        let number: i32 = body[..hours].parse().unwrap_or(0);
        let (mut minutes, mut length) =
            if hours <= 2 { (number * 60, hours) } else { (number / 100 * 60 + number % 100, hours) };
        if hours <= 2 && body.as_bytes().get(hours) == Some(&b':') {
            let more = body[hours + 1..].bytes().take_while(u8::is_ascii_digit).count().min(2);
            minutes += body[hours + 1..hours + 1 + more].parse::<i32>().unwrap_or(0);
            length += 1 + more;
        }
        // `Tue Sep 15 18:28:00 -2026` is no zone.
        if minutes <= 15 * 60 {
            self.offset = Some(if negative { -minutes * 60 } else { minutes * 60 });
        }
        1 + length
    }

    pub(super) fn into_utc(self) -> Option<Timestamp> {
        let date = self.date()?;
        let (mut hour, minute, second) = self.time.unwrap_or((0, 0, 0));
        match self.afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) if hour == 12 => hour = 0,
            _ => {}
        }
        // RFC 3339 allows a leap second; 24:00 is the next day's midnight.
        let time = NaiveTime::from_hms_opt(hour % 24, minute, second.min(59))?;
        let date = if hour == 24 { date.checked_add_days(Days::new(1))? } else { date };
        if hour > 24 {
            return None;
        }
        at_offset(date.and_time(time), self.offset.unwrap_or(0))
    }

    fn date(&self) -> Option<NaiveDate> {
        match self.month {
            Some(Month::Gregorian(month)) => {
                let (day, year) = self.day_and_year()?;
                NaiveDate::from_ymd_opt(year, month, day)
            }
            Some(Month::Solar(month)) => {
                let (day, year) = self.day_and_year()?;
                solar::to_gregorian(year, month, day)
            }
            None => self.numeric(),
        }
    }

    /// Next to a month's name: the year has four digits or comes last.
    fn day_and_year(&self) -> Option<(u32, i32)> {
        let is_year = |n: &&Number| n.digits >= 3 || n.value > 31;
        let (day, year) = match *self.numbers.as_slice() {
            [only] if is_year(&&only) => (1, only),
            [first, second, ..] if is_year(&&first) => (second.value, first),
            [first, second, ..] => (first.value, second),
            _ => return None,
        };
        Some((u32::try_from(day).ok()?, full_year(year)))
    }

    /// Only numbers: ISO order when the year comes first, US order with slashes unless that can't be, else day first.
    fn numeric(&self) -> Option<NaiveDate> {
        let unsigned = |n: Number| u32::try_from(n.value).ok();
        match *self.numbers.as_slice() {
            [year, day] if year.digits == 4 && day.digits == 3 => NaiveDate::from_yo_opt(year.value, unsigned(day)?),
            [year, month] if year.digits == 4 => NaiveDate::from_ymd_opt(year.value, unsigned(month)?, 1),
            [year, month, day, ..] if year.digits == 4 && year.value < 1600 => {
                solar::to_gregorian(year.value, unsigned(month)?, unsigned(day)?)
            }
            [year, month, day, ..] if year.digits == 4 => {
                NaiveDate::from_ymd_opt(year.value, unsigned(month)?, unsigned(day)?)
            }
            [first, second, third, ..] if third.digits == 4 || first.follows != b'-' => {
                let month_first = if first.follows == b'/' { first.value <= 12 } else { second.value > 12 };
                let (month, day) = if month_first { (first, second) } else { (second, first) };
                NaiveDate::from_ymd_opt(full_year(third), unsigned(month)?, unsigned(day)?)
            }
            [year, month, day, ..] => NaiveDate::from_ymd_opt(full_year(year), unsigned(month)?, unsigned(day)?),
            _ => None,
        }
    }
}

/// Two-digit years by RFC 2822 §4.3, with the pivot that feedparser uses.
fn full_year(year: Number) -> i32 {
    match (year.digits, year.value) {
        (1 | 2, value) if value < 90 => value + 2000,
        (1 | 2, value) => value + 1900,
        (3, value) => value + 1900,
        (_, value) => value,
    }
}
