//! The one file that reads the clock.

use crate::model::Timestamp;

/// Now, in whole seconds: what the store keeps, so that a value written and read back is equal.
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn now() -> Timestamp {
    let now = chrono::Utc::now();
    chrono::DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}
