//! How the feeds do, as readers should know it: what may be missing from an edition.

use super::Khyber;
use crate::digest::Tally;
use crate::model::digest::{FeedCount, Reach};
use crate::model::{FeedHealth, Side, Timestamp};
use crate::store::{FeedRow, StoreError};
use std::collections::BTreeMap;

impl Khyber {
    /// The tally of an edition before its entries are counted. A publisher is silent when all of its feeds fail.
    pub(super) async fn standing(&self) -> Result<Tally, StoreError> {
        let rows = self.store.feeds().await?;
        let mut feeds = FeedCount::default();
        let mut publishers: BTreeMap<&str, (Side, bool)> = BTreeMap::new();
        for feed in self.config.feeds.iter().filter(|feed| feed.enabled) {
            let row = rows.get(&feed.id);
            let fails = row.is_some_and(fails);
            let (_, all_fail) = publishers.entry(&feed.publisher).or_insert((feed.side, true));
            *all_fail &= fails;
            feeds.all += 1;
            if fails {
                feeds.failing += 1;
                // One that never answered says nothing.
                feeds.since = earlier(feeds.since, row.and_then(|row| row.state.last_ok_at));
            }
        }
        let reach = Side::ALL.into_iter().filter_map(|side| {
            let of: Vec<bool> =
                publishers.values().filter(|(own, _)| *own == side).map(|(_, silent)| *silent).collect();
            let silent = of.iter().filter(|silent| **silent).count();
            (!of.is_empty()).then_some(Reach { side, publishers: of.len(), silent })
        });
        let reach = reach.collect();
        let silent = publishers.into_iter().filter(|(_, (_, silent))| *silent);
        let silent_publishers = silent.map(|(publisher, _)| publisher.to_owned()).collect();
        Ok(Tally { feeds, reach, silent_publishers, ..Tally::default() })
    }
}

fn fails(row: &FeedRow) -> bool {
    matches!(row.state.health, FeedHealth::Failing | FeedHealth::Blocked | FeedHealth::Broken | FeedHealth::Gone)
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}
