//! Reports as servers write them, in our own words, and everything that is none.

use super::*;
use proptest::prelude::*;

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz234567";
const ADDRESS: &str = "bounces@desk.test";

fn report(action: &str, status: &str, diagnostic: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.test\r\nTo: bounces+{TOKEN}@desk.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\nArrival-Date: Sun, 1 Mar 2026 06:00:00 +0000\r\n\r\n\
         Final-Recipient: rfc822; somebody@x.test\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {diagnostic}\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: desk@desk.test\r\nSubject: Daily\r\n\r\nold\r\n--b--\r\n"
    )
}

fn said(text: &str) -> Said {
    read(text.as_bytes(), None, Some(ADDRESS)).said
}

#[test]
fn what_is_final_and_what_is_not() {
    let hard = |status: &str| Said::Hard { status: status.to_owned() };
    let soft = |status: &str| Said::Soft { status: status.to_owned() };
    for (status, diagnostic, wants) in [
        ("5.1.1", "550 5.1.1 no such user", hard("5.1.1")),
        ("5.0.0", "550 5.1.1 no such user", hard("5.1.1")),
        ("5.0.0", "550 no", hard("5.0.0")),
        ("5.1.2 (bad host)", "x", hard("5.1.2")),
        ("5.2.1", "550 5.2.1 disabled", hard("5.2.1")),
        ("5.4.4", "no route", hard("5.4.4")),
        ("5.2.2", "552 5.2.2 mailbox full", soft("5.2.2")),
        ("5.3.4", "552 too big", soft("5.3.4")),
        ("5.7.1", "554 5.7.1 policy", soft("5.7.1")),
        ("5.1.8", "550 bad sender", soft("5.1.8")),
        ("4.4.7", "421 4.4.7 expired", soft("4.4.7")),
        ("nonsense", "550-5.2.1 gone", hard("5.2.1")),
        ("nonsense", "nonsense", hard("5.0.0")),
    ] {
        let read = read(report("failed", status, diagnostic).as_bytes(), None, Some(ADDRESS));
        assert_eq!(read.said, wants, "{status} {diagnostic}");
        assert_eq!(read.bounce_tokens, [TOKEN]);
    }
    for action in ["delayed", "delivered", "relayed", "expanded"] {
        assert!(matches!(said(&report(action, "4.4.1", "later")), Said::Nothing(_)), "{action}");
    }
}

#[test]
fn reports_in_words_count_too() {
    let mail = |head: &str, text: &str| {
        said(&format!("From: MAILER-DAEMON@mx.test\r\nTo: bounces+{TOKEN}@desk.test\r\n{head}\r\n{text}\r\n"))
    };
    let hard = Said::Hard { status: "5.1.1".to_owned() };
    let failed = "X-Failed-Recipients: somebody@x.test\r\nAuto-Submitted: auto-replied\r\n";
    assert_eq!(mail(failed, "host mx.test said: 550-5.1.1 unknown mailbox"), hard);
    let qmail =
        "Hi. This is the qmail-send program at mx.test.\r\n<somebody@x.test>:\r\n10.1.1.1 does not like recipient. ";
    assert_eq!(mail("", &format!("{qmail}(#5.1.1)")), hard);
    assert!(
        matches!(mail("", &format!("{qmail}Giving up on 10.1.1.1.")), Said::Soft { .. }),
        "an IP address is no code"
    );
    // RFC 8098: the mail was read.
    let read = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n";
    assert!(matches!(mail(read, "--b\r\n\r\nread 5.1.1\r\n--b--"), Said::Nothing(_)));
    let only_headers = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n";
    let headers = "--b\r\n\r\n550 5.1.1 no\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Daily\r\n--b--";
    assert_eq!(mail(only_headers, headers), hard);
}

#[test]
fn of_several_recipients_the_worst_counts() {
    let text = report("failed", "4.2.2", "452 full").replace(
        "Final-Recipient",
        "Final-Recipient: rfc822; another@x.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nFinal-Recipient",
    );
    assert_eq!(said(&text), Said::Hard { status: "5.1.1".to_owned() });
}

fn feedback(kind: &str) -> String {
    format!(
        "From: fbl@mail.test\r\nTo: abuse@desk.test\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSomebody complained.\r\n\
         --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: fbl/1\r\nVersion: 1\r\n\
         Original-Mail-From: <bounces+{TOKEN}@desk.test>\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: desk@desk.test\r\nList-Unsubscribe: <https://x.test/leave/1>,\r\n \
         <mailto:desk@desk.test?subject=unsubscribe%20daily%20{TOKEN}>\r\nSubject: Daily\r\n\r\nold\r\n--b--\r\n"
    )
}

