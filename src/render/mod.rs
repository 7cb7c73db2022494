//! Askama views: a frozen digest and a reader in; subject, text and HTML out.

mod clean;
mod dates;
mod discreet;
mod page;
mod plain;
mod story;
mod words;

use crate::model::{Digest, Lang, MailFormat, RenderedDigest, Section, TopicId};
use askama::Template;
use chrono_tz::Tz;
pub use discreet::discreet;
use page::{Detail, Page};

/// Gmail clips HTML beyond about 102 KB and hides the way out with it.
pub const MAX_HTML: usize = 80_000;

/// What rendering needs to know of a subscriber.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub lang: Lang,
    /// Empty: every topic of the digest.
    pub topics: &'a [TopicId],
    pub timezone: Tz,
    pub format: MailFormat,
    /// Where leaving is done: an http(s) or mailto URL; `None` asks for an answer to the mail.
    pub unsubscribe: Option<&'a str>,
}

/// Stories and opinion pieces of this digest that a reader of these topics gets.
pub fn stories_for(digest: &Digest, topics: &[TopicId]) -> usize {
    sections_for(digest, topics).map(|section| section.stories.len() + section.opinions.len()).sum()
}

fn sections_for<'a>(digest: &'a Digest, topics: &'a [TopicId]) -> impl Iterator<Item = &'a Section> {
    digest.sections.iter().filter(move |section| topics.is_empty() || topics.contains(&section.topic))
}

/// The mail's content, the same bytes for the same digest and reader.
pub fn render(digest: &Digest, reader: &Reader<'_>) -> Result<RenderedDigest, askama::Error> {
    let full = Page::of(digest, reader, &Detail::FULL);
    let subject = clean::line(&SubjectView { page: &full }.render()?);
    let text = plain::render(&full)?;
    let html = match reader.format {
        MailFormat::Both => Some(html(digest, reader)?),
        MailFormat::Text => None,
    };
    Ok(RenderedDigest { subject, text, html })
}

/// With as much detail as fits under `MAX_HTML`.
fn html(digest: &Digest, reader: &Reader<'_>) -> Result<String, askama::Error> {
    let mut html = String::new();
    for detail in Detail::STEPS {
        html = HtmlView { page: &Page::of(digest, reader, &detail) }.render()?;
        if html.len() < MAX_HTML {
            break;
        }
    }
    Ok(html)
}

#[derive(Template)]
#[template(path = "digest/subject.txt")]
struct SubjectView<'a> {
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "digest/body.html")]
struct HtmlView<'a> {
    page: &'a Page,
}
