//! Composition: one rendered digest for one subscriber becomes RFC 5322 bytes, the same at every call.

use super::token::{Purpose, TokenKey};
use super::{clean, dkim};
use crate::config::MailConfig;
use crate::model::{DigestId, EmailAddress, MailFormat, OutgoingMessage, RenderedDigest, Subscriber, Timestamp};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, Headers, To};
use lettre::message::{Body, Mailbox, Mailboxes, Message, MessageBuilder, MultiPart, MultiPartBuilder, SinglePart};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

/// What makes a message the same message: these and the subscriber's address decide its Message-ID.
#[derive(Debug, Clone, Copy)]
pub struct MessageKey<'a> {
    pub digest: &'a DigestId,
    pub slot: Timestamp,
    /// The digest's title, shown by mail programs beside List-Id; may be empty.
    pub title: &'a str,
    /// A value of this installation, so that a Message-ID can't be used to test whether an address subscribes; may be empty.
    pub salt: &'a str,
    /// The reader's own page for leaving, where there is a web part.
    pub leave: Option<&'a str>,
    /// The headers name neither sender nor digest as readers know them.
    pub discreet: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address that the mail grammar refuses; `EmailAddress` should have refused it before.
    #[error("the address of {0} can't be written into a header")]
    Address(&'static str),
    #[error("the message can't be built: {0}")]
    Build(#[from] lettre::error::Error),
    #[error("the message can't be signed: {0}")]
    Sign(#[from] mail_auth::Error),
}

/// Gmail cuts a subject near 70 characters; beyond 200 it is a mistake or an attack.
const MAX_SUBJECT: usize = 200;

/// `date` must be the same at every call for one delivery: the slot or the edition's instant, never the attempt's.
pub fn compose(
    rendered: &RenderedDigest,
    mail: &MailConfig,
    subscriber: &Subscriber,
    key: &MessageKey<'_>,
    date: Timestamp,
) -> Result<OutgoingMessage, ComposeError> {
    let own = Own::of(mail, subscriber, key)?;
    let unsigned = compose_unsigned(rendered, mail, subscriber, key, date)?;
    Ok(OutgoingMessage {
        envelope_from: own.envelope_from,
        to: subscriber.email.clone(),
        message_id: own.message_id,
        bytes: sign(unsigned, mail, date)?,
    })
}

pub(super) fn sign(unsigned: Vec<u8>, mail: &MailConfig, date: Timestamp) -> Result<Vec<u8>, ComposeError> {
    Ok(dkim::signed(unsigned, &mail.dkim, date)?)
}

/// What of a mail is its reader's own, whatever the edition says.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub message_id: String,
    pub envelope_from: EmailAddress,
    hash: String,
    /// The header, with its line end.
    to: String,
    leave: String,
}

impl Own {
    pub fn of(mail: &MailConfig, subscriber: &Subscriber, key: &MessageKey<'_>) -> Result<Self, ComposeError> {
        let hash = hash(key, &subscriber.email);
        let message_id = message_id(&hash, mail, key);
        let mut to = Headers::new();
        let mailbox = mailbox("the subscriber", subscriber.name.as_deref(), &subscriber.email)?;
        to.set(To::from(Mailboxes::new().with(mailbox)));
        Ok(Self {
            envelope_from: envelope_from(mail, key.salt, &message_id)?,
            message_id,
            hash,
            to: to.to_string(),
            leave: leave_token(key.salt, &subscriber.email, key.digest),
        })
    }

    /// As a sheet is made of them; `signature` goes on top.
    pub fn values(&self, signature: &str) -> Vec<String> {
        let (id, boundary) = (&self.hash[..24], &self.hash[24..56]);
        [signature, &self.to, id, boundary, &self.leave].map(str::to_owned).to_vec()
    }
}

fn message_id(hash: &str, mail: &MailConfig, key: &MessageKey<'_>) -> String {
    let slot = key.slot.format("%Y%m%dT%H%M%SZ");
    format!("<{slot}.{}.{}@{}>", key.digest, &hash[..24], mail.list_domain)
}

/// The bytes under the signatures.
pub(super) fn compose_unsigned(
    rendered: &RenderedDigest,
    mail: &MailConfig,
    subscriber: &Subscriber,
    key: &MessageKey<'_>,
    date: Timestamp,
) -> Result<Vec<u8>, ComposeError> {
    let hash = hash(key, &subscriber.email);
    let sender = if key.discreet { &mail.discreet_name } else { &mail.from_name };
    let mut builder = Message::builder()
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(date.timestamp().max(0).cast_unsigned()))
        .message_id(Some(message_id(&hash, mail, key)))
        .from(mailbox("the sender", Some(sender), &mail.from)?)
        .to(mailbox("the subscriber", subscriber.name.as_deref(), &subscriber.email)?);
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox("Reply-To", None, reply_to)?);
    }
    let by_mail = leave_by_mail(mail, key.salt, &subscriber.email, key.digest);
    let builder = list_headers(builder, rendered, mail, key, &by_mail);
    let text = part(ContentType::TEXT_PLAIN, &rendered.text);
    let message = match &rendered.html {
        None => builder.singlepart(text)?,
        // HTML alone was asked for.
        Some(html) if subscriber.format == MailFormat::Html => {
            builder.singlepart(part(ContentType::TEXT_HTML, html))?
        }
        // RFC 2046 §5.1.4: the plainest first, the best last.
        Some(html) => {
            builder.multipart(boundary(&hash).singlepart(text).singlepart(part(ContentType::TEXT_HTML, html)))?
        }
    };
    Ok(message.formatted())
}

