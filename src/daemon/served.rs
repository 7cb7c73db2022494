//! Cadences whose readers all had their slot's mail at another one, so that the store is not asked at every round until the next slot.

use super::publish::Cadence;
use crate::model::{DigestId, Timestamp};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

/// For each digest and cadence the slot and the readers for whom that was found. Whoever joins makes it another crowd.
#[derive(Debug, Default)]
pub(super) struct Served(Mutex<HashMap<(DigestId, String), u64>>);

impl Served {
    pub fn knows(&self, digest: &DigestId, cadence: &Cadence<'_>, slot: Timestamp) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(digest.clone(), cadence.key.clone())) == Some(&crowd(cadence, slot))
    }

    pub fn remember(&self, digest: &DigestId, cadence: &Cadence<'_>, slot: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((digest.clone(), cadence.key.clone()), crowd(cadence, slot));
    }
}

fn crowd(cadence: &Cadence<'_>, slot: Timestamp) -> u64 {
    let mut hasher = DefaultHasher::new();
    slot.hash(&mut hasher);
    cadence.subscribers.iter().for_each(|reader| reader.email.as_str().hash(&mut hasher));
    hasher.finish()
}
