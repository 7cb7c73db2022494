//! The vocabulary: plain data that every stage shares; nothing here touches the outside world.

pub mod address;
pub mod caption;
pub mod coverage;
pub mod delivery;
pub mod digest;
pub mod entry;
pub mod feed;
pub mod ids;
pub mod lang;
pub mod matcher;
pub mod meaning;
pub mod role;
pub mod schedule;
pub mod sheet;
pub mod story;
pub mod subscriber;
pub mod theme;
pub mod words;

/// An instant in UTC. Stages receive `now: Timestamp`; only `daemon::clock` reads the clock.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

pub use address::EmailAddress;
pub use coverage::{Coverage, Topic};
pub use delivery::{Delivery, DeliveryStatus, DeliveryUpdate, Go, OutgoingMessage, PrintedMessage, SendOutcome};
pub use digest::{
    CrossingReport, CrossingStatus, Digest, DigestSpec, FirstRun, RenderedDigest, Report, Section, StoryStatus,
    StoryView, WhenEmpty,
};
pub use entry::{CanonicalUrl, Entry, EntryKey, Kind, NewEntry};
pub use feed::{Document, Feed, FeedHealth, FeedKind, FeedState, Owner, Side, Skips, Validators};
pub use ids::{DeliveryId, DigestId, EditionId, EntryId, FeedId, TopicId};
pub use lang::Lang;
pub use role::{Role, Roles};
pub use schedule::Schedule;
pub use sheet::{Sheet, SheetPrint};
pub use story::{Dropped, Evidence, RelevantEntry, Scope, Story, UniqueEntry};
pub use subscriber::{MailFormat, Selection, Subscriber};
pub use theme::Theme;
