//! Which due deliveries are leased next: in the order in which they fell due, but none to a domain whose places are taken.
//!
//! A few statements whatever the number of mails. A domain that is full may have thousands due before all others: then the
//! domains are walked, from the one after that which had its turn last, and not their mails.

use super::leases::{Claim, read_leased};
use super::notices::RELAY_ONLY;
use super::sheets::{BYTES, Kept};
use super::sql::Row;
use super::transaction::Transaction;
use super::workers::ms;
use super::{Result, Store, StoreError, secs, sql};
use crate::config::Rate;
use crate::model::{Delivery, Timestamp};
use chrono::TimeDelta;
use std::collections::{HashMap, HashSet};
use std::sync::PoisonError;

/// No wait between two attempts is this long: a row due later than that was written before the clock was set back.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

/// In these very words: SQLite takes an index of some rows only where the query repeats its condition.
const WAITING: &str = "status IN ('queued', 'deferred')";

/// Of a delivery: its reader gets no mail of this digest any more, or not now.
const STOPPED: &str = "EXISTS (SELECT 1 FROM stopped, editions
    WHERE address = subscriber AND (until IS NULL OR until > $1) AND editions.id = edition
        AND (stopped.digest IS NULL OR stopped.digest = editions.digest))";

/// A delivery that is due.
struct Due {
    id: i64,
    domain: String,
    stopped: bool,
}

fn read_due(row: &Row) -> Result<Due> {
    Ok(Due { id: row.try_get(0)?, domain: row.try_get(1)?, stopped: row.try_get(2)? })
}

/// What was chosen, and how many mails each domain has under way with it.
struct Chosen {
    ids: Vec<i64>,
    known: HashSet<i64>,
    domains: HashMap<String, usize>,
    places: usize,
    a_domain: usize,
}

impl Chosen {
    fn missing(&self) -> usize {
        self.places - self.ids.len()
    }

    fn free(&self, domain: &str) -> usize {
        self.a_domain.saturating_sub(self.domains.get(domain).copied().unwrap_or(0)).min(self.missing())
    }

    /// Takes what has a place; returns those whose reader stopped.
    fn take(&mut self, due: &[Due]) -> Vec<i64> {
        for one in due.iter().filter(|one| !one.stopped) {
            if self.free(&one.domain) > 0 && self.known.insert(one.id) {
                self.ids.push(one.id);
                *self.domains.entry(one.domain.clone()).or_default() += 1;
            }
        }
        due.iter().filter(|one| one.stopped).map(|one| one.id).collect()
    }
}

impl Store {
    /// Whether a lease might find anything. Asked of a connection that reads: nothing is committed for an outbox that rests.
    pub async fn is_any_due(&self, now: Timestamp) -> Result<bool> {
        let due = |when: &str| format!("EXISTS (SELECT 1 FROM deliveries WHERE {WAITING} AND {when})");
        let text = format!("SELECT {} OR {}", due("next_attempt_at <= $1"), due("next_attempt_at > $2"));
        let due = sql::query_scalar(sqlx::AssertSqlSafe(text)).bind(secs(now)).bind(secs(now + LONGEST_WAIT));
        due.fetch_one(&self.reader).await
    }

    pub(super) async fn claim(&self, tx: &mut Transaction<'_>, claim: &Claim) -> Result<Vec<Delivery>> {
        let places = match claim.places.rate {
            Some(rate) => left_of(tx, rate).await?.min(claim.places.free as usize),
            None => claim.places.free as usize,
        };
        let mut chosen = Chosen {
            ids: Vec::new(),
            known: HashSet::new(),
            domains: under_way(tx).await?,
            places,
            a_domain: claim.places.a_domain as usize,
        };
        while chosen.missing() > 0 {
            let window = chosen.missing() * 2 + 16;
            let due = first_due(tx, claim, window).await?;
            let crowded = due.len() >= window;
            let mut stopped = chosen.take(&due);
            if stopped.is_empty() && crowded && chosen.missing() > 0 {
                let domains = self.next_domains(tx, claim, &chosen).await?;
                stopped = chosen.take(&due_of(tx, claim, &domains, &chosen).await?);
            }
            if stopped.is_empty() {
                break;
            }
            suppress(tx, &stopped, claim.now).await?;
        }
        if chosen.ids.is_empty() {
            return Ok(Vec::new());
        }
        self.lease_these(tx, &chosen.ids, claim).await
    }

