//! Markup cut into tokens. Nothing is an error: what can't be markup is text.

/// One piece of the document, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Token<'a> {
    Start(Tag<'a>),
    End(&'a str),
    Text(&'a str),
    CData(&'a str),
    Doctype(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) struct Tag<'a> {
    pub name: &'a str,
    pub attributes: &'a str,
    pub empty: bool,
}

pub(in crate::parse) struct Tokens<'a> {
    source: &'a str,
    at: usize,
    /// Ends that a search found missing: not looked for again, or the pass would be quadratic.
    missing: Vec<&'static str>,
    /// The document ended inside a tag, comment or CDATA section.
    pub cut: bool,
    /// A field was longer than is kept.
    pub shortened: bool,
}

impl<'a> Tokens<'a> {
    pub(in crate::parse) fn new(source: &'a str) -> Self {
        Self { source, at: 0, missing: Vec::new(), cut: false, shortened: false }
    }

    pub(in crate::parse) fn offset(&self) -> usize {
        self.at
    }

    /// Back to where a token began, to read it in another light.
    pub(in crate::parse) fn rewind(&mut self, position: usize) {
        self.at = position;
    }

    pub(in crate::parse) fn source(&self) -> &'a str {
        self.source
    }

    fn text(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.at..];
        // A `<` at the start that is no markup belongs to the text.
        let skip = usize::from(rest.starts_with('<'));
        let length = memchr::memchr(b'<', &rest.as_bytes()[skip..]).map_or(rest.len(), |at| skip + at);
        self.at += length;
        (length > 0).then(|| Token::Text(&rest[..length]))
    }

    /// What stands between `open` and `close`; without `close`, `None`.
    fn enclosed(&mut self, open: &str, close: &'static str) -> Option<&'a str> {
        let body = &self.source[self.at + open.len()..];
        if self.missing.contains(&close) {
            return None;
        }
        match memchr::memmem::find(body.as_bytes(), close.as_bytes()) {
            Some(end) => {
                self.at += open.len() + end + close.len();
                Some(&body[..end])
            }
            None => {
                self.missing.push(close);
                None
            }
        }
    }

    /// Declarations: CDATA, comments, DOCTYPE, processing instructions. `None`: skipped.
    fn declaration(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.at..];
        if starts_with_ignore_case(rest, "<![CDATA[") {
            if let Some(body) = self.enclosed("<![CDATA[", "]]>") {
                return Some(Token::CData(body));
            }
            // Cut inside the section: it runs to the next end tag of a field, or to the end.
            self.cut = true;
            self.at += "<![CDATA[".len();
            return None;
        }
        if rest.starts_with("<!--") {
            if self.enclosed("<!--", "-->").is_none() {
                self.at += 4;
            }
            return None;
        }
        if starts_with_ignore_case(rest, "<!DOCTYPE") {
            return Some(self.doctype());
        }
        if !rest.starts_with("<?") || self.enclosed("<?", "?>").is_none() {
            self.at += rest.find('>').map_or(rest.len(), |end| end + 1);
        }
        None
    }

    /// `<!DOCTYPE rss [ <!ENTITY … > ]>`, with or without a subset.
    fn doctype(&mut self) -> Token<'a> {
        let rest = &self.source[self.at..];
        let plain_end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let length = match rest[..plain_end].find('[') {
            Some(start) => match rest[start..].find(']') {
                Some(end) => rest[start + end..].find('>').map_or(rest.len(), |close| start + end + close + 1),
                None => plain_end,
            },
            None => plain_end,
        };
        self.at += length;
        Token::Doctype(&rest[..length])
    }

    fn end_tag(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.at + 2..];
        let end = memchr::memchr2(b'>', b'<', rest.as_bytes()).unwrap_or_else(|| {
            self.cut = true;
            rest.len()
        });
        let name = rest[..end].trim();
        self.at += 2 + end + usize::from(rest[end..].starts_with('>'));
        let name = name.split_whitespace().next().unwrap_or("");
        (!name.is_empty()).then_some(Token::End(name))
    }

    fn start_tag(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.at + 1..];
        let bytes = rest.as_bytes();
        let name_end =
            bytes.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<')).unwrap_or(rest.len());
        let Some((end, closed)) = tag_end(bytes, name_end) else {
            self.cut = true;
            self.at = self.source.len();
            return None;
        };
        self.at += 1 + end + usize::from(closed);
        let inside = rest[name_end..end].trim();
        let empty = inside.ends_with('/');
        let attributes = if empty { &inside[..inside.len() - 1] } else { inside };
        Some(Token::Start(Tag { name: &rest[..name_end], attributes, empty }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while self.at < self.source.len() {
            let bytes = &self.source.as_bytes()[self.at..];
            let token = match (bytes[0], bytes.get(1)) {
                (b'<', Some(b'!' | b'?')) => self.declaration(),
                (b'<', Some(b'/')) => self.end_tag(),
                (b'<', Some(b)) if b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || !b.is_ascii() => {
                    self.start_tag()
                }
                _ => self.text(),
            };
            if token.is_some() {
                return token;
            }
        }
        None
    }
}

