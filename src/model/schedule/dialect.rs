//! crontab(5)'s five fields, written out as numbers in the six-field notation of the `cron` crate.

use super::BadSchedule;
use std::collections::BTreeSet;

struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
    /// The number of the first name.
    first: u32,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FULL_DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const FIELDS: [Field; 5] = [
    Field { name: "minute", min: 0, max: 59, names: &[], first: 0 },
    Field { name: "hour", min: 0, max: 23, names: &[], first: 0 },
    Field { name: "day of month", min: 1, max: 31, names: &[], first: 0 },
    Field { name: "month", min: 1, max: 12, names: &MONTHS, first: 1 },
    // Sunday is 0 or 7.
    Field { name: "day of week", min: 0, max: 7, names: &DAYS, first: 0 },
];

const EXAMPLE: &str = "minute, hour, day of month, month, day of week; every day at six is \"0 6 * * *\"";

/// One or two expressions with seconds first and Sunday as 1, which together mean what crontab means.
pub(super) fn to_cron(text: &str) -> Result<Vec<String>, BadSchedule> {
    let expanded = nickname(text)?;
    let words: Vec<&str> = expanded.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = words[..] else {
        let hint = if words.len() == 6 { " (seconds and years are not part of this dialect)" } else { "" };
        return bad(format!("has {} fields instead of five{hint}: {EXAMPLE}", words.len()));
    };
    let set = |at: usize, word: &str| FIELDS[at].parse(word);
    let (minutes, hours, months) = (list(&set(0, minute)?), list(&set(1, hour)?), list(&set(3, month)?));
    let days = set(2, day)?;
    let weekdays: BTreeSet<u32> = set(4, weekday)?.into_iter().map(|day| day % 7 + 1).collect();
    let line = |days: &str, weekdays: &str| format!("0 {minutes} {hours} {days} {months} {weekdays}");
    let (days, weekdays) = (list(&days), list(&weekdays));
    // crontab(5): restricted both, either is enough. As in Vixie cron, a field that begins with `*` is not restricted,
    // `*/2` included, and then both must hold.
    let either = !day.starts_with('*') && !weekday.starts_with('*');
    Ok(if either { vec![line(&days, "*"), line("*", &weekdays)] } else { vec![line(&days, &weekdays)] })
}

/// The days of an expression with another hour; the minute stays if there is only one.
pub(super) fn at_hour(text: &str, hour: u8) -> Option<String> {
    let expanded = nickname(text).ok()?;
    let (minute, rest) = expanded.split_once(char::is_whitespace)?;
    let (_, days) = rest.trim_start().split_once(char::is_whitespace)?;
    let minute = if minute.parse::<u8>().is_ok() { minute } else { "0" };
    Some(format!("{minute} {hour} {}", days.trim_start()))
}

/// The minute and hour of an expression on these days of the week; `None` without any day.
pub(super) fn on_days(text: &str, days: &[chrono::Weekday]) -> Option<String> {
    let expanded = nickname(text).ok()?;
    let mut words = expanded.split_whitespace();
    let (minute, hour) = (words.next()?, words.next()?);
    let numbers: BTreeSet<u32> = days.iter().map(chrono::Weekday::number_from_monday).collect();
    (!numbers.is_empty()).then(|| format!("{minute} {hour} * * {}", list(&numbers)))
}

fn bad<T>(message: String) -> Result<T, BadSchedule> {
    Err(BadSchedule(message))
}

fn list(set: &BTreeSet<u32>) -> String {
    let numbers: Vec<String> = set.iter().map(u32::to_string).collect();
    numbers.join(",")
}

fn nickname(text: &str) -> Result<&str, BadSchedule> {
    if !text.starts_with('@') {
        return Ok(text);
    }
    match text.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => bad(format!("`{text}` is not a schedule; there are @hourly, @daily, @weekly, @monthly and @yearly")),
    }
}

impl Field {
    fn parse(&self, word: &str) -> Result<BTreeSet<u32>, BadSchedule> {
        let mut set = BTreeSet::new();
        for part in word.split(',') {
            set.extend(self.part(part)?);
        }
        Ok(set)
    }

    /// `*`, `5`, `1-5`, `*/10`, `8-18/2`, `mon`, `mon-fri`.
    fn part(&self, part: &str) -> Result<impl Iterator<Item = u32> + use<>, BadSchedule> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(self.step(part, step)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.min, self.max.min(if self.max == 7 { 6 } else { self.max })),
            Some((from, to)) => self.range(part, self.number(from)?, self.number(to)?)?,
            None => {
                let number = self.number(range)?;
                if step.is_some() {
                    return bad(format!(
                        "`{part}` in the field {} has a step without a range: write {number}-{}/…",
                        self.name, self.max
                    ));
                }
                (number, number)
            }
        };
        Ok((from..=to).step_by(step.unwrap_or(1)))
    }

    fn step(&self, part: &str, step: &str) -> Result<usize, BadSchedule> {
        match step.parse::<usize>() {
            Ok(step) if (1..=self.max as usize).contains(&step) => Ok(step),
            _ => bad(format!("`{part}` in the field {}: the step must be 1 to {}", self.name, self.max)),
        }
    }

    fn range(&self, part: &str, from: u32, to: u32) -> Result<(u32, u32), BadSchedule> {
        // `fri-sun` and `5-0` mean what they say: here Sunday is the week's end.
        let to = if self.max == 7 && to == 0 && from > 0 { 7 } else { to };
        if from <= to {
            return Ok((from, to));
        }
        let turned = format!("{from}-{},{}-{to}", self.max.min(if self.max == 7 { 6 } else { self.max }), self.min);
        bad(format!("`{part}` in the field {} runs backwards; write {turned} if it should wrap around", self.name))
    }

    fn number(&self, word: &str) -> Result<u32, BadSchedule> {
        let lower = word.to_ascii_lowercase();
        let full = self.max == 7;
        let named = self.names.iter().position(|name| *name == lower);
        let named = named.or_else(|| FULL_DAYS.iter().position(|name| full && *name == lower));
        if let Some(at) = named {
            return Ok(self.first + at as u32);
        }
        let digits = !word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
        match word.parse::<u32>() {
            Ok(number) if digits && (self.min..=self.max).contains(&number) => Ok(number),
            Ok(number) if digits => {
                bad(format!("{number} is out of range in the field {}: {} to {}", self.name, self.min, self.max))
            }
            _ => bad(format!("`{word}` means nothing in the field {} ({})", self.name, self.known())),
        }
    }

    fn known(&self) -> String {
        let numbers = format!("{} to {}", self.min, self.max);
        match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!("{numbers}, or {first} to {last}"),
            _ => numbers,
        }
    }
}
