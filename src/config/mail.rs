//! `[mail]`: who the digest comes from, and where mail goes.

use super::host::HostName;
use super::section::Section;
use super::{ChannelConfig, MailConfig, dkim, smtp};
use crate::model::EmailAddress;
use std::path::Path;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// `None` when it can't be used; why is reported.
pub(super) fn read(
    top: &Section<'_>,
    bounces_to: Option<&EmailAddress>,
    data_dir: &Path,
    base: &Path,
) -> Option<MailConfig> {
    let section = top.section("mail");
    let relay = top.section("smtp");
    let from = sender(&section, relay.is_used("host"));
    let from_name = section.or("from_name", "Khyber".to_owned());
    let discreet_name = section.or("discreet_name", "Digest".to_owned());
    let reply_to = section.get::<EmailAddress>("reply_to").map(|at| at.value);
    let list_domain = section.get::<HostName>("list_domain").map(|at| at.value.0);
    let unsubscribe = section.get::<EmailAddress>("unsubscribe").map(|at| at.value);
    let retry_for = section.within("retry_for", 5 * DAY, Duration::from_secs(600)..=14 * DAY);
    let hello = from.as_ref().map_or("localhost", EmailAddress::domain);
    let smtp = smtp::read(relay, hello, base);
    section.finish();
    let dkim = dkim::read(top, from.as_ref(), base);
    let channel = match smtp {
        smtp::Relay::Absent => ChannelConfig::File { dir: data_dir.join("outbox") },
        smtp::Relay::Usable(config) => ChannelConfig::Smtp(config),
        smtp::Relay::Wrong => return None,
    };
    let from = from?;
    Some(MailConfig {
        list_domain: list_domain.unwrap_or_else(|| from.domain().to_owned()),
        // The mailbox that is read by the program understands it at once.
        unsubscribe: unsubscribe.or(bounces_to.cloned()).unwrap_or_else(|| from.clone()),
        from,
        from_name,
        discreet_name,
        reply_to,
        channel,
        bounces_to: bounces_to.cloned(),
        retry_for,
        dkim,
    })
}

/// Mail into a folder needs no real sender; mail to a relay does.
fn sender(section: &Section<'_>, relayed: bool) -> Option<EmailAddress> {
    if relayed {
        let help = "[mail] from = \"digest@your-domain.example\", an address that your relay lets you send from";
        return section.required::<EmailAddress>("from", help).map(|at| at.value);
    }
    match section.get::<EmailAddress>("from") {
        Some(at) => Some(at.value),
        None => "khyber@localhost".parse().ok(),
    }
}
