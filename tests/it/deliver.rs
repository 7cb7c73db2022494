//! Delivery over real sockets: every SMTP stage failing in every way, and the next message right all the same.

use crate::support::smtp::{At, Fault, FaultServer, Script, fixture, limits};
use futures_util::future::join_all;
use khyber::config::{ChannelConfig, SmtpConfig, SmtpTimeouts, TlsMode};
use khyber::deliver::{Channel, ChannelSetupError};
use khyber::demo::sink::Sink;
use khyber::model::delivery::Stage;
use khyber::model::{OutgoingMessage, SendOutcome};
use std::time::Duration;

fn message(to: &str, body: &str) -> OutgoingMessage {
    OutgoingMessage {
        envelope_from: "desk@khyber.test".parse().unwrap(),
        to: to.parse().unwrap(),
        message_id: "<1@khyber.test>".into(),
        bytes: format!("Subject: test\r\n\r\n{body}\r\n").into_bytes(),
    }
}

fn channel(config: SmtpConfig) -> Channel {
    Channel::from_config(&ChannelConfig::Smtp(Box::new(config))).unwrap()
}

fn stage(at: At) -> Stage {
    match at {
        At::Greeting => Stage::Greeting,
        At::Ehlo => Stage::Ehlo,
        At::StartTls => Stage::Tls,
        At::Auth => Stage::Auth,
        At::Mail => Stage::MailFrom,
        At::Rcpt => Stage::RcptTo,
        At::Data => Stage::Data,
        At::Dot => Stage::Dot,
    }
}

/// The outcome's name, stage and code: all that the retry schedule looks at.
fn essence(outcome: &SendOutcome) -> (&'static str, Option<Stage>, Option<u16>) {
    match outcome {
        SendOutcome::Accepted { .. } => ("accepted", None, None),
        SendOutcome::Deferred { stage, code, .. } => ("deferred", Some(*stage), *code),
        SendOutcome::Rejected { stage, code, .. } => ("rejected", Some(*stage), Some(*code)),
        SendOutcome::Unknown { .. } => ("unknown", None, None),
    }
}

fn expected(at: At, fault: Fault) -> (&'static str, Option<Stage>, Option<u16>) {
    let stage = Some(stage(at));
    let wrong = if at == At::Data { 250 } else { 354 };
    match fault {
        Fault::Slow | Fault::Late | Fault::HangUp => ("accepted", None, None),
        Fault::Temporary => ("deferred", stage, Some(451)),
        // The relay refuses us, not the reader.
        Fault::Permanent if matches!(at, At::Greeting | At::Ehlo | At::StartTls | At::Auth) => {
            ("deferred", stage, Some(554))
        }
        Fault::Permanent => ("rejected", stage, Some(554)),
        _ if at == At::Dot => ("unknown", None, None),
        Fault::Wrong => ("deferred", stage, Some(wrong)),
        _ => ("deferred", stage, None),
    }
}

/// One failing message and a sound one behind it, through one channel.
async fn try_fault(at: At, fault: Fault, script: fn(At, Fault) -> Script) {
    let server = FaultServer::start(script(at, fault)).await;
    let mut config = server.config();
    if fault == Fault::Stall {
        // No stage is to stall while connecting, which takes seconds on a busy machine.
        config.timeouts = SmtpTimeouts { connect: Duration::from_secs(30), ..limits(Duration::from_secs(3)) };
    }
    let channel = channel(config);
    let first = channel.send(&message("first@x.test", "first")).await;
    assert_eq!(essence(&first), expected(at, fault), "{at:?} {fault:?}: {first:?}");
    let second = message("second@x.test", "second");
    let outcome = channel.send(&second).await;
    assert_eq!(essence(&outcome).0, "accepted", "after {at:?} {fault:?}: {outcome:?}");
    let last = server.seen(|seen| seen.taken.last().cloned());
    assert_eq!(last, Some(second.bytes), "after {at:?} {fault:?}");
    let taken = server.seen(|seen| seen.taken.len());
    assert_eq!(taken, if essence(&first).0 == "accepted" { 2 } else { 1 }, "{at:?} {fault:?}");
}

#[tokio::test]
async fn eight_stages_failing_in_eight_ways_end_in_the_right_state() {
    for script in [Script::failing, Script::pipelining] {
        let all =
            At::ALL.into_iter().flat_map(|at| Fault::EIGHT.into_iter().map(move |fault| try_fault(at, fault, script)));
        join_all(all).await;
    }
}

