//! What the operator has to know, told once through a channel that is not the relay, and never as a flood.

mod trouble;
mod ways;

use super::Khyber;
use crate::model::Timestamp;
use crate::store::StoreError;
use chrono::TimeDelta;

pub use trouble::{Kind, Trouble};

/// After this, what was told is forgotten: a feed that is still dead may be named again.
const MEMORY: TimeDelta = TimeDelta::days(30);

impl Khyber {
    /// Everything that is wrong at `now`; `khyber status` shows the same.
    pub async fn troubles(&self, now: Timestamp) -> Result<Vec<Trouble>, StoreError> {
        trouble::find(self, now).await
    }

    /// Tells the operator what is new, at most once a day of each kind. Returns how many troubles were told, 0 where another process does it.
    pub async fn notify_operator(&self, now: Timestamp) -> Result<usize, StoreError> {
        if !self.speaks_for_all().await? {
            return Ok(0);
        }
        let ways = &self.config.notices;
        if !ways.is_used() {
            return Ok(0);
        }
        let troubles = self.troubles(now).await?;
        let told = self.store.told().await?;
        let due = trouble::due(&troubles, &told, now);
        if due.is_empty() || !self.memory.may_tell(now) {
            return Ok(0);
        }
        let text = trouble::text(&due, now);
        if let Err(error) = ways::tell(ways, &self.config, &text, now).await {
            self.memory.could_not_tell(now);
            tracing::error!("the operator could not be told: {error}; this was it:\n{text}");
            return Ok(0);
        }
        let names: Vec<(&str, &str)> = due.iter().map(|one| (one.kind.name(), one.subject.as_str())).collect();
        self.store.record_told(&names, now, now - MEMORY).await?;
        Ok(due.len())
    }
}
