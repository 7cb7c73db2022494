//! Instants and spans on the command line.

use crate::daemon::clock;
use crate::model::Timestamp;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use std::time::Duration;

/// `--at`: an instant to act as if it were now; for replaying a day.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct At {
    /// Act as if it were this time (RFC 3339, or `2026-01-31 06:00` in UTC)
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Timestamp>,
}

impl At {
    pub fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(clock::now)
    }
}

/// RFC 3339, or a date with or without a time, read as UTC.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let spaced = text.replacen('T', " ", 1);
    for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(&spaced, format) {
            return Ok(at.and_utc());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    date.map(|at| at.and_utc())
        .ok_or_else(|| "write it as 2026-01-31T06:00:00Z or \"2026-01-31 06:00\" (UTC)".to_owned())
}

/// A span with its unit: `90m`, `24h`, `3d`, `2w`.
pub fn span(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err("give a number with its unit: 90m, 24h, 3d".to_owned()),
    };
    let count: u64 = digits.parse().map_err(|_| "give a number with its unit: 90m, 24h, 3d".to_owned())?;
    count.checked_mul(unit).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        let expected = instant("2022-12-18T06:00:00Z").unwrap();
        for text in ["2022-12-18T06:00", "2022-12-18 06:00", "2022-12-18 06:00:00", "2022-12-18T11:00:00+05:00"] {
            assert_eq!(instant(text), Ok(expected), "{text}");
        }
        assert!(instant("tomorrow").is_err());
        assert_eq!(span("36h"), Ok(Duration::from_secs(129_600)));
        assert!(span("36").is_err() && span("h").is_err() && span("ص").is_err());
    }
}
