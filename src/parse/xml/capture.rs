//! The content of a text element: raw HTML and CDATA become its value, however ill-formed.

use super::node::Value;
use super::token::{Tag, Token, Tokens};
use super::{names, structure};
use crate::parse::text::{html, mojibake, references};
use crate::parse::{limits, xml::Ns};
use std::borrow::Cow;
use std::collections::HashMap;

/// What stood between the tags, in order.
enum Piece<'a> {
    Text(&'a str),
    Literal(&'a str),
    Markup(&'a str),
}

/// Reads up to the end of the element called `name`, or to where it must have ended.
pub(super) fn capture<'a>(tokens: &mut Tokens<'a>, name: &str, entities: &HashMap<&str, &'a str>) -> Value<'a> {
    let mut pieces = Vec::new();
    let mut inside: Vec<&str> = Vec::new();
    let mut size = 0;
    loop {
        let position = tokens.offset();
        let Some(token) = tokens.next() else {
            tokens.cut = true;
            break;
        };
        let raw = &tokens.source()[position..tokens.offset()];
        let piece = match token {
            Token::Text(text) => Piece::Text(text),
            Token::CData(text) => Piece::Literal(text),
            Token::Doctype(_) => continue,
            Token::End(end) => match ends(end, name, &mut inside) {
                Ends::Inner => Piece::Markup(raw),
                Ends::This => break,
                Ends::Outer => {
                    tokens.rewind(position);
                    break;
                }
            },
            Token::Start(tag) => {
                if must_have_ended(&tag, &inside) {
                    tokens.rewind(position);
                    break;
                }
                if !tag.empty && inside.len() < limits::DEPTH && !is_void(tag.name) {
                    inside.push(tag.name);
                }
                Piece::Markup(raw)
            }
        };
        if size + raw.len() <= limits::FIELD {
            pieces.push(piece);
        } else {
            tokens.shortened = true;
            pieces.extend(start_of(piece, limits::FIELD.saturating_sub(size)));
        }
        size += raw.len();
    }
    join(&pieces, entities)
}

/// As much of a piece as there is room for; half a tag is none.
fn start_of(piece: Piece<'_>, room: usize) -> Option<Piece<'_>> {
    let start = |text: &'_ str| (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    match piece {
        _ if room == 0 => None,
        Piece::Text(text) => Some(Piece::Text(&text[..start(text)])),
        Piece::Literal(text) => Some(Piece::Literal(&text[..start(text)])),
        Piece::Markup(_) => None,
    }
}

enum Ends {
    Inner,
    This,
    Outer,
}

fn ends(end: &str, name: &str, inside: &mut Vec<&str>) -> Ends {
    if let Some(at) = inside.iter().rposition(|open| open.eq_ignore_ascii_case(end)) {
        // An element of the same name may be open inside only by mistake (`<title><title>`).
        inside.truncate(at);
        return Ends::Inner;
    }
    if end.eq_ignore_ascii_case(name)
        || (names::local(end).eq_ignore_ascii_case(names::local(name)) && !end.contains(':'))
    {
        return Ends::This;
    }
    if names::is_structure(end) {
        return Ends::Outer;
    }
    // `</descriptoin>`: no element of HTML, and nothing open for it to end.
    if inside.is_empty() && !html::is_element(end) && !end.contains(':') { Ends::This } else { Ends::Inner }
}

/// A start tag that can't stand in this text: an entry's, or a field's where the end tag was forgotten.
fn must_have_ended(tag: &Tag<'_>, inside: &[&str]) -> bool {
    if names::is_structure(tag.name) || structure::is_unmistakable(tag.name) {
        return true;
    }
    let (prefix, local) = names::split(tag.name);
    let is_field = structure::is_field(names::by_prefix(prefix), local) && !html::is_element(local);
    is_field && inside.is_empty() && !tag.attributes.contains("stylesheet")
}

fn is_void(name: &str) -> bool {
    [
        "br", "img", "hr", "input", "wbr", "embed", "source", "meta", "col", "area", "p", "li", "td", "tr", "link",
        "param",
    ]
    .iter()
    .any(|void| void.eq_ignore_ascii_case(name))
}

/// One value: where markup stands in the open, all of it is HTML and keeps its references.
fn join<'a>(pieces: &[Piece<'a>], entities: &HashMap<&str, &'a str>) -> Value<'a> {
    let markup = pieces.iter().any(|piece| matches!(piece, Piece::Markup(_)));
    let part = |piece: &Piece<'a>| match *piece {
        Piece::Literal(text) => without_sections(text),
        Piece::Markup(text) => Cow::Borrowed(text),
        Piece::Text(text) if markup => without_sections(text),
        Piece::Text(text) => match without_sections(text) {
            Cow::Borrowed(text) => references::decode_with(text, |name| entities.get(name).copied()),
            Cow::Owned(text) => Cow::Owned(references::decode(&text).into_owned()),
        },
    };
    let text = match pieces {
        [] => Cow::Borrowed(""),
        [only] => part(only),
        [blank @ .., last]
            if blank.iter().all(|piece| matches!(piece, Piece::Text(text) if text.trim().is_empty())) =>
        {
            part(last)
        }
        [first, blank @ ..]
            if blank.iter().all(|piece| matches!(piece, Piece::Text(text) if text.trim().is_empty())) =>
        {
            part(first)
        }
        many => Cow::Owned(many.iter().map(part).collect()),
    };
    let text = match mojibake::undo(&text) {
        Some(fixed) => Cow::Owned(fixed),
        None => text,
    };
    Value { text, markup }
}

/// Markers of a CDATA section nested in another, or left over from one.
pub(super) fn without_sections(text: &str) -> Cow<'_, str> {
    if text.contains("]]>") || text.contains("<![CDATA[") {
        Cow::Owned(text.replace("<![CDATA[", "").replace("]]>", ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether the element's content is to be captured as it is.
pub(super) fn is_captured(ns: Ns, tag: &Tag<'_>) -> bool {
    !tag.empty && names::is_text(ns, names::local(tag.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(source: &str) -> (String, bool, String) {
        let mut tokens = Tokens::new(source);
        let value = capture(&mut tokens, "description", &HashMap::new());
        (value.text.trim().to_owned(), value.markup, source[tokens.offset()..].to_owned())
    }

    #[test]
    fn text_cdata_and_markup() {
        assert_eq!(value("a &amp; &lt;b&gt;</description>x"), ("a & <b>".into(), false, "x".into()));
        assert_eq!(value("\n<![CDATA[<p>a &amp; b</p>]]>\n</description>").0, "<p>a &amp; b</p>");
        assert_eq!(value("<p>a &amp; b<br>c</description>x"), ("<p>a &amp; b<br>c".into(), true, "x".into()));
        assert_eq!(value("<![CDATA[a <![CDATA[b]]> c]]></description>").0, "a b c");
    }

    #[test]
    fn missing_and_mistyped_ends() {
        assert_eq!(value("a <b>c</item><item>").2, "</item><item>");
        assert_eq!(value("a <pubDate>").2, "<pubDate>");
        assert_eq!(value("a </descriptoin><x>").2, "<x>");
        assert_eq!(value("a <b>c"), ("a <b>c".into(), true, String::new()));
    }
}
