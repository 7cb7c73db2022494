//! The mail that asks whoever typed in an address to confirm it; plain text, with one link.

use super::dates::Calendar;
use super::words::Words;
use super::{clean, plain};
use crate::model::{Lang, RenderedDigest};
use askama::Template;

/// The digest under which these mails stand in the outbox; no `[[digest]]` can have this id.
pub const DIGEST: &str = "confirm";

#[derive(Template)]
#[template(path = "confirm/body.txt")]
struct Body<'a> {
    asked: String,
    titles: Vec<String>,
    press: String,
    link: &'a str,
    within: String,
    ignore: String,
}

/// `titles`: of the digests that were asked for.
pub fn mail(titles: &[&str], link: &str, days: i64, lang: Lang) -> Result<RenderedDigest, askama::Error> {
    let words = Words::of(lang);
    let said = |id: &str| plain::wrap(words.say(id), "");
    let body = Body {
        asked: said("confirm-asked"),
        titles: titles.iter().map(|title| clean::shortened(title, 80)).collect(),
        press: said("confirm-press"),
        link,
        within: Calendar { lang, zone: chrono_tz::Tz::UTC }
            .count("confirm-within", usize::try_from(days).unwrap_or_default()),
        ignore: said("confirm-ignore"),
    };
    Ok(RenderedDigest { subject: words.say("confirm-subject").to_owned(), text: body.render()?, html: None })
}
