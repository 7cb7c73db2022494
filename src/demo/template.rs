//! Fills a sample feed's template: dates relative to the demo's day, and the passages of one day only.
//!
//! Two marks, chosen so that they never collide with XML or JSON: a line `@day 1` or `@day 2` begins a passage of that
//! day, `@end` closes it; `{{rfc822 -3h20m}}`, `{{rfc3339 +20h}}` and `{{weekday -3h}}` become the date that far from
//! the demo's first day, the weekday in the feed's language.

use super::Day;
use crate::model::{Lang, Timestamp};
use chrono::{Datelike, FixedOffset, TimeDelta};

/// A mistake in a template of ours; a test reads every one, so that a reader never meets it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("line {0}: `{1}` is neither `@day 1`, `@day 2` nor `@end` in its place")]
    Mark(usize, String),
    #[error("`{{{{{0}}}}}` is not a date")]
    Placeholder(String),
    #[error("a passage or placeholder is not closed")]
    Open,
}

/// The document that the feed serves on `day`, when the demo's first day is `first`.
pub fn fill(template: &str, lang: Lang, day: Day, first: Timestamp) -> Result<String, BadTemplate> {
    let text = passages(template, day)?;
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, from)) = rest.split_once("{{") {
        let (placeholder, after) = from.split_once("}}").ok_or(BadTemplate::Open)?;
        filled.push_str(before);
        filled.push_str(&date(placeholder, lang, first).ok_or_else(|| BadTemplate::Placeholder(placeholder.into()))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn passages(template: &str, day: Day) -> Result<String, BadTemplate> {
    let mut kept = String::with_capacity(template.len());
    let mut only: Option<Day> = None;
    for (index, line) in template.lines().enumerate() {
        if let Some(mark) = line.strip_prefix('@') {
            only = match (mark.trim_end(), only) {
                ("end", Some(_)) => None,
                ("day 1", None) => Some(Day::First),
                ("day 2", None) => Some(Day::Second),
                _ => return Err(BadTemplate::Mark(index + 1, line.into())),
            };
        } else if only.is_none_or(|only| only == day) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    if only.is_some() { Err(BadTemplate::Open) } else { Ok(kept) }
}

fn date(placeholder: &str, lang: Lang, first: Timestamp) -> Option<String> {
    let (form, distance) = placeholder.split_once(' ')?;
    // Pakistan's clock, as most of the publishers would write it.
    let at = (first + offset(distance)?).with_timezone(&FixedOffset::east_opt(5 * 3600)?);
    match form {
        "rfc822" => Some(at.to_rfc2822()),
        "rfc3339" => Some(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        "weekday" => weekdays(lang).get(at.weekday().num_days_from_monday() as usize).map(|name| (*name).to_owned()),
        _ => None,
    }
}

/// `-3h20m`, `+20h`, `-45m`.
fn offset(text: &str) -> Option<TimeDelta> {
    let (sign, span) = if let Some(span) = text.strip_prefix('-') { (-1, span) } else { (1, text.strip_prefix('+')?) };
    let (hours, minutes) = match span.split_once('h') {
        Some((hours, "")) => (hours, "0"),
        Some((hours, minutes)) => (hours, minutes.strip_suffix('m')?),
        None => ("0", span.strip_suffix('m')?),
    };
    Some(TimeDelta::minutes(sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)))
}

fn weekdays(lang: Lang) -> [&'static str; 7] {
    match lang {
        Lang::Ur => ["پیر", "منگل", "بدھ", "جمعرات", "جمعہ", "ہفتہ", "اتوار"],
        Lang::Ps => ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"],
        Lang::Fa => ["دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یک‌شنبه"],
        Lang::En | Lang::Other => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> Timestamp {
        "2026-11-23T06:00:00Z".parse().unwrap()
    }

    #[test]
    fn dates_count_from_the_first_day() {
        let filled = |template, lang| fill(template, lang, Day::First, first()).unwrap();
        assert_eq!(filled("<d>{{rfc822 -3h20m}}</d>", Lang::En), "<d>Mon, 23 Nov 2026 07:40:00 +0500</d>\n");
        assert_eq!(
            filled("{{rfc3339 +20h}}, {{rfc3339 -45m}}", Lang::En),
            "2026-11-24T07:00:00+05:00, 2026-11-23T10:15:00+05:00\n"
        );
        assert_eq!(filled("on {{weekday -12h}}", Lang::En), "on Sunday\n");
        assert_eq!(filled("{{weekday -1h}}", Lang::Ur), "پیر\n");
    }

    #[test]
    fn passages_belong_to_their_day() {
        let template = "a\n@day 1\nb\n@end\n@day 2\nc\n@end\nd\n";
        assert_eq!(fill(template, Lang::En, Day::First, first()).unwrap(), "a\nb\nd\n");
        assert_eq!(fill(template, Lang::En, Day::Second, first()).unwrap(), "a\nc\nd\n");
    }

    #[test]
    fn mistakes_are_named() {
        let broken = |template| fill(template, Lang::En, Day::First, first()).unwrap_err();
        assert_eq!(broken("{{rfc822 yesterday}}"), BadTemplate::Placeholder("rfc822 yesterday".into()));
        assert_eq!(broken("{{rfc822 -1h"), BadTemplate::Open);
        assert_eq!(broken("@day 1\na"), BadTemplate::Open);
        assert_eq!(broken("@day 3\na\n@end"), BadTemplate::Mark(1, "@day 3".into()));
        assert_eq!(broken("a\n@end"), BadTemplate::Mark(2, "@end".into()));
    }
}
