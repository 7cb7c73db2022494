//! Digests: the definition an operator wrote, and the frozen content of one edition.

use super::{DigestId, EntryId, Kind, Lang, Owner, Schedule, Scope, Side, Timestamp, TopicId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What to do when no story is left for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenEmpty {
    /// Record the edition, mail nothing.
    #[default]
    Skip,
    /// Mail a short note that nothing was found.
    Note,
}

/// How much of a feed's backlog, found at its very first poll, may enter a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRun {
    OnlyNew,
    Span(Duration),
}

/// One `[[digest]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestSpec {
    pub id: DigestId,
    pub title: String,
    pub schedule: Schedule,
    pub timezone: chrono_tz::Tz,
    /// In the order of the coverage file; empty: all.
    pub topics: Vec<TopicId>,
    pub scopes: Vec<Scope>,
    pub max_stories: usize,
    pub max_stories_per_topic: usize,
    /// Reports named under one story; the rest are counted.
    pub max_reports: usize,
    pub when_empty: WhenEmpty,
    /// A slot missed by more than this is folded into the next one.
    pub max_late: Duration,
    /// Entries older than this are context only.
    pub window: Duration,
    pub first_run: FirstRun,
    pub lang: Lang,
    /// What a locked screen shows of its mails names neither subject nor region.
    pub discreet: bool,
}

/// What changed since the reader's last edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoryStatus {
    New,
    /// Known, or of a thread that is, with reports not seen yet.
    Developing,
}

/// One source line under a story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub entry: EntryId,
    pub publisher: String,
    pub side: Side,
    #[serde(default)]
    pub owner: Owner,
    pub headline: String,
    /// Absolute http(s) link, or `None` where the feed gave none.
    pub url: Option<String>,
    pub lang: Lang,
    pub kind: Kind,
    pub at: Timestamp,
    /// Not in an earlier edition of this digest.
    pub fresh: bool,
    pub origin: Option<String>,
    /// Publishers that carry the same text.
    pub copies: Vec<Copy>,
}

/// The same text elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Copy {
    pub entry: EntryId,
    pub publisher: String,
    pub url: Option<String>,
}

/// A number that publishers give differently, each with the words it stood in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What was counted, as `digest::figures` names it: `killed`, `returnees`…
    pub noun: String,
    pub said: Vec<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub publisher: String,
    /// As they stood: `at least 12 people were killed`.
    pub words: String,
    pub lang: Lang,
    pub at: Timestamp,
    pub url: Option<String>,
}

/// A headline that its publisher replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rewrite {
    pub publisher: String,
    pub before: String,
    pub lang: Lang,
    pub at: Timestamp,
}

/// Whose press a digest reads: how many publishers of a side are configured, and how many of them did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    pub side: Side,
    pub publishers: usize,
    pub silent: usize,
}

/// A story of the last edition of which nothing new came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub headline: String,
    pub lang: Lang,
    pub url: Option<String>,
    pub topic: TopicId,
}

/// What was last reported of a crossing; never concluded from anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossingReport {
    pub crossing: String,
    /// Names by language, from the coverage file.
    pub titles: Vec<(Lang, String)>,
    pub status: CrossingStatus,
    pub publisher: String,
    pub url: Option<String>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrossingStatus {
    Open,
    Closed,
    /// For some: pedestrians, returnees, certain hours.
    Limited,
}

/// One story as an edition shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoryView {
    pub id: EntryId,
    pub thread: EntryId,
    pub status: StoryStatus,
    pub topics: Vec<TopicId>,
    pub scope: Scope,
    pub headline: String,
    pub summary: String,
    pub lang: Lang,
    pub url: Option<String>,
    /// The first stands for the story; at most `max_reports`.
    pub reports: Vec<Report>,
    /// Reports beyond the limit.
    pub more_reports: usize,
    /// Reports of the thread that earlier editions have shown and that are not repeated here.
    #[serde(default)]
    pub earlier_reports: usize,
    /// Orders stories across sections; higher is more important.
    #[serde(default)]
    pub weight: f64,
    /// Distinct publishers, copies included, and distinct origins of text.
    pub publishers: usize,
    pub origins: usize,
    /// Who they are, where the texts were written by fewer than carry them.
    #[serde(default)]
    pub origin_names: Vec<String>,
    /// Distinct publishers of each side, copies included.
    #[serde(default)]
    pub sides: Vec<(Side, usize)>,
    /// Owners of more than one of its publishers: so many voices are one.
    #[serde(default)]
    pub owners: Vec<(String, usize)>,
    #[serde(default)]
    pub figures: Vec<Figure>,
    #[serde(default)]
    pub rewrites: Vec<Rewrite>,
    pub first_seen: Timestamp,
    /// 1 on the first day of the thread.
    pub day: u32,
    /// Every entry that stands behind this story, shown or counted; what later editions hold as seen.
    pub entries: Vec<EntryId>,
}

/// The stories of one topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub topic: TopicId,
    /// Titles by language code, from the coverage file.
    pub titles: Vec<(Lang, String)>,
    pub stories: Vec<StoryView>,
    /// Opinion and analysis of the topic, apart from news.
    pub opinions: Vec<StoryView>,
    /// Stories left out by the limits.
    pub more: usize,
}

/// The frozen content of one edition; rendering needs nothing else but the subscriber.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    pub digest: DigestId,
    pub title: String,
    pub slot: Timestamp,
    /// IANA name of the zone the slot was scheduled in.
    pub timezone: String,
    pub sections: Vec<Section>,
    /// Entries read in the span, kept as relevant, folded as copies.
    pub read: usize,
    pub kept: usize,
    pub folded: usize,
    /// Feeds that failed at their last poll, by publisher name, so that a reader knows what may be missing.
    pub silent_publishers: Vec<String>,
    /// 1 is the first edition of its readers; 0: not counted.
    #[serde(default)]
    pub number: u32,
    #[serde(default)]
    pub feeds: FeedCount,
    #[serde(default)]
    pub reach: Vec<Reach>,
    #[serde(default)]
    pub quiet: Vec<Quiet>,
    #[serde(default)]
    pub board: Vec<CrossingReport>,
}

/// How the feeds of the configuration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FeedCount {
    pub all: usize,
    pub failing: usize,
    /// Since when the one that fails longest does.
    pub since: Option<Timestamp>,
}

impl Digest {
    pub fn stories(&self) -> usize {
        self.sections.iter().map(|section| section.stories.len() + section.opinions.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.stories() == 0
    }

    /// News and opinion pieces of all sections, in their order.
    pub fn told(&self) -> impl Iterator<Item = &StoryView> {
        self.sections.iter().flat_map(|section| section.stories.iter().chain(&section.opinions))
    }
}

/// A digest as one subscriber reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedDigest {
    pub subject: String,
    pub text: String,
    /// `None` for subscribers who asked for plain text.
    pub html: Option<String>,
}
