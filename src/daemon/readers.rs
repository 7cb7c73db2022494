//! The subscribers as they are now: TOML's and the web's, and over them what each reader chose.

use super::Khyber;
use crate::config::Config;
use crate::model::{MailFormat, Selection, Subscriber, Timestamp};
use crate::store::{Choice, Preferences, StoreError, WebWish};

impl Khyber {
    /// Subscribers who want mail at `now`, with the digests, topics and hour they chose.
    pub async fn readers(&self, now: Timestamp) -> Result<Vec<Subscriber>, StoreError> {
        let chosen = self.store.preferences().await?;
        let usual = Preferences::default();
        let web = self.web_subscribers().await?;
        let enabled = self.config.subscribers.iter().chain(&web).filter(|subscriber| subscriber.enabled);
        let overlaid = enabled
            .filter_map(|subscriber| self.overlaid(subscriber, chosen.get(&subscriber.email).unwrap_or(&usual), now));
        Ok(overlaid.collect())
    }

    /// `None`: they want nothing now.
    fn overlaid(&self, subscriber: &Subscriber, chosen: &Preferences, now: Timestamp) -> Option<Subscriber> {
        if chosen.paused_until.is_some_and(|until| until > now) {
            return None;
        }
        let mut reader = subscriber.clone();
        reader.digests.retain(|digest| !chosen.left.contains(digest));
        self.select(&mut reader, &chosen.choice);
        (!reader.digests.is_empty()).then_some(reader)
    }

    fn select(&self, reader: &mut Subscriber, chosen: &Choice) {
        let select = &mut reader.select;
        if let Some(topics) = &chosen.topics {
            // A topic that the coverage no longer has chooses nothing.
            let known = |topic: &&_| self.config.coverage.topics.iter().any(|known| known.id == **topic);
            select.topics = topics.iter().filter(known).cloned().collect();
        }
        over(&mut select.scopes, chosen.scopes.as_ref());
        over(&mut select.kinds, chosen.kinds.as_ref());
        over(&mut select.langs, chosen.langs.as_ref());
        select.max_stories = chosen.max_stories.or(select.max_stories);
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
    let digests = wish.digests.iter().filter(|id| config.digests.iter().any(|spec| spec.id == **id));
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