#[tokio::test]
async fn a_late_reply_never_counts_for_the_next_message() {
    try_fault(At::Dot, Fault::Late, Script::failing).await;
}

#[tokio::test]
async fn a_parked_connection_that_was_closed_costs_nothing() {
    try_fault(At::Dot, Fault::HangUp, Script::failing).await;
}

#[tokio::test]
async fn a_refused_login_is_not_repeated_for_everyone_in_the_queue() {
    let server = FaultServer::start(Script::failing(At::Auth, Fault::Always)).await;
    let channel = channel(SmtpConfig { concurrency: 2, ..server.config() });
    let mail = message("a@x.test", "x");
    for outcome in join_all((0..50).map(|_| channel.send(&mail))).await {
        assert_eq!(essence(&outcome), ("deferred", Some(Stage::Auth), Some(554)));
    }
    assert!(server.seen(|seen| seen.connections) <= 3, "{}", server.seen(|seen| seen.connections));
    // The next round asks again.
    let before = server.seen(|seen| seen.connections);
    channel.send(&mail).await;
    assert_eq!(server.seen(|seen| seen.connections), before + 1);
}

#[tokio::test]
async fn a_reply_too_many_is_never_taken_for_the_next_commands() {
    for script in [Script::failing, Script::pipelining] {
        for (at, fault) in At::ALL.into_iter().flat_map(|at| [(at, Fault::Double), (at, Fault::Late)]) {
            let server = FaultServer::start(script(at, fault)).await;
            let channel = channel(server.config());
            let first = essence(&channel.send(&message("first@x.test", "first")).await);
            match (at, fault) {
                (At::Dot, _) | (At::Data, Fault::Late) => assert_eq!(first.0, "accepted"),
                // Seen as the answer to the next command; up to AUTH that is the relay's matter and costs no reader.
                (At::Greeting | At::Ehlo | At::StartTls, Fault::Late) => assert_eq!(first.0, "deferred"),
                _ => assert!(first.0 == "deferred" && first.2.is_none(), "{at:?} {fault:?}: {first:?}"),
            }
            let second = channel.send(&message("second@x.test", "second")).await;
            assert_eq!(essence(&second).0, "accepted", "{at:?} {fault:?}: {second:?}");
        }
    }
}

#[tokio::test]
async fn three_commands_go_in_one_packet_where_the_relay_takes_that() {
    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH PLAIN", "PIPELINING"])).await;
    let channel = channel(server.config());
    for body in ["first", "second"] {
        assert_eq!(essence(&channel.send(&message("a@x.test", body)).await).0, "accepted");
    }
    assert_eq!(server.seen(|seen| seen.connections), 1);
    let together = server.seen(|seen| seen.packets.clone());
    let times = |commands: &[&str]| together.iter().filter(|packet| packet.as_slice() == commands).count();
    let (first, next) = (times(&["MAIL", "RCPT", "DATA"]), times(&["RSET", "MAIL", "RCPT", "DATA"]));
    assert_eq!((first, next), (1, 1), "{together:?}");
}

#[tokio::test]
async fn starttls_is_never_given_up_for_clear_text() {
    let server = FaultServer::start(Script::offering(&["SIZE 1000", "AUTH PLAIN"])).await;
    let outcome = channel(server.config()).send(&message("a@x.test", "secret")).await;
    assert_eq!(essence(&outcome), ("deferred", Some(Stage::Tls), None));
    let commands = server.seen(|seen| seen.commands.clone());
    assert_eq!(commands, ["!EHLO khyber.test"]);
}

#[tokio::test]
async fn nothing_but_ehlo_and_starttls_is_said_in_clear_text() {
    let server = FaultServer::start(Script::sound()).await;
    let outcome = channel(server.config()).send(&message("a@x.test", "secret")).await;
    assert_eq!(essence(&outcome).0, "accepted", "{outcome:?}");
    let clear: Vec<String> =
        server.seen(|seen| seen.commands.iter().filter(|command| command.starts_with('!')).cloned().collect());
    assert_eq!(clear, ["!EHLO khyber.test", "!STARTTLS"]);
}

