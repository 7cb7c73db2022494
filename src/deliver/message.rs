//! Composition: one rendered digest for one subscriber becomes RFC 5322 bytes, the same at every call.

use super::clean;
use crate::config::MailConfig;
use crate::model::{DigestId, EmailAddress, MailFormat, OutgoingMessage, RenderedDigest, Subscriber, Timestamp};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MessageBuilder, MultiPart, MultiPartBuilder, SinglePart};
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
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address that the mail grammar refuses; `EmailAddress` should have refused it before.
    #[error("the address of {0} can't be written into a header")]
    Address(&'static str),
    #[error("the message can't be built: {0}")]
    Build(#[from] lettre::error::Error),
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
    let hash = hash(key, &subscriber.email);
    let slot = key.slot.format("%Y%m%dT%H%M%SZ");
    let message_id = format!("<{slot}.{}.{}@{}>", key.digest, &hash[..24], mail.list_domain);
    let mut builder = Message::builder()
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(date.timestamp().max(0).cast_unsigned()))
        .message_id(Some(message_id.clone()))
        .from(mailbox("the sender", Some(&mail.from_name), &mail.from)?)
        .to(mailbox("the subscriber", subscriber.name.as_deref(), &subscriber.email)?);
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox("Reply-To", None, reply_to)?);
    }
    let builder = list_headers(builder, rendered, mail, key);
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
    Ok(OutgoingMessage {
        envelope_from: mail.from.clone(),
        to: subscriber.email.clone(),
        message_id,
        bytes: message.formatted(),
    })
}

