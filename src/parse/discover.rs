//! The feeds that a web page names: `<link rel="alternate">` in its head, as browsers and feed readers look for them.

use super::decode;
use super::text::{self, references};
use crate::model::Document;
use std::collections::HashSet;
use url::Url;

/// More links than this are a directory of feeds, not a site naming its own.
const MOST: usize = 50;

/// One feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub url: Url,
    pub title: Option<String>,
    /// `RSS`, `Atom` or `JSON Feed`, as the link says.
    pub format: &'static str,
    /// Readers' comments, not articles.
    pub comments: bool,
}

/// The feeds in the order in which to try them: as the page has them, those of comments last.
pub fn discover(page: &Document) -> Vec<Found> {
    let html = decode::decode_page(&page.bytes, page.content_type.as_deref(), &page.url);
    let mut base: Option<Url> = None;
    let mut links = Vec::new();
    for tag in (Tags { rest: &html }) {
        match tag.name.to_ascii_lowercase().as_str() {
            // The first one counts (HTML, "the base element").
            "base" if base.is_none() => base = tag.value("href").and_then(|href| page.url.join(href.trim()).ok()),
            "link" | "a" if links.len() < MOST => links.push(tag),
            _ => {}
        }
    }
    let base = base.unwrap_or_else(|| page.url.clone());
    let mut seen = HashSet::new();
    let mut found: Vec<Found> = links.iter().filter_map(|link| feed(link, &base)).collect();
    found.retain(|feed| seen.insert(feed.url.clone()));
    found.sort_by_key(|feed| feed.comments);
    found
}

fn feed(link: &Tag<'_>, base: &Url) -> Option<Found> {
    let rel = link.value("rel")?.to_ascii_lowercase();
    let alternate = rel.split_ascii_whitespace().any(|word| matches!(word, "alternate" | "feed"));
    let media = link.value("type").unwrap_or_default().to_ascii_lowercase();
    let href = link.value("href")?;
    let media = media.split(';').next().unwrap_or_default().trim();
    let format = alternate.then(|| format_of(media, &href)).flatten()?;
    let mut url = base.join(href.trim().trim_start_matches("feed:")).ok()?;
    url.set_fragment(None);
    let title = link.value("title").map(|title| text::clean(&title)).filter(|title| !title.is_empty());
    let said = |words: &str| title.as_deref().is_some_and(|title| title.to_lowercase().contains(words));
    let comments = said("comment") || said("تبصر") || url.path().to_lowercase().contains("comment");
    matches!(url.scheme(), "http" | "https").then_some(Found { url, title, format, comments })
}

/// JSON is a feed only where it says so: WordPress names its own interface as `application/json`.
fn format_of(media: &str, href: &str) -> Option<&'static str> {
    match media {
        "application/rss+xml" | "application/rdf+xml" | "text/rss+xml" | "text/rss" => Some("RSS"),
        "application/atom+xml" | "text/atom+xml" => Some("Atom"),
        "application/feed+json" => Some("JSON Feed"),
        "application/json" if href.contains("feed") && !href.contains("wp-json") => Some("JSON Feed"),
        "application/xml" | "text/xml" if !href.contains("sitemap") => Some("RSS"),
        _ => None,
    }
}

/// Start tags of a page with their attributes, one after another; comments and scripts are stepped over.
struct Tags<'t> {
    rest: &'t str,
}

struct Tag<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, &'t str)>,
}

impl Tag<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(references::decode(value).into_owned())
    }
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let text = &self.rest[self.rest.find('<')? + 1..];
            if let Some(comment) = text.strip_prefix("!--") {
                self.rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
                continue;
            }
            let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
            let (name, mut rest) = text.split_at(end);
            if name.is_empty() {
                self.rest = rest;
                continue;
            }
            let mut attributes = Vec::new();
            while let Some((attribute, after)) = attribute(rest) {
                attributes.push(attribute);
                rest = after;
            }
            self.rest = rest;
            if let Some(silent) = ["script", "style"].into_iter().find(|silent| silent.eq_ignore_ascii_case(name)) {
                self.rest = after_end(rest, silent);
            }
            return Some(Tag { name, attributes });
        }
    }
}

/// What follows the end tag; nothing where there is none, as in a browser.
fn after_end<'t>(text: &'t str, name: &str) -> &'t str {
    let ends = |at: usize| text.get(at + 2..at + 2 + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name));
    text.match_indices("</").map(|(at, _)| at).find(|at| ends(*at)).map_or("", |at| &text[at + 2 + name.len()..])
}

