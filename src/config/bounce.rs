//! `[bounce]`: where bounces come back, and what they lead to.

use super::section::Section;
use super::{BounceConfig, imap};
use crate::model::EmailAddress;
use std::path::Path;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// `None` when the section is absent or can't be used; why is reported.
pub(super) fn read(top: &Section<'_>, base: &Path) -> Option<BounceConfig> {
    let section = top.section("bounce");
    let used = section.is_used("address");
    let help = "an address whose mail reaches `khyber bounce`, also with +something before the @: address = \"bounces@example.org\"";
    let address = match used || section.is_written() {
        true => section.required::<EmailAddress>("address", help),
        false => section.get::<EmailAddress>("address"),
    };
    let maildir = section.get::<String>("maildir");
    let threshold = section.within("threshold", BounceConfig::THRESHOLD, 1..=100);
    let forget = section.within("forget", BounceConfig::FORGET, DAY..=365 * DAY);
    if let Some(at) = &address {
        let local = at.value.as_str().rsplit_once('@').map_or("", |(local, _)| local);
        // RFC 5321 §4.5.3.1.1: 64 octets, of which the token and its `+` take 33.
        if local.contains('+') || local.len() > 31 || !local.is_ascii() {
            let message = "`address` has no room for a token before its @";
            let help = "at most 31 plain letters without +: bounces@example.org";
            section.report().error(&at.place, &at.key, message, Some(help.to_owned()));
        }
    }
    if let Some(at) = maildir.as_ref().filter(|at| !base.join(&at.value).join("new").is_dir()) {
        // Mail servers make it with the first mail.
        let message = format!("{} is no maildir yet: it has no folder `new`", base.join(&at.value).display());
        let help = "the folder that your mail server delivers bounces into, with new, cur and tmp in it";
        section.report().warning(&at.place, &at.key, message, Some(help.to_owned()));
    }
    let is_there = used || section.is_written();
    section.finish();
    let imap = imap::read(top, base);
    let mailbox = top.section("imap");
    if mailbox.is_used("host") && !is_there {
        let help = "[bounce] with address = \"bounces@example.org\", which that mailbox receives".to_owned();
        let message = "[imap] is where bounces are read, and there is no [bounce]";
        top.report().error(mailbox.heading(), "imap", message, Some(help));
    }
    let maildir = maildir.map(|at| base.join(at.value));
    Some(BounceConfig { address: address?.value, maildir, imap, threshold, forget })
}