fn list_headers(
    builder: MessageBuilder,
    rendered: &RenderedDigest,
    mail: &MailConfig,
    key: &MessageKey<'_>,
    by_mail: &str,
) -> MessageBuilder {
    let subject = clean::line(&rendered.subject, MAX_SUBJECT);
    let title = if key.discreet { "" } else { key.title };
    let title = clean::name(title).replace(['"', '\\', '<', '>'], "'");
    let id = format!("<{}.{}>", key.digest, mail.list_domain);
    // RFC 2919: an optional phrase before the identifier.
    let list_id = match title.as_str() {
        "" => id,
        title if title.is_ascii() && title.len() <= 50 => format!("\"{title}\" {id}"),
        title => format!("{}\r\n {id}", clean::header_value("List-Id", title)),
    };
    let leave = key.leave.map_or_else(|| format!("<{by_mail}>"), |page| format!("<{page}>,\r\n <{by_mail}>"));
    let mut builder = builder.raw_header(raw("Subject", &clean::header_value("Subject", &subject)));
    let help = format!("<mailto:{}?subject=help>", mailto(mail.reply_to.as_ref().unwrap_or(&mail.from)));
    let feedback = format!("{}:{}:digest:{}", key.digest, key.slot.format("%Y%m%d"), sender_id(&mail.list_domain));
    for (name, value) in [
        ("List-Id", list_id.as_str()),
        ("List-Help", &help),
        ("List-Unsubscribe", &leave),
        ("Feedback-ID", &feedback),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
    ] {
        builder = builder.raw_header(raw(name, value));
    }
    if key.leave.is_some() {
        // RFC 8058 §3.1.
        builder = builder.raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    builder
}

/// The wish to leave one digest as a mail that a program can read: its subject carries a token that only this reader was sent.
pub fn leave_by_mail(mail: &MailConfig, salt: &str, reader: &EmailAddress, digest: &DigestId) -> String {
    let token = leave_token(salt, reader, digest);
    format!("mailto:{}?subject=unsubscribe%20{digest}%20{token}", mailto(&mail.unsubscribe))
}

fn leave_token(salt: &str, reader: &EmailAddress, digest: &DigestId) -> String {
    TokenKey::new(salt, Purpose::Leave).token(&[reader.as_str(), digest.as_str()])
}

/// A sender of its own for each mail, so that what comes back tells by itself which one it was (as VERP does, but without the address).
fn envelope_from(mail: &MailConfig, salt: &str, message_id: &str) -> Result<EmailAddress, ComposeError> {
    let Some((local, domain)) = mail.bounces_to.as_ref().and_then(|address| address.as_str().rsplit_once('@')) else {
        return Ok(mail.from.clone());
    };
    let token = TokenKey::new(salt, Purpose::Bounce).token(&[message_id]);
    format!("{local}+{token}@{domain}").parse().map_err(|_| ComposeError::Address("[bounce]"))
}

/// Google's Feedback-ID ends with 5 to 15 characters that stand for the sender in all its mails.
fn sender_id(list_domain: &str) -> String {
    hex::encode(&Sha256::digest(list_domain)[..6])
}

/// Encoded and folded here, because lettre passes an encoded word inside a title through as it stands.
fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

/// A name with CR, LF or NUL would panic in lettre; cleaned before.
fn mailbox(whose: &'static str, name: Option<&str>, address: &EmailAddress) -> Result<Mailbox, ComposeError> {
    let name = name.map(clean::name).filter(|name| !name.is_empty());
    let address = address.as_str().parse().map_err(|_| ComposeError::Address(whose))?;
    Ok(Mailbox::new(name, address))
}

/// RFC 6068: everything but unreserved characters and `@` percent-encoded.
fn mailto(address: &EmailAddress) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~@".contains(&b);
    address.as_str().bytes().map(|b| if keep(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Quoted-printable where most of it is ASCII, base64 else: both keep lines short and the message free of 8-bit octets.
fn part(content_type: ContentType, text: &str) -> SinglePart {
    let text = clean::body(text);
    let wide = text.bytes().filter(|b| !b.is_ascii()).count();
    let encoding = match wide * 6 > text.len() {
        true => ContentTransferEncoding::Base64,
        false => ContentTransferEncoding::QuotedPrintable,
    };
    // A `String` can be written in either encoding; the fallback is only there because the type says it may fail.
    let body = Body::new_with_encoding(text, encoding).unwrap_or_else(Body::new);
    SinglePart::builder().header(content_type).body(body)
}

/// `=_` can't occur in quoted-printable or base64 text (RFC 2045 §6.7).
fn boundary(hash: &str) -> MultiPartBuilder {
    MultiPart::builder().kind(lettre::message::MultiPartKind::Alternative).boundary(format!("=_{}", &hash[24..56]))
}

fn hash(key: &MessageKey<'_>, to: &EmailAddress) -> String {
    let mut sha = Sha256::new();
    for piece in [key.salt, key.digest.as_str(), &key.slot.timestamp().to_string(), to.as_str()] {
        sha.update((piece.len() as u64).to_be_bytes());
        sha.update(piece.as_bytes());
    }
    hex::encode(sha.finalize())
}

#[cfg(test)]
mod tests;
