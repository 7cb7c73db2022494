//! A login's password: from the environment, a file, systemd's credentials, or (with a warning) from the TOML itself.

use super::Secret;
use super::report::{At, Place};
use super::section::Section;
use super::setting::Word;
use std::path::{Path, PathBuf};

/// Where one login's password is looked for.
pub(super) struct Source {
    key: &'static str,
    /// Overrides everything else.
    pub variable: &'static str,
    /// The name in systemd's `LoadCredential=smtp-password:/path`.
    pub credential: &'static str,
}

impl Source {
    pub const SMTP: Source =
        Source { key: "smtp.password", variable: "KHYBER_SMTP__PASSWORD", credential: "smtp-password" };
    pub const IMAP: Source =
        Source { key: "imap.password", variable: "KHYBER_IMAP__PASSWORD", credential: "imap-password" };
}

/// The first of environment, `password_file`, systemd credential and inline `password`.
pub(super) fn read(section: &Section<'_>, source: &Source, base: &Path) -> Option<At<Secret>> {
    let inline = section.get::<Secret>("password");
    let file = section.get::<String>("password_file");
    if let Some(Place::Env { .. }) = inline.as_ref().map(|at| &at.place) {
        return inline;
    }
    if let (Some(inline), Some(_)) = (&inline, &file) {
        let help = Some("remove `password`: the file is the safer place".to_owned());
        section.report().error(&inline.place, &inline.key, "`password` and `password_file` are both set", help);
        return None;
    }
    if let Some(file) = file {
        let path = base.join(&file.value);
        return from_file(section, &path, &file.place, &file.key);
    }
    if let Some(inline) = inline {
        let Source { variable, credential, .. } = source;
        let help =
            Some(format!("use password_file, the variable {variable}, or systemd's LoadCredential={credential}:…"));
        section.report().warning(&inline.place, &inline.key, "the password stands in the configuration file", help);
        return Some(inline);
    }
    let path = section.environment("CREDENTIALS_DIRECTORY").map(|dir| PathBuf::from(dir).join(source.credential))?;
    if !path.is_file() {
        return None;
    }
    let place = Place::Env { variable: "CREDENTIALS_DIRECTORY".to_owned() };
    from_file(section, &path, &place, source.key)
}

/// A source of the password is named, whether it could be read or not.
pub(super) fn is_written(section: &Section<'_>) -> bool {
    section.has("password") || section.has("password_file")
}

fn from_file(section: &Section<'_>, path: &Path, place: &Place, key: &str) -> Option<At<Secret>> {
    let text = private_file(section, path, place, key, "password")?;
    match <Secret as Word>::parse(text.trim_end_matches(['\r', '\n'])) {
        Ok(secret) => Some(At { value: secret, place: place.clone(), key: key.to_owned() }),
        Err(wrong) => {
            section.report().error(place, key, format!("the password in {} {}", path.display(), wrong.message), None);
            None
        }
    }
}

/// The text of a file that only the daemon should be able to read.
pub(super) fn private_file(section: &Section<'_>, path: &Path, place: &Place, key: &str, what: &str) -> Option<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            warn_if_public(section, path, place, key, what);
            Some(text)
        }
        Err(why) => {
            let message = format!("the {what} can't be read from {}: {why}", path.display());
            section.report().error(place, key, message, None);
            None
        }
    }
}

#[cfg(unix)]
fn warn_if_public(section: &Section<'_>, path: &Path, place: &Place, key: &str, what: &str) {
    use std::os::unix::fs::PermissionsExt;
    let public = std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o004 != 0);
    if public {
        let help = Some(format!("chmod 600 {}", path.display()));
        section.report().warning(place, key, format!("every user of this machine can read the {what} file"), help);
    }
}

#[cfg(not(unix))]
fn warn_if_public(_: &Section<'_>, _: &Path, _: &Place, _: &str, _: &str) {}
