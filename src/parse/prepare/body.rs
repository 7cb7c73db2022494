//! A text element's kind and value: what `type` and `mode` say, and what they mean when they are wrong.

use crate::parse::read::{Format, Text};
use crate::parse::xml::Node;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The element's text; `None` for content that is no text (an image inline).
pub(super) fn text(node: &Node<'_>, format: Format) -> Option<Text> {
    let kind = node.attribute("type").unwrap_or("").trim().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or("").trim();
    let encoded = node.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"));
    let foreign = kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml") && !kind.contains("html");
    if (encoded || foreign) && !node.value.markup {
        return from_base64(node.text(), kind, encoded);
    }
    let plain = match format {
        // RSS knows no plain text: titles carry tags and entities as often as descriptions.
        Format::Rss2 | Format::Rss0 | Format::Rdf | Format::Json => {
            kind == "text" || kind == "plain" || kind == "text/plain"
        }
        Format::Atom | Format::Atom03 => matches!(kind, "" | "text" | "plain" | "text/plain" | "xhtml"),
    };
    let value = node.text().to_owned();
    Some(if plain && !node.value.markup { Text::Plain(value) } else { Text::Html(value) })
}

/// Base64 as Atom 0.3 `mode` and RFC 4287 §4.1.3.3 have it. Bytes that are no text are no body; a media type without
/// base64 inside is a wrong type, and its text is kept.
fn from_base64(value: &str, kind: &str, declared: bool) -> Option<Text> {
    let compact: String = value.split_whitespace().collect();
    match STANDARD.decode(compact).map(String::from_utf8) {
        Ok(Ok(text)) if kind == "text/plain" => Some(Text::Plain(text)),
        Ok(Ok(text)) => Some(Text::Html(text)),
        Ok(Err(_)) if declared || value.len() > 60 => None,
        _ => Some(Text::Html(value.to_owned())),
    }
}
