//! The way to a PostgreSQL server: what it must be, what is asked of each connection, and who holds the desk.

use super::sql::Pool;
use super::{Result, Store, StoreError};
use crate::config::PostgresConfig;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// PostgreSQL 13 is no longer cared for by its makers.
const OLDEST: i32 = 14;
/// Held by the one process that polls, publishes and dispatches; beside it stands the schema's number.
const DESK: i32 = 0x4b48_5944;
/// A connection that broke is seen to have gone a little later.
const FOR_THE_DESK: &str = "5s";
/// To a server that answers nothing at all.
const TO_CONNECT: Duration = Duration::from_secs(20);

impl Store {
    /// Connects to `config` and brings the schema there up to date.
    pub async fn connect(config: &PostgresConfig) -> Result<Self> {
        let place = config.place();
        let refused = |error| refusal(&place, error);
        let options = options(config)?;
        // One connection by itself first: a pool would only say that it timed out.
        let first = tokio::time::timeout(TO_CONNECT, options.connect()).await;
        let mut first = first.map_err(|_| StoreError::Away(sqlx::Error::PoolTimedOut))?.map_err(refused)?;
        check_version(&mut first, &place).await?;
        sqlx::migrate!("src/store/migrations/postgres").run(&mut first).await.map_err(|error| match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => refusal(&place, source),
            newer => StoreError::Newer { path: PathBuf::from(&place), source: newer },
        })?;
        let _ = first.close().await;
        let desk = Arc::new(AtomicBool::new(false));
        let of_writer = desk.clone();
        let writer = PgPoolOptions::new()
            .max_connections(1)
            // The desk is held for as long as this connection lives.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                let desk = of_writer.load(Ordering::Relaxed);
                Box::pin(async move { if desk { take_desk(connection).await } else { Ok(()) } })
            })
            .connect_lazy_with(options.clone());
        let reader = PgPoolOptions::new()
            .max_connections(4)
            .connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
        let store = Self::with(Pool::Postgres(writer), Pool::Postgres(reader), PathBuf::from(place), desk);
        store.fill_search().await?;
        store.fill_told().await?;
        Ok(store)
    }

    /// Makes this process the one that polls, publishes and dispatches, for as long as it lives. With SQLite the lock on the data
    /// folder says so. Should the connection break, the next one takes the desk again or writes nothing: what a second process
    /// took meanwhile is its own.
    pub async fn hold_desk(&self) -> Result<()> {
        let Pool::Postgres(writer) = &self.writer else { return Ok(()) };
        let place = self.path.to_string_lossy();
        let mut connection = writer.acquire().await.map_err(StoreError::of_postgres)?;
        take_desk(&mut connection).await.map_err(|error| refusal(&place, error))?;
        self.desk.store(true, Ordering::Relaxed);
        Ok(())
    }
}

async fn take_desk(connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    let wait = format!("SET lock_timeout = '{FOR_THE_DESK}'");
    sqlx::query(sqlx::AssertSqlSafe(wait)).execute(&mut *connection).await?;
    sqlx::query("SELECT pg_advisory_lock($1, hashtext(current_schema()))").bind(DESK).execute(&mut *connection).await?;
    sqlx::query("SET lock_timeout = '30s'").execute(connection).await?;
    Ok(())
}

fn options(config: &PostgresConfig) -> Result<PgConnectOptions> {
    // What is wrong in the URL may stand beside its password: it is not quoted.
    let wrong = |_| StoreError::Refused {
        place: config.place(),
        reason: "the URL has parts that no PostgreSQL understands".to_owned(),
        help: "postgres://user@host:5432/database",
    };
    let mut options = PgConnectOptions::from_str(config.url.expose()).map_err(wrong)?;
    if let Some(password) = &config.password {
        options = options.password(password.expose());
    }
    Ok(options
        .application_name("khyber")
        // As long as SQLite waits for another writer.
        .options([("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "60s")]))
}

async fn check_version(connection: &mut PgConnection, place: &str) -> Result<()> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(&mut *connection)
        .await
        .map_err(StoreError::of_postgres)?;
    if version / 10_000 < OLDEST {
        return Err(StoreError::OldPostgres { place: place.to_owned(), found: version / 10_000, oldest: OLDEST });
    }
    let durable: String = sqlx::query_scalar("SELECT current_setting('synchronous_commit')")
        .fetch_one(connection)
        .await
        .map_err(StoreError::of_postgres)?;
    match durable.as_str() {
        "off" => Err(StoreError::Refused {
            place: place.to_owned(),
            reason: "synchronous_commit is off: a power cut would lose what was sent, and send it again".to_owned(),
            help: "ALTER ROLE … SET synchronous_commit = on",
        }),
        _ => Ok(()),
    }
}

/// What the operator can do about it.
fn refusal(place: &str, error: sqlx::Error) -> StoreError {
    let error = match StoreError::of_postgres(error) {
        StoreError::Sql(error) => error,
        unreachable => return unreachable,
    };
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    let help = match code.as_ref() {
        "28P01" | "28000" => "is the user right, and the password (KHYBER_STORE__PASSWORD, password_file)?",
        "3D000" => "make the database: createdb --owner=USER NAME",
        "42501" => "the user needs a schema to work in: GRANT USAGE, CREATE ON SCHEMA public TO user",
        "3F000" => "the user needs a schema to work in: CREATE SCHEMA AUTHORIZATION user",
        "55P03" => "another Khyber is at work on this database; stop it, or give this one a database of its own",
        "53100" => "the disk of the server is full",
        _ => "does the server's log say more?",
    };
    let reason = match error.as_database_error() {
        Some(error) => error.message().to_owned(),
        None => error.to_string(),
    };
    StoreError::Refused { place: place.to_owned(), reason, help }
}

impl StoreError {
    /// The server is away, or on its way; or it answered with an error.
    pub(super) fn of_postgres(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            // Shutting down, crashed, starting; too many connections.
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| matches!(code.as_ref(), "57P01" | "57P02" | "57P03" | "53300"))
            }
            _ => false,
        };
        if away { Self::Away(error) } else { Self::Sql(error) }
    }
}
