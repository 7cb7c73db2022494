//! The fields as feed-rs gives them of the written document, without writing it and reading it again; a test holds the two together.

use super::fields::Fields;
use super::links::Link;
use super::root::Root;
use super::write;
use crate::model::Timestamp;
use crate::parse::read::{ReadEntry, ReadFeed, Text};
use crate::parse::warning::ParseWarning;
use crate::parse::xml::Tree;
use chrono::Timelike;
use std::borrow::Cow;
use url::Url;

pub(super) fn feed(tree: &Tree<'_>, root: &Root, url: &Url) -> ReadFeed {
    let mut warnings: Vec<ParseWarning> = Vec::new();
    let entries = root
        .entries(tree)
        .map(|id| {
            let fields = Fields::of(tree, id, root.format, url);
            warnings.extend(fields.warnings());
            entry(fields)
        })
        .collect();
    ReadFeed {
        format: root.format,
        title: root.title(tree).map(text),
        lang: root.lang(tree).map(allowed),
        ttl: root.ttl(tree),
        skips: root.skips(tree),
        entries,
        warnings,
    }
}

fn entry(fields: Fields) -> ReadEntry {
    let links: Vec<(String, bool)> = fields.links.into_iter().map(link).collect();
    let named = |value: &String| Some(allowed(value).trim().to_owned()).filter(|value| !value.is_empty());
    ReadEntry {
        title: fields.title.map(text).filter(|title| !title.as_str().is_empty()),
        link: links.iter().find(|(_, is_article)| *is_article).map(|(href, _)| href.clone()),
        links: links.into_iter().map(|(href, _)| href).collect(),
        id: fields.id.as_ref().and_then(named),
        published: fields.dates.published().map(whole_second),
        updated: fields.dates.updated().map(whole_second),
        summary: fields.summary.map(text),
        content: fields.content.map(text),
        authors: fields.authors.iter().filter_map(named).collect(),
        categories: fields.categories.iter().map(|category| allowed(category)).collect(),
        lang: fields.lang,
        source: fields.source,
    }
}

/// The address, and whether it is the article's.
fn link(link: Link) -> (String, bool) {
    let href = allowed(&link.href);
    let url = link.url.filter(|_| href == link.href).or_else(|| Url::parse(&href).ok());
    let href = url.map_or(href, String::from);
    (href.trim().to_owned(), allowed(&link.rel) == "alternate")
}

fn text(text: Text) -> Text {
    let trimmed = |value: String| match write::allowed(value.trim()) {
        Cow::Borrowed(all) if all.len() == value.len() => value,
        some => some.trim().to_owned(),
    };
    match text {
        Text::Plain(value) => Text::Plain(trimmed(value)),
        Text::Html(value) => Text::Html(trimmed(value)),
    }
}

/// Trimmed, and without what XML does not allow.
fn allowed(value: &str) -> String {
    write::allowed(value.trim()).into_owned()
}

/// A leap second stays one.
fn whole_second(date: Timestamp) -> Timestamp {
    let leap = date.nanosecond() >= 1_000_000_000;
    date.with_nanosecond(if leap { 1_000_000_000 } else { 0 }).unwrap_or(date)
}
