//! Dates as feeds write them: RFC 2822, RFC 3339 and what people make of them, in many languages.

mod months;
mod solar;
mod tokens;
mod zones;

use crate::model::Timestamp;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::borrow::Cow;
use tokens::Parts;

/// Reads a date in whatever form; a date without a zone is taken as UTC, one without a time as midnight.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > 200 {
        return None;
    }
    if let Some(date) = standard(text) {
        return sane(date);
    }
    let plain = ascii_digits(text);
    digits_only(&plain).or_else(|| Parts::read(&plain).and_then(Parts::into_utc)).and_then(sane)
}

/// The two forms of the standards: nearly every date, and the cheapest to read.
fn standard(text: &str) -> Option<Timestamp> {
    let first = *text.as_bytes().first()?;
    if first.is_ascii_digit() && text.as_bytes().get(4) == Some(&b'-') {
        return DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc));
    }
    // With a numeric zone only: chrono reads zone names it does not know as UTC.
    let numeric = text.ends_with("GMT") || text.as_bytes().iter().rev().take(5).any(|b| matches!(b, b'+' | b'-'));
    // Two-digit years are read in one place, `tokens`.
    let recent = |date: &DateTime<FixedOffset>| numeric && date.year() >= 1990;
    DateTime::parse_from_rfc2822(text).ok().filter(recent).map(|date| date.with_timezone(&Utc))
}

/// Years that a feed can mean. Year 9999 is how some systems write "never" (feed-rs accepts it).
fn sane(date: Timestamp) -> Option<Timestamp> {
    (1900..=2200).contains(&date.year()).then_some(date)
}

/// Persian and Arabic-Indic digits, and full-width colons, as ASCII.
fn ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let ascii = |c: char| match c {
        '\u{0660}'..='\u{0669}' => char::from(b'0' + (c as u32 - 0x0660) as u8),
        '\u{06F0}'..='\u{06F9}' => char::from(b'0' + (c as u32 - 0x06F0) as u8),
        '\u{FF10}'..='\u{FF19}' => char::from(b'0' + (c as u32 - 0xFF10) as u8),
        '\u{FF1A}' => ':',
        '\u{060C}' => ',',
        '\u{2212}' | '\u{2013}' => '-',
        '\u{00A0}' | '\u{202F}' | '\u{200E}' | '\u{200F}' => ' ',
        other => other,
    };
    Cow::Owned(text.chars().map(ascii).collect())
}

/// Unix seconds and milliseconds, and the compact ISO 8601 forms.
fn digits_only(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let compact = |format: &str| NaiveDateTime::parse_from_str(text, format).ok().map(|date| date.and_utc());
    match text.len() {
        4 => midnight(i32::try_from(number).ok()?, 1, 1),
        6 => midnight(i32::try_from(number / 100).ok()?, u32::try_from(number % 100).ok()?, 1),
        8 => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(|day| day.and_time(NaiveTime::MIN).and_utc()),
        9 | 10 => DateTime::from_timestamp(number, 0),
        12 => compact("%Y%m%d%H%M"),
        13 => DateTime::from_timestamp_millis(number),
        14 => compact("%Y%m%d%H%M%S"),
        _ => None,
    }
}

fn midnight(year: i32, month: u32, day: u32) -> Option<Timestamp> {
    Some(NaiveDate::from_ymd_opt(year, month, day)?.and_time(NaiveTime::MIN).and_utc())
}

/// Local time at an offset in seconds, as UTC.
fn at_offset(local: NaiveDateTime, offset: i32) -> Option<Timestamp> {
    let zone = FixedOffset::east_opt(offset)?;
    local.and_local_timezone(zone).single().map(|date| date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn utc(text: &str) -> String {
        parse(text).map_or_else(|| "none".to_owned(), |date| date.format("%Y-%m-%dT%H:%M:%S").to_string())
    }

    #[test]
    fn letters_of_any_script_behind_a_zone_are_no_danger() {
        for text in ["Tue, 15 Sep 2026 18:28:00 PKTخبر]]>", "18:28 aخ", "p خبر", "15 Sep 2026 18:28 pمم"] {
            parse(text);
        }
        let with_zone = parse("Tue, 15 Sep 2026 18:28:00 PKT").unwrap();
        assert_eq!(with_zone.to_rfc3339(), "2026-09-15T13:28:00+00:00");
    }

    #[test]
    fn standards() {
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 +0500"), "2026-09-15T13:28:00");
        assert_eq!(utc("2026-09-15T18:28:00+05:00"), "2026-09-15T13:28:00");
        assert_eq!(utc("2026-09-15T18:28:00.123Z"), "2026-09-15T18:28:00");
        assert_eq!(utc("15 Sep 26 18:28 GMT"), "2026-09-15T18:28:00");
    }

    #[test]
    fn zones_as_written_in_the_region() {
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 PKT"), "2026-09-15T13:28:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 AFT"), "2026-09-15T13:58:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 +05:00"), "2026-09-15T13:28:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 GMT+0500"), "2026-09-15T13:28:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 GMT+5"), "2026-09-15T13:28:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 EST"), "2026-09-15T23:28:00");
        assert_eq!(utc("Tue, 15 Sep 2026 18:28:00 CEST"), "2026-09-15T16:28:00");
    }

    #[test]
    fn odd_forms() {
        assert_eq!(utc("2026-09-15 18:28:00"), "2026-09-15T18:28:00");
        assert_eq!(utc("2026-09-15 18:28:00 +0500"), "2026-09-15T13:28:00");
        assert_eq!(utc("2026-09-15T18:28:00+0500"), "2026-09-15T13:28:00");
        assert_eq!(utc("9/15/2026 6:28:00 PM"), "2026-09-15T18:28:00");
        assert_eq!(utc("15/09/2026 12:05 AM"), "2026-09-15T00:05:00");
        assert_eq!(utc("September 15, 2026, 6:28 p.m."), "2026-09-15T18:28:00");
        assert_eq!(utc("Tue Sep 15 18:28:00 2026"), "2026-09-15T18:28:00");
        assert_eq!(utc("Tue Sep 15 18:28:00 PKT 2026"), "2026-09-15T13:28:00");
        assert_eq!(utc("15-Sep-2026 18:28"), "2026-09-15T18:28:00");
        assert_eq!(utc("1789496880"), "2026-09-15T18:28:00");
        assert_eq!(utc("20260915"), "2026-09-15T00:00:00");
        assert_eq!(utc("2026-09"), "2026-09-01T00:00:00");
        assert_eq!(utc("Thurs, 15 Sept 2026 24:00:00 GMT"), "2026-09-16T00:00:00");
    }

    #[test]
    fn other_languages() {
        assert_eq!(utc("mar., 15 févr. 2026 18:28:00 +0100"), "2026-02-15T17:28:00");
        assert_eq!(utc("Di, 15 Dez 2026 18:28:00 +0100"), "2026-12-15T17:28:00");
        assert_eq!(utc("۱۵ ستمبر ۲۰۲۶"), "2026-09-15T00:00:00");
        assert_eq!(utc("15 سپتامبر 2026 18:28"), "2026-09-15T18:28:00");
        assert_eq!(utc("۲۴ سنبله ۱۴۰۵"), "2026-09-15T00:00:00");
        assert_eq!(utc("24 شهریور 1405 - 18:28"), "2026-09-15T18:28:00");
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in ["", "yesterday", "9999-12-31T00:00:00Z", "0000-00-00 00:00:00", "32 Sep 2026", "::", "-", "٪"] {
            assert_eq!(utc(text), "none", "{text}");
        }
    }
}