/// The next attribute of a tag, and what follows; `None` at the tag's end.
fn attribute(text: &str) -> Option<((&str, &str), &str)> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    let end = text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(text.len());
    if text.is_empty() || text.starts_with('>') {
        return None;
    }
    // A lone `=` is part of no name; it is stepped over.
    let (name, rest) = text.split_at(end.max(1).min(text.len()));
    let Some(value) = rest.trim_start().strip_prefix('=') else { return Some(((name, ""), rest)) };
    let value = value.trim_start();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inside = &value[1..];
        let end = inside.find(quote).unwrap_or(inside.len());
        return Some(((name, &inside[..end]), inside.get(end + 1..).unwrap_or("")));
    }
    let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len());
    Some(((name, &value[..end]), &value[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(String, Option<String>, &'static str, bool)> {
        let url = "https://wire.example/news/today".parse().unwrap();
        let page = Document { url, content_type: Some("text/html".to_owned()), bytes: html.as_bytes().to_vec() };
        discover(&page).into_iter().map(|feed| (feed.url.into(), feed.title, feed.format, feed.comments)).collect()
    }

    fn urls(html: &str) -> Vec<String> {
        found(html).into_iter().map(|(url, ..)| url).collect()
    }

    #[test]
    fn every_kind_of_link_is_read_and_comments_come_last() {
        let page = "<!doctype html><html><head><!-- <link rel=alternate type=application/rss+xml href=/old> -->\
            <link rel=\"alternate\" type=\"application/rss+xml\" title=\"Wire &raquo; Comments Feed\" href=\"/comments/feed/\">\
            <LINK HREF='../rss.xml' TYPE='application/rss+xml' REL='alternate' TITLE='Wire &amp; Post'/>\
            <link rel=\"home alternate\" type=\"application/atom+xml; charset=utf-8\" href=//cdn.wire.example/atom?a=1&amp;b=2>\
            <link rel=alternate type=application/feed+json href=feed.json>\
            <link rel=alternate type=application/rss+xml href='../rss.xml#top'>\
            <script>document.write('<link rel=alternate type=application/rss+xml href=/script>')</script></head>";
        let expected = [
            ("https://wire.example/rss.xml", Some("Wire & Post"), "RSS", false),
            ("https://cdn.wire.example/atom?a=1&b=2", None, "Atom", false),
            ("https://wire.example/news/feed.json", None, "JSON Feed", false),
            ("https://wire.example/comments/feed/", Some("Wire » Comments Feed"), "RSS", true),
        ];
        let expected: Vec<_> =
            expected.map(|(url, title, format, c)| (url.to_owned(), title.map(str::to_owned), format, c)).to_vec();
        assert_eq!(found(page), expected);
    }

    #[test]
    fn the_first_base_moves_relative_links() {
        let link = "<link rel=alternate type=application/rss+xml href=rss>";
        assert_eq!(urls(&format!("<base href='/pk/'><base href='/af/'>{link}")), ["https://wire.example/pk/rss"]);
        assert_eq!(urls(&format!("{link}<base href='https://b.example/x/y'>")), ["https://b.example/x/rss"]);
    }

    #[test]
    fn what_is_no_feed_is_left_out() {
        let none = "<link rel=stylesheet type=text/css href=a.css><link rel=alternate hreflang=ur href=/ur>\
            <link rel=alternate type=application/json href=https://wire.example/wp-json/wp/v2/pages/2>\
            <link rel=alternate type='application/json+oembed' href=/oembed><link rel=alternate type=application/rss+xml>\
            <link rel=alternate type=application/rss+xml href='javascript:alert(1)'><a href=/feed>RSS</a>";
        assert_eq!(urls(none), Vec::<String>::new());
        for odd in
            ["", "<", "<link", "<link =", "<link rel=alternate type='application/rss+xml href=/x>", "<!--", "< >"]
        {
            assert_eq!(urls(odd), Vec::<String>::new(), "{odd}");
        }
    }

    #[test]
    fn odd_pages_take_no_long_time() {
        for piece in ["<", "<link ", "<link a=\"", "<!--", "<script>", "</", "<a b=' ", "= "] {
            assert!(urls(&piece.repeat(200_000)).is_empty(), "{piece}");
        }
    }
}
