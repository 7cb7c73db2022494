//! Subscribing on the web: a wish becomes a mail with a link, and the link a subscriber.

use super::Khyber;
use super::readers::from_the_web;
use crate::deliver::message::{MessageKey, compose};
use crate::deliver::token::{Purpose, TokenKey, normal};
use crate::model::{DigestId, Subscriber, Timestamp};
use crate::render::confirm;
use crate::store::{Asked, StoreError, WebWish};
use anyhow::Context;
use chrono::TimeDelta;

/// A link that nobody followed for this long is worth nothing, and the address is erased.
pub const CONFIRM_WITHIN: TimeDelta = TimeDelta::days(3);

impl Khyber {
    /// Queues a mail with the link, if this address may be asked. Whoever stands in the configuration is subscribed already.
    pub async fn ask_to_confirm(&self, wish: &WebWish, now: Timestamp) -> anyhow::Result<Asked> {
        if self.config.subscriber(&wish.address).is_some() {
            return Ok(Asked::Left);
        }
        let web = self.config.web.as_ref().context("there is no [web]")?;
        let key = TokenKey::new(&self.salt, Purpose::Confirm);
        let token = key.token(&[wish.address.as_str(), &now.timestamp_micros().to_string()]);
        let link = web.page(&format!("confirm/{token}?lang={}", wish.lang.code()));
        let titles: Vec<&str> = self
            .config
            .digests
            .iter()
            .filter(|spec| wish.digests.contains(&spec.id))
            .map(|spec| spec.title.as_str())
            .collect();
        let rendered = confirm::mail(&titles, &link, CONFIRM_WITHIN.num_days(), wish.lang)?;
        let digest: DigestId = confirm::DIGEST.parse()?;
        let message_key =
            MessageKey { digest: &digest, title: "", slot: now, salt: &self.salt, leave: None, discreet: false };
        let message = compose(&rendered, &self.config.mail, &from_the_web(wish, &self.config), &message_key, now)?;
        let asked = self.store.ask_to_confirm(wish, &token, now + CONFIRM_WITHIN, message, now).await?;
        if asked == Asked::Queued {
            self.has_queued();
        }
        Ok(asked)
    }

    /// Makes a subscriber of whoever followed the link; `None` if the link is worth nothing (any more).
    pub async fn confirm(&self, token: &str, now: Timestamp) -> Result<Option<WebWish>, StoreError> {
        match normal(token) {
            Some(token) => self.store.confirm(&token, now).await,
            None => Ok(None),
        }
    }

    /// Subscribers of the web that the configuration does not name too.
    pub async fn web_subscribers(&self) -> Result<Vec<Subscriber>, StoreError> {
        let all = self.store.web_subscribers().await?;
        let own = all.iter().filter(|reader| self.config.subscriber(&reader.wish.address).is_none());
        Ok(own.map(|reader| from_the_web(&reader.wish, &self.config)).collect())
    }
}
