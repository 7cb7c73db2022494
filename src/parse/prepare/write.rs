//! Writes the clean Atom document.

use super::fields::Fields;
use crate::model::Timestamp;
use crate::parse::read::Text;
use chrono::SecondsFormat;
use std::borrow::Cow;

pub(super) struct Feed {
    out: String,
}

impl Feed {
    pub(super) fn new(title: &Option<Text>, lang: Option<&str>) -> Self {
        let mut feed = Feed { out: String::from("<feed xmlns=\"http://www.w3.org/2005/Atom\"") };
        if let Some(lang) = lang {
            feed.attribute("xml:lang", lang);
        }
        feed.out.push_str(">\n");
        feed.text("title", title.as_ref());
        feed
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</feed>\n");
        self.out
    }

    pub(super) fn entry(&mut self, fields: &Fields) {
        self.out.push_str("<entry");
        if let Some(lang) = &fields.lang {
            self.attribute("xml:lang", lang);
        }
        self.out.push_str(">\n");
        self.text("title", fields.title.as_ref());
        for link in &fields.links {
            self.out.push_str("<link");
            self.attribute("rel", &link.rel);
            self.attribute("href", &link.href);
            self.out.push_str("/>\n");
        }
        if let Some(id) = &fields.id {
            self.element("id", id);
        }
        self.date("published", fields.dates.published());
        self.date("updated", fields.dates.updated());
        for author in &fields.authors {
            self.out.push_str("<author>");
            self.element("name", author);
            self.out.push_str("</author>\n");
        }
        for category in &fields.categories {
            self.out.push_str("<category");
            self.attribute("term", category);
            self.out.push_str("/>\n");
        }
        self.text("summary", fields.summary.as_ref());
        self.text("content", fields.content.as_ref());
        if let Some(source) = &fields.source {
            self.out.push_str("<source>");
            self.element("title", source);
            self.out.push_str("</source>\n");
        }
        self.out.push_str("</entry>\n");
    }

    fn text(&mut self, name: &str, text: Option<&Text>) {
        let Some(text) = text else { return };
        let (kind, value) = match text {
            Text::Plain(value) => ("text", value),
            Text::Html(value) => ("html", value),
        };
        self.out.push('<');
        self.out.push_str(name);
        self.attribute("type", kind);
        self.out.push('>');
        escape(value.trim(), &mut self.out);
        self.close(name);
    }

    /// Nothing, if XML allows nothing of the value: an element without text would be none when read again.
    fn element(&mut self, name: &str, value: &str) {
        let before = self.out.len();
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        let start = self.out.len();
        escape(value.trim(), &mut self.out);
        match self.out[start..].trim().is_empty() {
            true => self.out.truncate(before),
            false => self.close(name),
        }
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    fn date(&mut self, name: &str, date: Option<Timestamp>) {
        if let Some(date) = date {
            self.element(name, &date.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value.trim(), &mut self.out);
        self.out.push('"');
    }
}

/// Bytes at which `escape` has to look; most are not.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut b = 0;
    while b < 0x20 {
        special[b] = !matches!(b as u8, b'\t' | b'\n');
        b += 1;
    }
    let [amp, lt, gt, quote] = [b'&' as usize, b'<' as usize, b'>' as usize, b'"' as usize];
    (special[amp], special[lt], special[gt], special[quote]) = (true, true, true, true);
    // U+FFFE and U+FFFF start with 0xEF; few other characters do.
    (special[0x7F], special[0xEF]) = (true, true);
    special
};

/// Escapes markup and leaves out what XML 1.0 §2.2 does not allow; line ends as §2.11 has them.
fn escape(text: &str, out: &mut String) {
    written(text, out, |markup| match markup {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        _ => "&quot;",
    });
}

/// As `escape`, read again.
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    // Nearly always all of it. In pieces without a way out of them, so that they are looked at many bytes at a time.
    let suspect = |b: &u8| (*b < 0x20 && !matches!(b, b'\t' | b'\n')) || *b == 0x7F || *b == 0xEF;
    if !text.as_bytes().chunks(256).any(|piece| piece.iter().fold(false, |found, b| found | suspect(b))) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    written(text, &mut out, |markup| match markup {
        b'&' => "&",
        b'<' => "<",
        b'>' => ">",
        _ => "\"",
    });
    Cow::Owned(out)
}

fn written(text: &str, out: &mut String, markup: impl Fn(u8) -> &'static str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| SPECIAL[usize::from(b)]) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (replacement, length) = match rest.as_bytes()[0] {
            special @ (b'&' | b'<' | b'>' | b'"') => (markup(special), 1),
            b'\r' if rest.starts_with("\r\n") => ("\n", 2),
            b'\r' => ("\n", 1),
            0xEF if rest.starts_with(['\u{FFFE}', '\u{FFFF}']) => ("", 3),
            0xEF => (&rest[..3], 3),
            _ => ("", 1),
        };
        out.push_str(replacement);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_xml_allows() {
        let mut out = String::new();
        super::escape("a<b>&\"\r\nc\rd\u{1}\u{FFFE}\u{FFFD}", &mut out);
        assert_eq!(out, "a&lt;b&gt;&amp;&quot;\nc\nd\u{FFFD}");
    }
}
