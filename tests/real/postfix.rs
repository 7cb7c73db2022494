//! Delivery to a real mail server: Postfix on a private port, with STARTTLS, greylisting and refusals.

use crate::{Need, needing, shared};
use khyber::config::{ChannelConfig, MailConfig, SmtpConfig, SmtpTimeouts, TlsMode};
use khyber::deliver::message::compose;
use khyber::deliver::{Channel, MessageKey};
use khyber::model::delivery::Stage;
use khyber::model::{Lang, MailFormat, OutgoingMessage, RenderedDigest, Selection, SendOutcome, Subscriber, Timestamp};
use libtest_mimic::Trial;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Program("postfix"), Need::Program("openssl"), Need::Shared];
    vec![
        needing("postfix::digests_arrive_once_and_byte_for_byte", &needs, digests_arrive_once_and_byte_for_byte),
        needing("postfix::each_answer_leads_to_its_outcome", &needs, each_answer_leads_to_its_outcome),
        needing("postfix::a_wrong_name_is_refused", &needs, a_wrong_name_is_refused),
    ]
}

/// A running instance; stopped when dropped. One at a time: its script creates a system user.
struct Postfix {
    dir: PathBuf,
    port: u16,
    _folder: tempfile::TempDir,
    _turn: std::sync::MutexGuard<'static, ()>,
}

impl Postfix {
    fn start() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        // Postfix delivers as another user, who must get through.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let dir = folder.path().join("postfix");
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let started = script().arg("start").arg(&dir).arg(port.to_string()).output().unwrap();
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        Self { dir, port, _folder: folder, _turn: turn }
    }

    fn config(&self) -> SmtpConfig {
        let limit = Duration::from_secs(60);
        SmtpConfig {
            host: "127.0.0.1".into(),
            port: self.port,
            tls: TlsMode::Starttls,
            credentials: None,
            hello: "khyber.test".into(),
            concurrency: 3,
            per_domain: 3,
            rate: None,
            ca_file: Some(self.dir.join("etc/cert.pem")),
            timeouts: SmtpTimeouts { connect: limit, greeting: limit, command: limit, data: limit, dot: limit },
        }
    }

    /// The inbox, once it holds `count` mails.
    fn inbox(&self, count: usize) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let files = std::fs::read_dir(self.dir.join("mail/inbox/new")).into_iter().flatten().flatten();
            let mails: Vec<String> = files.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect();
            if mails.len() >= count {
                return mails;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{} of {count} mails came", mails.len());
            std::thread::yield_now();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("maillog")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = script().arg("stop").arg(&self.dir).output();
    }
}

fn script() -> Command {
    let mut command = Command::new("bash");
    command.arg(shared().join("tools/postfix.sh"));
    command
}

/// A desk that sends; its mails are not signed.
pub fn sender() -> MailConfig {
    MailConfig {
        from: "desk@khyber.test".parse().unwrap(),
        from_name: "Khyber".into(),
        discreet_name: "Digest".into(),
        reply_to: None,
        list_domain: "khyber.test".into(),
        unsubscribe: "leave@khyber.test".parse().unwrap(),
        channel: ChannelConfig::File { dir: "unused".into() },
        bounces_to: None,
        retry_for: Duration::from_secs(1),
        dkim: Vec::new(),
    }
}

pub fn reader(address: &str) -> Subscriber {
    Subscriber {
        email: address.parse().unwrap(),
        name: Some("نجیب".into()),
        digests: vec![],
        select: Selection::default(),
        timezone: None,
        schedule: None,
        lang: Lang::Ur,
        format: MailFormat::Both,
        discreet: false,
        enabled: true,
    }
}

