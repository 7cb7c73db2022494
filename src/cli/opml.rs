//! OPML: feeds from another reader, and back. Folders become publishers or sides.

mod normal;

use super::feeds_file::name_of;
use crate::model::{Feed, FeedId, Lang, Owner, Side};
use crate::parse::canonical::canonical;
use anyhow::Context;
use opml::{OPML, Outline};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// What an OPML file held, outline by outline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    pub feeds: Vec<Feed>,
    pub rows: Vec<Row>,
}

/// What became of one outline that names a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub line: usize,
    pub name: String,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    New {
        id: FeedId,
        publisher: String,
        side: &'static str,
    },
    /// Configured already.
    Known {
        id: FeedId,
    },
    /// The same address stands further up in the file: many readers list a feed in each of its folders.
    Repeated {
        line: usize,
    },
    Refused {
        reason: &'static str,
    },
}

impl Imported {
    pub fn refused(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Refused { .. })).count()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.outcome {
            Outcome::New { id, publisher, side } => write!(f, "new feed `{id}` of {publisher} ({side})"),
            Outcome::Known { id } => write!(f, "`{}` is there already, as `{id}`", self.name),
            Outcome::Repeated { line } => write!(f, "`{}` is the same as on line {line}", self.name),
            Outcome::Refused { reason } => write!(f, "`{}` is left out: {reason}", self.name),
        }
    }
}

/// Reads an OPML file. Feeds that are `known` by their address are not taken again; ids are made so that they differ from
/// theirs.
pub fn import(text: &str, known: &[Feed]) -> anyhow::Result<Imported> {
    let normal = normal::normal(text)?;
    let opml = OPML::from_str(&normal.xml).context("not an OPML file that can be read")?;
    let mut import = Import {
        ids: known.iter().map(|feed| feed.id.to_string()).collect(),
        known: known.iter().map(|feed| (same(&feed.url), feed.id.clone())).collect(),
        seen: HashMap::new(),
        lines: normal.lines.into_iter(),
        found: Imported::default(),
    };
    import.folder(&opml.body.outlines, &Place::default());
    Ok(import.found)
}

/// What two addresses of one feed have in common: `www.`, scheme and a slash at the end tell none apart.
pub fn same(url: &Url) -> String {
    let canonical = canonical(url);
    let bare = canonical.as_str().trim_start_matches("https://").trim_start_matches("http://");
    bare.trim_start_matches("www.").trim_end_matches('/').to_owned()
}

/// What the folders around an outline say.
#[derive(Debug, Clone, Default)]
struct Place {
    publisher: Option<String>,
    side: Option<Side>,
}

struct Import {
    ids: HashSet<String>,
    known: HashMap<String, FeedId>,
    seen: HashMap<String, usize>,
    /// Of the outlines, in the order in which they are visited.
    lines: std::vec::IntoIter<usize>,
    found: Imported,
}

impl Import {
    fn folder(&mut self, outlines: &[Outline], place: &Place) {
        for outline in outlines {
            let line = self.lines.next().unwrap_or(0);
            if outline.xml_url.is_some() {
                let name = name(outline).to_owned();
                let outcome = self.feed(outline, place, line);
                self.found.rows.push(Row { line, name, outcome });
            }
            let inside = inside(outline, place);
            self.folder(&outline.outlines, &inside);
        }
    }

    fn feed(&mut self, outline: &Outline, place: &Place, line: usize) -> Outcome {
        // FreshRSS writes down web pages that it takes apart by rules of its own.
        let scraped = |kind: &str| kind.to_ascii_uppercase().contains("XPATH");
        if outline.r#type.as_deref().is_some_and(scraped) {
            return Outcome::Refused { reason: "it is a web page that the other reader took apart, not a feed" };
        }
        let usable = |url: &Url| {
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        };
        // The address is not repeated in the message: it may hold a password.
        let Some(url) = Url::parse(outline.xml_url.as_deref().unwrap_or("").trim()).ok().filter(usable) else {
            return Outcome::Refused { reason: "its address is no plain http(s) URL" };
        };
        let key = same(&url);
        if let Some(id) = self.known.get(&key) {
            return Outcome::Known { id: id.clone() };
        }
        if let Some(line) = self.seen.insert(key.clone(), line) {
            self.seen.insert(key, line);
            return Outcome::Repeated { line };
        }
        let name = name(outline);
        let host = url.host_str().unwrap_or("feed").trim_start_matches("www.").to_owned();
        let labels = Labels::of(outline);
        let Some(id) = self.id(labels.after("/id/"), [name, outline.text.trim(), &host, "feed"]) else {
            return Outcome::Refused { reason: "no id could be made for it" };
        };
        let publisher = place.publisher.clone().or_else(|| Some(name.to_owned()).filter(|name| !name.is_empty()));
        let feed = Feed {
            id,
            url,
            publisher: publisher.unwrap_or(host),
            side: labels.after("/side/").and_then(word).or(place.side).unwrap_or_default(),
            owner: labels.after("/owner/").map(owner).unwrap_or_default(),
            country: labels.after("/country/").unwrap_or("INT").to_owned(),
            lang: outline.language.as_deref().map(Lang::from_tag).filter(|lang| *lang != Lang::Other),
            kind: labels.after("/kind/").and_then(word).unwrap_or_default(),
            interval: labels.after("/interval/").and_then(|s| s.parse().ok()).map(Duration::from_secs),
            enabled: labels.after("/disabled").is_none(),
            full_text: labels.after("/full-text").is_some(),
        };
        let outcome = Outcome::New { id: feed.id.clone(), publisher: feed.publisher.clone(), side: feed.side.name() };
        self.found.feeds.push(feed);
        outcome
    }

    /// The id that Khyber wrote itself, or the first name that leaves one, with a number where that is taken.
    fn id(&mut self, own: Option<&str>, names: [&str; 4]) -> Option<FeedId> {
        let own = own.filter(|own| own.parse::<FeedId>().is_ok()).map(str::to_owned);
        let base = own.or_else(|| names.into_iter().map(slug).find(|slug| !slug.is_empty()))?;
        let id = free_id(&base, |id| self.ids.contains(id))?;
        self.ids.insert(id.to_string());
        Some(id)
    }
}

