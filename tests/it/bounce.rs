//! What comes back by mail: bounces, complaints and wishes to leave, by pipe and by maildir, and who gets no more mail for it.

use super::support::database;
use chrono::TimeDelta;
use khyber::config;
use khyber::daemon::{Heard, Khyber};
use khyber::deliver::token::{Purpose, TokenKey};
use khyber::model::{DeliveryStatus, EmailAddress, SendOutcome, Timestamp};
use khyber::store::DeliveryFilter;
use mail_parser::MessageParser;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn morning() -> Timestamp {
    "2026-03-01T06:05:00Z".parse().unwrap()
}

fn day(days: i64) -> Timestamp {
    morning() + TimeDelta::days(days)
}

const CONFIG: &str = "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[bounce]\naddress = \"bounces@desk.test\"\n\
    [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n\
    [[digest]]\nid = \"trade\"\ntitle = \"Trade\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n\
    [[subscriber]]\nemail = \"reader@x.test\"\ndigests = [\"daily\", \"trade\"]\n[[subscriber]]\nemail = \"other@x.test\"\ndigest = \"daily\"\n";

struct Desk {
    folder: tempfile::TempDir,
    khyber: Khyber,
}

/// The editions of the first morning are published; nothing is sent yet.
async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("khyber.toml"), CONFIG).unwrap();
    let loaded = database::load(&folder.path().join("khyber.toml"));
    let (config, _) = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let khyber = Khyber::open(config, morning()).await.unwrap();
    khyber.publish_due(None, morning()).await.unwrap();
    Desk { folder, khyber }
}

impl Desk {
    /// The envelope sender of a reader's mail, which follows from nothing that the mail itself says.
    async fn sender(&self, reader: &str) -> String {
        let rows = self.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
        let row = rows.iter().find(|row| row.subscriber.as_str() == reader && row.digest.as_str() == "daily").unwrap();
        let key = TokenKey::new(&self.khyber.store.salt().await.unwrap(), Purpose::Bounce);
        format!("bounces+{}@desk.test", key.token(&[&row.message_id]))
    }

    async fn hear(&self, mail: &str, now: Timestamp) -> Heard {
        self.khyber.hear(mail.as_bytes(), None, now).await.unwrap()
    }

    /// Everything that a message could change.
    async fn state(&self) -> String {
        let store = &self.khyber.store;
        let rows = store.deliveries(&DeliveryFilter::default()).await.unwrap();
        let suppressions = store.suppressions().await.unwrap();
        format!("{:?} {suppressions:?} {rows:?}", store.preferences().await.unwrap())
    }

    /// Who would be sent a mail of the next morning.
    async fn mailed(&self, now: Timestamp) -> Vec<(String, String)> {
        self.khyber.publish_due(None, now).await.unwrap();
        let rows = self.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
        let queued = rows.iter().filter(|row| row.slot > day(0) && row.status == DeliveryStatus::Queued);
        let mut names: Vec<_> =
            queued.map(|row| (row.subscriber.as_str().to_owned(), row.digest.to_string())).collect();
        names.sort();
        names
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        khyber(self.folder.path(), arguments, input)
    }
}

fn khyber(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
    command.current_dir(folder).env_clear().args(arguments).stdin(Stdio::piped());
    database::tell(&mut command, folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n\
         Final-Recipient: rfc822; reader@x.test\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    )
}

fn addresses(names: &[(String, String)]) -> Vec<String> {
    names.iter().map(|(reader, digest)| format!("{reader} {digest}")).collect()
}

const ALL: [&str; 3] = ["other@x.test daily", "reader@x.test daily", "reader@x.test trade"];

#[tokio::test]
async fn a_hard_bounce_ends_what_waits_and_what_would_come() {
    let desk = desk().await;
    let bounce = report(&desk.sender("reader@x.test").await, "failed", "5.1.1");
    let heard = desk.hear(&bounce, morning()).await;
    assert_eq!(heard, Heard::Suppressed { reason: "bounce 5.1.1".to_owned() });
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    for row in &rows {
        let expected = if row.subscriber.as_str() == "reader@x.test" { "suppressed" } else { "queued" };
        assert_eq!(row.status.name(), expected, "{row:?}");
    }
    assert_eq!(desk.hear(&bounce, day(1)).await, Heard::Nothing { why: "read before" });
    assert_eq!(addresses(&desk.mailed(day(1)).await), ALL[..1]);

    let troubles = desk.khyber.troubles(day(1)).await.unwrap();
    let told: Vec<&str> = troubles.iter().map(|trouble| trouble.text.as_str()).collect();
    assert_eq!(told, ["r•••@x.test gets no more mail (bounced: 5.1.1); see `khyber suppressions list`"]);
    assert!(desk.khyber.troubles(day(8)).await.unwrap().is_empty(), "it is no news any more");
}

