//! The published DKIM keys beside the configured ones.

use super::dns::{Dns, NoAnswer};
use super::finding::{Finding, State, tags};
use crate::config::{DkimConfig, MailConfig};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const DKIM: &str = "DKIM";

/// One finding a key; and whether a signature will pass, which is unknown where the relay may sign or nobody answered.
pub async fn check(dns: &Dns, mail: &MailConfig) -> (Vec<Finding>, Option<bool>) {
    if mail.dkim.is_empty() {
        let says = format!(
            "no [[dkim]] is configured. That is fine if your relay signs for {}; send a test mail and look for d={} in its \
             DKIM-Signature",
            mail.from.domain(),
            mail.from.domain()
        );
        return (vec![Finding::new(DKIM, State::Note, says)], None);
    }
    let mut findings = Vec::new();
    for key in &mail.dkim {
        findings.push(of_key(key, dns.texts(&key.record_name()).await));
    }
    let passes = match () {
        () if findings.iter().any(|finding| !finding.is_trouble()) => Some(true),
        () if findings.iter().any(|finding| finding.state == State::Unknown) => None,
        () => Some(false),
    };
    (findings, passes)
}

fn of_key(key: &DkimConfig, texts: Result<Vec<String>, NoAnswer>) -> Finding {
    let name = key.record_name();
    let wrong = |says: String| Finding::new(DKIM, State::Wrong, says).publish(&name, key.key.record());
    match texts {
        Err(NoAnswer(why)) => Finding::new(DKIM, State::Unknown, why),
        Ok(texts) => match texts.as_slice() {
            [] => {
                wrong(format!("there is no record at {name}: the signatures of this key can't be checked by anybody"))
            }
            [text] => match fault(key, text) {
                Some(fault) => wrong(format!("the record at {name} {fault}")),
                None if is_testing(text) => {
                    let says = format!("the record at {name} is right, but says t=y (testing): take that out of it");
                    Finding::new(DKIM, State::Note, says)
                }
                None => {
                    Finding::new(DKIM, State::Fine, format!("{name} holds the {} key that signs", key.key.algorithm()))
                }
            },
            several => wrong(format!("{name} has {} TXT records; there must be one", several.len())),
        },
    }
}

/// RFC 6376 §3.6.1.
fn fault(key: &DkimConfig, text: &str) -> Option<String> {
    let tags = tags(text);
    let value = |tag: &str| tags.iter().find(|(name, _)| name == tag).map(|(_, value)| value.as_str());
    let lists = |tag: &str, wanted: &[&str]| {
        value(tag).is_none_or(|list| list.split(':').any(|word| wanted.contains(&word.trim())))
    };
    if tags.iter().position(|(name, _)| name == "v").is_some_and(|at| at > 0)
        || value("v").is_some_and(|v| v != "DKIM1")
    {
        return Some("does not begin with v=DKIM1".to_owned());
    }
    let Some(p) = value("p") else { return Some("has no p=, where the key belongs".to_owned()) };
    let published: String = p.chars().filter(|c| !c.is_whitespace()).collect();
    if published.is_empty() {
        return Some("has an empty p=: this key was revoked. Sign with a new key under a new selector".to_owned());
    }
    let kind = value("k").unwrap_or("rsa");
    if kind != key.key.algorithm() {
        return Some(format!(
            "holds a key of the kind {kind}, and mails are signed by one of the kind {}",
            key.key.algorithm()
        ));
    }
    match STANDARD.decode(&published) {
        Err(_) => return Some("has a p= that is not base64; it may have been cut".to_owned()),
        Ok(bytes) if !key.key.is_published_as(&bytes) => {
            return Some("holds another key than the one that signs".to_owned());
        }
        Ok(_) => {}
    }
    if !lists("h", &["sha256"]) {
        return Some("has h= without sha256, which is what signs".to_owned());
    }
    (!lists("s", &["*", "email"])).then(|| "has s= without email".to_owned())
}

fn is_testing(text: &str) -> bool {
    tags(text).iter().any(|(tag, value)| tag == "t" && value.split(':').any(|flag| flag.trim() == "y"))
}
