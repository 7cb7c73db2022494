//! The way to a PostgreSQL server: what it must be, what is asked of each connection, and who holds the desk.

use super::transaction::Pool;
use super::workers::Shared;
use super::{Result, Store, StoreError};
use crate::config::PostgresConfig;
use crate::model::{Role, Roles};
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// PostgreSQL 13 is no longer cared for by its makers.
const OLDEST: i32 = 14;
/// Shared by all that work on the desk; a copy into it takes it for itself alone, and so did a Khyber before there were roles.
/// Beside each lock stands the schema's number.
const DESK: i32 = 0x4b48_5944;
/// A connection that broke is seen to have gone a little later.
const FOR_THE_DESK: &str = "5s";
/// As long as SQLite waits for another writer.
const FOR_A_WRITER: &str = "30s";
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
        let leases = PgPoolOptions::new().max_connections(2).connect_lazy_with(options.clone());
        let shared = Arc::new(Shared::new(Pool::Postgres(leases), config.lease));
        let of_writer = shared.clone();
        let writer = PgPoolOptions::new()
            // While an edition's mails are added, those of another go out.
            .max_connections(2)
            // The roles are held for as long as these connections live.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                let roles = of_writer.roles.get().copied();
                Box::pin(async move {
                    match roles {
                        Some(roles) => take(roles, connection).await,
                        None => Ok(()),
                    }
                })
            })
            .connect_lazy_with(options.clone());
        let reader = PgPoolOptions::new()
            // One of them may listen.
            .max_connections(5)
            .connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
        let store = Self::with(Pool::Postgres(writer), Pool::Postgres(reader), PathBuf::from(place), Some(shared));
        store.fill_search().await?;
        store.fill_told().await?;
        Ok(store)
    }

    /// Makes this process one of those that do the work of `roles`, and keeps out a Khyber that does not share it, for as long as
    /// it lives; with SQLite the lock on the data folder says so. Should a connection break, the next one takes them again or
    /// writes nothing.
    pub async fn hold(&self, roles: Roles) -> Result<()> {
        let (Pool::Postgres(writer), Some(shared)) = (&self.writer, &self.shared) else { return Ok(()) };
        let place = self.path.to_string_lossy();
        let mut connection = writer.acquire().await.map_err(StoreError::of_postgres)?;
        if let Err(error) = take(roles, &mut connection).await {
            // What was taken before the one that is another's.
            let _ = connection.close().await;
            return Err(refusal(&place, error));
        }
        let _ = shared.roles.set(roles);
        Ok(())
    }

    /// Keeps every other Khyber out, as long as this store's connection lives.
    pub async fn hold_alone(&self) -> Result<()> {
        let Pool::Postgres(writer) = &self.writer else { return Ok(()) };
        let mut connection = writer.acquire().await.map_err(StoreError::of_postgres)?;
        let refused = |error| refusal(&self.path.to_string_lossy(), error);
        wait_at_most(FOR_THE_DESK, &mut connection).await.map_err(refused)?;
        let desk = "SELECT pg_advisory_lock($1, hashtext(current_schema()))";
        sqlx::query(desk).bind(DESK).execute(&mut *connection).await.map_err(refused)?;
        wait_at_most(FOR_A_WRITER, &mut connection).await.map_err(refused)
    }
}

/// In one order, so that no two processes wait for each other.
async fn take(roles: Roles, connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    wait_at_most(FOR_THE_DESK, connection).await?;
    let desk = "SELECT pg_advisory_lock_shared($1, hashtext(current_schema()))";
    sqlx::query(desk).bind(DESK).execute(&mut *connection).await?;
    for lock in roles.iter().filter_map(lock_of) {
        let role = "SELECT pg_advisory_lock_shared($1, hashtext(current_schema()))";
        sqlx::query(role).bind(lock).execute(&mut *connection).await?;
    }
    wait_at_most(FOR_A_WRITER, connection).await
}

async fn wait_at_most(span: &str, connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    sqlx::query(sqlx::AssertSqlSafe(format!("SET lock_timeout = '{span}'"))).execute(connection).await?;
    Ok(())
}

/// What an older Khyber wants for itself alone.
fn lock_of(role: Role) -> Option<i32> {
    match role {
        Role::Poll => Some(0x4b48_5970),
        Role::Publish => Some(0x4b48_5975),
        Role::Dispatch => Some(0x4b48_5964),
        Role::Web => None,
    }
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
    if !is_here(&options) && !config.names_sslmode() && std::env::var_os("PGSSLMODE").is_none() {
        options = options.ssl_mode(PgSslMode::Require);
    }
    Ok(options
        .application_name("khyber")
        // A process that was stopped within a transaction holds up the others for a shorter time than they wait.
        .options([("lock_timeout", FOR_A_WRITER), ("idle_in_transaction_session_timeout", "20s")]))
}

/// On this machine: what passes between is seen by nobody else.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    options.get_socket().is_some()
        || host == "localhost"
        || host.starts_with('/')
        || address.is_ok_and(|ip| ip.is_loopback())
}

async fn check_version(connection: &mut PgConnection, place: &str) -> Result<()> {
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
        .fetch_one(&mut *connection)
        .await
        .map_err(StoreError::of_postgres)?;
    new_enough(version, place)?;
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

/// `version` as the server's `server_version_num` says it.
fn new_enough(version: i32, place: &str) -> Result<()> {
    match version / 10_000 {
        found if found < OLDEST => Err(StoreError::OldPostgres { place: place.to_owned(), found, oldest: OLDEST }),
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
        "55P03" => {
            "another Khyber is at work on this database and does not share it (an older version, or a copy); stop it, or give this one a database of its own"
        }
        "53100" => "the disk of the server is full",
        _ => "does the server's log say more?",
    };
    let help = match &error {
        sqlx::Error::Tls(_) => {
            "let the server speak TLS; where nobody can listen on the way, add ?sslmode=disable to `url`"
        }
        _ => help,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn beyond_this_machine_the_way_is_encrypted_unless_the_operator_says_otherwise() {
        let mode = |url: &str| {
            let config = PostgresConfig::from_url(Secret::new(url.to_owned())).unwrap();
            format!("{:?}", options(&config).unwrap().get_ssl_mode())
        };
        assert_eq!(mode("postgres://k@db.example.org/desk"), "Require");
        assert_eq!(mode("postgres://k@10.1.2.3:5433/desk?options=-csearch_path%3Da"), "Require");
        assert_eq!(mode("postgres://k@db.example.org/desk?sslmode=verify-full"), "VerifyFull");
        assert_eq!(mode("postgres://k@db.example.org/desk?sslmode=disable"), "Disable");
        for here in ["127.0.0.1", "[::1]", "localhost", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://k@{here}/desk")), "Prefer", "{here}");
        }
    }

    #[test]
    fn a_server_that_is_too_old_is_named_with_what_is_needed() {
        let said = new_enough(130_014, "postgres://h/d").unwrap_err().to_string();
        assert_eq!(said, "postgres://h/d: PostgreSQL 13 is too old; Khyber needs 14 or newer");
        assert!(new_enough(90_624, "h").is_err());
        assert!(new_enough(140_000, "h").is_ok() && new_enough(150_018, "h").is_ok());
    }
}