#[tokio::test]
async fn each_mail_has_a_sender_of_its_own_that_stays_over_retries() {
    let desk = desk().await;
    let first = desk.khyber.store.lease(morning(), 9).await.unwrap();
    assert_eq!(first.len(), 3);
    for delivery in &first {
        let sender = delivery.message.envelope_from.as_str();
        let token = sender.strip_prefix("bounces+").and_then(|rest| rest.strip_suffix("@desk.test")).unwrap();
        assert_eq!(token.len(), 32);
        let mail = String::from_utf8_lossy(&delivery.message.bytes).replace("=\r\n", "");
        assert!(!mail.contains(token), "whoever gets a forwarded mail must not learn it");
        assert_eq!(first.iter().filter(|other| other.message.envelope_from.as_str() == sender).count(), 1);
        let outcome = SendOutcome::Unknown { reason: "silence".to_owned() };
        let again = khyber::model::DeliveryUpdate {
            status: DeliveryStatus::Queued,
            next_attempt_at: Some(morning()),
            answer: "silence".to_owned(),
        };
        assert!(desk.khyber.store.record_attempt(delivery, &outcome, &again, morning()).await.unwrap());
    }
    let messages = |deliveries: Vec<khyber::model::Delivery>| {
        let mut messages: Vec<_> = deliveries.into_iter().map(|delivery| delivery.message).collect();
        messages.sort_by(|a, b| a.message_id.cmp(&b.message_id));
        messages
    };
    let second = desk.khyber.store.lease(morning(), 9).await.unwrap();
    assert_eq!(messages(second), messages(first));
}

#[tokio::test]
async fn forged_and_unknown_tokens_do_nothing_and_are_answered_alike() {
    let desk = desk().await;
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    let salt = desk.khyber.store.salt().await.unwrap();
    let id = &rows[0].message_id;
    let before = desk.state().await;
    let forged = |salt: &str, purpose, parts: &[&str]| TokenKey::new(salt, purpose).token(parts);
    let mut answers = Vec::new();
    for token in [
        "a".repeat(32),
        forged("another installation", Purpose::Bounce, &[id]),
        forged(&salt, Purpose::Leave, &[id]),
        forged(&salt, Purpose::Leave, &["reader@x.test", "daily"]),
        forged(&salt, Purpose::Bounce, &["<never-sent@desk.test>"]),
        forged(&salt, Purpose::Bounce, &[id])[..31].to_owned(),
        String::new(),
    ] {
        // Whoever knows the Message-ID and the address knows nothing yet.
        let mail = report(&format!("bounces+{token}@desk.test"), "failed", "5.1.1").replace(
            "--b--",
            &format!(
                "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\nTo: reader@x.test\r\n\r\n--b--"
            ),
        );
        answers.push(desk.hear(&mail, morning()).await.to_string());
        let complaint =
            mail.replace("delivery-status", "feedback-report").replace("Reporting-MTA", "Feedback-Type: abuse\r\nX");
        answers.push(desk.hear(&complaint, morning()).await.to_string());
    }
    answers.dedup();
    assert_eq!(answers, ["nothing changed: no valid token"]);
    assert_eq!(desk.state().await, before);
    // The same report with the real token is believed: it was the token that was missing.
    let real = report(&desk.sender("reader@x.test").await, "failed", "5.1.1");
    assert!(matches!(desk.hear(&real, morning()).await, Heard::Suppressed { .. }));
}

#[tokio::test]
async fn soft_bounces_count_once_a_day_and_are_forgotten() {
    let desk = desk().await;
    let sender = desk.sender("reader@x.test").await;
    // A number in the mail makes each one another message.
    let soft =
        |number: i64| report(&sender, "failed", "5.2.2").replace("Undelivered", &format!("Undelivered {number}"));
    let days = async |number: i64, at: Timestamp| match desk.hear(&soft(number), at).await {
        Heard::Counted { days, of: 5, .. } => days,
        other => panic!("{other:?}"),
    };
    assert_eq!(days(0, day(0)).await, 1);
    assert_eq!(days(1, day(0) + TimeDelta::hours(3)).await, 1, "twice on one day");
    for number in 1..4 {
        assert_eq!(days(10 + number, day(number)).await, usize::try_from(number).unwrap() + 1);
    }
    assert_eq!(days(20, day(12)).await, 1, "more than a week of silence");
    for number in 13..16 {
        days(number + 20, day(number)).await;
    }
    assert!(desk.khyber.store.suppressions().await.unwrap().is_empty());
    assert!(matches!(desk.hear(&soft(99), day(16)).await, Heard::Suppressed { .. }));
    let suppressed = desk.khyber.store.suppressions().await.unwrap();
    assert_eq!(suppressed[0].reason, "bounced softly on 5 days: 5.2.2");
}

