//! What a composed mail looks like, whatever a feed holds.

use super::*;
use crate::config::{ChannelConfig, DkimConfig, DkimKey};
use crate::model::{Lang, MailFormat};
use mail_auth::common::cache::NoCache;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};
use mail_parser::{HeaderValue as Parsed, MessageParser, MimeHeaders};
use proptest::prelude::*;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock};

fn mail() -> MailConfig {
    MailConfig {
        from: "desk@khyber.test".parse().unwrap(),
        from_name: "Khyber دفتر".to_owned(),
        discreet_name: "Digest".to_owned(),
        reply_to: Some("editor@khyber.test".parse().unwrap()),
        list_domain: "lists.khyber.test".to_owned(),
        unsubscribe: "leave+now@khyber.test".parse().unwrap(),
        channel: ChannelConfig::File { dir: "outbox".into() },
        bounces_to: None,
        retry_for: Duration::from_secs(3600),
        dkim: KEYS.clone(),
    }
}

static KEYS: LazyLock<Vec<DkimConfig>> = LazyLock::new(|| {
    let rsa = include_str!("../../../tests/it/fixtures/dkim/rsa.pem");
    let ed25519 = include_str!("../../../tests/it/fixtures/dkim/ed25519.pem");
    let key = |selector: &str, pem: &str| DkimConfig {
        domain: "khyber.test".to_owned(),
        selector: selector.to_owned(),
        key: Arc::new(DkimKey::from_pem(pem).unwrap()),
    };
    vec![key("r1", rsa), key("e1", ed25519)]
});

/// The DNS as the verifier sees it: the records of `KEYS`, and nothing that would have to be asked for.
struct Records(HashMap<Box<str>, Txt>);

static RECORDS: LazyLock<Records> = LazyLock::new(|| {
    let record = |key: &DkimConfig| {
        let parsed = DomainKey::parse(key.key.record().as_bytes()).unwrap();
        (format!("{}.", key.record_name()).into_boxed_str(), Txt::DomainKey(Arc::new(parsed)))
    };
    Records(KEYS.iter().map(record).collect())
});

impl ResolverCache<Box<str>, Txt> for Records {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.get(name).cloned()
    }
    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }
    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

/// What mail-auth's verifier says of each signature.
fn verified(bytes: &[u8]) -> Vec<DkimResult> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let verifier = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
        let message = AuthenticatedMessage::parse(bytes).unwrap();
        let parameters = Parameters {
            params: &message,
            cache_txt: Some(&*RECORDS),
            cache_mx: None::<&NoCache<_, _>>,
            cache_ptr: None::<&NoCache<_, _>>,
            cache_ipv4: None::<&NoCache<_, _>>,
            cache_ipv6: None::<&NoCache<_, _>>,
        };
        let outputs = verifier.verify_dkim(parameters).await;
        outputs.iter().map(|output| output.result().clone()).collect()
    })
}

const TWICE: [DkimResult; 2] = [DkimResult::Pass, DkimResult::Pass];

fn subscriber(email: &str, name: Option<&str>) -> Subscriber {
    Subscriber {
        email: email.parse().unwrap(),
        name: name.map(str::to_owned),
        digests: vec![],
        select: crate::model::Selection::default(),
        timezone: None,
        schedule: None,
        lang: Lang::Ur,
        format: MailFormat::Both,
        discreet: false,
        enabled: true,
    }
}

fn composed(rendered: &RenderedDigest, to: &Subscriber, title: &str) -> OutgoingMessage {
    let digest = "morning".parse().unwrap();
    let slot: Timestamp = "2022-12-18T06:00:00Z".parse().unwrap();
    let key = MessageKey { digest: &digest, slot, title, salt: "s", leave: None, discreet: false };
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
        "List-Unsubscribe: <mailto:leave%2Bnow@khyber.test?subject=unsubscribe%20morning%20",
        "List-Help: <mailto:editor@khyber.test?subject=help>\r\n",
        "Feedback-ID: morning:20221218:digest:0f9c75d82c3d\r\n",
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
    let kinds: Vec<_> = parsed.parts[1..].iter().map(|part| part.content_type().unwrap().subtype().unwrap()).collect();
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
fn a_discreet_mail_names_neither_sender_nor_digest() {
    let digest = "morning".parse().unwrap();
    let slot: Timestamp = "2022-12-18T06:00:00Z".parse().unwrap();
    let key = MessageKey { digest: &digest, slot, title: "Khyber brief", salt: "s", leave: None, discreet: true };
    let mail =
        compose(&rendered("Your digest", "a", None), &mail(), &subscriber("r@x.test", None), &key, slot).unwrap();
    let text = String::from_utf8(mail.bytes).unwrap();
    assert!(text.contains("From: Digest <desk@khyber.test>\r\n") || text.contains("From: \"Digest\" <desk@"), "{text}");
    assert!(text.contains("List-Id: <morning.lists.khyber.test>\r\n") && !text.contains("Khyber"), "{text}");
}

#[test]
fn both_signatures_pass_and_nothing_signed_can_be_changed_or_added() {
    let mail = composed(&rendered("Brief", "text", Some("<p>text</p>")), &subscriber("r@x.test", None), "Morning");
    assert_eq!(verified(&mail.bytes), TWICE);
    let text = String::from_utf8(mail.bytes).unwrap();
    let date = "2022-12-18T06:00:00Z".parse::<Timestamp>().unwrap().timestamp();
    assert_eq!(text.matches(&format!("t={date};")).count(), 2, "{text}");
    assert_eq!(text.matches("c=relaxed/relaxed").count(), 2, "{text}");
    for name in [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "Reply-To",
        "MIME-Version",
        "Content-Type",
        "List-Id",
        "List-Help",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Feedback-ID",
        "Auto-Submitted",
    ] {
        // RFC 6376 §8.15: a second one on top is what many readers show.
        let added = format!("{name}: someone <else@x.test>\r\n{text}");
        assert!(verified(added.as_bytes()).iter().all(|result| *result != DkimResult::Pass), "{name} can be added");
    }
    for (from, to) in
        [("Subject: Brief", "Subject: Grief"), ("\r\ntext", "\r\ntexts"), ("?subject=uns", "?subject=xns")]
    {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let changed = text.replace(from, to);
        assert!(verified(changed.as_bytes()).iter().all(|result| *result != DkimResult::Pass), "{from} can be changed");
    }
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
        prop_assert_eq!(&mail, &composed(&rendered(&subject, &text, html.as_deref()), &to, &title));
        prop_assert_eq!(verified(&mail.bytes), TWICE);
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
