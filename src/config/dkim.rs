//! `[[dkim]]`: the keys that every mail is signed with.

use super::dkim_key::DkimKey;
use super::host::HostName;
use super::report::{At, Place};
use super::secret::private_file;
use super::section::Section;
use super::setting::{Word, Wrong};
use crate::model::EmailAddress;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One signature on every mail.
#[derive(Debug, Clone)]
pub struct DkimConfig {
    pub domain: String,
    pub selector: String,
    pub key: Arc<DkimKey>,
}

impl DkimConfig {
    /// Where the public key is looked for.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }
}

/// As DMARC's relaxed alignment sees it, as far as names alone can tell.
pub fn is_related(one: &str, other: &str) -> bool {
    let below = |child: &str, parent: &str| child.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'));
    one == other || below(one, other) || below(other, one)
}

/// A name below `_domainkey`.
struct Selector(String);

impl Word for Selector {
    const WANTS: &'static str = "a name such as \"khyber1\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if word.split('.').all(is_label) && word.len() <= 100 {
            return Ok(Self(word.to_owned()));
        }
        Err(Wrong::new(format!("`{word}` is not a name in the DNS")).help("letters, digits and hyphens: \"khyber1\""))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// The keys that can be used; what is wrong with the others is reported.
pub(super) fn read(top: &Section<'_>, from: Option<&EmailAddress>, base: &Path) -> Vec<DkimConfig> {
    let credentials = top.environment("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let mut names = HashSet::new();
    let mut keys = Vec::new();
    for section in top.tables("dkim") {
        let (place, path) = (section.heading().clone(), section.path_of("selector"));
        let Some(key) = one(&section, from, base, credentials.as_deref()) else {
            section.finish();
            continue;
        };
        if !names.insert(key.record_name()) {
            let help = Some("each [[dkim]] needs a selector of its own".to_owned());
            section.report().error(&place, &path, format!("two keys are for {}", key.record_name()), help);
        }
        section.finish();
        keys.push(key);
    }
    keys
}

fn one(
    section: &Section<'_>,
    from: Option<&EmailAddress>,
    base: &Path,
    credentials: Option<&Path>,
) -> Option<DkimConfig> {
    section.refuse("key", "a private key does not belong into this file", "key_file = \"/etc/khyber/dkim.pem\"");
    let selector = section.required::<Selector>("selector", "a name of your own for this key: selector = \"khyber1\"");
    let domain = section.get::<HostName>("domain");
    let key = key(section, selector.as_ref(), base, credentials);
    if let (Some(at), Some(from)) = (&domain, from)
        && !is_related(&at.value.0, from.domain())
    {
        let message = format!(
            "mails from {} are signed by {}: DMARC wants one domain, or one below the other",
            from.domain(),
            at.value.0
        );
        let help = Some(format!("domain = {:?}, which is the default", from.domain()));
        section.report().warning(&at.place, &at.key, message, help);
    }
    let domain = domain.map(|at| at.value.0).or_else(|| from.map(|from| from.domain().to_owned()))?;
    Some(DkimConfig { domain, selector: selector?.value.0, key: key? })
}

/// From `key_file`, or systemd's credential of the selector's name.
fn key(
    section: &Section<'_>,
    selector: Option<&At<Selector>>,
    base: &Path,
    credentials: Option<&Path>,
) -> Option<Arc<DkimKey>> {
    if let Some(file) = section.get::<String>("key_file") {
        return from_file(section, &base.join(&file.value), &file.place, &file.key);
    }
    // A wrong selector or file name is reported where it stands.
    let selector = &selector.filter(|_| !section.has("key_file"))?.value.0;
    let credential = format!("dkim-{selector}");
    let path = credentials.map(|folder| folder.join(&credential)).filter(|path| path.is_file());
    let key = section.path_of("key_file");
    let Some(path) = path else {
        let help = format!("key_file = \"/etc/khyber/dkim.pem\", or systemd's LoadCredential={credential}:/path");
        section.report().error(section.heading(), &key, "`key_file` is missing: a file with a private key", Some(help));
        return None;
    };
    from_file(section, &path, &Place::Env { variable: "CREDENTIALS_DIRECTORY".to_owned() }, &key)
}

fn from_file(section: &Section<'_>, path: &Path, place: &Place, key: &str) -> Option<Arc<DkimKey>> {
    let pem = private_file(section, path, place, key, "DKIM key")?;
    match DkimKey::from_pem(&pem) {
        Ok(key) => Some(Arc::new(key)),
        Err(why) => {
            let help =
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out dkim.pem makes one".to_owned();
            section.report().error(place, key, format!("{} {why}", path.display()), Some(help));
            None
        }
    }
}
