//! `khyber feeds add`: one fetch tells whether a URL is a feed, what it is called and in which language it is.

use crate::config::FetchConfig;
use crate::daemon::clock;
use crate::fetch::{FetchOutcome, Fetcher};
use crate::model::{Feed, FeedId, FeedKind, Side, Validators};
use crate::parse::{FeedContext, parse};
use anyhow::{Context, bail};
use url::Url;

/// The feed as `[[feed]]` would name it. Whose press it is only a person can tell: `side` is left at its default.
pub async fn feed(
    url: &Url,
    id: Option<FeedId>,
    publisher: Option<String>,
    config: &FetchConfig,
) -> anyhow::Result<Feed> {
    let now = clock::now();
    let outcome = Fetcher::new(config)?.fetch(url, &Validators::default(), now).await;
    let (document, moved_to) = match outcome {
        FetchOutcome::Document { document, moved_to, .. } => (document, moved_to),
        FetchOutcome::Failed { reason, .. } => bail!("{url}: {reason}"),
        FetchOutcome::Gone => bail!("{url}: answered 410 Gone"),
        FetchOutcome::NotModified { .. } => bail!("{url}: answered 304 to a request without validators"),
    };
    let id = id.map_or_else(|| id_from(url), Ok)?;
    let context = FeedContext { feed: &id, lang: None, now };
    let parsed = parse(&document, &context).with_context(|| format!("{url} is no feed that can be read"))?;
    let host = url.host_str().unwrap_or_default();
    let publisher = publisher.or(parsed.title).filter(|title| !title.trim().is_empty());
    Ok(Feed {
        id,
        url: moved_to.unwrap_or_else(|| url.clone()),
        publisher: publisher.unwrap_or_else(|| host.to_owned()),
        side: Side::International,
        country: "INT".to_owned(),
        lang: None,
        kind: FeedKind::News,
        interval: None,
        enabled: true,
        full_text: false,
    })
}

/// `https://www.example.org/pk/feed` becomes `example-org-pk-feed`.
fn id_from(url: &Url) -> anyhow::Result<FeedId> {
    let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
    let text = format!("{host}{}", url.path()).to_ascii_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(64).collect();
    slug.trim_end_matches('-').parse().context("no identifier could be made from the URL; give one with --id")
}
