//! The article of a web page, without its menus and adverts, for feeds that give only a headline. Blocking work.

use super::read::Text;
use super::{decode, text};
use crate::model::Document;
use dom_smoothie::{Config, Readability};
use std::panic::{AssertUnwindSafe, catch_unwind};

mod attributes;
mod weight;

/// Characters below which what was found is a caption or a notice and no article.
const LEAST: usize = 140;
/// Bytes of the article that are made into text; many more than a summary holds.
const READ: usize = 64 << 10;
/// Bytes of a page. News pages have 100 to 600 KB.
pub const LARGEST: usize = 3 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub headline: String,
    /// One line of plain text, at most as long as a summary may be.
    pub text: String,
}

/// Why a page gives no article. Asking again would not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoArticle {
    #[error("it is no HTML page but `{0}`")]
    NotHtml(String),
    #[error("the page has more than {} MiB", LARGEST >> 20)]
    TooLarge,
    #[error("the page is nested or tangled so much that reading it would take too long")]
    TooHeavy,
    #[error("no article was found on the page")]
    Nothing,
}

/// Finds the article of a page.
pub fn article(page: &Document) -> Result<Article, NoArticle> {
    if let Some(other) = page.content_type.as_deref().and_then(other_type) {
        return Err(NoArticle::NotHtml(other));
    }
    if page.bytes.len() > LARGEST {
        return Err(NoArticle::TooLarge);
    }
    let decoded = decode::decode_page(&page.bytes, page.content_type.as_deref(), &page.url);
    // html5ever takes quadratic time and memory on pages made for it; it has no limits of its own.
    if attributes::are_too_many(&decoded) || weight::is_heavy(&decoded) {
        return Err(NoArticle::TooHeavy);
    }
    let found = catch_unwind(AssertUnwindSafe(|| extract(&decoded)));
    found.unwrap_or(None).filter(|article| article.text.chars().count() >= LEAST).ok_or(NoArticle::Nothing)
}

fn extract(html: &str) -> Option<Article> {
    let config = Config { max_elements_to_parse: weight::ELEMENTS, ..Config::default() };
    let found = Readability::new(html, None, Some(config)).ok()?.parse().ok()?;
    let content: &str = &found.content;
    let content = &content[..content.floor_char_boundary(READ)];
    Some(Article {
        headline: text::headline(&Text::Plain(found.title)),
        text: text::summary(&Text::Html(content.to_owned())),
    })
}

/// The media type where it is none of HTML's.
fn other_type(header: &str) -> Option<String> {
    let media = header.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let html = media.is_empty() || media == "text/html" || media == "application/xhtml+xml";
    (!html).then(|| media.chars().filter(|c| matches!(c, '!'..='~')).take(60).collect())
}

#[cfg(test)]
mod tests;
