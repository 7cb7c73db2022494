//! Ten thousand hostile digests, composed and signed: linted here, read by mail-parser, verified by dkimpy and OpenDKIM.

use crate::{Need, needing, postfix};
use khyber::config::{DkimConfig, DkimKey, MailConfig};
use khyber::deliver::MessageKey;
use khyber::deliver::message::compose;
use khyber::model::{OutgoingMessage, RenderedDigest, Subscriber, Timestamp};
use libtest_mimic::Trial;
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const MESSAGES: usize = 10_000;
/// Threads that compose, each from a seed of its own: the same messages on every machine.
const LANES: usize = 4;
/// A virtual environment that `.ci/run` makes, with dkimpy and PyNaCl.
const PYTHON: &str = "target/dkimpy/bin/python3";

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Program("opendkim"), Need::File(PYTHON)];
    vec![needing("dkim::ten_thousand_hostile_messages_verify", &needs, ten_thousand_hostile_messages_verify)]
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/dkim").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn keys() -> Vec<DkimConfig> {
    let key = |selector: &str, file: &str| DkimConfig {
        domain: "khyber.test".into(),
        selector: selector.into(),
        key: Arc::new(DkimKey::from_pem(&fixture(file)).unwrap()),
    };
    vec![key("r1", "rsa.pem"), key("e1", "ed25519.pem")]
}

fn mail() -> MailConfig {
    MailConfig {
        from_name: "Khyber دفتر".into(),
        reply_to: Some("editor@khyber.test".parse().unwrap()),
        dkim: keys(),
        ..postfix::sender()
    }
}

