//! One spelling for each article's address, so that the same article is known again.

mod amp;
mod tracking;

use crate::model::CanonicalUrl;
use url::Url;

/// Takes off what does not choose the article: tracking parameters, fragment, AMP and mobile variants, credentials.
/// Host case, punycode and default ports are the url crate's work. Google News wrappers stay: they can't be undone
/// without a request. Idempotent.
pub fn canonical(url: &Url) -> CanonicalUrl {
    let mut url = url.clone();
    // Each round may uncover more (an AMP cache inside a wrapper); three are more than was ever seen.
    for _ in 0..4 {
        let next = round(&url);
        if next == url {
            break;
        }
        url = next;
    }
    CanonicalUrl::trusted(url.into())
}

fn round(url: &Url) -> Url {
    let mut url = amp::publisher(url).unwrap_or_else(|| url.clone());
    // `#!` addresses choose their page by the fragment.
    if url.fragment().is_some_and(|fragment| !fragment.starts_with('!')) {
        url.set_fragment(None);
    }
    // Failing only for URLs without a host, which have no credentials either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')).map(str::to_owned) {
        let _ = url.set_host(Some(&host));
    }
    tracking::strip(&mut url);
    url
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use proptest::prelude::*;
    use url::Url;

    fn of(text: &str) -> String {
        canonical(&Url::parse(text).unwrap()).as_str().to_owned()
    }

    #[test]
    fn what_does_not_choose_the_article_goes() {
        let cases = [
            ("https://www.bbc.com/news/a1?at_medium=RSS&at_campaign=KARANGA", "https://www.bbc.com/news/a1"),
            ("https://www.aljazeera.com/news/x?traffic_source=rss", "https://www.aljazeera.com/news/x"),
            ("HTTP://Example.ORG:80/a?utm_source=x&id=7#top", "http://example.org/a?id=7"),
            ("https://user:secret@example.org./a", "https://example.org/a"),
            ("https://example.org/?p=12&fbclid=abc", "https://example.org/?p=12"),
            ("https://m.example.org/a", "https://www.example.org/a"),
            ("https://example.org/news/1/amp/", "https://example.org/news/1/"),
            ("https://example.org/news/1/amp?amp=1", "https://example.org/news/1"),
            ("https://www.google.com/amp/s/example.org/news/1", "https://example.org/news/1"),
            ("https://example-org.cdn.ampproject.org/c/s/example.org/news/1", "https://example.org/news/1"),
            ("https://news.google.com/rss/articles/CBMi?oc=5", "https://news.google.com/rss/articles/CBMi?oc=5"),
            ("https://مثال.example/خبر", "https://xn--mgbh0fb.example/%D8%AE%D8%A8%D8%B1"),
            ("https://example.org/#!/story/9", "https://example.org/#!/story/9"),
            ("https://www.dw.com/en/x/a-1?maca=en-rss-en-all-1573-rdf", "https://www.dw.com/en/x/a-1"),
        ];
        for (given, expected) in cases {
            assert_eq!(of(given), expected);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(
            host in "(amp|m|mobile|www|m\\.m|a)?\\.?[a-z]{1,8}\\.(org|com\\.pk|af)\\.?",
            path in "(/[a-z0-9%~.]{0,6}){0,3}(/amp)?/?(amp)?",
            query in "([a-zA-Z_%=&+]{0,12}|utm_source=a&b=c&amp=1|fbclid=1)",
            fragment in "(#!?[a-z]{0,4})?",
        ) {
            if let Ok(url) = Url::parse(&format!("https://{host}{path}?{query}{fragment}")) {
                let once = canonical(&url);
                let again = canonical(&Url::parse(once.as_str()).unwrap());
                prop_assert_eq!(once, again);
            }
        }
    }
}
