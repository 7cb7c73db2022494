//! Attributes as they come: quoted, unquoted, without a value, twice.

use crate::parse::text::references;
use std::borrow::Cow;

/// Name and value pairs of a start tag; the first of two with one name wins.
pub(in crate::parse) fn read<'a>(text: &'a str) -> Vec<(&'a str, Cow<'a, str>)> {
    let mut found: Vec<(&str, Cow<'_, str>)> = Vec::new();
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
    while !rest.is_empty() && found.len() < 64 {
        let name_end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let name = &rest[..name_end];
        rest = rest[name_end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = read_value(after.trim_start());
        }
        if !name.is_empty() && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, references::decode(value)));
        }
        rest = rest.trim_start();
    }
    found
}

fn read_value(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let body = if quote.is_some() { &text[1..] } else { text };
    let end = match quote {
        Some(quote) => body.find(quote),
        None => body.find(char::is_whitespace),
    };
    match end {
        Some(end) => (&body[..end], &body[end + usize::from(quote.is_some())..]),
        None => (body, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn every_form() {
        let shown: Vec<String> = read("a='1' b=\"x &amp; y & z\" c=3 d e = 'f' a='2' g='un")
            .iter()
            .map(|(n, v)| format!("{n}:{v}"))
            .collect();
        assert_eq!(shown, ["a:1", "b:x & y & z", "c:3", "d:", "e:f", "g:un"]);
    }
}
