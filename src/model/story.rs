//! The types that the editor's stages hand on: relevant, then unique, then grouped.

use super::{Entry, EntryId, Kind, TopicId};
use serde::{Deserialize, Serialize};

/// What an entry concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Relations or matters that cross between the two countries.
    Bilateral,
    Pk,
    Af,
    None,
}

impl Scope {
    /// What can be asked for.
    pub const ALL: [Scope; 3] = [Scope::Bilateral, Scope::Pk, Scope::Af];

    pub fn name(self) -> &'static str {
        match self {
            Scope::Bilateral => "bilateral",
            Scope::Pk => "pk",
            Scope::Af => "af",
            Scope::None => "none",
        }
    }
}

/// One reason for a decision: what was found, where, and how much it weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The entity, topic or rule, such as `torkham` or `sport`.
    pub what: String,
    /// The words that matched.
    pub words: String,
    /// `headline`, `summary`, `url`, `feed`, `category`.
    pub place: String,
    pub weight: f64,
}

/// An entry that belongs to the coverage, with why.
#[derive(Debug, Clone, PartialEq)]
pub struct RelevantEntry {
    pub entry: Entry,
    pub scope: Scope,
    pub kind: Kind,
    /// Up to two, the main one first; empty when nothing weighs enough.
    pub topics: Vec<TopicId>,
    pub score: f64,
    pub evidence: Vec<Evidence>,
}

/// An entry that fell out, with why.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped {
    pub entry: Entry,
    pub kind: Kind,
    pub evidence: Vec<Evidence>,
    /// One sentence for the operator.
    pub reason: String,
}

/// A lead and the copies folded under it; nothing is deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueEntry {
    pub lead: RelevantEntry,
    /// Substantially the same text elsewhere, in order of time.
    pub copies: Vec<RelevantEntry>,
    /// Who wrote the text, where a byline, `<source>` or the text says so (`AFP`, `Reuters`, …).
    pub origin: Option<String>,
}

/// Reports of one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Lowest entry id of its members: stable for one set of entries, whatever their order.
    pub id: EntryId,
    /// The saga over days that the story belongs to: the id of its first story.
    pub thread: EntryId,
    pub topics: Vec<TopicId>,
    pub scope: Scope,
    /// The lead first, then by time. Never empty.
    pub reports: Vec<UniqueEntry>,
    /// Orders stories within a section; higher is more important.
    pub weight: f64,
}
