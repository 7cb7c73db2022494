//! The processes that share a desk in PostgreSQL, and the one lease there is: a worker's row, which it renews.
//!
//! What a worker claimed, polls and mails it is at belong to it for as long as its row is there. Whoever finds a row that ran out
//! removes it, and in the same transaction frees all of that: a number is never used again, so whatever comes late from the
//! process behind it is refused. The clock is the server's; those of the hosts do not matter.

use super::transaction::{Pool, Transaction};
use super::{Result, Store, sql, wake};
use crate::model::{Roles, Timestamp};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A worker of the table's, found by a process that has just come and can't know whether the server was away from all of them:
/// then it is dead for sure.
const LONG_DEAD: Duration = Duration::from_secs(600);

/// A mail that is being sent by nobody.
pub(super) const ORPHANED: &str =
    "status = 'sending' AND NOT EXISTS (SELECT 1 FROM workers WHERE workers.id = deliveries.worker)";

/// How this process stands in the table.
#[derive(Debug)]
pub(super) struct Shared {
    /// Connections of its own: a lease waits for nothing that is being written.
    pub pool: Pool,
    pub roles: OnceLock<Roles>,
    pub lease: Duration,
    /// 0 as long as it works on nothing.
    id: AtomicI64,
}

/// The number under which a process works; each life has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WorkerId(pub i64);

/// A process at work, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    pub host: String,
    pub pid: i64,
    pub version: String,
    pub roles: String,
    /// Since it began.
    pub age: Duration,
    /// Since it was last heard of.
    pub silent: Duration,
}

/// What was taken over from workers that are gone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenOver {
    /// Host and number of each process.
    pub workers: Vec<String>,
    pub queued: u64,
    pub quarantined: u64,
}

impl Shared {
    pub(super) fn new(pool: Pool, lease: Duration) -> Self {
        Self { pool, roles: OnceLock::new(), lease, id: AtomicI64::new(0) }
    }

    pub(super) fn id(&self) -> WorkerId {
        WorkerId(self.id.load(Ordering::Acquire))
    }
}

