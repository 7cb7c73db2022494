//! The subscribers as they are now: TOML's and the web's, and over them what each reader chose.

use super::Khyber;
use crate::config::Config;
use crate::model::{DigestId, EmailAddress, MailFormat, Scope, Selection, Subscriber, Timestamp};
use crate::store::{Choice, Preferences, StoreError, WebWish};
use std::borrow::Cow;

/// What holds for one reader of a digest now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// What they get: as configured, or as they chose.
    pub select: Selection,
    /// Their own choices alone.
    pub choice: Choice,
    pub paused_until: Option<Timestamp>,
    pub has_left: bool,
}

impl Khyber {
    pub async fn chosen(&self, address: &EmailAddress, digest: &DigestId) -> Result<Chosen, StoreError> {
        let Preferences { choice, paused_until, left } = self.store.preferences_of(address).await?;
        let mut select = self.configured(address).await?;
        self.select(&mut select, &choice);
        let has_left = left.contains(digest) || self.store.has_left_all(address).await?;
        Ok(Chosen { select, choice, paused_until, has_left })
    }

    /// Takes a reader's whole choice. Where it is what the configuration says anyway, that goes on to decide.
    pub async fn prefer(&self, address: &EmailAddress, choice: &Choice, now: Timestamp) -> Result<(), StoreError> {
        let usual = self.configured(address).await?;
        let mut own = choice.clone();
        own.topics.take_if(|topics| *topics == usual.topics);
        own.scopes.take_if(|scopes| *scopes == usual.scopes);
        own.kinds.take_if(|kinds| *kinds == usual.kinds);
        own.langs.take_if(|langs| *langs == usual.langs);
        self.store.prefer(address, &own, now).await
    }

    /// What a reader gets who chose nothing: TOML's word, or what they ticked when they subscribed.
    async fn configured(&self, address: &EmailAddress) -> Result<Selection, StoreError> {
        if let Some(known) = self.config.subscriber(address) {
            return Ok(known.select.clone());
        }
        let web = self.store.web_subscriber(address).await?;
        Ok(web.map(|web| from_the_web(&web.wish, &self.config).select).unwrap_or_default())
    }

    /// Subscribers who want mail at `now`, with the digests, topics and hour they chose.
    pub async fn readers(&self, now: Timestamp) -> Result<Vec<Subscriber>, StoreError> {
        Ok(self.mailed(now).await?.into_iter().map(Cow::into_owned).collect())
    }

    /// As `readers`; who chose nothing is as configured, and not copied: there may be very many.
    pub async fn mailed(&self, now: Timestamp) -> Result<Vec<Cow<'_, Subscriber>>, StoreError> {
        let chosen = self.store.preferences().await?;
        let web = self.web_subscribers().await?;
        let all = self.config.subscribers.iter().map(Cow::Borrowed).chain(web.into_iter().map(Cow::Owned));
        let overlaid =
            all.filter(|subscriber| subscriber.enabled).filter_map(|subscriber| match chosen.get(&subscriber.email) {
                Some(chosen) => self.overlaid(&subscriber, chosen, now).map(Cow::Owned),
                None => (!subscriber.digests.is_empty()).then_some(subscriber),
            });
        Ok(overlaid.collect())
    }

    /// `None`: they want nothing now.
    fn overlaid(&self, subscriber: &Subscriber, chosen: &Preferences, now: Timestamp) -> Option<Subscriber> {
        if chosen.paused_until.is_some_and(|until| until > now) {
            return None;
        }
        let mut reader = subscriber.clone();
        reader.digests.retain(|digest| !chosen.left.contains(digest));
        self.select(&mut reader.select, &chosen.choice);
        self.form(&mut reader, &chosen.choice);
        (!reader.digests.is_empty()).then_some(reader)
    }

    fn select(&self, select: &mut Selection, chosen: &Choice) {
        if let Some(topics) = &chosen.topics {
            // A topic that the coverage no longer has chooses nothing.
            let known = |topic: &&_| self.config.coverage.topics.iter().any(|known| known.id == **topic);
            select.topics = topics.iter().filter(known).cloned().collect();
        }
        if let Some(scopes) = &chosen.scopes {
            // Nor does a scope that no digest takes: whoever chose it when one did would get no story at all.
            select.scopes = scopes.iter().filter(|scope| self.takes(**scope)).copied().collect();
        }
        over(&mut select.kinds, chosen.kinds.as_ref());
        over(&mut select.langs, chosen.langs.as_ref());
        select.max_stories = chosen.max_stories.or(select.max_stories);
    }

    /// Whether any digest has stories of this scope.
    pub fn takes(&self, scope: Scope) -> bool {
        self.config.digests.iter().any(|digest| digest.scopes.is_empty() || digest.scopes.contains(&scope))
    }

    /// When and in which form the mail comes.
    fn form(&self, reader: &mut Subscriber, chosen: &Choice) {
        reader.lang = chosen.lang.unwrap_or(reader.lang);
        reader.format = chosen.format.unwrap_or(reader.format);
        reader.timezone = chosen.zone.or(reader.timezone);
        let usual = self.config.digests.iter().find(|spec| reader.digests.contains(&spec.id));
        if let Some(schedule) = reader.schedule.as_ref().or(usual.map(|spec| &spec.schedule))
            && (chosen.hour.is_some() || chosen.days.is_some())
        {
            reader.schedule = schedule.moved(chosen.hour, chosen.days.as_deref()).or(reader.schedule.take());
        }
    }
}

fn over<T: Clone>(configured: &mut Vec<T>, chosen: Option<&Vec<T>>) {
    if let Some(chosen) = chosen {
        configured.clone_from(chosen);
    }
}

/// As if TOML named them; digests and topics that there are no longer are left out.
pub(super) fn from_the_web(wish: &WebWish, config: &Config) -> Subscriber {
    let digests = wish.digests.iter().filter(|id| config.digest(id).is_some());
    let topics = wish.topics.iter().filter(|id| config.coverage.topics.iter().any(|topic| topic.id == **id));
    Subscriber {
        email: wish.address.clone(),
        name: None,
        digests: digests.cloned().collect(),
        select: Selection { topics: topics.cloned().collect(), ..Selection::default() },
        timezone: None,
        schedule: None,
        lang: wish.lang,
        format: MailFormat::Both,
        discreet: false,
        enabled: true,
    }
}
