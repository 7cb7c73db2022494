//! The DMARC record that holds for the sender's domain, its own or one above, and whether the mails align with it.

use super::dns::{Dns, NoAnswer};
use super::finding::{Finding, State};
use crate::config::{MailConfig, is_related};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dmarc::{Alignment, Dmarc, Policy};

const DMARC: &str = "DMARC";
/// A walk up the tree asks at most this many names (RFC 9989 §4.10).
const MAX_STEPS: usize = 8;

/// What holds for the domain, as far as it is known.
#[derive(Debug, Default)]
pub struct Standing {
    pub is_there: Option<bool>,
    /// Some signature is of the sender's organisation; `None` without own keys.
    pub dkim_aligns: Option<bool>,
}

pub async fn check(dns: &Dns, mail: &MailConfig) -> (Vec<Finding>, Standing) {
    let domain = mail.from.domain();
    let reports = mail.reply_to.as_ref().unwrap_or(&mail.from);
    let to_publish = format!("v=DMARC1; p=none; rua=mailto:{}", reports.as_str());
    let wrong = |says: String| {
        let finding = Finding::new(DMARC, State::Wrong, says).publish(format!("_dmarc.{domain}"), to_publish.clone());
        (vec![finding], Standing { is_there: Some(false), dkim_aligns: aligned(mail, domain, &Alignment::Relaxed) })
    };
    let (at, texts) = match walk(dns, domain).await {
        Err(NoAnswer(why)) => return (vec![Finding::new(DMARC, State::Unknown, why)], Standing::default()),
        Ok(None) => {
            return wrong(format!(
                "neither {domain} nor a domain above it has a DMARC record, which bulk senders need"
            ));
        }
        Ok(Some(found)) => found,
    };
    let [text] = texts.as_slice() else {
        return wrong(format!("_dmarc.{at} has {} DMARC records, and receivers then take none", texts.len()));
    };
    let Ok(dmarc) = Dmarc::parse(text.as_bytes()) else {
        return wrong(format!("the DMARC record at _dmarc.{at} can't be read: {text}"));
    };
    let mut findings = vec![policy(domain, &at, &dmarc)];
    if dmarc.rua.is_empty() {
        let says = format!("the record at _dmarc.{at} has no rua=: nobody will tell you who else sends as {domain}");
        findings.push(Finding::new(DMARC, State::Note, says));
    }
    let dkim_aligns = aligned(mail, &at, &dmarc.adkim);
    if dkim_aligns == Some(false) {
        let domains: Vec<&str> = mail.dkim.iter().map(|key| key.domain.as_str()).collect();
        let says = format!(
            "mails are signed by {}, which does not count for {domain}{}: set `domain = {domain:?}` in [[dkim]]",
            domains.join(", "),
            if dmarc.adkim == Alignment::Strict { " under adkim=s" } else { "" }
        );
        findings.push(Finding::new(DMARC, State::Wrong, says));
    }
    findings.extend(envelope(mail, &at, &dmarc, dkim_aligns));
    (findings, Standing { is_there: Some(true), dkim_aligns })
}

/// Bounces of another domain take SPF away from the sender's: its pass then counts for nobody whom readers see.
fn envelope(mail: &MailConfig, organisation: &str, dmarc: &Dmarc, dkim_aligns: Option<bool>) -> Option<Finding> {
    let (from, bounces) = (mail.from.domain(), mail.envelope_domain());
    if counts(bounces, from, organisation, &dmarc.aspf) {
        return None;
    }
    let why = if dmarc.aspf == Alignment::Strict { " under aspf=s" } else { "" };
    let says = format!("bounces go to {bounces}, so SPF does not count for {from}{why}");
    Some(match dkim_aligns {
        Some(true) => Finding::new(DMARC, State::Note, format!("{says}: the signature alone carries these mails")),
        Some(false) => {
            Finding::new(DMARC, State::Wrong, format!("{says}, and neither does the signature: every mail fails"))
        }
        None => {
            let says = format!(
                "{says}: mails fail unless the relay signs them as {from}. Add [[dkim]], or take an address of {from}"
            );
            Finding::new(DMARC, State::Wrong, says)
        }
    })
}

fn policy(domain: &str, at: &str, dmarc: &Dmarc) -> Finding {
    let inherited = at != domain;
    let policy = if inherited && dmarc.sp != Policy::Unspecified { dmarc.sp } else { dmarc.p };
    let asks = match policy {
        Policy::Reject => "to refuse mail that is not yours",
        Policy::Quarantine => "to put mail that is not yours aside",
        Policy::None | Policy::Unspecified => "to report only (p=none), which is enough for Gmail and Yahoo",
    };
    let whose = if inherited { format!("{domain} is under the record of {at}, which") } else { domain.to_owned() };
    Finding::new(DMARC, State::Fine, format!("{whose} asks receivers {asks}"))
}

/// The nearest domain with records, from the sender's own upwards; never a top-level domain's.
async fn walk(dns: &Dns, domain: &str) -> Result<Option<(String, Vec<String>)>, NoAnswer> {
    let mut at = domain;
    for _ in 0..MAX_STEPS {
        let texts = dns.texts(&format!("_dmarc.{at}")).await?;
        let records: Vec<String> = texts.into_iter().filter(|text| is_dmarc(text)).collect();
        if !records.is_empty() {
            return Ok(Some((at.to_owned(), records)));
        }
        match at.split_once('.') {
            Some((_, above)) if above.contains('.') => at = above,
            _ => break,
        }
    }
    Ok(None)
}

fn is_dmarc(text: &str) -> bool {
    text.split(';').next().is_some_and(|first| first.replace(' ', "") == "v=DMARC1")
}

/// Strict: the same domain; relaxed: of one organisation, whose domain is where the record was found.
fn aligned(mail: &MailConfig, organisation: &str, how: &Alignment) -> Option<bool> {
    if mail.dkim.is_empty() {
        return None;
    }
    let from = mail.from.domain();
    Some(mail.dkim.iter().any(|key| counts(&key.domain, from, organisation, how)))
}

fn counts(domain: &str, from: &str, organisation: &str, how: &Alignment) -> bool {
    match how {
        Alignment::Strict => domain == from,
        Alignment::Relaxed => {
            is_related(domain, from)
                || domain == organisation
                || domain.strip_suffix(organisation).is_some_and(|rest| rest.ends_with('.'))
        }
    }
}