#[tokio::test]
async fn a_certificate_for_another_name_or_from_nowhere_is_refused() {
    for implicit in [false, true] {
        let server = FaultServer::start(Script { implicit, ..Script::sound() }).await;
        let tls = if implicit { TlsMode::Implicit } else { TlsMode::Starttls };
        let sound = SmtpConfig { tls, ..server.config() };
        let outcome = channel(sound.clone()).send(&message("a@x.test", "x")).await;
        assert_eq!(essence(&outcome).0, "accepted", "{outcome:?}");
        let wrong_name = SmtpConfig { host: "127.0.0.1".into(), ..sound.clone() };
        let untrusted = SmtpConfig { ca_file: None, ..sound };
        for config in [wrong_name, untrusted] {
            let outcome = channel(config).send(&message("a@x.test", "x")).await;
            assert_eq!(essence(&outcome), ("deferred", Some(Stage::Tls), None), "{outcome:?}");
        }
        assert_eq!(server.seen(|seen| seen.taken.len()), 1);
    }
}

#[tokio::test]
async fn auth_login_serves_where_plain_is_not_offered() {
    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH LOGIN"])).await;
    let outcome = channel(server.config()).send(&message("a@x.test", "x")).await;
    assert_eq!(essence(&outcome).0, "accepted", "{outcome:?}");
    assert!(server.seen(|seen| seen.commands.contains(&"AUTH LOGIN".to_owned())));
    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH CRAM-MD5"])).await;
    let outcome = channel(server.config()).send(&message("a@x.test", "x")).await;
    assert_eq!(essence(&outcome), ("deferred", Some(Stage::Auth), None));
}

#[tokio::test]
async fn size_and_utf8_are_used_as_offered() {
    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH PLAIN", "size 100"])).await;
    let channel_ascii = channel(server.config());
    let outcome = channel_ascii.send(&message("a@x.test", &"x".repeat(200))).await;
    assert_eq!(essence(&outcome), ("rejected", Some(Stage::MailFrom), Some(552)));
    let outcome = channel_ascii.send(&message("ж@x.test", "x")).await;
    assert_eq!(essence(&outcome), ("rejected", Some(Stage::MailFrom), Some(553)));
    assert!(server.seen(|seen| !seen.commands.iter().any(|command| command.starts_with("MAIL"))));

    let server =
        FaultServer::start(Script::offering(&["STARTTLS", "AUTH PLAIN", "SMTPUTF8", "8BITMIME", "SIZE"])).await;
    let channel_utf8 = channel(server.config());
    for to in ["ж@x.test", "a@x.test"] {
        assert_eq!(essence(&channel_utf8.send(&message(to, "x")).await).0, "accepted");
    }
    let commands = server.seen(|seen| seen.commands.clone());
    let mails: Vec<&String> = commands.iter().filter(|command| command.starts_with("MAIL")).collect();
    assert!(mails[0].contains("SMTPUTF8") && mails[0].contains("SIZE=") && !mails[1].contains("SMTPUTF8"), "{mails:?}");
    assert!(mails.iter().all(|mail| !mail.contains("BODY=")), "nothing of these has eight bits: {mails:?}");
}

#[tokio::test]
async fn eight_bits_go_only_where_they_are_taken_and_a_domain_goes_as_a_labels() {
    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH PLAIN"])).await;
    let seven = channel(server.config());
    let outcome = seven.send(&message("a@x.test", "на сегодня")).await;
    assert_eq!(essence(&outcome), ("rejected", Some(Stage::MailFrom), Some(554)));
    // What we compose is seven bits always; so is a domain in another script.
    assert_eq!(essence(&seven.send(&message("a@пример.рф", "x")).await).0, "accepted");
    let commands = server.seen(|seen| seen.commands.clone());
    assert!(commands.iter().any(|line| line == "RCPT TO:<a@xn--e1afmkfd.xn--p1ai>"), "{commands:?}");
    assert!(!commands.iter().any(|line| line.contains("SMTPUTF8") || line.contains("BODY=")), "{commands:?}");

    let server = FaultServer::start(Script::offering(&["STARTTLS", "AUTH PLAIN", "8BITMIME"])).await;
    assert_eq!(essence(&channel(server.config()).send(&message("a@x.test", "на сегодня")).await).0, "accepted");
    let commands = server.seen(|seen| seen.commands.clone());
    assert!(commands.iter().any(|line| line.starts_with("MAIL") && line.contains("BODY=8BITMIME")), "{commands:?}");
}

