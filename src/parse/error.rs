//! Why a document could not be read, and what that says of the feed.

use crate::model::FeedHealth;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    #[error("the document is empty")]
    Empty,
    #[error("the answer is a page that blocks robots, not a feed: {0}")]
    BlockPage(String),
    #[error("the answer is an HTML page, not a feed{}", .0.as_ref().map_or_else(String::new, |title| format!(": {title}")))]
    HtmlPage(Option<String>),
    #[error("the document is not a feed: {0}")]
    NotAFeed(String),
    #[error("the document has {bytes} bytes; {limit} is the most that is read")]
    TooLarge { bytes: usize, limit: usize },
    #[error("the document can't be read: {0}")]
    Unreadable(String),
}

impl ParseError {
    /// How a feed that answers like this does.
    pub fn health(&self) -> FeedHealth {
        match self {
            ParseError::BlockPage(_) => FeedHealth::Blocked,
            // Some publishers answer with an empty body for a moment; the next poll tells.
            ParseError::Empty => FeedHealth::Failing,
            ParseError::HtmlPage(_)
            | ParseError::NotAFeed(_)
            | ParseError::TooLarge { .. }
            | ParseError::Unreadable(_) => FeedHealth::Broken,
        }
    }
}