pub(super) fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn span(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

impl Store {
    /// How long a worker that says nothing counts as alive; `None` where no two share a desk.
    pub fn lease_span(&self) -> Option<Duration> {
        self.shared.as_ref().map(|shared| shared.lease)
    }

    /// The number of this process among those at work.
    pub fn worker(&self) -> WorkerId {
        self.shared.as_ref().map_or(WorkerId(0), |shared| shared.id())
    }

    /// From now on this process is one of those at work, under a new number.
    pub async fn join(&self, host: &str) -> Result<WorkerId> {
        let Some(shared) = &self.shared else { return Ok(WorkerId(0)) };
        let roles = shared.roles.get().map(ToString::to_string).unwrap_or_default();
        let id: i64 = sql::query_scalar(
            "INSERT INTO workers (host, pid, version, roles, started_at, alive_until)
             SELECT $1, $2, $3, $4, clock_ms(), clock_ms() + $5 RETURNING id",
        )
        .bind(host)
        .bind(i64::from(std::process::id()))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(roles)
        .bind(ms(shared.lease))
        .fetch_one(&shared.pool)
        .await?;
        shared.id.store(id, Ordering::Release);
        Ok(WorkerId(id))
    }

    /// Prolongs the lease. `false`: others have taken over what was this process's.
    pub async fn renew(&self) -> Result<bool> {
        match &self.shared {
            Some(shared) => renew(shared, &shared.pool).await,
            None => Ok(true),
        }
    }

    /// As `renew`, in a transaction that writes: until it ends nobody takes over.
    pub(super) async fn renew_in(&self, tx: &mut Transaction<'_>) -> Result<bool> {
        match &self.shared {
            Some(shared) => renew(shared, &mut **tx).await,
            None => Ok(true),
        }
    }

    /// Frees what belonged to workers whose lease ran out. Returns nothing quickly where there are none.
    pub async fn take_over(&self, now: Timestamp) -> Result<TakenOver> {
        let Some(shared) = &self.shared else { return Ok(TakenOver::default()) };
        let text = format!(
            "SELECT EXISTS (SELECT 1 FROM workers WHERE alive_until < clock_ms())
                OR EXISTS (SELECT 1 FROM deliveries WHERE {ORPHANED})
                OR EXISTS (SELECT 1 FROM claims WHERE worker NOT IN (SELECT id FROM workers))"
        );
        let any: bool = sql::query_scalar(sqlx::AssertSqlSafe(text)).fetch_one(&shared.pool).await?;
        if any { self.free_the_dead(Duration::ZERO, now).await } else { Ok(TakenOver::default()) }
    }

    /// At a start. Whoever holds the data folder's lock knows that every lease is a dead process's. Over PostgreSQL only what is
    /// nobody's, or has been silent for so long that its process must be dead, is taken: others may be at work.
    /// Returns how many mails were queued and how many quarantined.
    pub async fn recover_leases(&self, now: Timestamp) -> Result<(u64, u64)> {
        let taken = self.free_the_dead(LONG_DEAD, now).await?;
        Ok((taken.queued, taken.quarantined))
    }

    async fn free_the_dead(&self, silent: Duration, now: Timestamp) -> Result<TakenOver> {
        let mut tx = self.writer.begin().await?;
        let mut workers = Vec::new();
        if self.shared.is_some() {
            let dead = sql::query("DELETE FROM workers WHERE alive_until < clock_ms() - $1 RETURNING host, pid");
            for row in dead.bind(ms(silent)).fetch_all(&mut *tx).await? {
                workers.push(format!("{} of {}", row.try_get::<i64, _>(1)?, row.try_get::<String, _>(0)?));
            }
            sql::query(
                "UPDATE claims SET worker = NULL, free_at = clock_ms() + rest WHERE worker NOT IN (SELECT id FROM workers)",
            )
            .execute(&mut *tx)
            .await?;
        }
        let (queued, quarantined) = super::leases::queue_again(&mut tx, now).await?;
        if queued > 0 {
            wake::tell(&mut tx).await?;
        }
        tx.commit().await?;
        crate::failpoint::reached("store.recover.done");
        Ok(TakenOver { workers, queued, quarantined })
    }

    /// Who is at work, the oldest first.
    pub async fn workers(&self) -> Result<Vec<Worker>> {
        let Some(shared) = &self.shared else { return Ok(Vec::new()) };
        let rows = sql::query(
            "SELECT host, pid, version, roles, clock_ms() - started_at, clock_ms() - alive_until + $1 FROM workers ORDER BY id",
        );
        let rows = rows.bind(ms(shared.lease)).fetch_all(&self.reader).await?;
        let worker = |row: &sql::Row| {
            Ok(Worker {
                host: row.try_get(0)?,
                pid: row.try_get(1)?,
                version: row.try_get(2)?,
                roles: row.try_get(3)?,
                age: span(row.try_get(4)?),
                silent: span(row.try_get(5)?),
            })
        };
        rows.iter().map(worker).collect()
    }

    /// Frees at once what is this process's; what can't be freed is when its lease runs out.
    pub(super) async fn part(&self) {
        let Some(shared) = &self.shared else { return };
        let id = shared.id.swap(0, Ordering::AcqRel);
        if id > 0 {
            let freed = sql::query("UPDATE claims SET worker = NULL, free_at = clock_ms() + rest WHERE worker = $1");
            let _ = freed.bind(id).execute(&shared.pool).await;
            let _ = sql::query("DELETE FROM workers WHERE id = $1").bind(id).execute(&shared.pool).await;
        }
        shared.pool.close().await;
    }
}

async fn renew<'a>(shared: &Shared, on: impl Into<sql::On<'a>>) -> Result<bool> {
    let WorkerId(id) = shared.id();
    if id == 0 {
        return Ok(true);
    }
    let renew = sql::query("UPDATE workers SET alive_until = clock_ms() + $2 WHERE id = $1");
    Ok(renew.bind(id).bind(ms(shared.lease)).execute(on).await?.rows_affected() > 0)
}
