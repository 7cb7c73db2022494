//! feed-rs behind one door: the only file that names it.

use super::dates;
use super::prepare::{Beside, Prepared};
use super::read::{ReadEntry, ReadFeed, Text};
use feed_rs::model::{Entry, Person};
use feed_rs::parser::Builder;

/// Reads a prepared document. One parser per document: feed-rs keeps state after an error.
pub(super) fn read(prepared: Prepared) -> Result<ReadFeed, String> {
    // feed-rs makes up a random id where a feed gives none; an empty one says so instead.
    let parser = Builder::new()
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(dates::parse)
        .sanitize_content(false)
        .build();
    let feed = parser.parse(prepared.document.as_bytes()).map_err(|error| error.to_string())?;
    let mut beside = prepared.beside.into_iter();
    let entries = feed.entries.into_iter().map(|entry| convert(entry, beside.next().unwrap_or_default())).collect();
    Ok(ReadFeed {
        format: prepared.format,
        title: feed.title.map(text),
        lang: feed.language,
        ttl: prepared.ttl,
        skips: prepared.skips,
        entries,
        warnings: prepared.warnings,
    })
}

fn convert(entry: Entry, beside: Beside) -> ReadEntry {
    let links: Vec<String> = entry.links.iter().map(|link| link.href.clone()).collect();
    let alternate = entry.links.iter().find(|link| matches!(link.rel.as_deref(), None | Some("alternate")));
    ReadEntry {
        title: entry.title.map(text).filter(|title| !title.as_str().trim().is_empty()),
        link: alternate.map(|link| link.href.clone()),
        links,
        id: Some(entry.id.trim().to_owned()).filter(|id| !id.is_empty()),
        published: entry.published,
        updated: entry.updated,
        summary: entry.summary.map(text),
        content: entry.content.and_then(|content| {
            let body = content.body?;
            Some(typed(body, content.content_type.essence().to_string().as_str()))
        }),
        authors: entry.authors.into_iter().filter_map(name).collect(),
        categories: entry.categories.into_iter().map(|category| category.label.unwrap_or(category.term)).collect(),
        lang: beside.lang.or(entry.language),
        source: beside.source,
    }
}

fn text(text: feed_rs::model::Text) -> Text {
    let kind = text.content_type.essence().to_string();
    typed(text.content, &kind)
}

fn typed(value: String, content_type: &str) -> Text {
    if content_type == "text/plain" { Text::Plain(value) } else { Text::Html(value) }
}

fn name(person: Person) -> Option<String> {
    person.name.or(person.email).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}
