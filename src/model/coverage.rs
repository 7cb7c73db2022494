//! Coverage: what a desk follows. Entities with their aliases, and topics with their titles and terms.

use super::{Lang, TopicId};

/// A valid coverage file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    pub id: String,
    pub topics: Vec<Topic>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    pub id: TopicId,
    /// One title per digest language.
    pub titles: Vec<(Lang, String)>,
}

impl Coverage {
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|topic| &topic.id == id)
    }
}
