//! Fields as given to clean entries: text, link, dates, language, key. One bad entry never costs the feed.

use super::canonical::canonical;
use super::identity::Identities;
use super::read::{ReadEntry, ReadFeed};
use super::warning::{Oddity, ParseWarning};
use super::{FeedContext, ParsedFeed, lang, limits, text};
use crate::model::{CanonicalUrl, NewEntry, Timestamp};
use chrono::{Datelike, TimeDelta};
use std::collections::HashSet;
use url::Url;

pub(super) fn refine(feed: ReadFeed, url: &Url, context: &FeedContext<'_>) -> ParsedFeed {
    let mut warnings = feed.warnings;
    let linked: Vec<_> = feed
        .entries
        .into_iter()
        .map(|entry| {
            let link = link(&entry);
            (entry, link)
        })
        .collect();
    let identities = Identities::of(context.feed, url, &linked);
    let mut seen = HashSet::new();
    let mut entries = Vec::with_capacity(linked.len());
    for (place, (entry, link)) in linked.into_iter().enumerate() {
        let work = One { identities: &identities, feed_lang: feed.lang.as_deref(), context };
        let Some(clean) = work.clean(entry, link, place, &mut warnings) else { continue };
        if seen.insert(clean.key.clone()) {
            entries.push(clean);
        } else {
            warnings.push(ParseWarning::entry(&clean.headline, Oddity::RepeatedKey));
        }
    }
    let title = feed.title.as_ref().map(text::headline).filter(|title| !title.is_empty());
    ParsedFeed { format: feed.format, title, entries, warnings, ttl: feed.ttl, skips: feed.skips }
}

/// What one entry needs from around it.
struct One<'a> {
    identities: &'a Identities<'a>,
    feed_lang: Option<&'a str>,
    context: &'a FeedContext<'a>,
}

impl One<'_> {
    fn clean(
        &self,
        entry: ReadEntry,
        link: Option<CanonicalUrl>,
        place: usize,
        warnings: &mut Vec<ParseWarning>,
    ) -> Option<NewEntry> {
        let summary = body(&entry);
        let mut headline = entry.title.as_ref().map(text::headline).unwrap_or_default();
        let name = [headline.as_str(), link.as_ref().map_or("", CanonicalUrl::as_str)]
            .into_iter()
            .find(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("number {}", place + 1), str::to_owned);
        let mut warn = |oddity| warnings.push(ParseWarning::entry(&name, oddity));
        if headline.is_empty() {
            if summary.is_empty() && link.is_none() {
                warn(Oddity::NothingInIt);
                return None;
            }
            warn(Oddity::NoHeadline);
            headline = if summary.is_empty() { last_segment(link.as_ref()) } else { text::stand_in(&summary) };
        }
        if link.is_none() {
            warn(Oddity::NoLink);
        }
        let published = self.plausible(entry.published, &mut warn);
        let updated = self.plausible(entry.updated, &mut warn);
        let key = self.identities.key(&entry, link.as_ref(), &headline);
        let declared = entry.lang.as_deref().or(self.feed_lang);
        let lang = lang::of(self.context.lang, &[headline.as_str(), " ", summary.as_str()].concat(), declared);
        let line = |value: String| Some(text::clean(&value)).filter(|value| !value.is_empty());
        let lines = |values: Vec<String>| values.into_iter().filter_map(line).take(limits::LIST);
        let guid = entry.id.and_then(line);
        Some(NewEntry {
            key,
            guid,
            url: link,
            headline,
            summary,
            author: lines(entry.authors).reduce(|all, next| format!("{all}, {next}")),
            source: entry.source.and_then(line),
            categories: lines(entry.categories).collect(),
            lang,
            published: published.or(updated),
            updated,
        })
    }

    /// Dates before the first feeds or more than a year ahead are mistakes, not news.
    fn plausible(&self, date: Option<Timestamp>, warn: &mut impl FnMut(Oddity)) -> Option<Timestamp> {
        let date = date?;
        let absurd = date.year() < 1990 || date > self.context.now + TimeDelta::days(366);
        if absurd {
            warn(Oddity::AbsurdDate(date.format("%Y-%m-%d").to_string()));
        }
        (!absurd).then_some(date)
    }
}

/// The entry's link, canonical, if a browser can follow it.
fn link(entry: &ReadEntry) -> Option<CanonicalUrl> {
    let web =
        |link: &str| Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let of_id = entry.id.as_deref().filter(|id| id.starts_with("http"));
    entry.link.as_deref().and_then(web).or_else(|| of_id.and_then(web)).map(|url| canonical(&url))
}

/// The summary, else the start of the content.
fn body(entry: &ReadEntry) -> String {
    let of = |text: &super::read::Text| text::summary(text);
    let summary = entry.summary.as_ref().map(of).unwrap_or_default();
    if summary.is_empty() { entry.content.as_ref().map(of).unwrap_or_default() } else { summary }
}

fn last_segment(link: Option<&CanonicalUrl>) -> String {
    let url = link.map_or("", CanonicalUrl::as_str).trim_end_matches('/');
    url.rsplit('/').next().unwrap_or(url).to_owned()
}
