//! DKIM signatures (RFC 6376, RFC 8463) over a finished message: relaxed/relaxed, the same bytes for the same date.

use crate::config::{DkimConfig, DkimKey};
use crate::model::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_auth::AuthenticatedMessage;
use mail_auth::common::crypto::SigningKey;
use mail_auth::common::headers::{HeaderStream, Writable, Writer};
use mail_auth::dkim::Signature;
use mail_auth::dkim::canonicalize::CanonicalHeaders;

/// Each is named once more than it occurs, so that none can be added on the way without breaking the signature
/// (RFC 6376 §5.4.2). RFC 8058 §4 wants the List-Unsubscribe headers covered, Google the Feedback-ID.
const SIGNED: [&str; 16] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Auto-Submitted",
];

/// The message with a signature of each key on top.
pub(super) fn signed(message: Vec<u8>, keys: &[DkimConfig], date: Timestamp) -> Result<Vec<u8>, mail_auth::Error> {
    if keys.is_empty() {
        return Ok(message);
    }
    let parsed = AuthenticatedMessage::parse(&message).ok_or(mail_auth::Error::ParseError)?;
    let mut out = Vec::with_capacity(message.len() + 1024 * keys.len());
    for config in keys {
        let signature = match config.key.as_ref() {
            DkimKey::Rsa(key) => sign(key.as_ref(), config, &parsed, date)?,
            DkimKey::Ed25519(key) => sign(key.as_ref(), config, &parsed, date)?,
        };
        signature.write(&mut out, true);
    }
    out.extend_from_slice(&message);
    Ok(out)
}

/// As `DkimSigner::sign` does it, which reads the clock.
fn sign(
    key: &impl SigningKey,
    config: &DkimConfig,
    message: &AuthenticatedMessage<'_>,
    date: Timestamp,
) -> Result<Signature, mail_auth::Error> {
    let mut signature = Signature {
        v: 1,
        a: key.algorithm(),
        d: config.domain.clone(),
        s: config.selector.clone(),
        t: date.timestamp().max(0).cast_unsigned(),
        h: names(message),
        ..Signature::default()
    };
    let stream = Parts { headers: message.raw_parsed_headers(), body: message.raw_body() };
    let (_, headers, names, body) = signature.canonicalize(stream);
    signature.h = names;
    signature.bh = STANDARD.encode(key.hash(body)).into_bytes();
    let b = key.sign(Unsigned { headers, signature: &signature })?;
    signature.b = STANDARD.encode(b).into_bytes();
    Ok(signature)
}

/// A name that `canonicalize` finds in the message stands for the header, any other for its absence.
fn names(message: &AuthenticatedMessage<'_>) -> Vec<String> {
    let is_there = |name: &str| message.headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name.as_bytes()));
    SIGNED.iter().flat_map(|name| vec![(*name).to_owned(); if is_there(name) { 2 } else { 1 }]).collect()
}

struct Parts<'a, 'x> {
    headers: &'a [(&'x [u8], &'x [u8])],
    body: &'x [u8],
}

impl<'x> HeaderStream<'x> for Parts<'_, 'x> {
    fn next_header(&mut self) -> Option<(&'x [u8], &'x [u8])> {
        let (first, rest) = self.headers.split_first()?;
        self.headers = rest;
        Some(*first)
    }

    fn body(&mut self) -> &'x [u8] {
        self.body
    }
}

/// What is signed: the headers, and the signature's own without its value.
struct Unsigned<'a> {
    headers: CanonicalHeaders<'a>,
    signature: &'a Signature,
}

impl Writable for Unsigned<'_> {
    fn write(self, writer: &mut impl Writer) {
        self.headers.write(writer);
        self.signature.write(writer, false);
    }
}
