//! The SPF record of the envelope sender's domain (RFC 7208), which is that of bounces where they have one: one, readable, within its
//! limits, and not for everybody.

use super::dns::{Dns, NoAnswer};
use super::finding::{Finding, State};
use crate::config::{ChannelConfig, MailConfig};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::spf::{Macro, Mechanism, Qualifier, Spf};
use mail_auth::{Parameters, SpfResult};

const SPF: &str = "SPF";
/// RFC 7208 §4.6.4.
const MAX_LOOKUPS: usize = 10;

/// What there is to say, and whether there is a record that can pass.
pub async fn check(dns: &Dns, mail: &MailConfig) -> (Vec<Finding>, Option<bool>) {
    let domain = mail.envelope_domain();
    let relay = match &mail.channel {
        ChannelConfig::Smtp(smtp) => smtp.host.as_str(),
        ChannelConfig::File { .. } => "your relay",
    };
    let wrong = |says: String| (vec![Finding::new(SPF, State::Wrong, says)], Some(false));
    let text = match record(dns, domain).await {
        Err(NoAnswer(why)) => return (vec![Finding::new(SPF, State::Unknown, why)], None),
        Ok(records) => match records.as_slice() {
            [] => {
                let says = format!(
                    "{domain} has no SPF record: nothing says that {relay} may send its mail. The operator of {relay} knows \
                     what stands for its servers"
                );
                let finding = Finding::new(SPF, State::Wrong, says);
                return (vec![finding.publish(domain, "v=spf1 include:<name given by your relay> ~all")], Some(false));
            }
            [one] => one.clone(),
            several => {
                let says = "SPF records, and receivers take more than one as an error: make one of them";
                return wrong(format!("{domain} has {} {says} ({})", several.len(), several.join(" | ")));
            }
        },
    };
    let Ok(spf) = Spf::parse(text.as_bytes()) else {
        return wrong(format!("the SPF record of {domain} can't be read: {text}"));
    };
    let mut findings = Vec::new();
    let mut tally = Tally::default();
    Box::pin(tally.walk(dns, &spf, 0)).await;
    findings.extend(tally.faults.iter().map(|fault| Finding::new(SPF, State::Wrong, fault.clone())));
    findings.extend(tally.unknown.iter().map(|why| Finding::new(SPF, State::Unknown, why.clone())));
    if tally.lookups > MAX_LOOKUPS {
        let says = format!(
            "the SPF record of {domain} needs {} questions to the DNS, and receivers stop with an error after {MAX_LOOKUPS}: \
             take out what no longer sends",
            tally.lookups
        );
        findings.push(Finding::new(SPF, State::Wrong, says));
    }
    findings.extend(ending(domain, &spf));
    let is_usable = !findings.iter().any(|finding| finding.state == State::Wrong);
    if !findings.iter().any(Finding::is_trouble) {
        let says = format!("{domain} has one record, with {} of {MAX_LOOKUPS} questions: {text}", tally.lookups);
        findings.insert(0, Finding::new(SPF, State::Fine, says));
    }
    findings.push(relay_itself(dns, mail, relay).await);
    (findings, Some(is_usable))
}

/// The texts at a name that are SPF records.
async fn record(dns: &Dns, name: &str) -> Result<Vec<String>, NoAnswer> {
    let is_spf = |text: &String| text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("v=spf1"));
    let texts = dns.texts(name).await?;
    Ok(texts.into_iter().filter(|text| is_spf(text) && text[6..].chars().next().is_none_or(|c| c == ' ')).collect())
}

