//! Links into the archive: readable where it is public, unguessable where it is private; and an edition as its page.

use super::Khyber;
use super::publish::cadence_key;
use crate::config::Archive;
use crate::deliver::token::{LENGTH, Purpose, TokenKey};
use crate::model::{Digest, DigestId, DigestSpec, EntryId, Lang, MailFormat, Selection, Timestamp, TopicId};
use crate::render::{Audience, Links, Reader, render};
use crate::store::{EditionKey, StoreError};
use anyhow::Context;
use chrono::NaiveDateTime;

/// Characters that tell editions of one slot apart where nothing has to be kept secret.
const SHORT: usize = 8;
const SLOT: &str = "%Y-%m-%d-%H%M";

/// What has a page in the archive.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    Index,
    Search,
    Digest(&'a DigestId),
    Topic(&'a TopicId),
    /// By its thread.
    Story(EntryId),
    Edition {
        digest: &'a DigestId,
        cadence: &'a str,
        slot: Timestamp,
    },
}

impl<'a> Place<'a> {
    pub fn edition(key: &'a EditionKey) -> Self {
        Place::Edition { digest: &key.digest, cadence: &key.cadence, slot: key.slot }
    }
}

impl Khyber {
    pub fn archive_is_public(&self) -> bool {
        self.config.web.as_ref().is_some_and(|web| web.archive == Archive::Public)
    }

    /// The path of a page below `public_url`. A private one ends with its own key, the same for every reader.
    pub fn archive_path(&self, place: Place<'_>) -> String {
        let key = || if self.archive_is_public() { String::new() } else { format!("/{}", self.archive_key(place)) };
        match place {
            Place::Index if self.archive_is_public() => String::new(),
            Place::Index => format!("archive{}", key()),
            Place::Search => format!("search{}", key()),
            Place::Digest(id) => format!("digest/{id}{}", key()),
            Place::Topic(id) => format!("topic/{id}{}", key()),
            Place::Story(id) => format!("story/{id}{}", key()),
            Place::Edition { digest, slot, .. } => {
                let code = self.archive_key(place);
                let code = if self.archive_is_public() { &code[..SHORT] } else { &code };
                format!("edition/{digest}/{}-{code}", slot.format(SLOT))
            }
        }
    }

    /// The whole address, for mails and feeds; `None` without `[web]`.
    pub fn archive_link(&self, place: Place<'_>) -> Option<String> {
        Some(self.config.web.as_ref()?.page(&self.archive_path(place)))
    }

    /// Whether a request that brought this key may read the page.
    pub fn archive_opens(&self, place: Place<'_>, key: Option<&str>) -> bool {
        let right = |key: &str| self.archive_tokens().is_token(key, &parts_of(place).each_ref().map(String::as_str));
        key.map_or(self.archive_is_public(), right)
    }

    /// The edition behind `2026-03-01-0100-abcdefgh`.
    pub async fn edition_of_link(&self, digest: &DigestId, link: &str) -> Result<Option<EditionKey>, StoreError> {
        let Some((slot, code)) = link.rsplit_once('-') else { return Ok(None) };
        let Ok(slot) = NaiveDateTime::parse_from_str(slot, SLOT) else { return Ok(None) };
        let (code, public) = (code.to_ascii_lowercase(), self.archive_is_public());
        let is_meant = |key: &EditionKey| match code.len() {
            LENGTH => self.archive_opens(Place::edition(key), Some(&code)),
            SHORT => public && self.archive_key(Place::edition(key)).starts_with(&code),
            _ => false,
        };
        Ok(self.store.published_at(digest, slot.and_utc()).await?.into_iter().find(is_meant))
    }

    /// The editions of a digest that the archive lists, the newest first.
    pub async fn listed(&self, spec: &DigestSpec, limit: u32) -> Result<Vec<EditionKey>, StoreError> {
        self.store.listed(&spec.id, &[own_cadence(spec)], limit).await
    }

    /// The same of all digests.
    pub async fn newest(&self, limit: u32) -> Result<Vec<EditionKey>, StoreError> {
        let mut editions = Vec::new();
        for spec in &self.config.digests {
            editions.extend(self.listed(spec, limit).await?);
        }
        editions.sort_by_key(|edition| std::cmp::Reverse((edition.slot, edition.id)));
        editions.truncate(limit as usize);
        Ok(editions)
    }

    /// The editions that told a story, the newest first; of a digest and day those at its own schedule, else the first.
    pub async fn tellings(&self, thread: EntryId, limit: u32) -> Result<Vec<EditionKey>, StoreError> {
        let own: Vec<_> = self.config.digests.iter().map(own_cadence).collect();
        self.store.tellings(thread, &own, limit).await
    }

    /// An edition as everybody may read it: the mail's own renderer, every topic, nobody's link to leave.
    pub fn edition_page(&self, digest: &Digest, lang: Lang) -> anyhow::Result<String> {
        let timezone = digest.timezone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let reader = Reader {
            lang,
            select: &Selection::default(),
            timezone,
            format: MailFormat::Html,
            links: Links::default(),
            audience: Audience::Everybody,
            theme: &self.config.theme,
        };
        let rendered = render(digest, &reader).context("the edition could not be rendered")?;
        rendered.html.context("the edition has no page")
    }

    fn archive_key(&self, place: Place<'_>) -> String {
        self.archive_tokens().token(&parts_of(place).each_ref().map(String::as_str))
    }

    fn archive_tokens(&self) -> TokenKey {
        TokenKey::new(&self.salt, Purpose::Archive)
    }
}

fn own_cadence(spec: &DigestSpec) -> (&DigestId, String) {
    (&spec.id, cadence_key(&spec.schedule, spec.timezone))
}

fn parts_of(place: Place<'_>) -> [String; 4] {
    let parts = |kind: &str, name: &str| [kind.to_owned(), name.to_owned(), String::new(), String::new()];
    match place {
        Place::Index => parts("index", ""),
        Place::Search => parts("search", ""),
        Place::Digest(id) => parts("digest", id.as_str()),
        Place::Topic(id) => parts("topic", id.as_str()),
        Place::Story(id) => parts("story", &id.to_string()),
        Place::Edition { digest, cadence, slot } => {
            ["edition".to_owned(), digest.to_string(), cadence.to_owned(), slot.timestamp().to_string()]
        }
    }
}
