//! Either database behind one face: a query's text is shared, its values and rows pass through SQLite's driver or PostgreSQL's.
//!
//! sqlx's own `Any` was tried: it copies every row, knows no `bool` of SQLite, and hides the connection whose transaction a full
//! disk may have ended. What differs in SQL is not here: PostgreSQL's schema defines the few functions that SQLite has and it
//! lacks (`migrations/postgres`), `ingest.rs`, `search.rs` and `retention.rs` hold the statements that have two texts, and `workers.rs` and
//! `claims.rs` those of PostgreSQL alone.

use super::transaction::{Connection, Pool};
use super::{Result, StoreError};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query as SqlxQuery;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    ColumnIndex, Decode, PgConnection, PgPool, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    SqlitePool, Type,
};
use std::sync::Arc;

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
    /// Shared, as SQLite's driver wants it: a `String` would be one allocation more.
    Text(Option<Arc<str>>),
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
    Text: String, value => value.into();
    Text: &String, value => value.as_str().into();
    Text: &str, value => value.into();
    Bytes: Vec<u8>, value => value;
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.as_deref().map(Arc::from))
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
pub(super) fn without_nul<T: AsRef<str> + From<String>>(text: T) -> T {
    if text.as_ref().contains('\0') { text.as_ref().replace('\0', "\u{fffd}").into() } else { text }
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