/// What the record says of everybody else.
fn ending(domain: &str, spf: &Spf) -> Option<Finding> {
    let all = spf.directives.iter().find(|directive| directive.mechanism == Mechanism::All);
    match all.map(|directive| &directive.qualifier) {
        Some(Qualifier::Pass) => {
            let says = format!("the SPF record of {domain} ends in +all: anybody may send as {domain}. Write ~all");
            Some(Finding::new(SPF, State::Wrong, says))
        }
        Some(Qualifier::Fail | Qualifier::SoftFail) => None,
        None if spf.redirect.is_some() => None,
        Some(Qualifier::Neutral) | None => {
            let says = format!("the SPF record of {domain} says nothing of other senders: end it in ~all");
            Some(Finding::new(SPF, State::Note, says))
        }
    }
}

/// Questions that evaluating a record takes, and what goes wrong on the way.
#[derive(Default)]
struct Tally {
    lookups: usize,
    faults: Vec<String>,
    unknown: Vec<String>,
}

impl Tally {
    async fn walk(&mut self, dns: &Dns, spf: &Spf, depth: usize) {
        for directive in &spf.directives {
            match &directive.mechanism {
                Mechanism::Include { macro_string } => {
                    self.lookups += 1;
                    self.follow(dns, "include:", macro_string, depth).await;
                }
                Mechanism::A { .. } | Mechanism::Mx { .. } | Mechanism::Ptr { .. } | Mechanism::Exists { .. } => {
                    self.lookups += 1;
                }
                Mechanism::All | Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => {}
            }
        }
        let has_all = spf.directives.iter().any(|directive| directive.mechanism == Mechanism::All);
        if let Some(target) = spf.redirect.as_ref().filter(|_| !has_all) {
            self.lookups += 1;
            self.follow(dns, "redirect=", target, depth).await;
        }
    }

    /// A name with macros depends on the mail; it counts, but can't be looked into.
    async fn follow(&mut self, dns: &Dns, how: &str, target: &Macro, depth: usize) {
        let Macro::Literal(name) = target else { return };
        let name = String::from_utf8_lossy(name).into_owned();
        // A circle ends here too, with the count that makes it an error.
        if depth >= MAX_LOOKUPS || self.lookups > 2 * MAX_LOOKUPS {
            return;
        }
        match record(dns, &name).await {
            Err(NoAnswer(why)) => self.unknown.push(why),
            Ok(records) => match records.as_slice() {
                [text] => match Spf::parse(text.as_bytes()) {
                    Ok(spf) => Box::pin(self.walk(dns, &spf, depth + 1)).await,
                    Err(_) => self.faults.push(format!("{how}{name} leads to a record that can't be read: {text}")),
                },
                [] => {
                    self.faults.push(format!("{how}{name} leads to no SPF record, which makes the whole one an error"))
                }
                _ => self.faults.push(format!("{how}{name} leads to several SPF records, which is an error")),
            },
        }
    }
}

/// Where the relay receives is no proof of where it sends from: information only.
async fn relay_itself(dns: &Dns, mail: &MailConfig, relay: &str) -> Finding {
    let note = |says: String| Finding::new(SPF, State::Note, says);
    let addresses = match dns.addresses(relay).await {
        Ok(addresses) => addresses,
        Err(NoAnswer(why)) => return note(format!("{why}, so its own address was not tried")),
    };
    let Some(address) = addresses.into_iter().find(|address| !address.is_loopback()) else {
        return note(format!(
            "the relay {relay} is on this machine; from which address it sends can't be seen from here"
        ));
    };
    let sender = mail.bounces_to.as_ref().unwrap_or(&mail.from).as_str();
    let parameters = SpfParameters::verify_mail_from(address, relay, "localhost", sender);
    let result = dns.verifier().verify_spf(Parameters::new(parameters)).await.result();
    let result = match result {
        SpfResult::Pass => "passes",
        SpfResult::Fail | SpfResult::SoftFail => "fails",
        SpfResult::Neutral | SpfResult::None => "is neither allowed nor refused",
        SpfResult::TempError | SpfResult::PermError => "ends in an error",
    };
    note(format!(
        "mail from the relay's own address {address} {result}. The relay may send from other addresses; its operator knows"
    ))
}
