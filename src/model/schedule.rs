//! Schedules: the five-field crontab dialect, resolved to instants in a zone.

mod dialect;

use super::Timestamp;
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::str::FromStr;

/// A crontab expression that fires at least once in the coming years.
///
/// The `cron` crate iterates over wall time only (given as if it were UTC, where it has neither gaps nor overlaps);
/// the zone comes in afterwards. Left to itself it skips the day in a gap and fires twice in an overlap.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    /// United: crontab's "day of month or day of week" takes two.
    wall: Vec<cron::Schedule>,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSchedule(pub String);

impl Schedule {
    /// Every day at six.
    pub(crate) fn daily() -> Self {
        Self { text: "0 6 * * *".to_owned(), wall: cron::Schedule::from_str("0 0 6 * * *").into_iter().collect() }
    }

    /// As written by the operator.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same days, once, at the start of another hour.
    pub fn at_hour(&self, hour: u8) -> Option<Self> {
        dialect::at_hour(&self.text, hour)?.parse().ok()
    }

    /// The same minute and hour, on these days of every week.
    pub fn on_days(&self, days: &[Weekday]) -> Option<Self> {
        dialect::on_days(&self.text, days)?.parse().ok()
    }

    /// At another hour, on other days, or both.
    pub fn moved(&self, hour: Option<u8>, days: Option<&[Weekday]>) -> Option<Self> {
        let at_hour = hour.map_or_else(|| Some(self.clone()), |hour| self.at_hour(hour))?;
        days.map_or_else(|| Some(at_hour.clone()), |days| at_hour.on_days(days))
    }

    /// The last slot at or before `now`, in `zone`.
    pub fn last_slot(&self, zone: Tz, now: Timestamp) -> Option<Timestamp> {
        // No instant up to now has a later wall time than this, an overlap in the last day included.
        let offset = |at: Timestamp| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
        let widest = offset(now).max(offset(now - Duration::hours(26)));
        let mut wall = now.naive_utc() + Duration::seconds(i64::from(widest) + 1);
        loop {
            wall = self.wall_before(wall)?;
            if let Some(slot) = resolve(zone, wall).filter(|slot| *slot <= now) {
                return Some(slot);
            }
        }
    }

    /// The first slot after `now`, in `zone`.
    pub fn next_slot(&self, zone: Tz, now: Timestamp) -> Option<Timestamp> {
        let mut wall = now.with_timezone(&zone).naive_local();
        loop {
            wall = self.wall_after(wall)?;
            if let Some(slot) = resolve(zone, wall).filter(|slot| *slot > now) {
                return Some(slot);
            }
        }
    }

    /// Slots in `(after, until]`, ascending, each once: in a DST gap the first valid instant, in an overlap the first.
    pub fn slots_between(&self, zone: Tz, after: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let next = |at: &Timestamp| self.next_slot(zone, *at);
        std::iter::successors(next(&after), next).take_while(|slot| *slot <= until).collect()
    }

    fn wall_after(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        let from = wall.and_utc();
        self.wall.iter().filter_map(|part| part.after(&from).next()).min().map(|at: DateTime<Utc>| at.naive_utc())
    }

    fn wall_before(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        let from = wall.and_utc();
        self.wall.iter().filter_map(|part| part.after(&from).next_back()).max().map(|at: DateTime<Utc>| at.naive_utc())
    }
}

/// The instant of a wall time: the first of two in an overlap, the end of the gap in a gap.
fn resolve(zone: Tz, wall: NaiveDateTime) -> Option<Timestamp> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => Some(at.with_timezone(&Utc)),
        LocalResult::Ambiguous(one, other) => Some(one.min(other).with_timezone(&Utc)),
        LocalResult::None => Some(after_gap(zone, wall)),
    }
}

/// The first instant whose wall time is not before `wall`. Offsets lie within 16 hours of UTC and one gap within a day.
fn after_gap(zone: Tz, wall: NaiveDateTime) -> Timestamp {
    let (mut before, mut reached) = ((wall - Duration::hours(42)).and_utc(), (wall + Duration::hours(42)).and_utc());
    while reached - before > Duration::seconds(1) {
        let middle = before + Duration::seconds((reached - before).num_seconds() / 2);
        if middle.with_timezone(&zone).naive_local() >= wall { reached = middle } else { before = middle }
    }
    reached
}

impl FromStr for Schedule {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let text = text.trim();
        let parts = dialect::to_cron(text)?;
        let parsed: Result<Vec<_>, _> = parts.iter().map(|part| cron::Schedule::from_str(part)).collect();
        let wall = parsed.map_err(|why| BadSchedule(format!("is not a schedule: {why}")))?;
        let schedule = Self { text: text.to_owned(), wall };
        // 29 February comes at the latest eight years after the last one.
        match schedule.wall_after(NaiveDateTime::default() + Duration::days(365 * 50)) {
            Some(_) => Ok(schedule),
            None => Err(BadSchedule("never fires: no month has such a day".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests;
