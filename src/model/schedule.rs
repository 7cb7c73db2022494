//! Schedules: the five-field crontab dialect, resolved to instants in a zone.

use super::Timestamp;
use chrono_tz::Tz;
use std::str::FromStr;

/// A crontab expression that fires at least once in the coming years.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSchedule(pub String);

impl Schedule {
    /// As written by the operator.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last slot at or before `now`, in `zone`.
    pub fn last_slot(&self, _zone: Tz, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// The first slot after `now`, in `zone`.
    pub fn next_slot(&self, _zone: Tz, _now: Timestamp) -> Option<Timestamp> {
        None
    }

    /// Slots in `(after, until]`, ascending, each once: in a DST gap the first valid instant, in an overlap the first.
    pub fn slots_between(&self, _zone: Tz, _after: Timestamp, _until: Timestamp) -> Vec<Timestamp> {
        Vec::new()
    }
}

impl FromStr for Schedule {
    type Err = BadSchedule;
    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        Ok(Self { text: text.to_owned() })
    }
}
