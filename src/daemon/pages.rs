//! Full text: the pages of new entries of feeds that give only headlines. A page that fails never costs its entry.

use super::Khyber;
use crate::fetch::PageOutcome;
use crate::model::{Document, Feed, Timestamp};
use crate::parse::article::article;
use crate::store::{PageTry, StoreError};
use url::Url;

impl Khyber {
    /// Reads the pages of a feed's newest entries, `[fetch] pages_per_poll` at most, one after another. Returns how many
    /// gave an article.
    pub(super) async fn read_pages(&self, feed: &Feed, now: Timestamp) -> Result<usize, StoreError> {
        let Some(pages) = self.pages.as_ref().filter(|_| feed.full_text) else { return Ok(0) };
        let mut read = 0;
        for (entry, url) in self.store.pages_wanted(&feed.id, now, self.config.fetch.pages_per_poll).await? {
            let Ok(url) = Url::parse(url.as_str()) else { continue };
            // Without a slot among the polls: waiting here for a slow host must not hold up other feeds.
            let answer = pages.page(&url, &self.hosts, now).await;
            let next = answer.next();
            if answer.outcome == PageOutcome::CalledOff {
                break;
            }
            let what = tried(answer.outcome).await;
            match &what {
                PageTry::Read(_) => read += 1,
                PageTry::Refused(reason) | PageTry::Failed(reason) => {
                    tracing::debug!(feed = %feed.id, entry = entry.0, %reason, "page not read");
                }
            }
            self.store.record_page(entry, &what, now).await?;
            match next {
                Some(pause) => tokio::time::sleep(pause).await,
                None => break,
            }
        }
        Ok(read)
    }
}

/// Finding the article is CPU work on untrusted bytes: it runs beside the event loop.
async fn tried(outcome: PageOutcome) -> PageTry {
    let page: Document = match outcome {
        PageOutcome::Page(page) => page,
        PageOutcome::Refused(reason) => return PageTry::Refused(reason),
        PageOutcome::Failed(reason) | PageOutcome::Unreachable(reason) => return PageTry::Failed(reason),
        PageOutcome::CalledOff => return PageTry::Failed("called off".to_owned()),
    };
    match tokio::task::spawn_blocking(move || article(&page)).await {
        Ok(Ok(found)) => PageTry::Read(found.text),
        Ok(Err(nothing)) => PageTry::Refused(nothing.to_string()),
        Err(_) => PageTry::Failed("reading the page was cut short".to_owned()),
    }
}
