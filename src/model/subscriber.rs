//! Subscribers: who gets which digest, which part of it, in which language and form.

use super::{DigestId, EmailAddress, Kind, Lang, Schedule, Scope, TopicId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MailFormat {
    /// HTML with a plain-text alternative.
    #[default]
    Both,
    Html,
    Text,
}

impl MailFormat {
    pub const ALL: [MailFormat; 3] = [MailFormat::Both, MailFormat::Html, MailFormat::Text];

    pub fn name(self) -> &'static str {
        match self {
            MailFormat::Both => "both",
            MailFormat::Html => "html",
            MailFormat::Text => "text",
        }
    }
}

/// Which part of an edition one reader wants; an empty list and `None` mean all of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Selection {
    pub topics: Vec<TopicId>,
    pub scopes: Vec<Scope>,
    /// What a story may be led by: no opinion for who lists news alone.
    pub kinds: Vec<Kind>,
    /// Languages that the reader reads: a story without a report in one of them is left out.
    pub langs: Vec<Lang>,
    pub max_stories: Option<usize>,
}

impl Selection {
    pub fn is_all(&self) -> bool {
        *self == Selection::default()
    }
}

/// One `[[subscriber]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscriber {
    pub email: EmailAddress,
    pub name: Option<String>,
    pub digests: Vec<DigestId>,
    pub select: Selection,
    /// Overrides the digest's zone: the schedule is then read in this zone.
    pub timezone: Option<chrono_tz::Tz>,
    /// Overrides the digest's schedule.
    pub schedule: Option<Schedule>,
    pub lang: Lang,
    pub format: MailFormat,
    /// As the digest's, for one reader.
    pub discreet: bool,
    pub enabled: bool,
}
