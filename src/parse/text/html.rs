//! HTML to text in one pass: no tree, so nesting of any depth costs nothing (ammonia takes 42 s for 1 MB of `<div>`).

use super::references;

/// Elements whose content is not text.
const SILENT: [&str; 9] = ["script", "style", "head", "noscript", "iframe", "svg", "template", "figcaption", "object"];
/// Elements that do not part words.
const INLINE: [&str; 26] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
];
/// Elements that stand apart, as a sentence does.
const BLOCK: [&str; 32] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements that only part words.
const OTHER: [&str; 13] =
    ["audio", "br", "button", "embed", "html", "img", "input", "picture", "source", "tbody", "td", "th", "video"];

/// Stands where a block begins or ends; white space to all who do not ask for it.
pub const BLOCK_END: char = '\u{2029}';

pub(in crate::parse) fn is_element(name: &str) -> bool {
    let known = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    known(&INLINE) || known(&BLOCK) || known(&OTHER) || known(&SILENT)
}

/// Whether text that was declared plain holds HTML: an end tag or a break of a known element, or a named entity.
pub fn looks_like(text: &str) -> bool {
    text.match_indices('<').take(50).any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('/');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let closes = rest[end..].starts_with(['>', ' ', '/', '\n']) && rest[end..].contains('>');
        closes && is_element(&rest[..end])
    })
}

/// The text of an HTML fragment: tags off, entities decoded once, block elements apart by `BLOCK_END`.
pub fn to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let mut comments_end = true;
    // Searched to the end in vain once, an end tag is not looked for again: else the pass is quadratic.
    let mut unclosed = Vec::new();
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        out.push_str(&references::decode(&rest[..at]));
        rest = &rest[at..];
        if rest.starts_with("<!--") && comments_end {
            match rest.find("-->") {
                Some(end) => rest = &rest[end + 3..],
                None => comments_end = false,
            }
            continue;
        }
        let Some(tag) = Tag::read(rest) else {
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        let is_in = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(tag.name));
        if is_in(&BLOCK) {
            out.push(BLOCK_END);
        } else if !is_in(&INLINE) {
            out.push(' ');
        }
        rest = &rest[tag.length..];
        if let Some(name) = tag.opens_silence().filter(|name| !unclosed.contains(name)) {
            match after_end_tag(rest, name) {
                Some(after) => rest = after,
                // A script cut short is still no text.
                None if name == "script" || name == "style" => rest = "",
                None => unclosed.push(name),
            }
        }
    }
    out.push_str(&references::decode(rest));
    out
}

struct Tag<'a> {
    name: &'a str,
    length: usize,
    opens: bool,
}

impl<'a> Tag<'a> {
    /// A tag at the start of the text; `None` where `<` is only a character.
    fn read(text: &'a str) -> Option<Tag<'a>> {
        let bytes = text.as_bytes();
        let opens = bytes.get(1) != Some(&b'/');
        let start = if opens { 1 } else { 2 };
        let first = *bytes.get(start)?;
        let declares = opens && matches!(first, b'!' | b'?');
        if !(first.is_ascii_alphabetic() || declares) {
            return None;
        }
        let name_end = bytes[start..]
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b':' | b'-'))
            .map(|n| start + n);
        let mut quote = None;
        let mut equals = false;
        for (at, b) in bytes.iter().enumerate().skip(start) {
            match (quote, *b) {
                (None, b'>') => {
                    let name_end = name_end.unwrap_or(at).min(at);
                    return Some(Tag {
                        name: &text[start..name_end],
                        length: at + 1,
                        opens: opens && bytes[at - 1] != b'/',
                    });
                }
                // A tag that never ends: give up on it where the next begins.
                (None, b'<') => return None,
                (None, b'"' | b'\'') if equals => quote = Some(*b),
                (Some(open), b) if open == b => quote = None,
                // An attribute that never ends.
                (Some(_), b'<') if at > 4_096 => return None,
                _ => {}
            }
            if !b.is_ascii_whitespace() {
                equals = *b == b'=';
            }
        }
        None
    }

    fn opens_silence(&self) -> Option<&'static str> {
        if !self.opens {
            return None;
        }
        SILENT.into_iter().find(|silent| silent.eq_ignore_ascii_case(self.name))
    }
}

/// What follows the end tag of a silent element.
fn after_end_tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let is_end = |at: usize| {
        text.as_bytes()[at + 2..].get(..name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
    };
    let (at, _) = text.match_indices("</").find(|(at, _)| is_end(*at))?;
    Some(text[at..].find('>').map_or("", |end| &text[at + end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> String {
        to_text(html).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tags_off_entities_once() {
        assert_eq!(words("<p>One<br>two</p><p>th<b>re</b>e &amp;amp; &lt;b&gt;</p>"), "One two three &amp; <b>");
        assert_eq!(words("a < b, 5 <6 and 5 > 4"), "a < b, 5 <6 and 5 > 4");
        assert_eq!(words(r#"<img alt="a > b" src=x>after"#), "after");
        assert_eq!(words("x<!-- hidden --> y<script>var a = '<p>';</script>z"), "x y z");
        assert_eq!(words("cut in the <a href=\"http://exam"), "cut in the <a href=\"http://exam");
    }

    #[test]
    fn hostile_input_is_linear() {
        // Measured by work, not by time: a quadratic pass would not end.
        assert!(to_text(&"<div>".repeat(1 << 20)).trim().is_empty());
        assert_eq!(to_text(&"&".repeat(1 << 21)).len(), 1 << 21);
        assert_eq!(to_text(&"<!--".repeat(1 << 19)).len() % 4, 0);
        assert!(!to_text(&"<a href=\"".repeat(1 << 18)).is_empty());
        assert!(!to_text(&"<svg>".repeat(1 << 16)).contains('x'));
    }

    #[test]
    fn plain_text_or_not() {
        assert!(looks_like("<p>yes</p>") && looks_like("one<br/>two"));
        assert!(!looks_like("1 < 2 and 3 > 2") && !looks_like("use the <widget> tag"));
    }
}
