//! Identifiers. Names that a person writes in TOML are slugs; rows of the store are numbers.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A slug as written in TOML: lower-case ASCII letters, digits, `-` and `_`, starting with a letter or digit, at most 64 bytes.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an id: use 1–64 of a-z, 0-9, `-` and `_`, starting with a letter or digit")]
pub struct BadId(pub String);

fn check_slug(text: &str) -> Result<(), BadId> {
    let bytes = text.as_bytes();
    let allowed = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    let starts = bytes.first().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if starts && bytes.len() <= 64 && bytes.iter().all(allowed) { Ok(()) } else { Err(BadId(text.to_owned())) }
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                check_slug(text)?;
                Ok(Self(text.to_owned()))
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                check_slug(&text)?;
                Ok(Self(text))
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug_id!(
    /// One polled URL, as named in `[[feed]] id`.
    FeedId
);
slug_id!(
    /// One digest definition, as named in `[[digest]] id`.
    DigestId
);
slug_id!(
    /// One topic of the coverage file, such as `security`.
    TopicId
);

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

row_id!(
    /// A stored entry; ascending in the order of arrival, never reused.
    EntryId
);
row_id!(
    /// One dated, frozen digest.
    EditionId
);
row_id!(
    /// One edition for one subscriber.
    DeliveryId
);
