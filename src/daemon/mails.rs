//! The mails of one edition: each reader's, final bytes and all, so that dispatching never renders.

use super::publish::Cadence;
use super::{Khyber, Place, leave_link};
use crate::config::Config;
use crate::deliver::message::{MessageKey, compose, leave_by_mail};
use crate::model::digest::WhenEmpty;
use crate::model::{Digest, DigestSpec, OutgoingMessage, Subscriber};
use crate::render::{Audience, Links, Press, Reader, stories_for};
use crate::store::NewDelivery;
use anyhow::{Context, anyhow};
use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

/// Fewer mails are not worth a thread.
const LEAST_FOR_A_THREAD: usize = 50;

impl Khyber {
    /// In the readers' order, made on as many threads as there are processors, none of them an async one: a large edition's mails
    /// take seconds, in which mails of others go out.
    pub(super) async fn mails(
        &self,
        spec: &DigestSpec,
        cadence: &Cadence<'_>,
        digest: &Arc<Digest>,
        reached: &HashSet<String>,
    ) -> anyhow::Result<Vec<NewDelivery>> {
        let wanted = |subscriber: &&Subscriber| {
            spec.when_empty == WhenEmpty::Note || stories_for(digest, &subscriber.select) > 0
        };
        let readers: Vec<Subscriber> = cadence.readers_besides(reached).filter(wanted).cloned().collect();
        let place = Place::Edition { digest: &spec.id, cadence: &cadence.key, slot: digest.slot };
        let (view, zone) = (self.archive_link(place), cadence.zone);
        let (maker, digest) = (self.maker(), digest.clone());
        tokio::task::spawn_blocking(move || maker.all(&digest, &readers, zone, view.as_deref())).await?
    }

    /// One subscriber's mail of one digest. `view`: the edition's page in the archive, if it has one.
    pub fn message(
        &self,
        digest: &Digest,
        subscriber: &Subscriber,
        timezone: chrono_tz::Tz,
        view: Option<&str>,
    ) -> anyhow::Result<OutgoingMessage> {
        self.maker().pressed(&Press::new(digest, &self.config.theme), digest, subscriber, timezone, view)
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

impl Maker {
    fn all(
        &self,
        digest: &Digest,
        readers: &[Subscriber],
        zone: chrono_tz::Tz,
        view: Option<&str>,
    ) -> anyhow::Result<Vec<NewDelivery>> {
        let press = Press::new(digest, &self.config.theme);
        let made = |readers: &[Subscriber]| -> anyhow::Result<Vec<NewDelivery>> {
            let deliveries = readers.iter().map(|reader| {
                let message = self.pressed(&press, digest, reader, zone, view)?;
                Ok(NewDelivery { subscriber: reader.email.clone(), message })
            });
            deliveries.collect()
        };
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = readers.len().div_ceil(threads).max(LEAST_FOR_A_THREAD);
        if readers.len() <= share {
            return made(readers);
        }
        thread::scope(|scope| {
            let made = &made;
            let workers: Vec<_> = readers.chunks(share).map(|part| scope.spawn(move || made(part))).collect();
            let mut all = Vec::with_capacity(readers.len());
            for worker in workers {
                all.extend(worker.join().map_err(|_| anyhow!("a thread that made mails panicked"))??);
            }
            Ok(all)
        })
    }

    fn pressed(
        &self,
        press: &Press<'_>,
        digest: &Digest,
        subscriber: &Subscriber,
        timezone: chrono_tz::Tz,
        view: Option<&str>,
    ) -> anyhow::Result<OutgoingMessage> {
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
        let rendered = press.mail(&reader).context("the digest could not be rendered")?;
        let key = MessageKey {
            digest: &digest.digest,
            title: &digest.title,
            slot: digest.slot,
            salt: &self.salt,
            leave: leave.as_deref(),
            discreet: is_discreet,
        };
        compose(&rendered, &self.config.mail, subscriber, &key, digest.slot)
            .with_context(|| format!("the mail for {} could not be made", subscriber.email))
    }
}
