//! What readers decide for themselves: leaving, pausing, topics and hour. It overlays the configuration.

use super::sql::Row;
use super::transaction::Transaction;
use super::{Result, Store, StoreError, instant, secs, sql};
use crate::model::{DigestId, EmailAddress, Kind, Lang, MailFormat, Scope, Timestamp, TopicId};
use chrono::Weekday;
use chrono_tz::Tz;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// The reason of a suppression that a reader made and may undo; no other reason is theirs to undo.
pub const LEFT: &str = "left";

/// What a reader chose of what can be chosen; `None`: as configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    pub topics: Option<Vec<TopicId>>,
    pub scopes: Option<Vec<Scope>>,
    pub kinds: Option<Vec<Kind>>,
    pub langs: Option<Vec<Lang>>,
    pub max_stories: Option<usize>,
    pub format: Option<MailFormat>,
    /// Of the day, in `zone` or that of their digest.
    pub hour: Option<u8>,
    pub days: Option<Vec<Weekday>>,
    pub zone: Option<Tz>,
    /// Of the mail itself.
    pub lang: Option<Lang>,
}

/// What one reader decided over the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    pub choice: Choice,
    pub paused_until: Option<Timestamp>,
    pub left: Vec<DigestId>,
}

impl Store {
    /// Leaves one digest. What waits of it is not sent any more.
    pub async fn leave_digest(&self, address: &EmailAddress, digest: &DigestId, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin().await?;
        sql::query("INSERT INTO left_digests (address, digest, left_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(address.as_str())
            .bind(digest.as_str())
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
        stop_waiting(&mut tx, address, now).await?;
        tx.commit().await
    }

    /// Leaves everything. A suppression for another reason keeps its reason, but does not end any more.
    pub async fn leave_all(&self, address: &EmailAddress, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin().await?;
        sql::query(
            "INSERT INTO suppressions (address, reason, created_at, until) VALUES ($1, $2, $3, NULL)
             ON CONFLICT (address) DO UPDATE SET reason = $2, created_at = $3, until = NULL WHERE suppressions.until IS NOT NULL",
        )
        .bind(address.as_str())
        .bind(LEFT)
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        stop_waiting(&mut tx, address, now).await?;
        tx.commit().await
    }

    /// Sends nothing until then. A pause never shortens a suppression.
    pub async fn pause(&self, address: &EmailAddress, until: Timestamp, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin().await?;
        sql::query(
            "INSERT INTO preferences (address, paused_until, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (address) DO UPDATE SET paused_until = $2, changed_at = $3",
        )
        .bind(address.as_str())
        .bind(secs(until))
        .bind(secs(now))
        .execute(&mut *tx)
        .await?;
        stop_waiting(&mut tx, address, now).await?;
        tx.commit().await
    }

    /// Undoes leaving and pausing. A bounce, a complaint or the operator's word stays.
    pub async fn come_back(&self, address: &EmailAddress, digest: &DigestId, now: Timestamp) -> Result<()> {
        let mut tx = self.writer.begin().await?;
        sql::query("DELETE FROM left_digests WHERE address = $1 AND digest = $2")
            .bind(address.as_str())
            .bind(digest.as_str())
            .execute(&mut *tx)
            .await?;
        sql::query("DELETE FROM suppressions WHERE address = $1 AND reason = $2")
            .bind(address.as_str())
            .bind(LEFT)
            .execute(&mut *tx)
            .await?;
        sql::query("UPDATE preferences SET paused_until = NULL, changed_at = $2 WHERE address = $1")
            .bind(address.as_str())
            .bind(secs(now))
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// The whole choice at once: what it leaves open is as configured.
    pub async fn prefer(&self, address: &EmailAddress, choice: &Choice, now: Timestamp) -> Result<()> {
        sql::query(
            "INSERT INTO preferences
                (address, changed_at, topics, scopes, kinds, langs, max_stories, format, hour, days, zone, mail_lang)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (address) DO UPDATE SET changed_at = $2, topics = $3, scopes = $4, kinds = $5, langs = $6,
                max_stories = $7, format = $8, hour = $9, days = $10, zone = $11, mail_lang = $12",
        )
        .bind(address.as_str())
        .bind(secs(now))
        .bind(json(choice.topics.as_ref()))
        .bind(json(choice.scopes.as_ref()))
        .bind(json(choice.kinds.as_ref()))
        .bind(json(choice.langs.as_ref()))
        .bind(choice.max_stories.map(|max| i64::try_from(max).unwrap_or(i64::MAX)))
        .bind(choice.format.map(MailFormat::name))
        .bind(choice.hour.map(i64::from))
        .bind(json(choice.days.as_ref()))
        .bind(choice.zone.map(|zone| zone.name()))
        .bind(choice.lang.map(Lang::code))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Everybody who chose something.
    pub async fn preferences(&self) -> Result<HashMap<EmailAddress, Preferences>> {
        self.chosen_by(None).await
    }

    /// What one reader chose.
    pub async fn preferences_of(&self, address: &EmailAddress) -> Result<Preferences> {
        Ok(self.chosen_by(Some(address)).await?.remove(address).unwrap_or_default())
    }

    /// Whether a reader left everything, by their own wish.
    pub async fn has_left_all(&self, address: &EmailAddress) -> Result<bool> {
        let left = sql::query_scalar("SELECT EXISTS (SELECT 1 FROM suppressions WHERE address = $1 AND reason = $2)");
        left.bind(address.as_str()).bind(LEFT).fetch_one(&self.reader).await
    }

    async fn chosen_by(&self, only: Option<&EmailAddress>) -> Result<HashMap<EmailAddress, Preferences>> {
        let mut found: HashMap<EmailAddress, Preferences> = HashMap::new();
        let rows = sql::query(
            "SELECT address, topics, scopes, kinds, langs, max_stories, format, hour, days, zone, mail_lang, paused_until
             FROM preferences WHERE $1 IS NULL OR address = $1",
        );
        for row in rows.bind(only.map(EmailAddress::as_str)).fetch_all(&self.reader).await? {
            let of = found.entry(address(row.try_get(0)?)?).or_default();
            of.choice = choice(&row)?;
            of.paused_until = row.try_get::<Option<i64>, _>(11)?.map(instant);
        }
        let left = sql::query("SELECT address, digest FROM left_digests WHERE $1 IS NULL OR address = $1");
        for row in left.bind(only.map(EmailAddress::as_str)).fetch_all(&self.reader).await? {
            let digest: &str = row.try_get(1)?;
            // A digest that was renamed or removed since is nothing to leave.
            if let Ok(digest) = digest.parse() {
                found.entry(address(row.try_get(0)?)?).or_default().left.push(digest);
            }
        }
        Ok(found)
    }

    /// Who was sent which digest since then: their links still work when the configuration no longer names them.
    pub async fn recent_readers(&self, since: Timestamp) -> Result<Vec<(EmailAddress, DigestId)>> {
        let rows = sql::query(
            "SELECT DISTINCT subscriber, digest FROM editions JOIN deliveries ON edition = editions.id
             WHERE editions.created_at >= $1",
        )
        .bind(secs(since))
        .fetch_all(&self.reader)
        .await?;
        let mut readers = Vec::with_capacity(rows.len());
        for row in rows {
            let digest: &str = row.try_get(1)?;
            if let Ok(digest) = digest.parse() {
                readers.push((address(row.try_get(0)?)?, digest));
            }
        }
        Ok(readers)
    }
}

/// Ends what waits for an address that wants it no longer; one being sent right now is looked at again when it comes back.
pub(super) async fn stop_waiting(tx: &mut Transaction<'_>, address: &EmailAddress, now: Timestamp) -> Result<()> {
    sql::query(
        "UPDATE deliveries SET status = 'suppressed', ended_at = $2, next_attempt_at = NULL
         WHERE subscriber = $1 AND status IN ('queued', 'deferred') AND EXISTS (SELECT 1 FROM stopped, editions
            WHERE stopped.address = $1 AND editions.id = deliveries.edition
                AND (stopped.digest IS NULL OR stopped.digest = editions.digest)
                AND (stopped.until IS NULL OR stopped.until > $2))",
    )
    .bind(address.as_str())
    .bind(secs(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn address(text: &str) -> Result<EmailAddress> {
    text.parse().map_err(|error| StoreError::Corrupt { what: "preferences.address", reason: format!("{error}") })
}

/// The columns in the order of `preferences`.
fn choice(row: &Row) -> Result<Choice> {
    let word = |column: usize| row.try_get::<Option<&str>, _>(column);
    let format = word(6)?.and_then(|name| MailFormat::ALL.into_iter().find(|format| format.name() == name));
    Ok(Choice {
        topics: list(word(1)?)?,
        scopes: list(word(2)?)?,
        kinds: list(word(3)?)?,
        langs: list(word(4)?)?,
        max_stories: row.try_get::<Option<i64>, _>(5)?.and_then(|max| usize::try_from(max).ok()),
        format,
        hour: row.try_get::<Option<i64>, _>(7)?.and_then(|hour| u8::try_from(hour).ok()),
        days: list(word(8)?)?,
        zone: word(9)?.and_then(|name| name.parse().ok()),
        lang: word(10)?.map(Lang::from_tag).filter(|lang| *lang != Lang::Other),
    })
}

fn json<T: Serialize>(list: Option<&Vec<T>>) -> Option<String> {
    list.map(|list| serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned()))
}

fn list<T: DeserializeOwned>(json: Option<&str>) -> Result<Option<Vec<T>>> {
    json.map(serde_json::from_str)
        .transpose()
        .map_err(|error| StoreError::Corrupt { what: "a list in preferences", reason: error.to_string() })
}