fn digest(to: &str) -> OutgoingMessage {
    let rendered = RenderedDigest {
        subject: "صبح کا خلاصہ · 3 stories".into(),
        text: ".\n.. dots\nطورخم سرحد کھل گئی\n".repeat(200),
        html: Some(format!("<p>{}</p>", "طورخم ".repeat(2000))),
    };
    let digest = "morning".parse().unwrap();
    let slot: Timestamp = "2022-12-18T06:00:00Z".parse().unwrap();
    compose(
        &rendered,
        &sender(),
        &reader(to),
        &MessageKey { digest: &digest, slot, title: "Morning", salt: "", leave: None, discreet: false },
        slot,
    )
    .unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn channel(config: SmtpConfig) -> Channel {
    Channel::from_config(&ChannelConfig::Smtp(Box::new(config))).unwrap()
}

fn digests_arrive_once_and_byte_for_byte() {
    let postfix = Postfix::start();
    let mails: Vec<OutgoingMessage> = (0..20).map(|n| digest(&format!("reader{n}@x.test"))).collect();
    run(async {
        let channel = channel(postfix.config());
        let sends = mails.iter().map(|mail| channel.send(mail));
        for outcome in futures_util::future::join_all(sends).await {
            assert!(matches!(outcome, SendOutcome::Accepted { .. }), "{outcome:?}");
        }
        channel.close().await;
    });
    let arrived = postfix.inbox(mails.len());
    assert_eq!(arrived.len(), mails.len());
    for mail in &mails {
        // Postfix puts its trace headers in front and stores plain line ends.
        let bytes = String::from_utf8(mail.bytes.clone()).unwrap().replace("\r\n", "\n");
        let same = arrived.iter().filter(|arrived| arrived.ends_with(&bytes)).count();
        assert_eq!(same, 1, "{}", mail.message_id);
    }
    let log = postfix.log();
    assert_eq!(log.matches(": connect from").count(), 3, "connections are kept:\n{log}");
    assert!(!log.contains("lost connection"), "{log}");
}

fn each_answer_leads_to_its_outcome() {
    let postfix = Postfix::start();
    let outcomes = run(async {
        let channel = channel(postfix.config());
        let mut outcomes = Vec::new();
        for to in ["grey1@x.test", "nouser1@x.test", "full1@x.test", "someone@elsewhere.test", "reader@x.test"] {
            outcomes.push(channel.send(&digest(to)).await);
        }
        outcomes
    });
    let no_address = |reason: &str| assert!(!reason.contains("@") && !reason.contains("nouser1"), "{reason}");
    match &outcomes[0] {
        SendOutcome::Deferred { stage: Stage::RcptTo, code: Some(450), reason } if reason.starts_with("4.2.0") => {
            no_address(reason)
        }
        other => panic!("greylisted: {other:?}"),
    }
    match &outcomes[2] {
        SendOutcome::Deferred { stage: Stage::RcptTo, code: Some(552), reason } if reason.starts_with("5.2.2") => {
            no_address(reason)
        }
        other => panic!("mailbox full: {other:?}"),
    }
    for (outcome, expected) in [&outcomes[1], &outcomes[3]].into_iter().zip([(550, "5.1.1"), (554, "5.7.1")]) {
        match outcome {
            SendOutcome::Rejected { stage: Stage::RcptTo, code, reason } if reason.starts_with(expected.1) => {
                assert_eq!(*code, expected.0);
                no_address(reason);
            }
            other => panic!("{expected:?}: {other:?}"),
        }
    }
    assert!(matches!(outcomes[4], SendOutcome::Accepted { .. }), "{:?}", outcomes[4]);
    assert_eq!(postfix.inbox(1).len(), 1);
}

/// The certificate is for mx.test and 127.0.0.1: under the name localhost it proves nothing, and without being trusted neither.
fn a_wrong_name_is_refused() {
    let postfix = Postfix::start();
    let wrong = SmtpConfig { host: "localhost".into(), ..postfix.config() };
    let untrusted = SmtpConfig { ca_file: None, ..postfix.config() };
    for config in [wrong, untrusted] {
        let outcome = run(async { channel(config).send(&digest("reader@x.test")).await });
        let refused = matches!(outcome, SendOutcome::Deferred { stage: Stage::Tls, code: None, .. });
        assert!(refused, "{outcome:?}");
    }
    assert!(!postfix.log().contains("reader@x.test"), "no address is named before the certificate is checked");
}