    /// What can't be put together any more waits for the operator instead.
    async fn lease_these(&self, tx: &mut Transaction<'_>, ids: &[i64], claim: &Claim) -> Result<Vec<Delivery>> {
        let ids = serde_json::to_string(ids).unwrap_or_default();
        let text = format!(
            "UPDATE deliveries SET status = 'sending', stage = NULL, fence = fence + 1, attempts = attempts + 1, worker = $2
             WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND {WAITING}
             RETURNING id, edition, subscriber, fence, attempts, crashes, created_at, message_id, envelope_from, {BYTES}"
        );
        let worker = Some(self.worker().0).filter(|id| *id > 0);
        let rows = sql::query(sqlx::AssertSqlSafe(text)).bind(&ids).bind(worker).fetch_all(&mut **tx).await?;
        let text = format!(
            "INSERT INTO attempts (delivery, fence, started_at, begun) SELECT id, fence, $2, {} FROM deliveries
             WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) AND status = 'sending'",
            if claim.places.rate.is_some() { "clock_ms()" } else { "NULL" }
        );
        sql::query(sqlx::AssertSqlSafe(text)).bind(&ids).bind(secs(claim.now)).execute(&mut **tx).await?;
        let mut leased = Vec::with_capacity(rows.len());
        for row in &rows {
            match self.whole(Kept::read(row)?, &mut **tx).await {
                Ok(Some(bytes)) => leased.push(read_leased(row, bytes)?),
                Ok(None) => put_aside(tx, row, "its bytes were removed while it waited").await?,
                Err(StoreError::Corrupt { what, reason }) => {
                    put_aside(tx, row, &format!("{what}: {reason}; it was not sent")).await?;
                }
                Err(error) => return Err(error),
            }
        }
        leased.sort_by_key(|delivery: &Delivery| delivery.id);
        Ok(leased)
    }

    /// Domains with something due and places free, as many as mails are wanted, each in its turn.
    async fn next_domains(&self, tx: &mut Transaction<'_>, claim: &Claim, chosen: &Chosen) -> Result<Vec<String>> {
        let full: Vec<&String> = chosen.domains.keys().filter(|domain| chosen.free(domain) == 0).collect();
        let full = serde_json::to_string(&full).unwrap_or_default();
        let walk = format!(
            "WITH RECURSIVE walk (domain) AS (
                SELECT min(domain) FROM deliveries WHERE {WAITING} AND domain > $2
                UNION ALL SELECT (SELECT min(deliveries.domain) FROM deliveries WHERE {WAITING} AND deliveries.domain > walk.domain)
                    FROM walk WHERE walk.domain IS NOT NULL)
             SELECT domain FROM walk WHERE domain IS NOT NULL AND domain NOT IN (SELECT value FROM json_each($3))
                AND EXISTS (SELECT 1 FROM deliveries WHERE {WAITING} AND {} AND deliveries.domain = walk.domain
                    AND next_attempt_at <= $1) LIMIT $4",
            claim.which
        );
        let last = self.turn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut domains: Vec<String> = Vec::new();
        for from in [Some(last.clone()), (!last.is_empty()).then(String::new)].into_iter().flatten() {
            let missing = i64::try_from(chosen.missing().saturating_sub(domains.len())).unwrap_or(0);
            let found = sql::query_scalar(sqlx::AssertSqlSafe(walk.as_str()));
            let found = found.bind(secs(claim.now)).bind(from).bind(&full).bind(missing);
            let found: Vec<String> = found.fetch_all(&mut **tx).await?;
            domains.extend(found.into_iter().filter(|domain| !domains.contains(domain)).collect::<Vec<_>>());
        }
        if let Some(last) = domains.last() {
            self.turn.lock().unwrap_or_else(PoisonError::into_inner).clone_from(last);
        }
        Ok(domains)
    }
}

