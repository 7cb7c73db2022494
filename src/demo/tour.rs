//! The main job over loopback, day by day: the daemon's own steps between a sample feed server and a mail sink.

use super::received::Received;
use super::settings::{self, Ports, READERS};
use super::sink::Sink;
use super::{Day, FeedServer};
use crate::daemon::{Khyber, Which};
use crate::model::{Digest, StoryStatus, Timestamp};
use anyhow::{Context, ensure};
use std::path::Path;

/// Both servers, and a Khyber between them.
pub struct Tour {
    feeds: FeedServer,
    mail: Sink,
    khyber: Khyber,
    first: Timestamp,
}

/// What one day came to.
#[derive(Debug)]
pub struct DayReport {
    pub day: Day,
    pub feeds: usize,
    pub new_entries: usize,
    /// Publisher and reason of each feed that could not be read.
    pub broken: Vec<(String, String)>,
    /// The edition as it was frozen.
    pub digest: Digest,
    pub mails: Vec<Received>,
}

impl Tour {
    /// Writes the configuration into `folder`, starts the servers and opens Khyber on it. `first` is the first day's slot.
    pub async fn start(folder: &Path, first: Timestamp) -> anyhow::Result<Tour> {
        let feeds = FeedServer::start(first).await.context("the sample feed server did not start")?;
        let mail = Sink::start().await.context("the mail sink did not start")?;
        let ports = Ports { feeds: feeds.port(), mail: mail.port() };
        let file = settings::write(folder, ports, first).context("the demo's configuration could not be written")?;
        // The environment of whoever tries the demo is none of its business.
        let (config, _warnings) = crate::config::load(&file, &|_| None)?;
        let khyber = Khyber::open(config, first).await?;
        Ok(Tour { feeds, mail, khyber, first })
    }

    /// Polls, publishes and dispatches once, as `khyber run --once --at` does.
    pub async fn day(&self, day: Day) -> anyhow::Result<DayReport> {
        self.feeds.turn_to(day);
        let now = day.after(self.first);
        let before = self.mail.messages().len();
        let polled = self.khyber.poll_once(Which::Due, now, &|_| {}).await?;
        let published = self.khyber.publish_due(None, now).await?;
        let sent = self.khyber.dispatch_due(now, &|| false).await?;
        let problem = sent.last_problem.as_deref().unwrap_or_default();
        ensure!(sent.accepted == sent.tried(), "{} of {} mails went out: {problem}", sent.accepted, sent.tried());

        let edition = published.editions.last().context("nothing was published")?.edition;
        let (_, digest) = self.khyber.store.edition(edition).await?.context("the edition is not in the store")?;
        let reason = |poll: &crate::daemon::FeedPoll| poll.error.clone().unwrap_or_default();
        Ok(DayReport {
            day,
            feeds: polled.feeds.len(),
            new_entries: polled.new_entries(),
            broken: polled.failed().map(|poll| (poll.publisher.clone(), reason(poll))).collect(),
            digest: digest.context("the edition is empty")?,
            mails: self.received_since(before)?,
        })
    }

    fn received_since(&self, before: usize) -> anyhow::Result<Vec<Received>> {
        let arrived = self.mail.messages().into_iter().skip(before);
        let mut mails = arrived
            .map(|mail| Ok(Received::read(&mail.to.join(", "), mail.bytes)?))
            .collect::<anyhow::Result<Vec<Received>>>()?;
        // Sent side by side, they arrive in any order.
        mails.sort_by_key(|mail| READERS.iter().position(|(email, ..)| *email == mail.to));
        Ok(mails)
    }
}

impl DayReport {
    /// Stories, opinion pieces aside, that no earlier edition had, and those that go on.
    pub fn stories_that_are(&self, status: StoryStatus) -> usize {
        let stories = self.digest.sections.iter().flat_map(|section| &section.stories);
        stories.filter(|story| story.status == status).count()
    }

    pub fn opinions(&self) -> usize {
        self.digest.sections.iter().map(|section| section.opinions.len()).sum()
    }
}
