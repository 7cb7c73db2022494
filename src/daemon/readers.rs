//! The subscribers as they are now: what TOML says, and over it what each reader chose.

use super::Khyber;
use crate::model::{Subscriber, Timestamp};
use crate::store::{Preferences, StoreError};

impl Khyber {
    /// Subscribers who want mail at `now`, with the digests, topics and hour they chose.
    pub async fn readers(&self, now: Timestamp) -> Result<Vec<Subscriber>, StoreError> {
        let chosen = self.store.preferences().await?;
        let usual = Preferences::default();
        let overlaid =
            self.config.subscribers.iter().filter(|subscriber| subscriber.enabled).filter_map(|subscriber| {
                self.overlaid(subscriber, chosen.get(&subscriber.email).unwrap_or(&usual), now)
            });
        Ok(overlaid.collect())
    }

    /// `None`: they want nothing now.
    fn overlaid(&self, subscriber: &Subscriber, chosen: &Preferences, now: Timestamp) -> Option<Subscriber> {
        if chosen.paused_until.is_some_and(|until| until > now) {
            return None;
        }
        let mut reader = subscriber.clone();
        reader.digests.retain(|digest| !chosen.left.contains(digest));
        if let Some(topics) = &chosen.topics {
            // A topic that the coverage no longer has chooses nothing.
            let known = |topic: &&_| self.config.coverage.topics.iter().any(|known| known.id == **topic);
            reader.topics = topics.iter().filter(known).cloned().collect();
        }
        if let Some(hour) = chosen.hour {
            let usual = self.config.digests.iter().find(|spec| reader.digests.contains(&spec.id));
            let schedule = reader.schedule.as_ref().or(usual.map(|spec| &spec.schedule));
            reader.schedule = schedule.and_then(|schedule| schedule.at_hour(hour)).or(reader.schedule);
        }
        (!reader.digests.is_empty()).then_some(reader)
    }
}
