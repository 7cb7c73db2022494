//! From a failed exchange and its stage to an outcome; replies are stripped of addresses here.

use super::wire::{Reply, Trouble};
use crate::model::delivery::Stage;
use crate::model::{OutgoingMessage, SendOutcome};

/// Where and how a transaction ended before its time.
#[derive(Debug)]
pub(super) struct Failure {
    pub stage: Stage,
    pub trouble: Trouble,
}

/// Of the 5xx, those that accuse Khyber or its account and not the reader: bad command, sequence, authentication.
fn accuses_us(code: u16) -> bool {
    matches!(code, 500..=504 | 530 | 534 | 535 | 538)
}

/// A mailbox that is full is emptied some day: tried again as after a 4xx, however the code begins. A 552 for RCPT says the same,
/// or "too many recipients", which RFC 5321 §4.5.3.1.10 wants taken for a 452, unless its enhanced code means this mail's size.
fn may_pass(stage: Stage, reply: &Reply) -> bool {
    match enhanced(reply).as_str() {
        "5.2.2" | "4.2.2" => true,
        "5.2.3" | "5.3.4" => false,
        _ => reply.code == 552 && stage == Stage::RcptTo,
    }
}

pub(super) fn outcome(failure: Failure, message: &OutgoingMessage) -> SendOutcome {
    let Failure { stage, trouble } = failure;
    let reply = match trouble {
        Trouble::Answer(reply) => reply,
        // After the final dot only a clear 4xx or 5xx says that the message was not taken over.
        trouble if stage == Stage::Dot => return SendOutcome::Unknown { reason: text(&trouble) },
        trouble => return SendOutcome::Deferred { stage, code: None, reason: text(&trouble) },
    };
    // What a relay says about AUTH may echo what it was told.
    let reason = if stage == Stage::Auth { enhanced(&reply) } else { said(&reply, message) };
    match reply.code {
        500..
            if !stage.is_relay_only()
                && !may_pass(stage, &reply)
                && (stage == Stage::Dot || !accuses_us(reply.code)) =>
        {
            SendOutcome::Rejected { stage, code: reply.code, reason }
        }
        400.. => SendOutcome::Deferred { stage, code: Some(reply.code), reason },
        code if stage == Stage::Dot => SendOutcome::Unknown { reason: format!("answered {code} to the final dot") },
        code => SendOutcome::Deferred { stage, code: Some(code), reason: "an answer that does not belong here".into() },
    }
}

/// For the operator who tries the relay out. What the relay says may echo what it was told: its codes only.
pub(super) fn plainly(failure: &Failure) -> String {
    let said = match &failure.trouble {
        Trouble::Answer(reply) => format!("answered {} {}", reply.code, enhanced(reply)).trim_end().to_owned(),
        other => text(other),
    };
    format!("{} ({:?})", said, failure.stage)
}

fn text(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Answer(reply) => reply.code.to_string(),
        Trouble::Silence => "no answer in time".to_owned(),
        Trouble::Closed => "the connection ended".to_owned(),
        Trouble::Garbage => "the answer is not SMTP".to_owned(),
        Trouble::TooLong => "the answer is too long".to_owned(),
        Trouble::Stale => "a connection that was kept has gone".to_owned(),
        Trouble::OutOfTurn => "the relay spoke out of turn".to_owned(),
        Trouble::Io(error) => error.to_string().chars().take(200).collect(),
        Trouble::Refused(why) => why.clone(),
    }
}

/// The first word, if it is an enhanced status code (RFC 3463).
fn enhanced(reply: &Reply) -> String {
    let word = reply.response.first_word().unwrap_or_default();
    let parts: Vec<&str> = word.split('.').collect();
    let digits = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() == 3 && parts.iter().all(digits) { word.to_owned() } else { String::new() }
}

