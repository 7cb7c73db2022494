//! JSON Feed, from versions and types as they come to a sound version 1.1.

use super::json_values::{Capped, Loose};
use super::{Beside, Prepared, json_mend, links, people};
use crate::model::Skips;
use crate::parse::error::ParseError;
use crate::parse::read::Format;
use crate::parse::warning::{Oddity, ParseWarning};
use crate::parse::{dates, limits};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

#[derive(Deserialize)]
struct JsonFeed {
    #[serde(default)]
    version: Loose,
    #[serde(default)]
    title: Loose,
    #[serde(default)]
    home_page_url: Loose,
    #[serde(default)]
    language: Loose,
    #[serde(default)]
    author: Loose,
    #[serde(default)]
    authors: Capped<Loose>,
    items: Option<Capped<JsonItem>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JsonItem {
    id: Loose,
    url: Loose,
    external_url: Loose,
    title: Loose,
    content_html: Loose,
    content_text: Loose,
    summary: Loose,
    date_published: Loose,
    date_modified: Loose,
    author: Loose,
    authors: Capped<Loose>,
    tags: Capped<Loose>,
    language: Loose,
}

pub(super) fn prepare(text: &str, url: &Url) -> Result<Prepared, ParseError> {
    let (feed, mended) = read(text)?;
    let named = feed.version.0.as_deref().is_some_and(|version| version.contains("jsonfeed"));
    let Some(items) = feed.items.filter(|_| named || feed.title.0.is_some()) else {
        return Err(ParseError::NotAFeed("JSON without the items of a JSON Feed".to_owned()));
    };
    let base = feed.home_page_url.0.as_deref().and_then(|home| url.join(home).ok()).unwrap_or_else(|| url.clone());
    let authors = names(feed.author, feed.authors);
    let mut warnings: Vec<ParseWarning> = mended.then(|| ParseWarning::feed(Oddity::Truncated)).into_iter().collect();
    if items.more {
        warnings.push(ParseWarning::feed(Oddity::TooManyEntries));
    }
    let beside = items.values.iter().map(|item| Beside { lang: item.language.0.clone(), source: None }).collect();
    let items: Vec<Value> = items.values.into_iter().map(|item| write(item, &base, &authors, &mut warnings)).collect();
    let document = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title.0.unwrap_or_default(),
        "language": feed.language.0,
        "items": items,
    });
    Ok(Prepared {
        document: document.to_string(),
        format: Format::Json,
        ttl: None,
        skips: Skips::default(),
        beside,
        warnings,
    })
}

/// The document, and whether it had to be mended. Whatever follows it is junk, as after XML.
fn read(text: &str) -> Result<(JsonFeed, bool), ParseError> {
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<JsonFeed>().next();
    match first(text) {
        Some(Ok(feed)) => Ok((feed, false)),
        Some(Err(error)) => match first(&json_mend::mend(text)) {
            Some(Ok(feed)) => Ok((feed, true)),
            _ => Err(ParseError::Unreadable(format!("JSON that is cut or broken: {error}"))),
        },
        None => Err(ParseError::Empty),
    }
}

fn write(item: JsonItem, base: &Url, authors: &[String], warnings: &mut Vec<ParseWarning>) -> Value {
    let title = item.title.0;
    let link = |link: Loose| link.0.and_then(|link| Some(links::absolute(&link, base)?.0));
    let (url, external) = (link(item.url), link(item.external_url));
    let name = title.as_deref().or(url.as_deref()).unwrap_or("without headline").to_owned();
    let mut date = |date: Loose| {
        let text = date.0.filter(|text| !text.trim().is_empty())?;
        let read = dates::parse(&text);
        if read.is_none() {
            warnings.push(ParseWarning::entry(&name, Oddity::UnreadableDate(text)));
        }
        read.map(|date| date.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let own = names(item.author, item.authors);
    let authors = if own.is_empty() { authors } else { &own };
    json!({
        "id": item.id.0,
        "url": url,
        "external_url": external,
        "title": title,
        "content_html": item.content_html.0,
        "content_text": item.content_text.0,
        "summary": item.summary.0,
        "date_published": date(item.date_published),
        "date_modified": date(item.date_modified),
        "authors": authors.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "tags": item.tags.values.into_iter().filter_map(|tag| tag.0).take(limits::LIST).collect::<Vec<_>>(),
    })
}

/// Version 1 has one author, 1.1 a list; a name that holds a mail address would make feed-rs panic.
fn names(one: Loose, many: Capped<Loose>) -> Vec<String> {
    let all = many.values.into_iter().chain([one]).filter_map(|author| author.0);
    let mut names: Vec<String> =
        all.map(|name| people::name(&name)).filter(|name| !name.is_empty()).take(limits::LIST).collect();
    names.dedup();
    names
}