fn list_headers(
    builder: MessageBuilder,
    rendered: &RenderedDigest,
    mail: &MailConfig,
    key: &MessageKey<'_>,
) -> MessageBuilder {
    let subject = clean::line(&rendered.subject, MAX_SUBJECT);
    let title = clean::name(key.title).replace(['"', '\\', '<', '>'], "'");
    let id = format!("<{}.{}>", key.digest, mail.list_domain);
    // RFC 2919: an optional phrase before the identifier.
    let list_id = match title.as_str() {
        "" => id,
        title if title.is_ascii() && title.len() <= 50 => format!("\"{title}\" {id}"),
        title => format!("{}\r\n {id}", clean::header_value("List-Id", title)),
    };
    let by_mail = format!("<mailto:{}?subject=unsubscribe%20{}>", mailto(&mail.unsubscribe), key.digest);
    let leave = key.leave.map_or_else(|| by_mail.clone(), |page| format!("<{page}>,\r\n {by_mail}"));
    let mut builder = builder.raw_header(raw("Subject", &clean::header_value("Subject", &subject)));
    for (name, value) in [
        ("List-Id", list_id.as_str()),
        ("List-Unsubscribe", &leave),
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
mod tests {
    use super::*;
    use crate::config::ChannelConfig;
    use crate::model::{Lang, Selection};
    use mail_parser::{HeaderValue as Parsed, MessageParser, MimeHeaders};
    use proptest::prelude::*;

    fn mail() -> MailConfig {
        MailConfig {
            from: "desk@khyber.test".parse().unwrap(),
            from_name: "Khyber دفتر".to_owned(),
            reply_to: Some("editor@khyber.test".parse().unwrap()),
            list_domain: "lists.khyber.test".to_owned(),
            unsubscribe: "leave+now@khyber.test".parse().unwrap(),
            channel: ChannelConfig::File { dir: "outbox".into() },
            retry_for: Duration::from_secs(3600),
        }
    }

    fn subscriber(email: &str, name: Option<&str>) -> Subscriber {
        Subscriber {
            email: email.parse().unwrap(),
            name: name.map(str::to_owned),
            digests: vec![],
            select: Selection::default(),
            timezone: None,
            schedule: None,
            lang: Lang::Ur,
            format: MailFormat::Both,
            enabled: true,
        }
    }

    fn composed(rendered: &RenderedDigest, to: &Subscriber, title: &str) -> OutgoingMessage {
        let digest = "morning".parse().unwrap();
        let slot: Timestamp = "2022-12-18T06:00:00Z".parse().unwrap();
        let key = MessageKey { digest: &digest, slot, title, salt: "s", leave: None };
        compose(rendered, &mail(), to, &key, slot).unwrap()
    }

    fn rendered(subject: &str, text: &str, html: Option<&str>) -> RenderedDigest {
        RenderedDigest { subject: subject.into(), text: text.into(), html: html.map(str::to_owned) }
    }

    /// ASCII only, CRLF only, no line beyond 998 octets, nothing below space but tab, CR and LF.
    fn assert_clean(bytes: &[u8]) {
        assert!(bytes.is_ascii() && bytes.ends_with(b"\r\n"));
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            assert!(line.ends_with(b"\r\n") && line.len() <= 1000, "{}", String::from_utf8_lossy(line));
            let inner = &line[..line.len() - 2];
            assert!(inner.iter().all(|&b| b == b'\t' || (32..127).contains(&b)), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn the_headers_are_those_of_a_polite_list() {
        let to = subscriber("reader@x.test", Some("نجیب اللہ"));
        let mail = composed(&rendered("صبح کا خلاصہ: 3 stories", "a", Some("<p>a</p>")), &to, "Morning brief");
        let text = String::from_utf8(mail.bytes.clone()).unwrap();
        for line in [
            "Date: Sun, 18 Dec 2022 06:00:00 +0000\r\n",
            "Reply-To: editor@khyber.test\r\n",
            "List-Id: \"Morning brief\" <morning.lists.khyber.test>\r\n",
            "List-Unsubscribe: <mailto:leave%2Bnow@khyber.test?subject=unsubscribe%20morning>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Precedence: bulk\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        assert_eq!(parsed.subject(), Some("صبح کا خلاصہ: 3 stories"));
        assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Khyber دفتر"));
        assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("نجیب اللہ"));
        assert_eq!(parsed.content_type().unwrap().subtype(), Some("alternative"));
        let kinds: Vec<_> =
            parsed.parts[1..].iter().map(|part| part.content_type().unwrap().subtype().unwrap()).collect();
        assert_eq!(kinds, ["plain", "html"]);
    }

    #[test]
    fn plain_text_readers_get_one_part() {
        let mail = composed(&rendered("Brief", "only text", None), &subscriber("r@x.test", None), "");
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        assert_eq!((parsed.parts.len(), parsed.body_text(0).as_deref()), (1, Some("only text\r\n")));
        assert!(String::from_utf8(mail.bytes).unwrap().contains("List-Id: <morning.lists.khyber.test>\r\n"));
    }

    #[test]
    fn the_same_message_has_the_same_bytes_and_another_reader_another_id() {
        let digest = rendered("Brief", "text", Some("<p>text</p>"));
        let one = composed(&digest, &subscriber("one@x.test", None), "");
        assert_eq!(one, composed(&digest, &subscriber("one@x.test", None), ""));
        let two = composed(&digest, &subscriber("two@x.test", None), "");
        assert_ne!(one.message_id, two.message_id);
        assert!(one.message_id.starts_with("<20221218T060000Z.morning.") && !one.message_id.contains("one"));
    }

    #[test]
    fn an_international_address_is_written_as_it_is() {
        let mail = composed(&rendered("Brief", "text", None), &subscriber("пётр@пример.рф", Some("Пётр")), "");
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        let to = parsed.to().unwrap().first().unwrap();
        assert_eq!((to.name(), to.address()), (Some("Пётр"), Some("пётр@xn--e1afmkfd.xn--p1ai")));
        // RFC 6532: never an encoded word inside an address.
        assert!(String::from_utf8(mail.bytes).unwrap().contains("пётр@xn--e1afmkfd.xn--p1ai>"));
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\r\nBcc: all@x.test".to_owned()),
            Just("=?utf-8?q?=0D=0ABcc=3A_x?=".to_owned()),
            Just("\r\n.\r\nMAIL FROM:<x@x.test>".to_owned()),
            Just("\n--=_boundary\n".to_owned()),
            Just("\0\u{7}\u{1b}[31m\u{85}\u{202e}".to_owned()),
            Just("\nFrom here on ".to_owned()),
            Just("x".repeat(2000)),
            Just("\"\\<>(),;:".to_owned()),
            Just("د پاکستان او افغانستان ".repeat(20)),
            Just(" \t trailing \t \n=3D =\n".to_owned()),
            any::<String>(),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000.max(ProptestConfig::default().cases), failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn whatever_a_feed_holds_reads_back_as_cleaned(
            subject in hostile(), text in hostile(), html in proptest::option::of(hostile()),
            name in hostile(), title in hostile(),
        ) {
            let to = subscriber("reader@x.test", Some(&name));
            let mail = composed(&rendered(&subject, &text, html.as_deref()), &to, &title);
            assert_clean(&mail.bytes);
            let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
            prop_assert_eq!(parsed.subject().unwrap_or_default(), clean::line(&subject, MAX_SUBJECT));
            let expected = clean::body(&text);
            let read = parsed.body_text(0).unwrap_or_default();
            // In a mail of one part, the message's own last line end counts as the text's.
            let read = if html.is_none() { read.strip_suffix("\r\n").unwrap_or(&read) } else { &read };
            prop_assert_eq!(read, expected.as_str());
            if let Some(html) = &html {
                let expected = clean::body(html);
                prop_assert_eq!(parsed.body_html(0).unwrap_or_default(), expected.as_str());
            }
            let to = parsed.to().unwrap().first().unwrap();
            prop_assert_eq!(to.name().unwrap_or_default(), clean::name(&name));
            prop_assert_eq!(to.address(), Some("reader@x.test"));
            prop_assert_eq!(parsed.headers().iter().filter(|header| header.name() == "Bcc").count(), 0);
            prop_assert!(matches!(parsed.header("List-Id"), Some(Parsed::Address(_) | Parsed::Text(_))));
        }
    }
}
