//! Askama views: a frozen digest and a reader in; subject, text and HTML out.

mod board;
pub mod clean;
pub mod confirm;
pub mod dates;
mod discreet;
mod label;
mod page;
mod plain;
mod press;
mod select;
mod sheet;
mod story;
mod who;
mod words;

use crate::model::{Digest, Lang, MailFormat, RenderedDigest, Selection, Theme};
use askama::Template;
use chrono_tz::Tz;
use discreet::discreet;
pub use label::unlabelled;
use page::{Detail, Page};
pub use press::Press;
use select::Picked;

pub use story::Text;
pub use words::{Words, own_name};

/// Gmail clips HTML beyond about 102 KB and hides the way out with it.
pub const MAX_HTML: usize = 80_000;

/// A page of the archive clips nothing, yet ends.
const MAX_PAGE: usize = 2_000_000;

/// A story's HTML is never shorter: so many more cannot fit.
const LEAST_STORY: usize = 600;

/// What rendering needs to know of a subscriber.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub lang: Lang,
    pub select: &'a Selection,
    pub timezone: Tz,
    pub format: MailFormat,
    pub links: Links<'a>,
    pub audience: Audience,
    pub theme: &'a Theme,
}

/// The looks that come with the program.
pub static PLAIN: Theme = Theme::plain();

/// Whom an edition is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    Subscriber,
    /// A subscriber in whose mailbox nothing says what the mail is about.
    Discreet,
    /// Whoever opens the page in the archive: nobody's subscription is spoken of.
    Everybody,
}

/// Where a reader changes what they get. What is `None` is left out of the mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct Links<'a> {
    /// An http(s) or mailto URL; `None` asks for an answer to the mail.
    pub unsubscribe: Option<&'a str>,
    pub change: Option<&'a str>,
    pub pause: Option<&'a str>,
    /// The edition on the web.
    pub view: Option<&'a str>,
}

/// Stories and opinion pieces of this digest that a reader with these wishes gets.
pub fn stories_for(digest: &Digest, wishes: &Selection) -> usize {
    select::select(digest, wishes).iter().map(|section| section.stories.len() + section.opinions.len()).sum()
}

/// The mail's content, the same bytes for the same digest and reader.
pub fn render(digest: &Digest, reader: &Reader<'_>) -> Result<RenderedDigest, askama::Error> {
    Ok(hidden(set(digest, reader)?.mail, digest, reader))
}

fn hidden(mail: RenderedDigest, digest: &Digest, reader: &Reader<'_>) -> RenderedDigest {
    if reader.audience == Audience::Discreet { discreet(mail, reader, digest.slot) } else { mail }
}

/// A mail, and by how much its HTML is the fullest that fits.
struct Setting {
    mail: RenderedDigest,
    html_bytes: usize,
    /// The fewest bytes of a fuller setting.
    too_long: Option<usize>,
}

fn set(digest: &Digest, reader: &Reader<'_>) -> Result<Setting, askama::Error> {
    let picked = select::select(digest, reader.select);
    let full = Page::of(digest, &picked, reader, &Detail::FULL);
    let subject = clean::line(&SubjectView { page: &full }.render()?);
    let text = match reader.format {
        MailFormat::Both | MailFormat::Text => plain::render(&full)?,
        MailFormat::Html => String::new(),
    };
    let (html, too_long) = match reader.format {
        MailFormat::Both | MailFormat::Html => {
            let (html, too_long) = html(full, digest, &picked, reader)?;
            (Some(html), too_long)
        }
        MailFormat::Text => (None, None),
    };
    let html_bytes = html.as_ref().map_or(0, String::len);
    Ok(Setting { mail: RenderedDigest { subject, text, html }, html_bytes, too_long })
}

fn limit(audience: Audience) -> usize {
    if audience == Audience::Everybody { MAX_PAGE } else { MAX_HTML }
}

/// With as much detail as fits under the limit, and the fewest bytes of what did not fit.
fn html(
    full: Page,
    digest: &Digest,
    picked: &[Picked<'_>],
    reader: &Reader<'_>,
) -> Result<(String, Option<usize>), askama::Error> {
    let styles = sheet::styles(reader.theme);
    let set = |page: &Page| -> Result<String, askama::Error> {
        Ok(sheet::inline(&HtmlView { page, styles: &styles }.render()?, reader.theme))
    };
    let limit = limit(reader.audience);
    let (mut html, mut too_long) = (String::new(), None);
    // Thousands of stories are not set in full first.
    let stories: usize = picked.iter().map(|section| section.stories.len() + section.opinions.len()).sum();
    if stories < limit / LEAST_STORY {
        html = set(&full)?;
    }
    for detail in Detail::LESS {
        if !html.is_empty() && html.len() < limit {
            break;
        }
        if stories >= limit / LEAST_STORY && detail.stories == usize::MAX {
            continue;
        }
        if !html.is_empty() {
            too_long = Some(too_long.map_or(html.len(), |least: usize| least.min(html.len())));
        }
        html = set(&Page::of(digest, picked, reader, &detail))?;
    }
    Ok((html, too_long))
}

/// As the templates write a link into an attribute.
fn escaped(link: &str) -> String {
    LinkView { link }.render().unwrap_or_default()
}

#[derive(Template)]
#[template(source = "{{ link }}", ext = "html")]
struct LinkView<'a> {
    link: &'a str,
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
    /// What cannot be written into the elements: media queries.
    styles: &'a str,
}
