//! The mails of one edition: each reader's, final bytes and all, so that dispatching never renders.

use super::publish::Cadence;
use super::{Khyber, Place, leave_link};
use crate::config::Config;
use crate::deliver::message::{MessageKey, leave_by_mail};
use crate::deliver::printer::{Made, Printer};
use crate::model::digest::WhenEmpty;
use crate::model::{Digest, DigestSpec, Lang, MailFormat, OutgoingMessage, Selection, Subscriber};
use crate::render::{Audience, Links, Press, Reader, stories_for};
use crate::store::{Issue, NewDelivery, NewMail};
use anyhow::{Context, anyhow};
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use tokio::sync::mpsc;

/// Fewer mails are not worth a thread.
const LEAST_FOR_A_THREAD: usize = 50;

/// Mails that are in memory at once, in the making, and waiting for the store.
const PORTION: usize = 1_000;

impl Khyber {
    /// Adds the readers' mails in their order, made on as many threads as there are processors, none of them an async one: while one
    /// portion is made, the one before it is stored. Returns how many.
    pub(super) async fn add_mails(
        &self,
        issue: &mut Issue,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        digest: &Arc<Digest>,
        reached: &HashSet<String>,
    ) -> anyhow::Result<usize> {
        let place = Place::Edition { digest: &spec.id, cadence: &cadence.key, slot: digest.slot };
        let (view, zone, also_empty) = (self.archive_link(place), cadence.zone, spec.when_empty == WhenEmpty::Note);
        let (wanted, portions) = mpsc::channel(1);
        let (done, mut made) = mpsc::channel(1);
        let (maker, digest) = (self.maker(), digest.clone());
        let making = tokio::task::spawn_blocking(move || {
            maker.all(&digest, zone, view.as_deref(), also_empty, portions, &done);
        });
        let ask = async move {
            let mut readers = cadence.readers_besides(reached);
            loop {
                let portion: Vec<Subscriber> = readers.by_ref().take(PORTION).cloned().collect();
                // Nobody listens any more: that it failed is on its way.
                if portion.is_empty() || wanted.send(portion).await.is_err() {
                    return;
                }
            }
        };
        let take = async {
            let mut count = 0;
            while let Some(mails) = made.recv().await {
                let mails: Vec<NewMail> = mails?;
                count += mails.len();
                issue.add(mails).await?;
            }
            anyhow::Ok(count)
        };
        let ((), count) = tokio::join!(ask, take);
        let count = count?;
        making.await.map_err(|_| anyhow!("a thread that made mails panicked"))?;
        Ok(count)
    }

    /// One subscriber's mail of one digest. `view`: the edition's page in the archive, if it has one.
    pub fn message(
        &self,
        digest: &Digest,
        subscriber: &Subscriber,
        timezone: chrono_tz::Tz,
        view: Option<&str>,
    ) -> anyhow::Result<OutgoingMessage> {
        let press = Press::new(digest, &self.config.theme);
        match self.maker().pressed(&press, &Printer::default(), digest, subscriber, timezone, view)? {
            Made::Whole(message) => Ok(message),
            Made::Printed(_) => Err(anyhow!("the first mail of a sheet is whole")),
        }
    }

    fn maker(&self) -> Maker {
        Maker { config: self.config.clone(), salt: self.salt.clone() }
    }
}

/// What every mail needs besides its edition and its reader.
struct Maker {
    config: Arc<Config>,
    salt: String,
}

/// Everything in which two mails of one edition can differ, but for their readers' own addresses and links.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Wish {
    lang: Lang,
    select: Selection,
    format: MailFormat,
    discreet: bool,
}

impl Maker {
    /// Makes portion after portion, until there are no more or one fails.
    fn all(
        &self,
        digest: &Digest,
        zone: chrono_tz::Tz,
        view: Option<&str>,
        also_empty: bool,
        mut portions: mpsc::Receiver<Vec<Subscriber>>,
        done: &mpsc::Sender<anyhow::Result<Vec<NewMail>>>,
    ) {
        let (press, printer) = (Press::new(digest, &self.config.theme), Printer::default());
        let wanted = |reader: &&Subscriber| also_empty || stories_for(digest, &reader.select) > 0;
        let made = |readers: &[Subscriber]| -> anyhow::Result<Vec<NewMail>> {
            let mails = readers.iter().filter(wanted).map(|reader| {
                Ok(match self.pressed(&press, &printer, digest, reader, zone, view)? {
                    Made::Whole(message) => NewMail::Whole(NewDelivery { subscriber: reader.email.clone(), message }),
                    Made::Printed(mail) => NewMail::Printed(mail),
                })
            });
            mails.collect()
        };
        while let Some(readers) = portions.blocking_recv() {
            let mails = on_threads(&readers, &made);
            if mails.is_err() | done.blocking_send(mails).is_err() {
                return;
            }
        }
    }

    fn pressed(
        &self,
        press: &Press<'_>,
        printer: &Printer<Wish>,
        digest: &Digest,
        subscriber: &Subscriber,
        timezone: chrono_tz::Tz,
        view: Option<&str>,
    ) -> anyhow::Result<Made> {
        let by_mail = || leave_by_mail(&self.config.mail, &self.salt, &subscriber.email, &digest.digest);
        let leave = leave_link(&self.config, &self.salt, &subscriber.email, &digest.digest, subscriber.lang);
        let unsubscribe = leave.clone().unwrap_or_else(by_mail);
        // One page holds them all; the part it opens at differs.
        let [change, pause] = ["change", "pause"].map(|part| leave.as_ref().map(|page| format!("{page}#{part}")));
        let is_discreet = subscriber.discreet || self.config.digest(&digest.digest).is_some_and(|spec| spec.discreet);
        let view = view.map(|page| format!("{page}?lang={}", subscriber.lang.code()));
        let reader = Reader {
            lang: subscriber.lang,
            select: &subscriber.select,
            timezone,
            format: subscriber.format,
            links: Links {
                unsubscribe: Some(&unsubscribe),
                change: change.as_deref(),
                pause: pause.as_deref(),
                view: view.as_deref(),
            },
            audience: if is_discreet { Audience::Discreet } else { Audience::Subscriber },
            theme: &self.config.theme,
        };
        let key = MessageKey {
            digest: &digest.digest,
            title: &digest.title,
            slot: digest.slot,
            salt: &self.salt,
            leave: leave.as_deref(),
            discreet: is_discreet,
        };
        let wish = Wish {
            lang: subscriber.lang,
            select: subscriber.select.clone(),
            format: subscriber.format,
            discreet: is_discreet,
        };
        let render = || press.mail(&reader).context("the digest could not be rendered");
        printer
            .mail(wish, &self.config.mail, subscriber, &key, digest.slot, render)
            .with_context(|| format!("the mail for {} could not be made", subscriber.email))
    }
}

fn on_threads(
    readers: &[Subscriber],
    made: &(impl Fn(&[Subscriber]) -> anyhow::Result<Vec<NewMail>> + Sync),
) -> anyhow::Result<Vec<NewMail>> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let share = readers.len().div_ceil(threads).max(LEAST_FOR_A_THREAD);
    if readers.len() <= share {
        return made(readers);
    }
    thread::scope(|scope| {
        let workers: Vec<_> = readers.chunks(share).map(|part| scope.spawn(move || made(part))).collect();
        let mut all = Vec::with_capacity(readers.len());
        for worker in workers {
            all.extend(worker.join().map_err(|_| anyhow!("a thread that made mails panicked"))??);
        }
        Ok(all)
    })
}
