//! What comes back: bounces and complaints, counted and turned into suppressions in one transaction each.

use super::readers::stop_waiting;
use super::transaction::Transaction;
use super::{Result, Store, instant, secs, sql};
use crate::model::{EmailAddress, Timestamp};
use std::time::Duration;

/// How a reason of a suppression that came by mail begins.
pub const BOUNCED: &str = "bounced";
pub const COMPLAINED: &str = "complained";

/// A report about one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceReport {
    /// Of the message that reported it.
    pub hash: String,
    pub address: EmailAddress,
    pub kind: BounceKind,
    /// For the operator: an enhanced status code, without the address.
    pub status: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceKind {
    Hard,
    Soft,
    Complaint,
}

/// When soft bounces lead to a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftLimit {
    /// Days with a soft bounce.
    pub threshold: usize,
    /// Without one for this long, counting begins anew.
    pub forget: Duration,
}

/// What a report led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Suppressed,
    /// Days with a soft bounce so far.
    Counted(usize),
    Before,
}

impl Store {
    /// Who was sent the mail with this envelope sender. One that is shared by many mails names nobody.
    pub async fn bounced_reader(&self, envelope_from: &str) -> Result<Option<EmailAddress>> {
        let rows = sql::query("SELECT subscriber FROM deliveries WHERE envelope_from = $1 LIMIT 2")
            .bind(envelope_from)
            .fetch_all(&self.reader)
            .await?;
        let [row] = rows.as_slice() else { return Ok(None) };
        // A reader who was erased since has no address any more.
        Ok(row.try_get::<&str, _>(0)?.parse().ok())
    }

    /// Takes one report: a message that was taken before changes nothing.
    pub async fn take_bounce(&self, report: &BounceReport, limit: SoftLimit, now: Timestamp) -> Result<Taken> {
        let mut tx = self.writer.begin().await?;
        if !remember(&mut *tx, &report.hash, false, now).await? {
            return Ok(Taken::Before);
        }
        let taken = match report.kind {
            BounceKind::Hard => suppress(&mut tx, report, &format!("{BOUNCED}: {}", report.status), now).await?,
            BounceKind::Complaint => suppress(&mut tx, report, COMPLAINED, now).await?,
            BounceKind::Soft => {
                let days = count(&mut tx, &report.address, limit.forget, now).await?;
                match days >= limit.threshold {
                    true => {
                        let reason = format!("{BOUNCED} softly on {days} days: {}", report.status);
                        suppress(&mut tx, report, &reason, now).await?
                    }
                    false => Taken::Counted(days),
                }
            }
        };
        tx.commit().await?;
        Ok(taken)
    }

    /// Remembers a message that no program understands, for the operator.
    pub async fn take_unclear(&self, hash: &str, now: Timestamp) -> Result<()> {
        remember(&self.writer, hash, true, now).await.map(|_| ())
    }

    /// Messages since then that no program understands, and when the last one came.
    pub async fn unclear_since(&self, since: Timestamp) -> Result<(i64, Option<Timestamp>)> {
        let sql = "SELECT count(*), max(taken_at) FROM bounce_reports WHERE unclear = 1 AND taken_at >= $1";
        let row = sql::query(sql).bind(secs(since)).fetch_one(&self.reader).await?;
        Ok((row.try_get(0)?, row.try_get::<Option<i64>, _>(1)?.map(instant)))
    }

    /// Forgets reports that no server repeats any more.
    pub async fn forget_bounces(&self, before: Timestamp) -> Result<()> {
        sql::query("DELETE FROM bounce_reports WHERE taken_at < $1").bind(secs(before)).execute(&self.writer).await?;
        sql::query("DELETE FROM soft_bounces WHERE last_at < $1").bind(secs(before)).execute(&self.writer).await?;
        Ok(())
    }
}

/// `false`: it was taken before.
async fn remember(into: impl Into<sql::On<'_>>, hash: &str, unclear: bool, now: Timestamp) -> Result<bool> {
    let insert = sql::query(
        "INSERT INTO bounce_reports (hash, taken_at, unclear) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
    );
    let done = insert.bind(hash).bind(secs(now)).bind(unclear).execute(into).await?;
    Ok(done.rows_affected() > 0)
}

/// For good. Whoever left, or was suppressed for another lasting reason, stays so for that reason.
async fn suppress(tx: &mut Transaction<'_>, report: &BounceReport, reason: &str, now: Timestamp) -> Result<Taken> {
    sql::query(
        "INSERT INTO suppressions (address, reason, created_at, until) VALUES ($1, $2, $3, NULL)
         ON CONFLICT (address) DO UPDATE SET reason = $2, created_at = $3, until = NULL WHERE suppressions.until IS NOT NULL",
    )
    .bind(report.address.as_str())
    .bind(reason)
    .bind(secs(now))
    .execute(&mut **tx)
    .await?;
    sql::query("DELETE FROM soft_bounces WHERE address = $1").bind(report.address.as_str()).execute(&mut **tx).await?;
    stop_waiting(tx, &report.address, now).await?;
    Ok(Taken::Suppressed)
}

/// Days with a soft bounce, today's included. A clock set back counts nothing twice.
async fn count(tx: &mut Transaction<'_>, address: &EmailAddress, forget: Duration, now: Timestamp) -> Result<usize> {
    let row = sql::query("SELECT days, last_at FROM soft_bounces WHERE address = $1")
        .bind(address.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let days: i64 = match row {
        None => 1,
        Some(row) => {
            let (days, last): (i64, Timestamp) = (row.try_get(0)?, instant(row.try_get(1)?));
            match () {
                () if last.date_naive() >= now.date_naive() => days,
                () if last < now - forget => 1,
                () => days + 1,
            }
        }
    };
    sql::query(
        "INSERT INTO soft_bounces (address, days, last_at) VALUES ($1, $2, $3)
         ON CONFLICT (address) DO UPDATE SET days = $2, last_at = $3",
    )
    .bind(address.as_str())
    .bind(days)
    .bind(secs(now))
    .execute(&mut **tx)
    .await?;
    Ok(usize::try_from(days).unwrap_or(usize::MAX))
}
