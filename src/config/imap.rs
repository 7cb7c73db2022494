//! `[imap]`: the mailbox that bounces come into, where neither a pipe nor a maildir is at hand.

use super::host::HostName;
use super::secret::{self, Source};
use super::section::Section;
use super::{ImapConfig, TlsMode, smtp};
use std::path::Path;

/// `None` when the section is absent or can't be used; why is reported.
pub(super) fn read(top: &Section<'_>, base: &Path) -> Option<ImapConfig> {
    let section = top.section("imap");
    let used = section.is_used("host");
    let host = match used {
        true => section.required::<HostName>("host", "the name of the mail server: host = \"imap.example.org\""),
        false => section.get::<HostName>("host"),
    };
    let tls = section.get::<TlsMode>("tls");
    section.default_is("tls", &TlsMode::Implicit);
    let mode = tls.as_ref().map_or(TlsMode::Implicit, |at| at.value);
    let port = section.within("port", if mode == TlsMode::Implicit { 993 } else { 143 }, 1..=u16::MAX);
    let user = section.get::<String>("user");
    let password = secret::read(&section, &Source::IMAP, base);
    let mailbox = section.or("mailbox", "INBOX".to_owned());
    let move_to = section.get::<String>("move_to");
    let ca_file = smtp::ca_file(&section, base);
    if let Some(host) = &host {
        let help = "tls = \"implicit\" (port 993) or \"starttls\" (port 143)";
        smtp::guard(host, tls.as_ref(), user.is_some() || password.is_some(), &section, help);
    }
    let no_login = used && user.is_none() && password.is_none();
    let credentials = smtp::credentials(user, password, &section, &Source::IMAP);
    if no_login {
        let help = "user = \"bounces@example.org\" and password_file = \"…\"".to_owned();
        let message = "`user` and its password are missing: a mailbox is somebody's";
        section.report().error(section.heading(), &section.path_of("user"), message, Some(help));
    }
    if let Some(same) = move_to.as_ref().filter(|at| at.value.eq_ignore_ascii_case(&mailbox)) {
        let help = Some("another folder, or leave `move_to` out".to_owned());
        section.report().error(&same.place, &same.key, "`move_to` is the mailbox itself", help);
    }
    section.finish();
    Some(ImapConfig {
        host: host?.value.0,
        port,
        tls: mode,
        credentials: credentials?,
        mailbox,
        move_to: move_to.map(|at| at.value),
        ca_file,
    })
}