/// How many more mails the relay's rate lets begin now. Those who claim come one after the other: none counts too few.
async fn left_of(tx: &mut Transaction<'_>, rate: Rate) -> Result<usize> {
    let text = format!("SELECT count(*) FROM attempts WHERE begun > clock_ms() - $1 AND NOT ({RELAY_ONLY}) IS TRUE");
    let begun: i64 = sql::query_scalar(sqlx::AssertSqlSafe(text)).bind(ms(rate.span)).fetch_one(&mut **tx).await?;
    Ok((rate.mails as usize).saturating_sub(usize::try_from(begun).unwrap_or(usize::MAX)))
}

/// The mails that are being sent, by domain.
async fn under_way(tx: &mut Transaction<'_>) -> Result<HashMap<String, usize>> {
    let sending = sql::query("SELECT domain, count(*) FROM deliveries WHERE status = 'sending' GROUP BY domain");
    let rows = sending.fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, usize::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0)))).collect()
}

/// What fell due first, of whatever domain.
async fn first_due(tx: &mut Transaction<'_>, claim: &Claim, limit: usize) -> Result<Vec<Due>> {
    let part = |when: &str| {
        format!(
            "SELECT * FROM (SELECT id, domain, {STOPPED} AS stopped FROM deliveries WHERE {WAITING} AND {} AND {when}
                ORDER BY next_attempt_at, id LIMIT $3 + 0) AS due",
            claim.which
        )
    };
    // Of a bare value as a limit SQLite makes a plan of its own: it would read the statement anew whenever it is another.
    let text = format!("{} UNION ALL {}", part("next_attempt_at <= $1"), part("next_attempt_at > $2"));
    let due = sql::query(sqlx::AssertSqlSafe(text))
        .bind(secs(claim.now))
        .bind(secs(claim.now + LONGEST_WAIT))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    due.fetch_all(&mut **tx).await?.iter().map(read_due).collect()
}

/// The first due of each of `domains`, as many as it has places.
async fn due_of(tx: &mut Transaction<'_>, claim: &Claim, domains: &[String], chosen: &Chosen) -> Result<Vec<Due>> {
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    let part = |(domain, at): (&String, usize)| {
        format!(
            "SELECT * FROM (SELECT id, domain, {STOPPED} AS stopped FROM deliveries WHERE {WAITING} AND {} AND domain = ${at}
                AND next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT {}) AS due",
            claim.which,
            chosen.free(domain)
        )
    };
    let parts: Vec<String> = domains.iter().zip(2..).map(part).collect();
    let due = sql::query(sqlx::AssertSqlSafe(parts.join(" UNION ALL "))).bind(secs(claim.now));
    let due = domains.iter().fold(due, |due, domain| due.bind(domain));
    due.fetch_all(&mut **tx).await?.iter().map(read_due).collect()
}

async fn suppress(tx: &mut Transaction<'_>, ids: &[i64], now: Timestamp) -> Result<()> {
    let text = format!(
        "UPDATE deliveries SET status = 'suppressed', ended_at = $1, next_attempt_at = NULL
         WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($2)) AND {WAITING}"
    );
    let suppress = sql::query(sqlx::AssertSqlSafe(text)).bind(secs(now));
    suppress.bind(serde_json::to_string(ids).unwrap_or_default()).execute(&mut **tx).await?;
    Ok(())
}

async fn put_aside(tx: &mut Transaction<'_>, row: &Row, why: &str) -> Result<()> {
    let aside = sql::query(
        "UPDATE deliveries SET status = 'quarantined', next_attempt_at = NULL, answer = $2 WHERE id = $1 AND status = 'sending'",
    );
    aside.bind(row.try_get::<i64, _>("id")?).bind(why).execute(&mut **tx).await?;
    Ok(())
}