/// `base`, or with the first number behind it that is not taken.
pub fn free_id(base: &str, taken: impl Fn(&str) -> bool) -> Option<FeedId> {
    let numbered = (2..10_000).map(|number| format!("{base}-{number}"));
    std::iter::once(base.to_owned()).chain(numbered).find(|id| !taken(id))?.parse().ok()
}

fn name(outline: &Outline) -> &str {
    let title = outline.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    title.unwrap_or(outline.text.trim())
}

/// A folder named for a side is that side. Otherwise it is a publisher if Khyber wrote it, or if several feeds of one site
/// are in it; else it is what other readers call a category, and says nothing here.
fn inside(folder: &Outline, place: &Place) -> Place {
    let name = name(folder);
    let feeds: Vec<&Outline> = folder.outlines.iter().filter(|outline| outline.xml_url.is_some()).collect();
    let ours = feeds.iter().any(|feed| Labels::of(feed).after("/publisher").is_some());
    if let Some(side) = word::<Side>(&slug(name)).filter(|_| !ours) {
        return Place { side: Some(side), ..place.clone() };
    }
    let site = |feed: &&Outline| {
        let url = Url::parse(feed.xml_url.as_deref()?.trim()).ok()?;
        let host = url.host_str()?.to_owned();
        let labels: Vec<&str> = host.rsplit('.').collect();
        // `org.pk` and `co.uk` are no sites.
        let wanted = if labels.get(1).is_some_and(|label| label.len() <= 3) { 3 } else { 2 };
        Some(labels.into_iter().take(wanted).collect::<Vec<_>>().join("."))
    };
    let sites: HashSet<Option<String>> = feeds.iter().map(site).collect();
    let one_site = feeds.len() > 1 && sites.len() == 1 && !sites.contains(&None);
    if !name.is_empty() && (ours || one_site) {
        return Place { publisher: Some(name.to_owned()), ..place.clone() };
    }
    place.clone()
}

/// The labels of a `category` attribute.
struct Labels<'a>(Vec<&'a str>);

impl<'a> Labels<'a> {
    fn of(outline: &'a Outline) -> Self {
        Self(outline.category.as_deref().unwrap_or("").split(',').map(str::trim).collect())
    }

    fn after(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find_map(|label| label.strip_prefix(key))
    }
}

/// Lower-case words with `-` between, short enough that a number fits behind.
pub fn slug(name: &str) -> String {
    let lower: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = lower.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").chars().take(56).collect::<String>().trim_end_matches('-').to_owned()
}

fn word<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// OPML 2.0: a folder for each publisher, in the order of their first feeds. What OPML has no word for is in `category`.
pub fn export(feeds: &[Feed]) -> anyhow::Result<String> {
    let mut folders: Vec<Outline> = Vec::new();
    for feed in feeds {
        let outline = Outline {
            text: feed.id.to_string(),
            r#type: Some("rss".to_owned()),
            xml_url: Some(feed.url.to_string()),
            language: feed.lang.map(|lang| lang.code().to_owned()),
            category: Some(labels(feed)),
            ..Outline::default()
        };
        match folders.iter_mut().find(|folder| folder.text == feed.publisher) {
            Some(folder) => folder.outlines.push(outline),
            None => {
                folders.push(Outline { text: feed.publisher.clone(), outlines: vec![outline], ..Outline::default() })
            }
        }
    }
    let head = opml::Head { title: Some("Feeds of Khyber".to_owned()), ..opml::Head::default() };
    let opml = OPML { version: "2.0".to_owned(), head: Some(head), body: opml::Body { outlines: folders } };
    Ok(opml.to_string()?)
}

/// As `labels` wrote it.
fn owner(label: &str) -> Owner {
    form_urlencoded::parse(label.as_bytes()).next().map(|(name, _)| Owner::of(&name)).unwrap_or_default()
}

fn labels(feed: &Feed) -> String {
    let mut labels = vec![
        "/publisher".to_owned(),
        format!("/id/{}", feed.id),
        format!("/side/{}", feed.side.name()),
        format!("/country/{}", feed.country),
        format!("/kind/{}", name_of(feed.kind)),
    ];
    // A name may hold what divides the labels.
    let owner: String = form_urlencoded::byte_serialize(feed.owner.name().as_bytes()).collect();
    labels.extend((feed.owner != Owner::Unknown).then(|| format!("/owner/{owner}")));
    labels.extend(feed.interval.map(|interval| format!("/interval/{}", interval.as_secs())));
    labels.extend(feed.full_text.then(|| "/full-text".to_owned()));
    labels.extend((!feed.enabled).then(|| "/disabled".to_owned()));
    labels.join(",")
}

#[cfg(test)]
mod tests;
