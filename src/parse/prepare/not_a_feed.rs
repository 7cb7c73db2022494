//! What a document is that is no feed: a page that blocks robots, another page, something else.

use crate::parse::error::ParseError;
use crate::parse::text::html;
use crate::parse::xml::Tree;

/// Words of the pages that stand between a robot and a site, lower case.
const BLOCKS: [&str; 14] = [
    "just a moment",
    "attention required",
    "captcha",
    "access denied",
    "sucuri website firewall",
    "ddos-guard",
    "incapsula",
    "cf-error-details",
    "checking your browser",
    "are you a robot",
    "request unsuccessful",
    "you have been blocked",
    "enable javascript and cookies",
    "akamai",
];

pub(super) fn reason(text: &str, tree: &Tree<'_>) -> ParseError {
    let head: String = text.chars().take(20_000).collect::<String>().to_lowercase();
    let title =
        tree.nodes.iter().find(|node| node.local().eq_ignore_ascii_case("title")).map(|node| node.text().to_owned());
    let title = title.filter(|title| !title.is_empty()).map(|title| title.chars().take(100).collect::<String>());
    let first = tree.nodes.get(1).map_or("", |first| first.name);
    let is_page = ["<html", "<!doctype html"].iter().any(|mark| head.contains(mark)) || html::is_element(first);
    if is_page {
        return match BLOCKS.iter().find(|block| head.contains(**block)) {
            Some(block) => ParseError::BlockPage(title.unwrap_or_else(|| (*block).to_owned())),
            None => ParseError::HtmlPage(title),
        };
    }
    match tree.nodes.get(1) {
        Some(first) => {
            ParseError::NotAFeed(format!("its first element is <{}>", first.name.chars().take(40).collect::<String>()))
        }
        None => ParseError::NotAFeed(format!("it starts with `{}`", text.chars().take(40).collect::<String>())),
    }
}
