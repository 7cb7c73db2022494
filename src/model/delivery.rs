//! Deliveries: one edition on its way to one subscriber.

use super::{DeliveryId, EditionId, EmailAddress, Sheet, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The states of a delivery. `Accepted`, `Refused`, `Suppressed`, `Expired` and `Cancelled` are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    Queued,
    /// Leased by a worker.
    Sending,
    /// The relay answered 250 after the final dot (or the file was written and synced).
    Accepted,
    /// Answered 4xx or not reached; tried again at `next_attempt_at`.
    Deferred,
    /// Answered 5xx; never tried again.
    Refused,
    Suppressed,
    /// Not accepted within the retry span.
    Expired,
    Cancelled,
    /// Crashed three times while being sent; waits for the operator.
    Quarantined,
}

impl DeliveryStatus {
    pub const ALL: [DeliveryStatus; 9] = [
        DeliveryStatus::Queued,
        DeliveryStatus::Sending,
        DeliveryStatus::Accepted,
        DeliveryStatus::Deferred,
        DeliveryStatus::Refused,
        DeliveryStatus::Suppressed,
        DeliveryStatus::Expired,
        DeliveryStatus::Cancelled,
        DeliveryStatus::Quarantined,
    ];

    pub fn name(self) -> &'static str {
        match self {
            DeliveryStatus::Queued => "queued",
            DeliveryStatus::Sending => "sending",
            DeliveryStatus::Accepted => "accepted",
            DeliveryStatus::Deferred => "deferred",
            DeliveryStatus::Refused => "refused",
            DeliveryStatus::Suppressed => "suppressed",
            DeliveryStatus::Expired => "expired",
            DeliveryStatus::Cancelled => "cancelled",
            DeliveryStatus::Quarantined => "quarantined",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    pub fn is_final(self) -> bool {
        !matches!(self, DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Deferred)
    }
}

/// A claimed delivery: the row, the fence against a worker that was thought dead, and the message.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: DeliveryId,
    pub edition: EditionId,
    /// Rises with each lease; a record with an older fence is refused.
    pub fence: i64,
    /// Attempts begun, this one included.
    pub attempt: u32,
    /// Times in a row that the process died while this was being sent; what has any is sent alone.
    pub crashes: u32,
    pub created_at: Timestamp,
    pub message: OutgoingMessage,
}

/// What an attempt changes in its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryUpdate {
    pub status: DeliveryStatus,
    /// Set for `Queued` and `Deferred` only.
    pub next_attempt_at: Option<Timestamp>,
    /// One line for the operator, without an address.
    pub answer: String,
}

/// The answer to the last question before the final dot: may this mail still go out?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    Ahead,
    /// The relay gets no dot, and so no mail; the text says why.
    Back(String),
}

/// A mail ready for the wire: the same bytes at every attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    pub envelope_from: EmailAddress,
    pub to: EmailAddress,
    /// With angle brackets.
    pub message_id: String,
    /// RFC 5322, CRLF line ends, lines of at most 998 octets.
    pub bytes: Vec<u8>,
}

/// A mail ready for the wire, its bytes in two parts: what it shares with others, and what is its reader's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedMessage {
    pub envelope_from: EmailAddress,
    pub to: EmailAddress,
    pub message_id: String,
    pub sheet: Arc<Sheet>,
    /// The same for all mails of one sheet, and for no others of the edition.
    pub sheet_number: u64,
    pub own: Vec<String>,
    /// Of both parts, as `SheetPrint` makes it.
    pub hash: String,
}

/// How far an SMTP transaction had come when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Connect,
    Greeting,
    Ehlo,
    Tls,
    Auth,
    MailFrom,
    RcptTo,
    Data,
    /// The final dot was written: from here on, no answer means unknown.
    Dot,
}

/// What came of one attempt. Texts never hold an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SendOutcome {
    Accepted {
        reply: String,
    },
    /// 4xx, or the relay could not be reached: nothing was taken over.
    Deferred {
        stage: Stage,
        code: Option<u16>,
        reason: String,
    },
    /// 5xx for this recipient or message.
    Rejected {
        stage: Stage,
        code: u16,
        reason: String,
    },
    /// The connection ended after the final dot without an answer.
    Unknown {
        reason: String,
    },
}

impl Stage {
    pub const ALL: [Stage; 9] = [
        Stage::Connect,
        Stage::Greeting,
        Stage::Ehlo,
        Stage::Tls,
        Stage::Auth,
        Stage::MailFrom,
        Stage::RcptTo,
        Stage::Data,
        Stage::Dot,
    ];

    /// As `khyber outbox` shows it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Greeting => "greeting",
            Stage::Ehlo => "EHLO",
            Stage::Tls => "TLS",
            Stage::Auth => "AUTH",
            Stage::MailFrom => "MAIL FROM",
            Stage::RcptTo => "RCPT TO",
            Stage::Data => "DATA",
            Stage::Dot => "final dot",
        }
    }

    /// Up to here the talk is between Khyber and its relay: a refusal says nothing about the reader.
    pub fn is_relay_only(self) -> bool {
        matches!(self, Stage::Connect | Stage::Greeting | Stage::Ehlo | Stage::Tls | Stage::Auth)
    }
}
