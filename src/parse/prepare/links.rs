//! The links of an entry, absolute, the article's own first.

use crate::parse::limits;
use std::borrow::Cow;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub href: String,
    /// What `href` is read as, where that is known.
    pub url: Option<Url>,
    pub rel: String,
    /// Lower is more likely the article.
    pub rank: u8,
}

#[derive(Debug, Default)]
pub(super) struct Links(Vec<Link>);

impl Links {
    pub(super) fn add(&mut self, href: &str, base: &Url, rel: &str, rank: u8) {
        let Some((href, url)) = absolute(href, base) else { return };
        if self.0.len() < limits::LIST && !self.0.iter().any(|known| known.href == href && known.rel == rel) {
            self.0.push(Link { href, url, rel: rel.to_owned(), rank });
        }
    }

    /// By rank, then as the feed has them.
    pub(super) fn sorted(mut self) -> Vec<Link> {
        self.0.sort_by_key(|link| link.rank);
        self.0
    }
}

/// The link against its base; one that is absolute already keeps its spelling. Read already, where it is read as it stands.
pub(super) fn absolute(href: &str, base: &Url) -> Option<(String, Option<Url>)> {
    let shown: Cow<'_, str> = match href.contains(char::is_control) {
        true => href.replace(char::is_control, "").into(),
        false => href.into(),
    };
    let href = unescaped(shown.trim());
    if href.is_empty() {
        return None;
    }
    match Url::parse(&href) {
        Ok(_) if href.contains(' ') => Some((href.replace(' ', "%20"), None)),
        Ok(url) => Some((href, Some(url))),
        // The base is the publisher's word too.
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            base.join(&href).ok().map(|url| (unescaped(url.as_str()), None))
        }
        Err(_) => None,
    }
}

/// Addresses are often escaped twice or more; `&amp;` means nothing in one.
fn unescaped(href: &str) -> String {
    let mut parts = href.split('&');
    let mut out = String::with_capacity(href.len());
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push('&');
        out.push_str(part.trim_start_matches("amp;"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn against_the_base() {
        let base = Url::parse("https://example.org/feeds/all.xml").unwrap();
        let of = |href: &str| absolute(href, &base).unwrap_or_default().0;
        assert_eq!(of("../a?x=1"), "https://example.org/a?x=1");
        assert_eq!(of(" //cdn.example.org/a "), "https://cdn.example.org/a");
        assert_eq!(of("https://Example.org/A\nB"), "https://Example.org/AB");
        assert_eq!(
            of("https://example.org/?a=1&amp;b=2&amp;amp;amp;c=3&a\u{1}mp;d"),
            "https://example.org/?a=1&b=2&c=3&d"
        );
        let twice = Url::parse("https://example.org/a&amp;b/").unwrap();
        assert_eq!(absolute("c", &twice).unwrap().0, "https://example.org/a&b/c");
        assert_eq!(of(""), "");
        assert_eq!(of("http://["), "");
    }
}
