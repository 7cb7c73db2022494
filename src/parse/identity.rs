//! Entry identity: stable over polls, headline edits and noise in ids.

use super::quirks;
use super::read::ReadEntry;
use crate::model::{CanonicalUrl, EntryKey, FeedId};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use url::Url;

/// What the entries of one document have in common, so that no two of them share a key by accident.
pub(super) struct Identities<'a> {
    feed: &'a FeedId,
    url: &'a Url,
    /// How many different links stand under one id.
    links_of_id: HashMap<String, Vec<String>>,
    /// Which headlines stand over one link, among entries without an id.
    headlines_of_link: HashMap<String, HashSet<String>>,
}

impl<'a> Identities<'a> {
    pub(super) fn of(feed: &'a FeedId, url: &'a Url, entries: &[(ReadEntry, Option<CanonicalUrl>)]) -> Self {
        let mut identities = Self { feed, url, links_of_id: HashMap::new(), headlines_of_link: HashMap::new() };
        for (entry, link) in entries {
            let link = link.as_ref().map(CanonicalUrl::as_str);
            match identities.id(entry) {
                Some(id) => {
                    let links = identities.links_of_id.entry(id).or_default();
                    if let Some(link) = link.filter(|link| !links.iter().any(|known| known == link)) {
                        links.push(link.to_owned());
                    }
                }
                None => {
                    if let Some(link) = link {
                        let headline = entry.title.as_ref().map_or("", |title| title.as_str().trim());
                        identities.headlines_of_link.entry(link.to_owned()).or_default().insert(headline.to_owned());
                    }
                }
            }
        }
        identities
    }

    /// The id without the noise that some systems add.
    pub(super) fn id(&self, entry: &ReadEntry) -> Option<String> {
        entry.id.as_deref().map(|id| quirks::id(self.url, id)).filter(|id| !id.is_empty())
    }

    /// Id, else canonical URL, else a hash of feed, headline and day.
    pub(super) fn key(&self, entry: &ReadEntry, link: Option<&CanonicalUrl>, headline: &str) -> EntryKey {
        // An id that stands on several articles (a constant, the site's address) is none.
        let id = self.id(entry).filter(|id| self.links_of_id.get(id).is_none_or(|links| links.len() < 2));
        match (id, link) {
            (Some(id), _) if id.len() <= 500 => EntryKey(format!("id:{id}")),
            (Some(id), _) => EntryKey(format!("id-hash:{}", hash(&[&id]))),
            // A link under several headlines (a live page, the front page) needs the headline beside it.
            (None, Some(link)) if self.headlines_of_link.get(link.as_str()).is_some_and(|all| all.len() > 1) => {
                EntryKey(format!("hash:{}", hash(&[link.as_str(), headline])))
            }
            (None, Some(link)) => EntryKey(format!("url:{link}")),
            (None, None) => {
                let day =
                    entry.published.or(entry.updated).map_or_else(String::new, |date| date.date_naive().to_string());
                EntryKey(format!("hash:{}", hash(&[self.feed.as_str(), headline, &day])))
            }
        }
    }
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(&hasher.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::canonical::canonical;
    use crate::parse::read::Text;

    fn keys(entries: &[(Option<&str>, Option<&str>, &str)]) -> Vec<String> {
        let feed: FeedId = "desk".parse().unwrap();
        let url = Url::parse("https://feeds.bbci.co.uk/news/rss.xml").unwrap();
        let read: Vec<_> = entries
            .iter()
            .map(|(id, link, headline)| {
                let title = Some(Text::Plain((*headline).to_owned()));
                let entry = ReadEntry { id: id.map(str::to_owned), title, ..ReadEntry::default() };
                (entry, link.map(|link| canonical(&Url::parse(link).unwrap())))
            })
            .collect();
        let identities = Identities::of(&feed, &url, &read);
        read.iter()
            .zip(entries)
            .map(|((entry, link), (_, _, headline))| identities.key(entry, link.as_ref(), headline).0)
            .collect()
    }

    #[test]
    fn the_id_first_then_the_link_then_a_hash() {
        let keys = keys(&[
            (Some("7"), Some("https://a.pk/1"), "A"),
            (None, Some("https://a.pk/2?utm_source=x"), "B"),
            (None, None, "C"),
        ]);
        assert_eq!(keys[..2], ["id:7", "url:https://a.pk/2"]);
        assert!(keys[2].starts_with("hash:"));
    }

    #[test]
    fn two_entries_never_share_a_key_by_accident() {
        let keys = keys(&[
            (Some("0"), Some("https://a.pk/1"), "A"),
            (Some("0"), Some("https://a.pk/2"), "B"),
            (None, Some("https://a.pk/live"), "C"),
            (None, Some("https://a.pk/live"), "D"),
        ]);
        assert_eq!(keys[..2], ["url:https://a.pk/1", "url:https://a.pk/2"]);
        assert_ne!(keys[2], keys[3]);
    }

    #[test]
    fn an_entry_listed_twice_keeps_its_link_as_key() {
        let twice = (None, Some("https://a.pk/1"), "A");
        assert_eq!(keys(&[twice, twice]), keys(&[twice, (None, Some("https://a.pk/1"), "A")]));
        assert_eq!(keys(&[twice, twice])[0], "url:https://a.pk/1");
    }

    #[test]
    fn a_headline_edit_changes_no_key() {
        assert_eq!(keys(&[(None, Some("https://a.pk/1"), "A")]), keys(&[(None, Some("https://a.pk/1"), "A, updated")]));
    }
}
