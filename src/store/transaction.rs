//! Connections and transactions of either database, and what of them may run at a time.

use super::{Result, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqlitePool};
use std::ops::{Deref, DerefMut};

/// What a transaction does that no two may at a time: locks of PostgreSQL, taken in this order. Beside each stands the schema's own
/// number: several desks may share a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    /// Erasing a reader waits for editions whose mails are being added, which takes long and is seen by nobody before its end.
    Editions,
    /// Entries become visible in the order of their numbers, and "entries after N" stays true.
    Entries,
    /// Mails are claimed by one at a time, or more would be under way than the limits allow.
    Mails,
}

impl Alone {
    fn number(self) -> i32 {
        match self {
            Self::Editions => 0x4b48_5945,
            Self::Entries => 0x4b48_5952,
            Self::Mails => 0x4b48_594d,
        }
    }
}

#[derive(Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The options of a connection hold its password.
        f.write_str(match self {
            Self::Sqlite(_) => "Pool(SQLite)",
            Self::Postgres(_) => "Pool(PostgreSQL)",
        })
    }
}

impl Pool {
    /// A transaction that writes; it waits for those of others.
    pub async fn begin(&self) -> Result<Transaction<'static>> {
        self.begin_alone(&[Alone::Entries, Alone::Mails]).await
    }

    /// As `begin`, and waits for those only that do one of these. SQLite knows one kind.
    pub async fn begin_alone(&self, what: &[Alone]) -> Result<Transaction<'static>> {
        match self {
            Self::Sqlite(pool) => Ok(Transaction(Connection::Sqlite(pool.begin_with(OF_SQLITE).await?))),
            Self::Postgres(pool) => with_locks(begin_postgres(pool).await?, what).await,
        }
    }

    /// A connection for transactions that follow each other at once.
    pub async fn line(&self) -> Result<Line> {
        Ok(match self {
            Self::Sqlite(pool) => Line::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Line::Postgres(pool.acquire().await.map_err(StoreError::of_postgres)?),
        })
    }

    /// A transaction that adds an edition, beside all that write else.
    pub async fn begin_edition(&self) -> Result<Transaction<'static>> {
        match self {
            Self::Sqlite(_) => self.begin().await,
            Self::Postgres(pool) => {
                let mut tx = begin_postgres(pool).await?;
                take_lock(&mut tx, "pg_advisory_xact_lock_shared", Alone::Editions).await?;
                Ok(Transaction(Connection::Postgres(tx)))
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    pub fn is_closed(&self) -> bool {
        match self {
            Self::Sqlite(pool) => pool.is_closed(),
            Self::Postgres(pool) => pool.is_closed(),
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection out of its pool: to take it from there and to give it back costs as much as a short statement or two.
pub(super) enum Line {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Line {
    /// As `Pool::begin_alone`.
    pub async fn begin_alone(&mut self, what: &[Alone]) -> Result<Transaction<'_>> {
        match self {
            Self::Sqlite(line) => Ok(Transaction(Connection::Sqlite(line.begin_with(OF_SQLITE).await?))),
            Self::Postgres(line) => {
                with_locks(line.begin_with(OF_POSTGRES).await.map_err(StoreError::of_postgres)?, what).await
            }
        }
    }
}

/// What queries of a transaction run on.
pub(super) enum Connection<'c> {
    Sqlite(sqlx::Transaction<'c, Sqlite>),
    Postgres(sqlx::Transaction<'c, Postgres>),
}

impl Connection<'_> {
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Rolled back when dropped.
pub(super) struct Transaction<'c>(Connection<'c>);

const OF_SQLITE: &str = "BEGIN IMMEDIATE";
const OF_POSTGRES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

async fn begin_postgres(pool: &PgPool) -> Result<sqlx::Transaction<'static, Postgres>> {
    pool.begin_with(OF_POSTGRES).await.map_err(StoreError::of_postgres)
}

async fn with_locks<'c>(mut tx: sqlx::Transaction<'c, Postgres>, what: &[Alone]) -> Result<Transaction<'c>> {
    for one in what {
        take_lock(&mut tx, "pg_advisory_xact_lock", *one).await?;
    }
    Ok(Transaction(Connection::Postgres(tx)))
}

async fn take_lock(on: &mut PgConnection, lock: &str, alone: Alone) -> Result<()> {
    let text = format!("SELECT {lock}($1, hashtext(current_schema()))");
    let taken = sqlx::query(sqlx::AssertSqlSafe(text)).bind(alone.number()).execute(on).await;
    taken.map(|_| ()).map_err(StoreError::of_postgres)
}

impl Transaction<'_> {
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Connection::Sqlite(tx) => Ok(tx.commit().await?),
            Connection::Postgres(tx) => tx.commit().await.map_err(StoreError::of_postgres),
        }
    }
}

impl<'c> Deref for Transaction<'c> {
    type Target = Connection<'c>;
    fn deref(&self) -> &Connection<'c> {
        &self.0
    }
}

impl<'c> DerefMut for Transaction<'c> {
    fn deref_mut(&mut self) -> &mut Connection<'c> {
        &mut self.0
    }
}
