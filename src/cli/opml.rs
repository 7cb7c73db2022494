//! OPML: feeds from another reader, and back. Folders become publishers or sides.

use crate::model::{Feed, FeedId, FeedKind, Lang, Side};
use anyhow::{Context, bail, ensure};
use opml::{OPML, Outline};
use quick_xml::events::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use url::Url;

/// The `opml` crate reads recursively; a list of feeds is never nested or large like this.
const DEEPEST: usize = 32;
const LARGEST: usize = 8 << 20;

/// What an OPML file held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    pub feeds: Vec<Feed>,
    /// One sentence for each outline that was left out.
    pub skipped: Vec<String>,
}

/// Reads an OPML file. Feeds that are `known` by URL are skipped; ids are made so that they differ from theirs.
pub fn import(text: &str, known: &[Feed]) -> anyhow::Result<Imported> {
    ensure!(text.len() <= LARGEST, "the file is larger than {} MiB", LARGEST >> 20);
    shallow(text)?;
    let opml = OPML::from_str(text).context("not an OPML file that can be read")?;
    let mut import = Import {
        ids: known.iter().map(|feed| feed.id.to_string()).collect(),
        urls: known.iter().map(|feed| feed.url.clone()).collect(),
        found: Imported::default(),
    };
    import.folder(&opml.body.outlines, &Place::default());
    Ok(import.found)
}

fn shallow(text: &str) -> anyhow::Result<()> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth = 0;
    loop {
        match reader.read_event().context("not an OPML file that can be read")? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => return Ok(()),
            _ => {}
        }
        if depth > DEEPEST {
            bail!("the outlines are nested more than {DEEPEST} deep");
        }
    }
}

/// What the folders around an outline say.
#[derive(Debug, Clone, Default)]
struct Place {
    publisher: Option<String>,
    side: Option<Side>,
}

struct Import {
    ids: HashSet<String>,
    urls: HashSet<Url>,
    found: Imported,
}

impl Import {
    fn folder(&mut self, outlines: &[Outline], place: &Place) {
        for outline in outlines {
            if outline.xml_url.is_some() {
                self.feed(outline, place);
            }
            let name = outline.text.trim();
            let inside = match word::<Side>(&slug(name)) {
                Some(side) => Place { side: Some(side), ..place.clone() },
                None if name.is_empty() => place.clone(),
                None => Place { publisher: Some(name.to_owned()), ..place.clone() },
            };
            self.folder(&outline.outlines, &inside);
        }
    }

    fn feed(&mut self, outline: &Outline, place: &Place) {
        let name = outline.title.as_deref().unwrap_or(&outline.text).trim();
        let text = outline.xml_url.as_deref().unwrap_or("").trim();
        let usable = |url: &Url| {
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        };
        // The address is not repeated in the message: it may hold a password.
        let Some(url) = Url::parse(text).ok().filter(usable) else {
            return self.found.skipped.push(format!("`{name}`: its address is not a plain http(s) URL"));
        };
        if !self.urls.insert(url.clone()) {
            return self.found.skipped.push(format!("`{name}`: {url} is there already"));
        }
        let host = url.host_str().unwrap_or("feed").trim_start_matches("www.").to_owned();
        let publisher = place.publisher.clone().or_else(|| Some(name.to_owned()).filter(|name| !name.is_empty()));
        let Some(id) = self.id([name, outline.text.trim(), &host, "feed"]) else { return };
        let labels: Vec<&str> = outline.category.as_deref().unwrap_or("").split(',').map(str::trim).collect();
        let label = |key: &str| labels.iter().find_map(|label| label.strip_prefix(key));
        self.found.feeds.push(Feed {
            id,
            url,
            publisher: publisher.unwrap_or(host),
            side: label("/side/").and_then(word).or(place.side).unwrap_or(Side::International),
            country: label("/country/").unwrap_or("INT").to_owned(),
            lang: outline.language.as_deref().map(Lang::from_tag).filter(|lang| *lang != Lang::Other),
            kind: label("/kind/").and_then(word).unwrap_or_default(),
            interval: None,
            enabled: true,
            full_text: false,
        });
    }

    /// The first name that leaves an id, with a number where that is taken.
    fn id(&mut self, names: [&str; 4]) -> Option<FeedId> {
        let base = names.into_iter().map(slug).find(|slug| !slug.is_empty())?;
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|id| !self.ids.contains(id))?;
        self.ids.insert(free.clone());
        free.parse().ok()
    }
}

/// Lower-case words with `-` between, short enough that a number fits behind.
fn slug(name: &str) -> String {
    let lower: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = lower.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").chars().take(56).collect::<String>().trim_end_matches('-').to_owned()
}

