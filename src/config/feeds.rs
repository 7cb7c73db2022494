//! `[[feed]]`: what is polled.

use super::FetchConfig;
use super::report::{At, Place, Report};
use super::section::Section;
use super::setting::{Setting, Word, Wrong};
use crate::model::{Feed, FeedId, FeedKind, Lang, Owner, Side};
use std::collections::HashMap;
use std::time::Duration;
use url::{Host, Url};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

impl Word for FeedId {
    const WANTS: &'static str = "an id such as \"dawn-home\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        word.parse().map_err(|_| Wrong::new(format!("`{word}` is not an id")).help(slug_help(word)))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// What an id may look like, with the nearest one that may be used.
pub(super) fn slug_help(word: &str) -> String {
    let kept: String =
        word.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let parts: Vec<&str> = kept.split('-').filter(|part| !part.is_empty()).collect();
    let slug: String = parts.join("-").trim_start_matches('_').chars().take(64).collect();
    let rule = "1 to 64 of a-z, 0-9, `-` and `_`, starting with a letter or digit";
    // Nothing is made of what may be a reader's address.
    if slug.is_empty() || word.contains('@') { rule.to_owned() } else { format!("{rule}; for example `{slug}`") }
}

/// An address that can be polled.
struct FeedUrl(Url);

impl Word for FeedUrl {
    const WANTS: &'static str = "a URL that starts with https:// or http://";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let help = format!("wants {}", <Self as Word>::WANTS);
        let url = Url::parse(word.trim()).map_err(|why| {
            let wrong = Wrong::new(format!("is not a URL: {why}"));
            let bare = !word.contains("://") && word.contains('.');
            if bare { wrong.help(format!("did you mean `https://{}`?", word.trim())) } else { wrong.help(help.clone()) }
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Wrong::new(format!("has the scheme `{}:`, which can't be polled", url.scheme())).help(help));
        }
        if !url.username().is_empty() || url.password().is_some() {
            // The words themselves are not repeated: they are a secret.
            return Err(
                Wrong::new("holds a user name or password before the host").help("remove what stands before the `@`")
            );
        }
        if url.host().is_none() {
            return Err(Wrong::new("names no host").help(help));
        }
        Ok(FeedUrl(url))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

struct Country(String);

impl Word for Country {
    const WANTS: &'static str = "a country code such as \"PK\", \"AF\" or \"INT\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let upper = word.to_ascii_uppercase();
        let is_code = upper.bytes().all(|b| b.is_ascii_uppercase()) && (upper.len() == 2 || upper == "INT");
        if !is_code {
            return Err(Wrong::new(format!("`{word}` is not a country code"))
                .help("two letters of ISO 3166-1, such as PK, AF or GB; INT for an international publisher"));
        }
        Ok(Country(upper))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Word for Owner {
    const WANTS: &'static str = "\"state\", or the owner's name such as \"Valley Media Group\"";

    fn parse(word: &str) -> Result<Self, Wrong> {
        let name = String::parse(word).map_err(|wrong| wrong.help("leave the key out where the owner is not known"))?;
        Ok(Self::of(&name))
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

/// The feeds of one file.
pub(super) fn read(top: &Section<'_>) -> Vec<At<Feed>> {
    top.tables("feed").into_iter().filter_map(one).collect()
}

fn one(section: Section<'_>) -> Option<At<Feed>> {
    let id = section.required::<FeedId>(
        "id",
        "give the feed a short name of your own that stays, such as id = \"dawn-home\": its history is kept under it",
    );
    let url = section.required::<FeedUrl>("url", "the address of the RSS, Atom or JSON feed");
    let publisher = section
        .required::<String>("publisher", "the news organisation, as readers should see it: publisher = \"Dawn\"");
    let side = section.or("side", Side::Unknown);
    let owner = section.or("owner", Owner::Unknown);
    let country = section.or("country", Country("INT".to_owned())).0;
    let lang = section.get::<Lang>("lang").map(|at| at.value);
    let kind = section.or("kind", FeedKind::News);
    let interval = section.within_if_set("interval", MINUTE..=7 * DAY).map(|at| at.value);
    let enabled = section.or("enabled", true);
    let full_text = section.or("full_text", false);
    section.finish();
    let id = id?;
    // A feed with a mistake still takes its id, so that a second one with the same id is told in the same run;
    // the configuration as a whole is refused for the mistake.
    let url =
        url.map_or_else(|| Url::parse(&format!("https://{}.invalid/", id.value)).ok(), |url| Some(url.value.0))?;
    let publisher = publisher.map_or_else(String::new, |publisher| publisher.value);
    let feed = Feed { id: id.value, url, publisher, side, owner, country, lang, kind, interval, enabled, full_text };
    Some(At { value: feed, place: id.place, key: id.key })
}

/// What can only be seen over all files: ids and URLs used twice, and hosts the fetcher will refuse.
pub(super) fn check(feeds: &[At<Feed>], fetch: &FetchConfig, report: &Report) {
    let mut ids: HashMap<&FeedId, ()> = HashMap::new();
    let mut urls: HashMap<&Url, &FeedId> = HashMap::new();
    for At { value: feed, place, key } in feeds {
        if ids.insert(&feed.id, ()).is_some() {
            report.error(
                place,
                key,
                format!("two feeds have the id `{}`", feed.id),
                Some("each feed needs an id of its own".to_owned()),
            );
        } else if let Some(other) = urls.insert(&feed.url, &feed.id) {
            report.warning(
                place,
                key,
                format!("feeds `{other}` and `{}` poll the same URL", feed.id),
                Some("remove one of them".to_owned()),
            );
        }
        unreachable_host(feed, place, key, fetch, report);
    }
}

/// What the fetcher would refuse, by the look of the URL; it checks every address it dials by itself.
fn unreachable_host(feed: &Feed, place: &Place, key: &str, fetch: &FetchConfig, report: &Report) {
    let host = feed.url.host_str().unwrap_or("").trim_matches(['[', ']']);
    if fetch.allow_private.iter().any(|allowed| allowed == host) {
        return;
    }
    let port = feed.url.port_or_known_default().unwrap_or(0);
    let message = if is_private(&feed.url) {
        format!("`{host}` is an address of this machine or its network: it will not be polled")
    } else if !fetch.ports.contains(&port) {
        format!("port {port} of `{host}` is none of [fetch] `ports`: it will not be polled")
    } else {
        return;
    };
    let help = format!("set [fetch] allow_private = [{}] if this is meant", host.to_owned().to_toml());
    report.warning(place, key, message, Some(help));
}

fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