#[test]
fn a_complaint_names_its_reader_by_either_token() {
    let read = read(feedback("abuse").as_bytes(), None, Some(ADDRESS));
    assert_eq!(read.said, Said::Complaint);
    assert_eq!((read.bounce_tokens, read.leave_tokens), (vec![TOKEN.to_owned()], vec![TOKEN.to_owned()]));
    for kind in ["not-spam", "fraud", "virus", "other"] {
        assert!(matches!(said(&feedback(kind)), Said::Nothing(_)), "{kind}");
    }
}

#[test]
fn leaving_by_mail_needs_the_token() {
    let mail = |subject: &str, more: &str| {
        let text = format!("From: r@x.test\r\nTo: desk@desk.test\r\nSubject: {subject}\r\n{more}\r\nhello\r\n");
        read(text.as_bytes(), None, None)
    };
    let leaves = mail(&format!("unsubscribe daily {}", TOKEN.to_uppercase()), "");
    assert_eq!((leaves.said, leaves.leave_tokens), (Said::Leave, vec![TOKEN.to_owned()]));
    assert!(matches!(mail("unsubscribe daily", "").said, Said::Unclear(_)));
    // A program's answer that repeats the subject is nobody's wish.
    for more in ["Auto-Submitted: auto-replied\r\n", "Precedence: auto_reply\r\n", "X-Autoreply: yes\r\n"] {
        let answer = mail(&format!("Re: unsubscribe daily {TOKEN}"), more);
        assert!(matches!(answer.said, Said::Nothing(_)) && answer.leave_tokens.is_empty(), "{more}");
    }
}

#[test]
fn the_envelope_counts_before_headers_and_headers_before_the_rest() {
    let other = "z".repeat(32);
    let text = report("failed", "5.1.1", "no");
    let named = read(text.as_bytes(), Some(&format!("Bounces+{other}@DESK.test")), Some(ADDRESS));
    assert_eq!(named.bounce_tokens, std::slice::from_ref(&other));
    let quoting = text.replace("Subject: Daily", &format!("Return-Path: <bounces+{other}@desk.test>"));
    assert_eq!(read(quoting.as_bytes(), None, Some(ADDRESS)).bounce_tokens, [TOKEN]);
    let stripped = quoting.replace(&format!("bounces+{TOKEN}@"), "bounces@");
    assert_eq!(read(stripped.as_bytes(), None, Some(ADDRESS)).bounce_tokens, [other]);
    for wrong in ["bounces+short@desk.test", "bounces@desk.test", &format!("bounces+{TOKEN}@else.test")] {
        let text = report("failed", "5.1.1", "no").replace(&format!("bounces+{TOKEN}@desk.test"), wrong);
        assert!(read(text.as_bytes(), None, Some(ADDRESS)).bounce_tokens.is_empty(), "{wrong}");
    }
}

#[test]
fn what_is_no_mail_says_why() {
    for bytes in [&b""[..], &[0xff_u8, 0xfe, 0, 0][..]] {
        assert_eq!(read(bytes, None, Some(ADDRESS)).said, Said::Nothing("not a mail"), "{bytes:?}");
    }
    let charset = b"From: a@x.test\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe";
    assert!(matches!(read(charset, None, Some(ADDRESS)).said, Said::Unclear(_)));
    assert_eq!(read(&vec![b'a'; MAX_BYTES + 1], None, None).said, Said::Nothing("larger than 10 MiB"));
}

#[test]
fn deep_nesting_is_survived() {
    let mut text = String::from("From: a@x.test\r\n");
    for depth in 0..20_000 {
        text.push_str(&format!("Content-Type: multipart/mixed; boundary=\"b{depth}\"\r\n\r\n--b{depth}\r\n"));
    }
    assert!(matches!(said(&text), Said::Nothing(_) | Said::Unclear(_)));
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    assert!(matches!(said(&nested), Said::Nothing(_) | Said::Unclear(_)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000.max(ProptestConfig::default().cases), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_report_is_read_or_not_but_never_invents_a_token(
        cuts in proptest::collection::vec((0..2_000_usize, any::<u8>(), 0..3_u8), 0..30), complains in any::<bool>(),
    ) {
        let mut bytes = if complains { feedback("abuse") } else { report("failed", "5.1.1", "550 5.1.1 no") }.into_bytes();
        for (at, octet, how) in cuts {
            let at = at % bytes.len().max(1);
            match how {
                0 if at < bytes.len() => bytes[at] = octet,
                1 => bytes.insert(at.min(bytes.len()), octet),
                _ => bytes.truncate(bytes.len().max(200) - 1),
            }
        }
        let read = read(&bytes, None, Some(ADDRESS));
        for token in read.bounce_tokens.iter().chain(&read.leave_tokens) {
            prop_assert!(String::from_utf8_lossy(&bytes).to_ascii_lowercase().contains(token.as_str()));
        }
    }
}
