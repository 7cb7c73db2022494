//! Subscribers: who gets which digest, in which language and form.

use super::{DigestId, EmailAddress, Lang, Schedule, TopicId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MailFormat {
    /// HTML with a plain-text alternative.
    #[default]
    Both,
    Text,
}

/// One `[[subscriber]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscriber {
    pub email: EmailAddress,
    pub name: Option<String>,
    pub digests: Vec<DigestId>,
    /// Empty: every topic of the digest.
    pub topics: Vec<TopicId>,
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