fn word<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn name_of(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `[[feed]]` tables for `feeds.toml`; what equals the default is left out.
pub fn to_toml(feeds: &[Feed]) -> String {
    let mut tables = toml_edit::ArrayOfTables::new();
    for feed in feeds {
        let mut table = toml_edit::Table::new();
        let mut set = |key: &str, value: &str| table.insert(key, toml_edit::value(value));
        set("id", feed.id.as_str());
        set("url", feed.url.as_str());
        set("publisher", &feed.publisher);
        set("side", feed.side.name());
        if feed.country != "INT" {
            set("country", &feed.country);
        }
        if let Some(lang) = feed.lang {
            set("lang", lang.code());
        }
        if feed.kind != FeedKind::News {
            set("kind", &name_of(feed.kind));
        }
        tables.push(table);
    }
    let mut document = toml_edit::DocumentMut::new();
    document.insert("feed", toml_edit::Item::ArrayOfTables(tables));
    document.to_string()
}

/// OPML 2.0: a folder for each publisher, in the order of their first feeds.
pub fn export(feeds: &[Feed]) -> anyhow::Result<String> {
    let mut folders: Vec<Outline> = Vec::new();
    for feed in feeds {
        let outline = Outline {
            text: feed.id.to_string(),
            r#type: Some("rss".to_owned()),
            xml_url: Some(feed.url.to_string()),
            language: feed.lang.map(|lang| lang.code().to_owned()),
            category: Some(format!(
                "/side/{},/country/{},/kind/{}",
                feed.side.name(),
                feed.country,
                name_of(feed.kind)
            )),
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

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
      <outline text="Pakistan">
        <outline text="Hill Post &amp; Co" type="rss" xmlUrl="https://hill.example/rss" language="ur-PK"/>
        <outline text="River Times"><outline text="Home" xmlUrl="https://river.example/home"/>
          <outline text="Home" xmlUrl="https://river.example/opinion" category="/kind/opinion"/></outline>
      </outline>
      <outline text="سیند" xmlUrl="http://www.sind.example/feed"/>
      <outline text="Again" xmlUrl="https://hill.example/rss"/>
      <outline text="Script" xmlUrl="javascript:alert(1)"/>
      <outline text="Secret" xmlUrl="https://me:pw@secret.example/"/>
    </body></opml>"#;

    #[test]
    fn folders_become_sides_and_publishers() {
        let found = import(FILE, &[]).unwrap();
        let rows: Vec<_> =
            found.feeds.iter().map(|feed| (feed.id.as_str(), feed.publisher.as_str(), feed.side)).collect();
        let expected = [
            ("hill-post-co", "Hill Post & Co", Side::Pakistan),
            ("home", "River Times", Side::Pakistan),
            ("home-2", "River Times", Side::Pakistan),
            ("sind-example", "سیند", Side::International),
        ];
        assert_eq!(rows, expected);
        assert_eq!((found.feeds[0].lang, found.feeds[2].kind), (Some(Lang::Ur), FeedKind::Opinion));
        assert_eq!(found.skipped.len(), 3, "{:?}", found.skipped);
        assert!(!found.skipped.join(" ").contains("pw"), "no password is repeated");
        let again = import(FILE, &found.feeds).unwrap();
        assert_eq!((again.feeds.len(), again.skipped.len()), (0, 7));
    }

    #[test]
    fn export_and_import_give_the_same_feeds() {
        let feeds = import(FILE, &[]).unwrap().feeds;
        let back = import(&export(&feeds).unwrap(), &[]).unwrap();
        assert_eq!(back, Imported { feeds, skipped: vec![] });
    }

    #[test]
    fn tables_are_toml_that_says_the_same() {
        let feeds = import(FILE, &[]).unwrap().feeds;
        let read: toml::Table = to_toml(&feeds).parse().unwrap();
        let tables = read["feed"].as_array().unwrap();
        assert_eq!(tables.len(), 4);
        assert_eq!(tables[0]["publisher"].as_str(), Some("Hill Post & Co"));
        assert_eq!(tables[0]["lang"].as_str(), Some("ur"));
        assert_eq!(tables[2]["kind"].as_str(), Some("opinion"));
        assert_eq!(tables[3].get("kind"), None);
    }

    #[test]
    fn what_is_no_opml_is_told() {
        for text in ["", "<rss/>", "<opml version='2.0'><body></opml>", "not xml"] {
            assert!(import(text, &[]).is_err(), "{text}");
        }
        let deep = format!("<opml version='2.0'><body>{}", "<outline text='x'>".repeat(50_000));
        assert!(import(&deep, &[]).unwrap_err().to_string().contains("nested"));
    }
}