#[tokio::test]
async fn delays_and_absences_change_nothing() {
    let desk = desk().await;
    let (sender, before) = (desk.sender("reader@x.test").await, desk.state().await);
    let absent = format!(
        "From: reader@x.test\r\nTo: {sender}\r\nSubject: Out of office: Daily\r\nAuto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n"
    );
    for mail in [report(&sender, "delayed", "4.4.1"), report(&sender, "relayed", "2.0.0"), absent] {
        assert!(matches!(desk.hear(&mail, morning()).await, Heard::Nothing { .. }), "{mail}");
    }
    assert_eq!(desk.state().await, before);
    assert!(desk.khyber.troubles(morning()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_mailto_in_the_mail_leaves_that_digest_and_no_other() {
    let desk = desk().await;
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    let row =
        rows.iter().find(|row| row.subscriber.as_str() == "reader@x.test" && row.digest.as_str() == "daily").unwrap();
    let bytes = desk.khyber.store.delivery_bytes(row.id).await.unwrap().unwrap();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let header = mail.header_raw("List-Unsubscribe").unwrap();
    let link = header.split(['<', '>']).find(|part| part.starts_with("mailto:")).unwrap().to_owned();
    assert!(link.starts_with("mailto:bounces@desk.test?subject="), "{link}");
    assert!(mail.body_text(0).unwrap().contains(&link), "the same stands at the foot of the text, for people");
    let subject = link.split_once("subject=").unwrap().1.replace("%20", " ");

    let wish =
        |subject: &str| format!("From: somebody@else.test\r\nTo: bounces@desk.test\r\nSubject: {subject}\r\n\r\n\r\n");
    let before = desk.state().await;
    // An address, a digest, even somebody's own token for another digest: none of it is enough.
    for wrong in
        ["unsubscribe daily", "unsubscribe daily reader@x.test", &format!("{}x", &subject[..subject.len() - 1])]
    {
        assert!(matches!(desk.hear(&wish(wrong), morning()).await, Heard::Unclear { .. }), "{wrong}");
    }
    assert_eq!(desk.state().await, before);
    let troubles = desk.khyber.troubles(morning()).await.unwrap();
    assert!(troubles.len() == 1 && troubles[0].text.starts_with("3 mails to the bounce address"), "{troubles:?}");

    assert_eq!(desk.hear(&wish(&subject), morning()).await, Heard::Left { digest: "daily".parse().unwrap() });
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    let waits: Vec<_> = rows.iter().filter(|row| row.status == DeliveryStatus::Queued).collect();
    assert_eq!(waits.len(), 2, "the mail that waited of the digest does not go: {rows:?}");
    assert_eq!(addresses(&desk.mailed(day(1)).await), [ALL[0], ALL[2]]);
}

#[tokio::test]
async fn a_pipe_loses_nothing_and_works_beside_the_daemon() {
    let desk = desk().await;
    let bounce = report("bounces@desk.test", "failed", "5.1.1");
    let sender = desk.sender("other@x.test").await;
    // This process holds the data folder's lock, as a daemon does.
    let output = desk.run(&["bounce", "--recipient", &sender, "--at", "2026-03-01 07:00"], bounce.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(said(&output), "bounce 5.1.1: this reader gets no more mail\n");
    assert_eq!(addresses(&desk.mailed(day(1)).await), ALL[1..]);
    // Larger than is read, and more than a pipe holds: the server can write all of it.
    let output = desk.run(&["bounce"], &vec![b'x'; 11 << 20]);
    assert_eq!((output.status.code(), said(&output)), (Some(0), "nothing changed: larger than 10 MiB\n"));
    let output = desk.run(&["bounce"], b"");
    assert_eq!((output.status.code(), said(&output)), (Some(0), "nothing changed: not a mail\n"));

    let broken = [CONFIG.replace("schedule", "shedule"), CONFIG.replace("\"data\"", "\"khyber.toml/data\"")];
    for config in broken {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("khyber.toml"), config).unwrap();
        let output = khyber(folder.path(), &["bounce"], bounce.as_bytes());
        assert_eq!(output.status.code(), Some(75), "EX_TEMPFAIL: {}", text(&output));
        assert!(!output.stderr.is_empty());
    }
}

#[tokio::test]
async fn a_maildir_is_read_once() {
    let desk = desk().await;
    let maildir = desk.folder.path().join("bounces");
    let missing = desk.run(&["bounce", "--maildir", "bounces"], b"");
    assert!(missing.status.code() == Some(4) && text(&missing).contains("bounces/new"), "{}", text(&missing));
    for name in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(name)).unwrap();
    }
    let bounce = report(&desk.sender("reader@x.test").await, "failed", "5.1.1");
    std::fs::write(maildir.join("new/1.mx"), &bounce).unwrap();
    std::fs::write(maildir.join("new/2.mx:2,"), &bounce).unwrap();
    std::fs::write(maildir.join("new/3.mx"), "From: reader@x.test\r\nSubject: please stop\r\n\r\n").unwrap();
    std::fs::write(maildir.join("new/4.mx"), [0xff; 4_000]).unwrap();
    // Neither is a mail, and the first would be waited for without end.
    assert!(Command::new("mkfifo").arg(maildir.join("new/pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", maildir.join("new/link")).unwrap();
    let output = desk.run(&["bounce", "--maildir", "bounces", "--at", "2026-03-01 07:00"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(said(&output), "read 4, suppressed 1, left 0, not understood 1\n");
    let names = |folder: &str| {
        let files = std::fs::read_dir(maildir.join(folder)).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("cur"), ["1.mx:2,S", "2.mx:2,S", "3.mx:2,S", "4.mx:2,S"]);
    assert_eq!(names("new"), ["link", "pipe"]);
    // A crash between the record and the move: the same message again changes nothing.
    let before = desk.state().await;
    std::fs::rename(maildir.join("cur/1.mx:2,S"), maildir.join("new/1.mx")).unwrap();
    let again = desk.khyber.read_maildir(&maildir, day(3)).await.unwrap();
    assert_eq!((again.read, again.suppressed), (1, 0));
    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn suppressions_are_listed_masked_added_and_removed() {
    let desk = desk().await;
    let output = desk.run(&["suppressions", "add", "reader@x.test", "--reason", "asked by telephone"], b"");
    assert!(output.status.success(), "{}", text(&output));
    assert!(desk.run(&["suppressions", "add", "other@x.test", "--days", "3"], b"").status.success());
    let list = text(&desk.run(&["suppressions", "list"], b""));
    assert!(list.contains("r•••@x.test") && list.contains("asked by telephone") && list.contains("for good"), "{list}");
    assert!(!list.contains("reader@x.test"), "{list}");
    let json = desk.run(&["suppressions", "list", "--show", "--json"], b"");
    let json: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).unwrap();
    let of = |address: &str| json.iter().find(|one| one["address"] == address).unwrap();
    assert_eq!((json.len(), &of("reader@x.test")["until"]), (2, &"for good".into()));
    assert_eq!(of("other@x.test")["reason"], "by the operator");
    assert_ne!(of("other@x.test")["until"], "for good");
    // Both beat the configuration, for the mails that wait too.
    assert!(desk.khyber.store.lease(khyber_now(), 9).await.unwrap().is_empty());

    let removed = desk.run(&["suppressions", "remove", "reader@x.test"], b"");
    assert!(removed.status.success() && !text(&removed).contains("reader@"), "{}", text(&removed));
    let again = desk.run(&["suppressions", "remove", "reader@x.test"], b"");
    assert_eq!(again.status.code(), Some(1), "{}", text(&again));
    let left: Vec<EmailAddress> =
        desk.khyber.store.suppressions().await.unwrap().into_iter().map(|one| one.address).collect();
    assert_eq!(left, ["other@x.test".parse().unwrap()]);
}

/// The commands above act now.
fn khyber_now() -> Timestamp {
    khyber::daemon::clock::now()
}

#[test]
fn the_section_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("khyber.toml");
    for (section, wants) in [
        ("[bounce]", "`address` is missing"),
        ("[bounce]\naddress = \"bounces+x@desk.test\"", "no room for a token"),
        ("[bounce]\naddress = \"a-very-long-name-that-takes-all-the-room@desk.test\"", "no room for a token"),
        ("[bounce]\naddress = \"bounces@desk.test\"\nthreshold = 0", "`threshold` = 0 is out of range"),
        ("[bounce]\naddress = \"bounces@desk.test\"\nmaildri = \"x\"", "maildri"),
        ("[bounce]\naddress = \"bounces@desk.test\"\nmaildir = \"nowhere\"", "is no maildir yet"),
    ] {
        std::fs::write(&file, CONFIG.replace("[bounce]\naddress = \"bounces@desk.test\"", section)).unwrap();
        let problems = config::examine(&file, &|_| None).problems.to_string();
        assert!(problems.contains(wants), "{section}: {problems}");
    }
}
