//! `[notices]`: how the operator hears of what is wrong, other than through the relay that may be what is wrong.

use super::host::is_loopback;
use super::section::Section;
use super::setting::{Word, Wrong};
use super::{NoticeConfig, Secret};
use crate::model::EmailAddress;
use std::path::Path;
use url::Url;

pub(super) fn read(top: &Section<'_>, operator: Option<&EmailAddress>, base: &Path) -> NoticeConfig {
    let section = top.section("notices");
    let file = section.get::<String>("file").map(|at| base.join(at.value));
    let webhook = section.get::<Webhook>("webhook").map(|at| at.value.0);
    let sendmail = section.get::<String>("sendmail");
    if let Some(at) = &sendmail {
        if operator.is_none() {
            let help = Some("operator = \"desk@example.org\", at the top of the file".to_owned());
            section.report().error(
                &at.place,
                &at.key,
                "`sendmail` is set, but there is no `operator` to write to",
                help,
            );
        }
        if !base.join(&at.value).is_file() {
            let message = format!("{} is not there", base.join(&at.value).display());
            let help = Some("the path of a program that takes a mail on its standard input".to_owned());
            section.report().error(&at.place, &at.key, message, help);
        }
    }
    section.finish();
    NoticeConfig { file, webhook, sendmail: sendmail.map(|at| base.join(at.value)) }
}

/// The address itself is the key to somebody's chat room: it is never shown.
struct Webhook(Secret);

impl Word for Webhook {
    const WANTS: &'static str = "an https address";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let url = Url::parse(word.trim()).map_err(|_| Wrong::new("is not an address of a web site"))?;
        let host = url.host_str().unwrap_or("").trim_matches(['[', ']']).to_owned();
        if host.is_empty() || !(url.scheme() == "https" || url.scheme() == "http" && is_loopback(&host)) {
            return Err(Wrong::new("does not start with https://").help("plain http is for this machine only"));
        }
        Ok(Self(Secret::new(url.to_string())))
    }

    fn show(&self) -> String {
        "…".to_owned()
    }
}
