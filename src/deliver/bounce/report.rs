//! The machine-readable parts of a report: delivery status (RFC 3464) and feedback (RFC 5965).

use super::Said;
use mail_parser::{Message, MessagePart, MimeHeaders};

/// What a complaint says; `None` if the message is none.
pub(super) fn complaint(message: &Message<'_>) -> Option<Said> {
    let part = part(message, "feedback-report")?;
    let text = String::from_utf8_lossy(part.contents()).into_owned();
    let kind = blocks(&text).iter().find_map(|block| field(block, "feedback-type").map(str::to_ascii_lowercase));
    Some(match kind.as_deref() {
        // `not-spam` takes an earlier complaint back, and `virus` or `fraud` is about somebody who writes in our name.
        Some("abuse" | "opt-out" | "opt-out-list") => Said::Complaint,
        _ => Said::Nothing("feedback that is no complaint"),
    })
}

/// What a delivery status report says of its one recipient; the worst, if it names several.
pub(super) fn failure(message: &Message<'_>) -> Option<Said> {
    let part = part(message, "delivery-status").or_else(|| part(message, "global-delivery-status"))?;
    let text = String::from_utf8_lossy(part.contents()).into_owned();
    let mut worst = None;
    for block in blocks(&text) {
        match field(&block, "action").map(str::to_ascii_lowercase).as_deref() {
            Some("failed") => {}
            Some(_) => {
                worst = worst.or(Some(Said::Nothing("a report of a delay or a success")));
                continue;
            }
            None => continue,
        }
        let said = judged(&status(&block));
        let is_worse = matches!(said, Said::Hard { .. }) || !matches!(worst, Some(Said::Hard { .. }));
        if is_worse {
            worst = Some(said);
        }
    }
    Some(worst.unwrap_or(Said::Nothing("a report that names no outcome")))
}

/// A report in words only, as some servers still write them: Exim's old ones name the address in a header, qmail's begin with a
/// fixed sentence, others are an RFC 6522 report without the part for programs. Only a clear code is final.
pub(super) fn told(message: &Message<'_>) -> Option<Said> {
    let text = message.body_text(0).unwrap_or_default();
    let kind = message.content_type().and_then(|kind| kind.attribute("report-type").map(str::to_ascii_lowercase));
    let is_report = kind.as_deref() == Some("delivery-status")
        || message.header_raw("X-Failed-Recipients").is_some()
        || text.trim_start().starts_with("Hi. This is the qmail-send program");
    if !is_report {
        return None;
    }
    let words = text.split(|c: char| c.is_whitespace() || ";:()[]<>#-".contains(c));
    let status = words.take(2_000).filter_map(enhanced).find(|code| !code.starts_with('2'));
    Some(status.map_or(Said::Soft { status: "5.0.0".to_owned() }, |status| judged(&status)))
}

/// The enhanced code (RFC 3463) that says most: a gateway's `Status` is often 5.0.0 where the server's own words say 5.1.1.
fn status(block: &[(String, String)]) -> String {
    let given = field(block, "status").and_then(enhanced);
    let diagnostic = field(block, "diagnostic-code").and_then(|text| {
        // `smtp; 550 5.1.1 no such user`
        text.split([' ', ';', '-']).find_map(enhanced)
    });
    match (given, diagnostic) {
        (Some(given), Some(told)) if given.ends_with(".0.0") => told,
        (Some(given), _) => given,
        (None, Some(told)) => told,
        (None, None) => "5.0.0".to_owned(),
    }
}

fn enhanced(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = word.split('.').collect();
    let [class, subject, detail] = parts.as_slice() else { return None };
    let number = |part: &str| part.len() <= 3 && part.parse::<u16>().is_ok();
    (matches!(*class, "2" | "4" | "5") && number(subject) && number(detail)).then(|| word.to_owned())
}

/// Only what is wrong with the address is final. A full mailbox, a policy or a size is not: the next mail may pass.
fn judged(status: &str) -> Said {
    let status = status.to_owned();
    let mut parts = status.split('.');
    let (class, subject, detail) = (parts.next(), parts.next(), parts.next());
    match (class, subject, detail) {
        (Some("2"), ..) => Said::Nothing("a report of a delay or a success"),
        (Some("4"), ..) => Said::Soft { status },
        // 5.1.7 and 5.1.8 accuse the sender.
        (_, Some("1"), Some("7" | "8")) => Said::Soft { status },
        (_, Some("1"), _) | (_, Some("0"), _) => Said::Hard { status },
        // 5.2.1: switched off. 5.2.2 full, 5.2.3 too long, 5.2.4 a list.
        (_, Some("2"), Some("0" | "1")) => Said::Hard { status },
        // 5.4.4: the domain has nobody who takes mail.
        (_, Some("4"), Some("4")) => Said::Hard { status },
        _ => Said::Soft { status },
    }
}

/// The part of this subtype, if the message is a report (RFC 6522) or nothing but that part.
fn part<'a>(message: &'a Message<'_>, subtype: &str) -> Option<&'a MessagePart<'a>> {
    message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
        })
    })
}

/// Groups of fields divided by empty lines, names in lower case, folded lines joined.
fn blocks(text: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            blocks.push(Vec::new());
            continue;
        }
        let Some(block) = blocks.last_mut() else { continue };
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => {
                if let Some((_, value)) = block.last_mut() {
                    let value: &mut String = value;
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            Some((name, value)) => block.push((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
            None => {}
        }
    }
    blocks
}

fn field<'a>(block: &'a [(String, String)], name: &str) -> Option<&'a str> {
    block.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}
