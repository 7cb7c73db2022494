//! Either database behind one face: a query's text is shared, its values and rows pass through SQLite's driver or PostgreSQL's.
//!
//! sqlx's own `Any` was tried: it copies every row, knows no `bool` of SQLite, and hides the connection whose transaction a full
//! disk may have ended. What differs in SQL is not here: PostgreSQL's schema defines the few functions that SQLite has and it
//! lacks (`migrations/postgres`), `search.rs` and `retention.rs` hold the statements that have two texts, and `workers.rs` and
//! `claims.rs` those of PostgreSQL alone.

use super::{Result, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query as SqlxQuery;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    ColumnIndex, Connection as _, Decode, PgConnection, PgPool, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite,
    SqliteConnection,
};
use sqlx::{SqlitePool, Type};
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

/// The places of so many rows' values in `VALUES`. SQLite finds a value without a name at once, and one with a name by looking through
/// all of the statement; PostgreSQL knows names only.
pub(super) fn places(on: &Connection, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * (3 * columns + 4));
    for number in 0..rows * columns {
        text.push_str(match number % columns {
            0 if number == 0 => "(",
            0 => "), (",
            _ => ", ",
        });
        text.push(if on.is_postgres() { '$' } else { '?' });
        if on.is_postgres() {
            text.push_str(&(number + 1).to_string());
        }
    }
    text.push(')');
    text
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

/// Where a query runs: on whichever connection of a pool is free, or inside a transaction.
pub(super) enum On<'a> {
    SqlitePool(&'a SqlitePool),
    PostgresPool(&'a PgPool),
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        match pool {
            Pool::Sqlite(pool) => Self::SqlitePool(pool),
            Pool::Postgres(pool) => Self::PostgresPool(pool),
        }
    }
}

impl<'a> From<&'a mut Connection<'_>> for On<'a> {
    fn from(connection: &'a mut Connection<'_>) -> Self {
        match connection {
            Connection::Sqlite(tx) => Self::Sqlite(tx),
            Connection::Postgres(tx) => Self::Postgres(tx),
        }
    }
}

/// A value for a query, with the type that PostgreSQL is told even when it is NULL.
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! values {
    ($($kind:ident: $from:ty, $value:ident => $into:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$kind(Some($into))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map(|$value| $into))
            }
        }
    )*};
}

values! {
    Int: i64, value => value;
    Int: i32, value => i64::from(value);
    Int: u32, value => i64::from(value);
    Int: bool, value => i64::from(value);
    Text: String, value => value;
    Text: &String, value => value.clone();
    Text: &str, value => value.to_owned();
    Bytes: Vec<u8>, value => value;
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

pub(super) fn query(sql: impl SqlSafeStr) -> Query {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// As `query`, for the first column of each row.
pub(super) fn query_scalar(sql: impl SqlSafeStr) -> Scalar {
    Scalar(query(sql))
}

#[must_use = "does nothing until it is executed or fetched"]
pub(super) struct Query {
    sql: SqlStr,
    values: Vec<Value>,
}

#[must_use = "does nothing until it is fetched"]
pub(super) struct Scalar(Query);

/// The same call on either driver.
macro_rules! either {
    ($query:ident, $on:ident, $call:ident) => {
        match $on.into() {
            On::SqlitePool(pool) => Either::Sqlite($query.for_sqlite().$call(pool).await?),
            On::Sqlite(connection) => Either::Sqlite($query.for_sqlite().$call(connection).await?),
            On::PostgresPool(pool) => {
                Either::Postgres($query.for_postgres().$call(pool).await.map_err(StoreError::of_postgres)?)
            }
            On::Postgres(connection) => {
                Either::Postgres($query.for_postgres().$call(connection).await.map_err(StoreError::of_postgres)?)
            }
        }
    };
}

enum Either<S, P> {
    Sqlite(S),
    Postgres(P),
}

impl Query {
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    pub async fn execute<'a>(self, on: impl Into<On<'a>>) -> Result<Done> {
        Ok(Done(match either!(self, on, execute) {
            Either::Sqlite(done) => done.rows_affected(),
            Either::Postgres(done) => done.rows_affected(),
        }))
    }

    pub async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<Row>> {
        Ok(match either!(self, on, fetch_all) {
            Either::Sqlite(rows) => rows.into_iter().map(Row::Sqlite).collect(),
            Either::Postgres(rows) => rows.into_iter().map(Row::Postgres).collect(),
        })
    }

    pub async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<Row> {
        Ok(match either!(self, on, fetch_one) {
            Either::Sqlite(row) => Row::Sqlite(row),
            Either::Postgres(row) => Row::Postgres(row),
        })
    }

    pub async fn fetch_optional<'a>(self, on: impl Into<On<'a>>) -> Result<Option<Row>> {
        Ok(match either!(self, on, fetch_optional) {
            Either::Sqlite(row) => row.map(Row::Sqlite),
            Either::Postgres(row) => row.map(Row::Postgres),
        })
    }

    fn for_sqlite(self) -> SqlxQuery<'static, Sqlite, SqliteArguments> {
        let query = sqlx::query(self.sql);
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
    }

    fn for_postgres(self) -> SqlxQuery<'static, Postgres, PgArguments> {
        let query = sqlx::query(self.sql);
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value.map(without_nul)),
            Value::Bytes(value) => query.bind(value),
        })
    }
}

/// PostgreSQL's text can't hold U+0000, which no text needs.
pub(super) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

impl Scalar {
    pub fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    pub async fn fetch_all<'a, T: Owned>(self, on: impl Into<On<'a>>) -> Result<Vec<T>> {
        self.0.fetch_all(on).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    pub async fn fetch_one<'a, T: Owned>(self, on: impl Into<On<'a>>) -> Result<T> {
        Ok(self.0.fetch_one(on).await?.try_get(0)?)
    }

    pub async fn fetch_optional<'a, T: Owned>(self, on: impl Into<On<'a>>) -> Result<Option<T>> {
        Ok(self.0.fetch_optional(on).await?.map(|row| row.try_get(0)).transpose()?)
    }
}

pub(super) struct Done(u64);

impl Done {
    pub fn rows_affected(&self) -> u64 {
        self.0
    }
}

pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub fn try_get<'r, T: Field<'r>, I>(&'r self, column: I) -> std::result::Result<T, sqlx::Error>
    where
        I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

/// What both drivers read.
pub(super) trait Field<'r>: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}

impl<'r, T> Field<'r> for T where T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}

pub(super) trait Owned: for<'r> Field<'r> {}

impl<T> Owned for T where T: for<'r> Field<'r> {}
