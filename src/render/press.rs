//! One edition set once for all readers with equal wishes; each reader's mail is that setting with their own links put in.

use super::{Audience, Links, Reader, Setting, clean, escaped, hidden, limit, render, set};
use crate::model::{Digest, Lang, MailFormat, RenderedDigest, Selection, Theme};
use chrono_tz::Tz;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

/// Settings that are kept, of some 50 KB each. With fewer than wishes differ, all are made again and again: 315 wishes of 10,000 readers
/// took three times as long with 256 of them kept, and the same with 1,024.
const KEPT: usize = 512;

/// Everything in which two readers' mails of one edition can differ, but for the addresses of their links.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Wish {
    lang: Lang,
    select: Selection,
    timezone: Tz,
    format: MailFormat,
    audience: Audience,
    /// The same for all readers of a language.
    view: Option<String>,
    /// Which of the reader's own links there are.
    own: [bool; 3],
}

/// The mails of one edition in one theme.
#[derive(Debug)]
pub struct Press<'a> {
    digest: &'a Digest,
    theme: &'a Theme,
    /// What stands for a reader's own links until they are put in. No feed can know it.
    marks: [String; 3],
    /// `None`: the marks were not found where they must be, so each such mail is set by itself.
    forms: Mutex<HashMap<Wish, Option<Arc<Form>>>>,
}

/// A mail without the addresses of a reader's own links.
#[derive(Debug)]
struct Form {
    subject: String,
    text: Pieces,
    html: Option<FormHtml>,
}

#[derive(Debug)]
struct FormHtml {
    pieces: Pieces,
    /// Fewer bytes than this are left for the links.
    room: usize,
    /// With fewer bytes of links than this a fuller setting would have fitted.
    least: usize,
}

/// Text, and after each piece but the last the link of this number.
#[derive(Debug)]
struct Pieces(Vec<(String, Option<usize>)>);

impl<'a> Press<'a> {
    pub fn new(digest: &'a Digest, theme: &'a Theme) -> Self {
        let secret = RandomState::new();
        let mark = |n: u8| format!("https://own.invalid/{:016x}{:016x}", secret.hash_one(n), secret.hash_one((n, n)));
        Self { digest, theme, marks: [mark(0), mark(1), mark(2)], forms: Mutex::default() }
    }

    /// The same bytes as `render` gives; the reader's theme is the press's.
    pub fn mail(&self, reader: &Reader<'_>) -> Result<RenderedDigest, askama::Error> {
        let reader = Reader { theme: self.theme, ..*reader };
        let links = own(&reader.links);
        let form = self.form(&reader, &links)?;
        match form.and_then(|form| form.with(&links)) {
            Some(mail) => Ok(mail),
            None => render(self.digest, &reader),
        }
    }

    fn form(&self, reader: &Reader<'_>, links: &[Option<String>; 3]) -> Result<Option<Arc<Form>>, askama::Error> {
        let wish = Wish {
            lang: reader.lang,
            select: reader.select.clone(),
            timezone: reader.timezone,
            format: reader.format,
            audience: reader.audience,
            view: reader.links.view.map(str::to_owned),
            own: links.each_ref().map(Option::is_some),
        };
        if let Some(known) = self.forms.lock().unwrap_or_else(PoisonError::into_inner).get(&wish) {
            return Ok(known.clone());
        }
        // Not under the lock: others set their own meanwhile, or, rarely, the same.
        let form = self.made(reader, &wish.own)?.map(Arc::new);
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if forms.len() >= KEPT {
            forms.clear();
        }
        forms.insert(wish, form.clone());
        Ok(form)
    }

    fn made(&self, reader: &Reader<'_>, own: &[bool; 3]) -> Result<Option<Form>, askama::Error> {
        let mark = |n: usize| own[n].then(|| self.marks[n].as_str());
        let links = Links { unsubscribe: mark(0), change: mark(1), pause: mark(2), view: reader.links.view };
        let reader = Reader { links, ..*reader };
        let Setting { mail, html_bytes, too_long } = set(self.digest, &reader)?;
        let mail = hidden(mail, self.digest, &reader);
        let marks: Vec<(usize, &str)> = (0..3).filter_map(|n| Some((n, mark(n)?))).collect();
        let text = match reader.format {
            MailFormat::Html => Some(Pieces(vec![(mail.text, None)])),
            MailFormat::Both | MailFormat::Text => Pieces::cut(&mail.text, &marks),
        };
        let html = match mail.html {
            None => Some(None),
            Some(html) => {
                let limit = limit(reader.audience) + marks.iter().map(|(_, mark)| mark.len()).sum::<usize>();
                let room = limit.saturating_sub(html_bytes);
                let least = too_long.map_or(0, |bytes| limit.saturating_sub(bytes));
                Pieces::cut(&html, &marks).map(|pieces| Some(FormHtml { pieces, room, least }))
            }
        };
        Ok(text.zip(html).map(|(text, html)| Form { subject: mail.subject, text, html }))
    }
}

/// As they stand in the text; the page makes them in the same way.
fn own(links: &Links<'_>) -> [Option<String>; 3] {
    [clean::leaving_link(links.unsubscribe), clean::link(links.change), clean::link(links.pause)]
}

impl Form {
    /// `None`: with links of these lengths another level of detail is the right one.
    fn with(&self, links: &[Option<String>; 3]) -> Option<RenderedDigest> {
        let html = match &self.html {
            None => None,
            Some(html) => {
                let links = links.each_ref().map(|link| link.as_deref().map(escaped));
                let bytes: usize = links.iter().flatten().map(String::len).sum();
                if bytes >= html.room || bytes < html.least {
                    return None;
                }
                Some(html.pieces.with(&links))
            }
        };
        Some(RenderedDigest { subject: self.subject.clone(), text: self.text.with(links), html })
    }
}

impl Pieces {
    /// `None` unless each mark stands in the text once.
    fn cut(text: &str, marks: &[(usize, &str)]) -> Option<Pieces> {
        let mut places: Vec<(usize, usize, usize)> = Vec::with_capacity(marks.len());
        for (n, mark) in marks {
            let mut found = text.match_indices(mark);
            let (at, _) = found.next()?;
            if found.next().is_some() {
                return None;
            }
            places.push((at, mark.len(), *n));
        }
        places.sort_unstable();
        let mut pieces = Vec::with_capacity(places.len() + 1);
        let mut from = 0;
        for (at, length, n) in places {
            pieces.push((text[from..at].to_owned(), Some(n)));
            from = at + length;
        }
        pieces.push((text[from..].to_owned(), None));
        Some(Pieces(pieces))
    }

    fn with(&self, links: &[Option<String>; 3]) -> String {
        let link = |n: &Option<usize>| n.and_then(|n| links[n].as_deref()).unwrap_or("");
        let length = self.0.iter().map(|(piece, n)| piece.len() + link(n).len()).sum();
        let mut whole = String::with_capacity(length);
        for (piece, n) in &self.0 {
            whole.push_str(piece);
            whole.push_str(link(n));
        }
        whole
    }
}
