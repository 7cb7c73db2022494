//! The two days that the sample feeds know.

use crate::model::Timestamp;
use chrono::TimeDelta;

/// Which version of the sample feeds is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    First,
    Second,
}

impl Day {
    /// The instant of this day's poll and edition, when the first day's is `first`.
    pub fn after(self, first: Timestamp) -> Timestamp {
        match self {
            Day::First => first,
            Day::Second => first + TimeDelta::days(1),
        }
    }

    /// 1 or 2, as people count.
    pub fn number(self) -> u8 {
        match self {
            Day::First => 1,
            Day::Second => 2,
        }
    }

    pub fn from_number(number: u8) -> Option<Day> {
        [Day::First, Day::Second].into_iter().find(|day| day.number() == number)
    }
}
