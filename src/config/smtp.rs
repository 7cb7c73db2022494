//! `[smtp]`: the relay, what protects the way to it, and the password's sources.

use super::host::{HostName, is_loopback};
use super::report::At;
use super::secret::{self, Source};
use super::section::Section;
use super::setting::{Word, Wrong, one_of};
use super::{Credentials, Rate, Secret, SmtpConfig, SmtpTimeouts, TlsMode};
use std::path::{Path, PathBuf};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

one_of!(TlsMode, "\"starttls\", \"implicit\" or \"none\"",
    "starttls" => TlsMode::Starttls, "implicit" => TlsMode::Implicit, "none" => TlsMode::None);

/// What `[smtp]` came to.
pub(super) enum Relay {
    Absent,
    Usable(Box<SmtpConfig>),
    Wrong,
}

pub(super) fn read(section: Section<'_>, default_hello: &str, base: &Path) -> Relay {
    let used = section.is_used("host");
    let host = match used {
        true => section.required::<HostName>("host", "the name of the mail server: host = \"mail.example.org\""),
        false => section.get::<HostName>("host"),
    };
    let tls = section.get::<TlsMode>("tls");
    section.default_is("tls", &TlsMode::Starttls);
    let mode = tls.as_ref().map_or(TlsMode::Starttls, |at| at.value);
    let port = section.within("port", default_port(mode), 1..=u16::MAX);
    let user = section.get::<String>("user");
    let password = secret::read(&section, &Source::SMTP, base);
    let concurrency = section.within("concurrency", 4, 1..=64);
    let config = |host: String, credentials| SmtpConfig {
        host,
        port,
        tls: mode,
        credentials,
        hello: section.get::<HostName>("hello").map_or_else(|| default_hello.to_owned(), |at| at.value.0),
        concurrency,
        // Half: whatever one domain does, the others have places left.
        per_domain: section.within("per_domain", concurrency.div_ceil(2), 1..=64),
        rate: section.get::<Rate>("rate").map(|at| at.value),
        ca_file: ca_file(&section, base),
        timeouts: timeouts(&section),
    };
    let mut config = config(host.as_ref().map_or_else(String::new, |at| at.value.0.clone()), None);
    if let Some(host) = &host {
        let help = "tls = \"starttls\" (port 587) or \"implicit\" (port 465)";
        guard(host, tls.as_ref(), user.is_some() || password.is_some(), &section, help);
    }
    config.credentials = credentials(user, password, &section, &Source::SMTP);
    section.finish();
    match (used, host) {
        (false, _) => Relay::Absent,
        (true, Some(_)) => Relay::Usable(Box::new(config)),
        (true, None) => Relay::Wrong,
    }
}

fn default_port(tls: TlsMode) -> u16 {
    match tls {
        TlsMode::Starttls => 587,
        TlsMode::Implicit => 465,
        TlsMode::None => 25,
    }
}

/// RFC 5321 §4.5.3.2.
fn timeouts(section: &Section<'_>) -> SmtpTimeouts {
    let each = |key, default| section.within(key, default, SECOND..=60 * MINUTE);
    SmtpTimeouts {
        connect: each("connect_timeout", MINUTE),
        greeting: each("greeting_timeout", 5 * MINUTE),
        command: each("command_timeout", 5 * MINUTE),
        data: each("data_timeout", 3 * MINUTE),
        dot: each("dot_timeout", 10 * MINUTE),
    }
}

/// The certificate's file, which has to be there.
pub(super) fn ca_file(section: &Section<'_>, base: &Path) -> Option<PathBuf> {
    let at = section.get::<String>("ca_file")?;
    let file = base.join(&at.value);
    if !file.is_file() {
        let message = format!("`ca_file` {} is not there", file.display());
        section.report().error(&at.place, &at.key, message, None);
    }
    Some(file)
}

/// Plain text may leave this machine neither with a password nor with readers' addresses.
pub(super) fn guard(host: &At<HostName>, tls: Option<&At<TlsMode>>, login: bool, section: &Section<'_>, better: &str) {
    let Some(tls) = tls.filter(|at| at.value == TlsMode::None) else { return };
    if is_loopback(&host.value.0) {
        return;
    }
    let (report, help) = (section.report(), || Some(better.to_owned()));
    let name = &host.value.0;
    report.error(
        &tls.place,
        &tls.key,
        format!("`tls = \"none\"` is for a server on this machine, not for `{name}`"),
        help(),
    );
    if login {
        let key = section.path_of("user");
        report.error(
            &section.key_place("user"),
            &key,
            format!("the password would go to `{name}` unprotected"),
            help(),
        );
    }
}

pub(super) fn credentials(
    user: Option<At<String>>,
    password: Option<At<Secret>>,
    section: &Section<'_>,
    source: &Source,
) -> Option<Credentials> {
    match (user, password) {
        (Some(user), Some(password)) => Some(Credentials { user: user.value, password: password.value }),
        (Some(user), None) => {
            // A password that was written but can't be read is reported where it stands.
            if !secret::is_written(section) {
                let help = Some(format!(
                    "password_file = \"…\", the variable {}, or systemd's LoadCredential={}",
                    source.variable, source.credential
                ));
                section.report().error(&user.place, &user.key, "`user` is set, but there is no password", help);
            }
            None
        }
        (None, Some(password)) if section.is_used("host") => {
            let help = Some("user = \"…\", or remove the password".to_owned());
            section.report().error(&password.place, &password.key, "there is a password, but no `user`", help);
            None
        }
        _ => None,
    }
}