#[tokio::test]
async fn a_connection_serves_many_messages_and_no_more_than_allowed_are_open() {
    let server = FaultServer::start(Script::sound()).await;
    let channel = channel(SmtpConfig { concurrency: 2, ..server.config() });
    let mails: Vec<_> = (0..30).map(|n| message("a@x.test", &format!("number {n}"))).collect();
    for outcome in join_all(mails.iter().map(|mail| channel.send(mail))).await {
        assert_eq!(essence(&outcome).0, "accepted", "{outcome:?}");
    }
    assert_eq!(server.seen(|seen| (seen.connections, seen.taken.len())), (2, 30));
    channel.close().await;
    assert_eq!(server.seen(|seen| seen.commands.iter().filter(|command| *command == "QUIT").count()), 2);
}

#[tokio::test]
async fn dots_and_long_bodies_arrive_as_they_were() {
    let sink = Sink::start().await.unwrap();
    let server = FaultServer::start(Script::sound()).await;
    let config =
        SmtpConfig { port: sink.port(), tls: TlsMode::None, credentials: None, ca_file: None, ..server.config() };
    let channel = channel(config);
    let long = format!(".\r\n..\r\n.x\r\n{}", "a line of a long body\r\n.dot\r\n".repeat(20_000));
    for body in [".", "..\r\n.\r\nMAIL FROM:<x@x.test>", &long] {
        assert_eq!(essence(&channel.send(&message("reader@x.test", body)).await).0, "accepted");
    }
    let kept = sink.messages();
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[2].bytes, message("reader@x.test", &long).bytes);
    assert_eq!((kept[0].from.as_str(), kept[0].to.as_slice()), ("desk@khyber.test", &["reader@x.test".to_owned()][..]));
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_deferred() {
    let server = FaultServer::start(Script::sound()).await;
    let config = server.config();
    drop(server);
    let free = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let outcome = channel(SmtpConfig { port: free, ..config }).send(&message("a@x.test", "x")).await;
    assert_eq!(essence(&outcome), ("deferred", Some(Stage::Connect), None));
}

#[tokio::test]
async fn clear_text_to_another_machine_is_refused_before_a_packet_leaves() {
    let server = FaultServer::start(Script::sound()).await;
    // TEST-NET-1 (RFC 5737): a connection attempt would run into the limit instead.
    let config = SmtpConfig { host: "192.0.2.1".into(), tls: TlsMode::None, ..server.config() };
    match channel(config).send(&message("a@x.test", "x")).await {
        SendOutcome::Deferred { stage: Stage::Connect, code: None, reason } => {
            assert!(reason.contains("loopback"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_deferred() {
    let server = FaultServer::start(Script::sound()).await;
    let config = SmtpConfig { tls: TlsMode::Implicit, ..server.config() };
    let outcome = channel(config).send(&message("a@x.test", "x")).await;
    assert_eq!(essence(&outcome), ("deferred", Some(Stage::Tls), None), "{outcome:?}");
}

#[tokio::test]
async fn a_send_given_up_half_way_takes_its_connection_with_it() {
    let server = FaultServer::start(Script::failing(At::Dot, Fault::Stall)).await;
    let channel = channel(server.config());
    let first = message("first@x.test", "first");
    let dot_written = async {
        while server.seen(|seen| seen.commands.last().is_none_or(|command| command != ".")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = channel.send(&first) => panic!("the server stalls: {outcome:?}"),
        () = dot_written => {}
    }
    let outcome = channel.send(&message("second@x.test", "second")).await;
    assert_eq!(essence(&outcome).0, "accepted", "{outcome:?}");
    assert_eq!(server.seen(|seen| seen.connections), 2);
}

#[test]
fn a_certificate_file_without_certificate_is_said_at_start() {
    let config = |file: &str| {
        ChannelConfig::Smtp(Box::new(SmtpConfig {
            host: "mx.test".into(),
            port: 25,
            tls: TlsMode::Starttls,
            credentials: None,
            hello: "khyber.test".into(),
            concurrency: 1,
            per_domain: 1,
            rate: None,
            ca_file: Some(fixture(file)),
            timeouts: limits(Duration::from_secs(1)),
        }))
    };
    for file in ["key.pem", "absent.pem"] {
        assert!(matches!(Channel::from_config(&config(file)), Err(ChannelSetupError::CaFile { .. })), "{file}");
    }
}