/// Where a start tag ends: at `>` outside quotes, or before the next `<`. Quotes that swallow a whole tag were never closed.
fn tag_end(bytes: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from;
    let mut after_equals = false;
    while let Some(b) = bytes.get(at) {
        match b {
            b'>' => return Some((at, true)),
            b'<' => return Some((at, false)),
            b'"' | b'\'' if after_equals => match closing_quote(bytes, at, *b) {
                Some(close) => at = close,
                None => return bytes[at..].iter().position(|b| *b == b'>').map(|end| (at + end, true)),
            },
            _ => {}
        }
        after_equals = *b == b'=' || (after_equals && b.is_ascii_whitespace());
        at += 1;
    }
    None
}

/// The matching quote, unless a `>` followed by markup stands before it.
fn closing_quote(bytes: &[u8], open: usize, quote: u8) -> Option<usize> {
    let length = bytes[open + 1..].iter().position(|b| *b == quote)?;
    let value = &bytes[open + 1..open + 1 + length];
    let swallowed =
        value.iter().position(|b| *b == b'>').is_some_and(|at| value[at..].contains(&b'<') && value.contains(&b'='));
    (!swallowed).then_some(open + 1 + length)
}

pub(in crate::parse) fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |token| match token {
            Token::Start(tag) => format!("<{} {}{}", tag.name, tag.attributes, if tag.empty { "/>" } else { ">" }),
            Token::End(name) => format!("</{name}"),
            Token::Text(text) => format!("'{text}'"),
            Token::CData(text) => format!("[{text}]"),
            Token::Doctype(_) => "!".to_owned(),
        };
        Tokens::new(text).map(show).collect()
    }

    #[test]
    fn sound_markup() {
        assert_eq!(shown("<?xml?><a b='>'>x<!-- - --><c/></a >"), ["<a b='>'>", "'x'", "<c />", "</a"]);
        assert_eq!(shown("<!DOCTYPE a [<!ENTITY x '>'>]><a><![CDATA[<b>]]>"), ["!", "<a >", "[<b>]"]);
    }

    #[test]
    fn what_is_no_markup_is_text() {
        assert_eq!(shown("1 < 2 <3 <"), ["'1 '", "'< 2 '", "'<3 '", "'<'"]);
        assert_eq!(shown("<a <b>x"), ["<a >", "<b >", "'x'"]);
    }

    #[test]
    fn broken_quotes_and_ends() {
        assert_eq!(shown("<a b=\"x>y</a><c d=\"e\">"), ["<a b=\"x>", "'y'", "</a", "<c d=\"e\">"]);
        assert_eq!(shown("<a><![CDATA[x </a>"), ["<a >", "'x '", "</a"]);
        assert_eq!(shown("x <item tit"), ["'x '"]);
    }
}
