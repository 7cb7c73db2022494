//! What particular publishers do that no general remedy covers: one row each, with its evidence and its fixture.

use url::Url;

/// One publisher's habit.
#[cfg_attr(not(test), expect(dead_code, reason = "fixture and evidence are for the test and the reader of the table"))]
pub(super) struct Quirk {
    /// The host of the feed, without `www.`; its subdomains count.
    pub host: &'static str,
    pub apply: Apply,
    /// A value as the publisher gives it, and as it must come out.
    pub fixture: (&'static str, &'static str),
    /// Where this was seen.
    pub evidence: &'static str,
}

/// What a row mends.
#[derive(Clone, Copy)]
pub(super) enum Apply {
    Id(fn(&str) -> &str),
}

pub(super) const QUIRKS: [Quirk; 3] = [
    Quirk {
        host: "bbci.co.uk",
        apply: Apply::Id(without_counter),
        fixture: ("https://www.bbc.com/news/articles/c0example#0", "https://www.bbc.com/news/articles/c0example"),
        evidence: "captures of September 2026: the guid is the article's URL and a counter of its revisions; in 2021 it was the bare URL",
    },
    Quirk {
        host: "bbc.co.uk",
        apply: Apply::Id(without_counter),
        fixture: ("https://www.bbc.co.uk/news/articles/c0example#3", "https://www.bbc.co.uk/news/articles/c0example"),
        evidence: "as bbci.co.uk, for the feeds under the site's own host",
    },
    Quirk {
        host: "bbc.com",
        apply: Apply::Id(without_counter),
        fixture: ("https://www.bbc.com/urdu/articles/c0example#12", "https://www.bbc.com/urdu/articles/c0example"),
        evidence: "as bbci.co.uk, for the feeds of the language services",
    },
];

/// An entry's id without the noise of its publisher.
pub(super) fn id(feed: &Url, id: &str) -> String {
    mend(&QUIRKS, feed, id)
}

fn mend(quirks: &[Quirk], feed: &Url, id: &str) -> String {
    let mut id = id.trim();
    for quirk in quirks.iter().filter(|quirk| is_of(feed, quirk.host)) {
        let Apply::Id(apply) = quirk.apply;
        id = apply(id);
    }
    id.to_owned()
}

fn is_of(feed: &Url, host: &str) -> bool {
    feed.host_str()
        .is_some_and(|feed| feed.strip_suffix(host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

fn without_counter(id: &str) -> &str {
    match id.rsplit_once('#') {
        Some((url, counter)) if !counter.is_empty() && counter.bytes().all(|b| b.is_ascii_digit()) => url,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fixture_needs_its_row() {
        for (row, quirk) in QUIRKS.iter().enumerate() {
            let feed = Url::parse(&format!("https://feeds.{}/rss.xml", quirk.host)).unwrap();
            let (given, expected) = quirk.fixture;
            assert_eq!(mend(&QUIRKS, &feed, given), expected, "{}", quirk.evidence);
            let others: Vec<Quirk> =
                QUIRKS.into_iter().enumerate().filter(|(other, _)| *other != row).map(|(_, q)| q).collect();
            assert_ne!(mend(&others, &feed, given), expected, "the row of {} is not needed", quirk.host);
        }
    }

    #[test]
    fn other_hosts_keep_their_ids() {
        let feed = Url::parse("https://notbbc.com/rss").unwrap();
        assert_eq!(id(&feed, " https://notbbc.com/a#0 "), "https://notbbc.com/a#0");
    }
}
