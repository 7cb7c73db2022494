//! What Gmail and Yahoo ask of senders, held against the configuration and the DNS.

use super::dns::Dns;
use super::finding::{Finding, State};
use super::{dkim, dmarc, spf};
use crate::config::{ChannelConfig, Config, TlsMode};

/// Gmail's line between a sender and a bulk sender: mails a day to its users.
const BULK: usize = 5_000;

/// Nobody can publish records for these, and their DMARC turns away what others send in their name.
const PUBLIC_PROVIDERS: [&str; 22] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.co.uk",
    "ymail.com",
    "aol.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "zoho.com",
];

/// Everything that can be said about this sender; nothing where mails go into files.
pub async fn check(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let mail = &config.mail;
    let ChannelConfig::Smtp(smtp) = &mail.channel else { return Ok(Vec::new()) };
    if let Some(finding) = public_provider(mail.from.domain(), &smtp.host) {
        return Ok(vec![finding]);
    }
    let dns = Dns::new(&config.dns)?;
    let (spf, (dkim, (dmarc, standing))) = futures_util::future::join(
        spf::check(&dns, mail),
        futures_util::future::join(dkim::check(&dns, mail), dmarc::check(&dns, mail)),
    )
    .await;
    let known = Known {
        spf: spf.1,
        dkim: dkim.1,
        dmarc: standing.is_there,
        aligned: standing.dkim_aligns,
        one_click: config.web.as_ref().is_some_and(|web| web.public_url.scheme() == "https"),
    };
    let mut findings = [spf.0, dkim.0, dmarc].concat();
    if smtp.tls == TlsMode::None {
        let says = "your relay is on this machine; that it uses TLS onwards, as both ask for, is its own setting";
        findings.push(Finding::new("Gmail and Yahoo", State::Note, says));
    }
    findings.push(known.any_sender());
    findings.push(known.bulk_sender(config.subscribers.len()));
    Ok(findings)
}

fn public_provider(domain: &str, relay: &str) -> Option<Finding> {
    if !PUBLIC_PROVIDERS.contains(&domain) {
        return None;
    }
    let own = relay == domain || relay.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    Some(if own {
        let says = format!(
            "{domain} is a public mailbox provider and this its own relay: fine for a few readers, not for a list"
        );
        Finding::new("From", State::Note, says)
    } else {
        let says = format!(
            "{domain} is a public mailbox provider, and {relay} is not its relay: receivers will refuse these mails. Send \
             from a domain of your own"
        );
        Finding::new("From", State::Wrong, says)
    })
}

/// What was found; `None` is unknown.
struct Known {
    spf: Option<bool>,
    dkim: Option<bool>,
    dmarc: Option<bool>,
    aligned: Option<bool>,
    one_click: bool,
}

impl Known {
    fn any_sender(&self) -> Finding {
        const ABOUT: &str = "Gmail and Yahoo, any sender";
        match (self.spf, self.dkim) {
            (Some(true), _) | (_, Some(true)) => Finding::new(ABOUT, State::Fine, "SPF or DKIM is there"),
            (Some(false), Some(false)) => {
                Finding::new(ABOUT, State::Wrong, "mail without SPF and DKIM is refused or put into spam")
            }
            _ => Finding::new(ABOUT, State::Note, "whether SPF or DKIM is there could not be found out"),
        }
    }

    /// Missing for a small list is worth a note; for a large one it is the end of delivery.
    fn bulk_sender(&self, subscribers: usize) -> Finding {
        let about = "Gmail and Yahoo, bulk sender";
        let missing: Vec<&str> = [
            (self.spf == Some(false), "SPF"),
            (self.dkim == Some(false), "DKIM"),
            (self.dmarc == Some(false), "DMARC (p=none is enough)"),
            (self.aligned == Some(false), "a signature of the sender's own domain"),
            (!self.one_click, "leaving by one click: a [web] section with an https public_url"),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect();
        let unknown = [self.spf, self.dkim, self.dmarc].contains(&None);
        if missing.is_empty() && unknown {
            return Finding::new(about, State::Note, "nothing is known to be missing, but not all could be found out");
        }
        if missing.is_empty() {
            return Finding::new(about, State::Fine, "SPF, DKIM, DMARC, alignment and leaving by one click are there");
        }
        let (state, who) = match subscribers >= BULK {
            true => (State::Wrong, "with this many subscribers you are one"),
            false => (State::Note, "from 5,000 mails a day to Gmail on"),
        };
        Finding::new(about, state, format!("missing ({who}): {}", missing.join("; ")))
    }
}
