//! The pre-pass: whatever came in, rewritten as a document that feed-rs reads.
//!
//! Every RSS and Atom dialect becomes one Atom document, or at once the fields that would come out of it: Atom is the one shape in which feed-rs keeps the type of a
//! text, tells links apart and takes a person's name as it stands (its RSS reader runs a pattern over authors that panics on
//! multi-byte brackets). A JSON Feed becomes a sound JSON Feed. Preparing a prepared document changes nothing.

mod body;
mod controls;
mod dated;
mod direct;
mod fields;
mod json;
mod json_mend;
mod json_values;
mod links;
mod not_a_feed;
mod people;
mod root;
mod write;

use super::error::ParseError;
use super::read::{Format, ReadFeed};
use super::text::references;
use super::warning::ParseWarning;
use super::xml::Tree;
use crate::model::Skips;
use std::time::Duration;
use url::Url;

/// A clean Atom or JSON Feed document, and what has no place in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub document: String,
    /// What the document was before.
    pub format: Format,
    pub ttl: Option<Duration>,
    pub skips: Skips,
    /// One for each entry, in order.
    pub beside: Vec<Beside>,
    pub warnings: Vec<ParseWarning>,
}

/// What feed-rs has no field for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    pub lang: Option<String>,
    pub source: Option<String>,
}

/// A document that was opened.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// XML, read.
    Feed(ReadFeed),
    /// Still to be read by feed-rs.
    Json(Prepared),
}

/// As `prepare`; of XML the fields are handed on as they would come out of the prepared document.
pub fn open(text: &str, url: &Url) -> Result<Opened, ParseError> {
    shaped(text, url, direct::feed, |feed, oddities| feed.warnings.extend(oddities)).map(|shape| match shape {
        Shape::Xml(feed) => Opened::Feed(feed),
        Shape::Json(prepared) => Opened::Json(prepared),
    })
}

pub fn prepare(text: &str, url: &Url) -> Result<Prepared, ParseError> {
    shaped(text, url, xml, |prepared, oddities| prepared.warnings.extend(oddities)).map(|shape| match shape {
        Shape::Xml(prepared) | Shape::Json(prepared) => prepared,
    })
}

enum Shape<T> {
    Xml(T),
    Json(Prepared),
}

fn shaped<T>(
    text: &str,
    url: &Url,
    of: impl FnOnce(&Tree<'_>, &root::Root, &Url) -> T,
    warn: impl FnOnce(&mut T, Vec<ParseWarning>),
) -> Result<Shape<T>, ParseError> {
    let text = text.trim_start_matches(is_nothing);
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    if let Some(json) = json(text) {
        return json::prepare(json, url).map(Shape::Json);
    }
    // A whole document printed into a page, and the page taken off again.
    let unescaped = (text.starts_with("&lt;") && !text.contains('<')).then(|| references::decode(text));
    let text = controls::strip(unescaped.as_deref().unwrap_or(text));
    let text = text.as_ref();
    let tree = Tree::read(text, url);
    let Some(root) = root::find(&tree) else { return Err(not_a_feed::reason(text, &tree)) };
    let mut read = of(&tree, &root, url);
    warn(&mut read, tree.oddities.into_iter().map(ParseWarning::feed).collect());
    Ok(Shape::Xml(read))
}

/// The JSON in a document of which nothing before it is markup: a wrapper's call, or a guard against scripts.
fn json(text: &str) -> Option<&str> {
    if text.starts_with('{') {
        return Some(text);
    }
    let at = text.bytes().take(200).position(|b| matches!(b, b'{' | b'<')).filter(|at| text.as_bytes()[*at] == b'{')?;
    text[at..].contains("jsonfeed.org/version").then(|| &text[at..])
}

/// Blanks, controls and byte order marks: nothing that a document could start with.
fn is_nothing(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{200B}')
}

fn xml(tree: &Tree<'_>, root: &root::Root, url: &Url) -> Prepared {
    let mut warnings = Vec::new();
    let mut beside = Vec::new();
    let mut out = write::Feed::new(&root.title(tree), root.lang(tree));
    for entry in root.entries(tree) {
        let fields = fields::Fields::of(tree, entry, root.format, url);
        warnings.extend(fields.warnings());
        out.entry(&fields);
        beside.push(Beside { lang: fields.lang, source: fields.source });
    }
    Prepared {
        document: out.finish(),
        format: root.format,
        ttl: root.ttl(tree),
        skips: root.skips(tree),
        beside,
        warnings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prepared(text: &str) -> Result<String, ParseError> {
        prepare(text, &Url::parse("https://example.org/feeds/all.xml").unwrap()).map(|prepared| prepared.document)
    }

    proptest! {
        #[test]
        fn preparing_twice_changes_nothing(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<description>", "</description>", "<link>",
                "</link>", "a &amp; b", "AT&T", "&lt;p&gt;", "<p>", "</p>", "<br>", "<![CDATA[", "]]>", "<!--", "-->", "&#0;", "\u{7}",
                "https://example.org/1", "/2?a=1&b=2", "<guid>", "</guid>", "<pubDate>", "Tue, 15 Sep 2026 18:28:00 PKT", "</pubDate>", "<entry>",
                "<content type='xhtml'>", "</content>", "<feed xml:lang='ur'>", "</feed>", "<a href=\"", "\r\n", "خبر", "<dc:creator>", "]",
                "<author><name>", "</name></author>", "<atom:link href='/3'/>", "{", "</rss>",
            ]), 0..40)
        ) {
            let text = format!("<rss><channel>{}", pieces.concat());
            if let Ok(once) = prepared(&text) {
                prop_assert_eq!(prepared(&once), Ok(once));
            }
        }
    }
}