/// What a feed, a table of readers or an operator may put into a mail.
#[derive(Debug, Clone)]
struct Case {
    subject: String,
    text: String,
    html: Option<String>,
    name: Option<String>,
    title: String,
    leave: bool,
    discreet: bool,
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\nBcc: all@x.test\r\n\r\nbody".to_owned()),
        Just("\rSubject: other\nX: y".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc=3A_x?= =?utf-8?B?PHg+?=".to_owned()),
        Just("\r\n.\r\nMAIL FROM:<x@x.test>\r\n".to_owned()),
        Just("\n--=_0123456789abcdef\nContent-Type: text/html\n\n".to_owned()),
        Just("\0\u{7}\u{8}\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}\u{202e}\u{2028}\u{2029}\u{feff}".to_owned()),
        Just("\nFrom here on\n>From there\n".to_owned()),
        Just("x".repeat(2000)),
        Just("é".repeat(700)),
        Just("\"\\<>(),;:@[]".to_owned()),
        Just("د پاکستان او افغانستان تر منځ طورخم ".repeat(12)),
        Just("طورخم\u{200c}سرحد\u{2067}Torkham\u{2069} 👩‍👩‍👧".to_owned()),
        Just(" \t trailing \t \n=3D =\n=\r\n".to_owned()),
        Just("\n\n\n \n\t\n".to_owned()),
        "[ -~]{0,90}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn case() -> impl Strategy<Value = Case> {
    let option = proptest::option::of(hostile());
    (hostile(), hostile(), option, proptest::option::of(hostile()), hostile(), any::<bool>(), any::<bool>()).prop_map(
        |(subject, text, html, name, title, leave, discreet)| Case {
            subject,
            text,
            html,
            name,
            title,
            leave,
            discreet,
        },
    )
}

fn composed(case: &Case, mail: &MailConfig, number: usize) -> OutgoingMessage {
    let subscriber = Subscriber {
        name: case.name.clone(),
        discreet: case.discreet,
        ..postfix::reader(&format!("reader{number}@x.test"))
    };
    let rendered = RenderedDigest { subject: case.subject.clone(), text: case.text.clone(), html: case.html.clone() };
    let digest = "morning".parse().unwrap();
    let slot: Timestamp = "2022-12-18T06:00:00Z".parse().unwrap();
    let leave = format!("https://khyber.test/leave/{}?lang=ur", "A1b2".repeat(16));
    let key = MessageKey {
        digest: &digest,
        slot,
        title: &case.title,
        salt: "salt",
        leave: case.leave.then_some(leave.as_str()),
        discreet: case.discreet,
    };
    compose(&rendered, mail, &subscriber, &key, slot).unwrap()
}

fn ten_thousand_hostile_messages_verify() {
    let mail = mail();
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let (mail, folder) = (&mail, folder.path());
        let workers: Vec<_> = (0..LANES).map(|lane| scope.spawn(move || write(mail, folder, lane))).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    println!("{MESSAGES} of {MESSAGES} messages are in order and are read by mail-parser as they were meant");
    let (dkimpy, opendkim) = std::thread::scope(|scope| {
        let dkimpy = scope.spawn(|| by_dkimpy(folder.path(), &mail.dkim));
        let opendkim = by_opendkim(folder.path(), &mail.dkim);
        (dkimpy.join().unwrap(), opendkim)
    });
    println!("dkimpy: {dkimpy} of {} signatures pass", 2 * MESSAGES);
    println!("OpenDKIM: {opendkim} of {} signatures pass", 2 * MESSAGES);
    assert_eq!((dkimpy, opendkim), (2 * MESSAGES, 2 * MESSAGES));
}

/// One lane's messages, composed, linted, read back and written.
fn write(mail: &MailConfig, folder: &Path, lane: usize) {
    let seed = [u8::try_from(lane).unwrap(); 32];
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let cases = case();
    for number in (lane..MESSAGES).step_by(LANES) {
        let case = cases.new_tree(&mut runner).unwrap().current();
        let message = composed(&case, mail, number);
        let faults =
            [lint(&message.bytes, case.html.is_some(), case.leave), read_back(&message, &case, number)].concat();
        let shown = || String::from_utf8_lossy(&message.bytes).into_owned();
        assert!(faults.is_empty(), "message {number}: {faults:#?}\n{case:?}\n{}", shown());
        std::fs::write(folder.join(format!("{number}.eml")), &message.bytes).unwrap();
    }
}

/// RFC 5322, RFC 2045 to 2047 and RFC 5321 as far as a composer can break them, without any library of mail.
fn lint(bytes: &[u8], has_html: bool, one_click: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let text = String::from_utf8_lossy(bytes);
    if !bytes.is_ascii() {
        faults.push("holds an octet above 127".to_owned());
    }
    if !bytes.ends_with(b"\r\n") || text.replace("\r\n", "").contains(['\r', '\n']) {
        faults.push("a line does not end in CRLF".to_owned());
    }
    for line in text.split("\r\n") {
        if line.len() > 998 || line.bytes().any(|b| b != b'\t' && !(32..127).contains(&b)) {
            faults.push(format!("too long, or a control in it: {line}"));
        }
    }
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let fields = fields(head, &mut faults);
    let mut expected = vec![
        ("DKIM-Signature", 2),
        ("From", 1),
        ("To", 1),
        ("Subject", 1),
        ("Date", 1),
        ("Message-ID", 1),
        ("Reply-To", 1),
        ("MIME-Version", 1),
        ("Content-Type", 1),
        ("List-Id", 1),
        ("List-Help", 1),
        ("List-Unsubscribe", 1),
        ("Feedback-ID", 1),
        ("Auto-Submitted", 1),
        ("Precedence", 1),
    ];
    expected.extend(one_click.then_some(("List-Unsubscribe-Post", 1)));
    expected.extend((!has_html).then_some(("Content-Transfer-Encoding", 1)));
    for (name, times) in &expected {
        let found = fields.iter().filter(|(field, _)| field == name).count();
        if found != *times {
            faults.push(format!("{name} comes {found} times"));
        }
    }
    let known = |name: &str| expected.iter().any(|(known, _)| *known == name);
    faults.extend(fields.iter().filter(|(name, _)| !known(name)).map(|(name, _)| format!("{name} was smuggled in")));
    let value = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str());
    if chrono::DateTime::parse_from_rfc2822(value("Date").trim()).is_err() {
        faults.push("the date is none".to_owned());
    }
    for name in ["Subject", "From", "To", "List-Id"] {
        let words = value(name).split([' ', '\t', '\r', '\n', '"']).filter(|word| word.starts_with("=?"));
        faults.extend(words.filter(|word| word.len() > 75).map(|word| format!("{name}: {word} is too long")));
    }
    let kind = value("Content-Type");
    match kind.split_once("boundary=") {
        Some((_, boundary)) => faults.extend(lint_parts(body, boundary.trim().trim_matches('"'), has_html)),
        None if has_html => faults.push("no boundary".to_owned()),
        None => faults.extend(lint_encoded(body)),
    }
    faults
}

/// Names and values, folds kept.
fn fields(head: &str, faults: &mut Vec<String>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            match fields.last_mut() {
                Some((_, value)) if !line.trim().is_empty() => {
                    let _ = write!(value, "\r\n{line}");
                }
                _ => faults.push(format!("a fold without words: {line:?}")),
            }
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && name.bytes().all(|b| (33..127).contains(&b)) => {
                fields.push((name.to_owned(), value.to_owned()));
            }
            _ => faults.push(format!("not a header: {line:?}")),
        }
    }
    fields
}

fn lint_parts(body: &str, boundary: &str, has_html: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let at: Vec<&str> = body.split("\r\n").filter(|line| line.contains(boundary)).collect();
    let (open, close) = (format!("--{boundary}"), format!("--{boundary}--"));
    if !has_html || at != [open.as_str(), open.as_str(), close.as_str()] {
        faults.push(format!("boundaries: {at:?}"));
    }
    let parts: Vec<&str> = body.split(&format!("{open}\r\n")).skip(1).collect();
    for (part, kind) in parts.iter().zip(["text/plain", "text/html"]) {
        match part.split_once("\r\n\r\n") {
            Some((head, body)) if head.contains(&format!("Content-Type: {kind}; charset=utf-8")) => {
                faults.extend(lint_encoded(body.split(&open).next().unwrap_or("")));
            }
            _ => faults.push(format!("the part {kind} is not there: {part}")),
        }
    }
    faults
}

