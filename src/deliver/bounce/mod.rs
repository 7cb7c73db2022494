//! What comes back by mail: bounces (RFC 3464), complaints (RFC 5965) and wishes to leave, read without touching anything.
//!
//! Whoever is meant is known by an unguessable token only, which no one but the servers on the way and the reader has seen. What a
//! message says about addresses is not believed: anybody can write that.

mod report;
#[cfg(test)]
mod tests;

use super::token;
use mail_parser::{Header, HeaderName, Message, MessageParser, MimeHeaders};
use report::{complaint, failure, told};

/// Larger messages are not read: a report holds a few lines and at most the mail that it is about.
pub const MAX_BYTES: usize = 10 << 20;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The address does not exist or takes no mail any more.
    Hard { status: String },
    /// It did not work this time, or it was the mail's fault and not the address's.
    Soft { status: String },
    /// The reader called it spam.
    Complaint,
    /// The reader wants no more of one digest.
    Leave,
    /// Nothing to do, and why.
    Nothing(&'static str),
    /// Nothing that a program understands: a person may want something.
    Unclear(&'static str),
}

/// A message, and the tokens that it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub said: Said,
    /// Of envelope senders, the surest first.
    pub bounce_tokens: Vec<String>,
    /// Of `List-Unsubscribe`.
    pub leave_tokens: Vec<String>,
}

/// Reads one message. `recipient` is the envelope's, where it is known; `address` the one that bounces go to, without a token.
pub fn read(bytes: &[u8], recipient: Option<&str>, address: Option<&str>) -> Returned {
    let nothing = |why| Returned { said: Said::Nothing(why), bounce_tokens: vec![], leave_tokens: vec![] };
    if bytes.len() > MAX_BYTES {
        return nothing("larger than 10 MiB");
    }
    // Any octets parse as one header or another; a mail has one that means something.
    let known = |header: &Header<'_>| !matches!(header.name, HeaderName::Other(_));
    let parsed = MessageParser::default().parse(bytes);
    let Some(message) = parsed.filter(|message| message.headers().iter().any(known)) else {
        return nothing("not a mail");
    };
    let subject = message.subject().unwrap_or_default();
    let own_leave_tokens = words_that_are_tokens(subject);
    let said = if let Some(said) = complaint(&message).or_else(|| failure(&message)).or_else(|| told(&message)) {
        said
    } else if is_automatic(&message) {
        Said::Nothing("an automatic answer")
    } else if !own_leave_tokens.is_empty() {
        Said::Leave
    } else {
        Said::Unclear("neither a report nor a wish to leave")
    };
    let leave_tokens = match said {
        Said::Leave => own_leave_tokens,
        // Feedback loops black out addresses, but pass on the header that lets the reader leave.
        Said::Complaint => in_list_unsubscribe(bytes),
        _ => Vec::new(),
    };
    let bounce_tokens = address.map_or_else(Vec::new, |address| bounce_tokens(&message, recipient, address));
    Returned { said, bounce_tokens, leave_tokens }
}

/// An out-of-office note or another program's answer (RFC 3834 §5).
fn is_automatic(message: &Message<'_>) -> bool {
    let value = |name: &str| message.header_raw(name.to_owned()).unwrap_or_default().trim().to_ascii_lowercase();
    let auto_submitted = value("Auto-Submitted");
    !(auto_submitted.is_empty() || auto_submitted.starts_with("no"))
        || ["auto_reply", "junk"].contains(&value("Precedence").as_str())
        || !value("X-Autoreply").is_empty()
        || message.content_type().is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("report"))
}

/// Tokens behind the bounce address: of the envelope's recipient, else of the headers that name it, else anywhere in the report.
fn bounce_tokens(message: &Message<'_>, recipient: Option<&str>, address: &str) -> Vec<String> {
    let named: Vec<String> = recipient.into_iter().flat_map(|recipient| addressed(recipient, address)).collect();
    if !named.is_empty() {
        return named;
    }
    let mut found = Vec::new();
    for name in ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"] {
        let values = message.headers_raw().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.extend(values.flat_map(|(_, value)| addressed(value, address)));
    }
    if found.is_empty() {
        found = addressed(&String::from_utf8_lossy(message.raw_message()), address);
    }
    distinct(found)
}

/// Tokens in `bounces+TOKEN@example.org`, wherever that stands in a text.
fn addressed(text: &str, address: &str) -> Vec<String> {
    let Some((local, domain)) = address.rsplit_once('@') else { return Vec::new() };
    let lower = text.to_ascii_lowercase();
    let before = format!("{}+", local.to_ascii_lowercase());
    let behind = format!("@{}", domain.to_ascii_lowercase());
    let token_at = |(at, _): (usize, &str)| {
        let rest = lower.get(at + before.len()..)?;
        let token = rest.get(..token::LENGTH)?;
        rest.get(token::LENGTH..)?.starts_with(&behind).then(|| token::normal(token)).flatten()
    };
    distinct(lower.match_indices(&before).filter_map(token_at).collect())
}

fn in_list_unsubscribe(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        let folded = line.starts_with([' ', '\t']);
        inside = (inside && folded) || line.to_ascii_lowercase().starts_with("list-unsubscribe:");
        if inside {
            found.extend(words_that_are_tokens(line));
        }
    }
    distinct(found)
}

fn words_that_are_tokens(text: &str) -> Vec<String> {
    // `%20` stands before the token in an address.
    let text = text.replace("%20", " ");
    distinct(text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(token::normal).collect())
}

fn distinct(mut tokens: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    tokens.retain(|token| seen.insert(token.clone()));
    tokens
}