/// The reply's words on one line, without the reader's address in whole or in part.
pub(super) fn said(reply: &Reply, message: &OutgoingMessage) -> String {
    let local = message.to.as_str().rsplit_once('@').map_or("", |(local, _)| local).to_lowercase();
    let words = reply.response.message().collect::<Vec<_>>().join(" ");
    let words = words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let masked = words.map(|word| {
        let lower = word.to_lowercase();
        let part = lower.split(|c: char| !c.is_alphanumeric() && !local.contains(c)).any(|part| part == local);
        if word.contains('@') || part || (local.len() > 3 && lower.contains(&local)) { "[address]" } else { word }
    });
    masked.collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(to: &str) -> OutgoingMessage {
        let to = to.parse().unwrap();
        OutgoingMessage {
            envelope_from: "desk@x.test".parse().unwrap(),
            to,
            message_id: "<1@x.test>".into(),
            bytes: vec![],
        }
    }

    fn reply(text: &str) -> Reply {
        let response: lettre::transport::smtp::response::Response = text.parse().unwrap();
        Reply { code: response.code().into(), response }
    }

    fn failed(stage: Stage, text: &str) -> SendOutcome {
        outcome(Failure { stage, trouble: Trouble::Answer(reply(text)) }, &message("reader@x.test"))
    }

    #[test]
    fn no_reply_carries_the_address_on() {
        let text = "550-5.1.1 <reader@x.test>: Recipient\r\n550 reader unknown; see READER=x.test, user(reader)\r\n";
        let said = said(&reply(text), &message("reader@x.test"));
        assert!(!said.to_lowercase().contains("reader"), "{said}");
        assert!(said.starts_with("5.1.1 ") && said.contains("Recipient"), "{said}");
        assert_eq!(super::said(&reply("550 5.1.1 no a here\r\n"), &message("a@x.test")), "5.1.1 no [address] here");
    }

    #[test]
    fn a_refused_login_is_the_relays_matter_and_not_the_readers() {
        for (stage, text) in [
            (Stage::Greeting, "554 no service\r\n"),
            (Stage::Auth, "535 5.7.8 bad\r\n"),
            (Stage::MailFrom, "530 5.7.0 must authenticate\r\n"),
            (Stage::RcptTo, "503 bad sequence\r\n"),
            (Stage::RcptTo, "450 4.2.0 greylisted\r\n"),
            (Stage::Dot, "452 4.2.2 mailbox full\r\n"),
            (Stage::RcptTo, "552 5.2.2 mailbox full\r\n"),
            (Stage::Dot, "552 5.2.2 mailbox full\r\n"),
            (Stage::RcptTo, "550 5.2.2 over quota\r\n"),
            (Stage::RcptTo, "552 too many recipients\r\n"),
            (Stage::RcptTo, "552 5.5.3 too many recipients\r\n"),
            (Stage::Data, "250 ok\r\n"),
        ] {
            let outcome = failed(stage, text);
            assert!(matches!(outcome, SendOutcome::Deferred { code: Some(_), .. }), "{text}: {outcome:?}");
        }
        for (stage, text) in [
            (Stage::MailFrom, "552 5.3.4 too big\r\n"),
            (Stage::RcptTo, "552 5.3.4 too big\r\n"),
            (Stage::RcptTo, "552 5.2.3 too big for this mailbox\r\n"),
            (Stage::Dot, "552 too big\r\n"),
            (Stage::RcptTo, "550 5.1.1 no\r\n"),
            (Stage::Data, "554 5.5.1 no recipients\r\n"),
            (Stage::Dot, "550 5.7.1 spam\r\n"),
        ] {
            let outcome = failed(stage, text);
            assert!(matches!(outcome, SendOutcome::Rejected { .. }), "{text}: {outcome:?}");
        }
    }

    #[test]
    fn after_the_dot_all_but_a_clear_no_is_unknown() {
        assert!(matches!(failed(Stage::Dot, "354 go on\r\n"), SendOutcome::Unknown { .. }));
        for trouble in [Trouble::Silence, Trouble::Closed, Trouble::Garbage, Trouble::TooLong, Trouble::OutOfTurn] {
            let outcome = outcome(Failure { stage: Stage::Dot, trouble }, &message("a@x.test"));
            assert!(matches!(outcome, SendOutcome::Unknown { .. }));
        }
    }
}