/// RFC 2045 §6.7 and §6.8: no line beyond 76, none that ends in a blank.
fn lint_encoded(body: &str) -> Vec<String> {
    let wrong = |line: &&str| line.len() > 76 || line.ends_with([' ', '\t']);
    body.split("\r\n").filter(wrong).map(|line| format!("not as encoded text is: {line:?}")).collect()
}

/// As an independent reader of mail understands it.
fn read_back(message: &OutgoingMessage, case: &Case, number: usize) -> Vec<String> {
    let Some(parsed) = MessageParser::default().parse(&message.bytes) else {
        return vec!["mail-parser can't".to_owned()];
    };
    let mut faults = Vec::new();
    let mut want = |is: bool, what: &str| {
        if !is {
            faults.push(what.to_owned());
        }
    };
    let address = |of: Option<&mail_parser::Address<'_>>| -> Vec<String> {
        let all = of.into_iter().flat_map(|list| list.iter().map(|one| one.address().unwrap_or("").to_owned()));
        all.collect()
    };
    want(address(parsed.from()) == ["desk@khyber.test"], "From");
    want(address(parsed.to()) == [format!("reader{number}@x.test")], "To");
    want(parsed.bcc().is_none() && parsed.cc().is_none() && parsed.sender().is_none(), "another recipient");
    want(parsed.message_id().map(|id| format!("<{id}>")) == Some(message.message_id.clone()), "Message-ID");
    let subject = parsed.subject().unwrap_or("");
    want(
        !subject.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
        "the subject has controls",
    );
    want(subject.chars().count() <= 200, "the subject is too long");
    // What was an encoded word in a title is shown as it stands, and not decoded.
    let is_short = case.subject.chars().count() < 150;
    want(
        !is_short || case.subject.contains("=?utf-8?q?") == subject.contains("=?utf-8?q?"),
        "an encoded word was meant",
    );
    want(parsed.attachment_count() == 0, "an attachment");
    let kinds: Vec<&str> =
        parsed.parts.iter().filter_map(|part| part.content_type().and_then(|kind| kind.subtype())).collect();
    let expected: &[&str] = if case.html.is_some() { &["alternative", "plain", "html"] } else { &["plain"] };
    want(kinds == expected, "the parts");
    let body = parsed.body_text(0).unwrap_or_default();
    want(body.chars().all(|c| matches!(c, '\r' | '\n' | '\t') || !c.is_control()), "the text has controls");
    // Every word of the text is still there.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    want(letters(&body) == letters(&case.text), "the text is another");
    faults
}

/// `selector._domainkey.domain` and the record, a line each.
fn zone(keys: &[DkimConfig]) -> String {
    keys.iter().map(|key| format!("{} {}\n", key.record_name(), key.key.record())).collect()
}

/// Every signature of every message.
fn by_dkimpy(folder: &Path, keys: &[DkimConfig]) -> usize {
    std::fs::write(folder.join("keys"), zone(keys)).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(root.join(PYTHON)).arg(root.join("tests/real/dkimpy.py")).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said.trim().parse().unwrap_or_else(|_| panic!("{said}"))
}

/// OpenDKIM tells of one signature a message: each message is shown to it twice, once without the other's.
fn by_opendkim(folder: &Path, keys: &[DkimConfig]) -> usize {
    let shown = folder.join("opendkim");
    std::fs::create_dir(&shown).unwrap();
    std::fs::write(shown.join("keys"), zone(keys)).unwrap();
    std::fs::write(shown.join("conf"), "Mode v\nTestPublicKeys keys\nUMask 022\n").unwrap();
    let mut names = Vec::new();
    for number in 0..MESSAGES {
        let bytes = std::fs::read_to_string(folder.join(format!("{number}.eml"))).unwrap();
        let second = bytes[1..].find("DKIM-Signature:").unwrap() + 1;
        let rest = second + bytes[second..].find("\r\nDate:").unwrap() + 2;
        for (letter, text) in [('r', [&bytes[..second], &bytes[rest..]].concat()), ('e', bytes[second..].to_owned())] {
            let name = format!("{letter}{number}");
            std::fs::write(shown.join(&name), text).unwrap();
            names.push(name);
        }
    }
    let mut passed = 0;
    for names in names.chunks(1000) {
        let output = Command::new("/usr/sbin/opendkim")
            .args(["-x", "conf", "-v", "-t", &names.join(",")])
            .current_dir(&shown)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let good = said.lines().filter(|line| line.contains("khyber.test") && line.ends_with("succeeded")).count();
        if good < names.len() {
            let bad: Vec<&str> = said.lines().filter(|line| !line.ends_with("succeeded")).take(10).collect();
            println!("{}", bad.join("\n"));
        }
        passed += good;
    }
    passed
}
