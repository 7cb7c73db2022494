//! One store, in embedded SQLite or in PostgreSQL: its migrations, and every query. Nothing else in Khyber speaks SQL.

mod archive;
mod bounces;
mod claim;
mod claims;
mod confirmations;
mod copy;
mod deliveries;
mod editions;
mod entries;
mod feeds;
mod group;
mod ingest;
mod issue;
mod leases;
mod lexemes;
mod meanings;
mod notices;
mod pages;
mod postgres;
mod readers;
mod retention;
mod search;
mod sheets;
mod sql;
mod suppressions;
mod told;
mod transaction;
mod wake;
mod workers;

use crate::config::StoreConfig;
use crate::model::Timestamp;
use chrono::DateTime;
use group::Group;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use transaction::Pool;

pub use archive::EditionKey;
pub use bounces::{BOUNCED, BounceKind, BounceReport, COMPLAINED, SoftLimit, Taken};
pub use claims::Wanted;
pub use confirmations::{Asked, WebSubscriber, WebWish};
pub use copy::Copied;
pub use deliveries::{DeliveryFilter, DeliveryRow};
pub use editions::{Cursor, EditionRow, EditionState, NewDelivery, NewEdition, Shown};
pub use entries::{Ingested, StoredEntry};
pub use feeds::FeedRow;
pub use ingest::Poll;
pub use issue::{Issue, NewMail};
pub use leases::Places;
pub use meanings::KnownMeaning;
pub use notices::{RelayHealth, Told};
pub use pages::PageTry;
pub use readers::{Choice, LEFT, Preferences};
pub use retention::Pruned;
pub use search::Found;
pub use suppressions::Suppression;
pub use told::ToldStory;
pub use wake::Queued;
pub use workers::{TakenOver, Worker, WorkerId};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}. Is it a Khyber database, and is its folder writable?", path.display())]
    Open { path: PathBuf, source: sqlx::Error },
    #[error("{}: its disk has no room for SQLite's working files (64 KiB); free some and try again", path.display())]
    NoRoom { path: PathBuf },
    #[error("{}: the database was made by a newer Khyber ({source}); install that version, or restore a backup", path.display())]
    Newer { path: PathBuf, source: sqlx::migrate::MigrateError },
    #[error("SQLite {0} is older than 3.51.3 and can corrupt a database in WAL mode; build with the bundled one")]
    OldSqlite(String),
    /// The edition of this slot exists already: somebody published it first, and nothing was written.
    #[error("the edition of this slot exists already")]
    SlotTaken,
    #[error("{place}: {reason}; {help}")]
    Refused { place: String, reason: String, help: &'static str },
    #[error("{place}: PostgreSQL {found} is too old; Khyber needs {oldest} or newer")]
    OldPostgres { place: String, found: i32, oldest: i32 },
    /// Always in the same words, so that a daemon which meets it again and again says it once.
    #[error("the database server can't be reached")]
    Away(#[source] sqlx::Error),
    /// The lease of this process ran out meanwhile: nothing was written.
    #[error("another worker has taken this over")]
    TakenOver,
    #[error("nothing was copied: {0}")]
    Copy(String),
    #[error("{what} is SQLite's; for PostgreSQL use {instead}")]
    NotHere { what: &'static str, instead: &'static str },
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    #[error("the database holds something unreadable in {what}: {reason}")]
    Corrupt { what: &'static str, reason: String },
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// The database of one data folder. One connection writes, a few read.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Pool,
    reader: Pool,
    path: PathBuf,
    /// PostgreSQL: how this process stands among others.
    shared: Option<Arc<workers::Shared>>,
    group: Arc<Group>,
    /// The domain that had its turn last when others' places were taken.
    turn: Arc<Mutex<String>>,
    sheets: Arc<Mutex<sheets::Known>>,
}

impl Store {
    /// The database that `config` names; SQLite's lies in `folder`.
    pub async fn of(config: &StoreConfig, folder: &Path) -> Result<Self> {
        match config {
            StoreConfig::Sqlite => Self::open(folder).await,
            StoreConfig::Postgres(server) => Self::connect(server).await,
        }
    }

    /// Opens or creates `khyber.db` in `folder` and brings its schema up to date.
    pub async fn open(folder: &Path) -> Result<Self> {
        Self::open_file(folder.join("khyber.db")).await
    }

    /// As `open`, for a file of any name.
    pub async fn open_file(path: PathBuf) -> Result<Self> {
        let failed = |source| open_error(source, &path);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL loses acknowledged commits in a power cut; FULL was measured to lose none.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is erased for a reader must not live on in free pages.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(30));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // It is a thread of this process: it can't have gone.
            .test_before_acquire(false)
            // On a full disk SQLite rolls back by itself, and sqlx goes on to believe in a transaction: such a connection
            // would refuse every later one.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            // What would undo a statement halfway needs no file: it was 86 MB of writes in a first poll of a thousand feeds. A search
            // that sorts much is quicker with the file.
            .connect_with(options.clone().pragma("temp_store", "MEMORY"))
            .await
            .map_err(failed)?;
        check_version(&writer).await?;
        migrate(&writer).await.map_err(|error| migration_error(error, &path))?;
        let reader = SqlitePoolOptions::new()
            // Used in turn, so that none is ever given up: each costs an idle daemon a thread and a cache.
            .max_connections(2)
            .test_before_acquire(false)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(failed)?;
        let store = Self::with(Pool::Sqlite(writer), Pool::Sqlite(reader), path, None);
        store.fill_search().await?;
        store.fill_told().await?;
        Ok(store)
    }

    fn with(writer: Pool, reader: Pool, path: PathBuf, shared: Option<Arc<workers::Shared>>) -> Self {
        Self { writer, reader, path, shared, group: Arc::default(), turn: Arc::default(), sheets: Arc::default() }
    }

    /// A secret of this installation, made with its database.
    pub async fn salt(&self) -> Result<String> {
        sql::query_scalar("SELECT salt FROM installation").fetch_one(&self.reader).await
    }

    /// The file, or the server and database.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_closed(&self) -> bool {
        self.writer.is_closed()
    }

    /// Waits for connections to finish; afterwards the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.part().await;
        self.reader.close().await;
        self.writer.close().await;
    }
}

async fn check_version(pool: &SqlitePool) -> Result<()> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let numbers: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if numbers.as_slice() < [3, 51, 3].as_slice() { Err(StoreError::OldSqlite(version)) } else { Ok(()) }
}

async fn migrate(writer: &SqlitePool) -> std::result::Result<(), sqlx::migrate::MigrateError> {
    let mut writer = writer.acquire().await?;
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *writer).await?;
    let new = tables == 0;
    // A power cut can take steps back from a new database, which holds nothing yet; each need not wait for the disk twice.
    if new {
        sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut *writer).await?;
    }
    let done = sqlx::migrate!("src/store/migrations").run(&mut *writer).await;
    if new {
        sqlx::query("PRAGMA synchronous = FULL").execute(&mut *writer).await?;
    }
    done
}

fn migration_error(error: sqlx::migrate::MigrateError, path: &Path) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(source) => open_error(source, path),
        newer => StoreError::Newer { path: path.to_owned(), source: newer },
    }
}

fn open_error(source: sqlx::Error, path: &Path) -> StoreError {
    /// SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: the file of the memory its processes share could not be made.
    const NO_ROOM: [&str; 2] = ["13", "4874"];
    let code = source.as_database_error().and_then(|error| error.code());
    let path = path.to_owned();
    match code {
        Some(code) if NO_ROOM.contains(&code.as_ref()) => StoreError::NoRoom { path },
        _ => StoreError::Open { path, source },
    }
}

fn secs(at: Timestamp) -> i64 {
    at.timestamp()
}

/// Out-of-range numbers (only a damaged file has them) become the epoch rather than a panic.
fn instant(secs: i64) -> Timestamp {
    DateTime::from_timestamp(secs, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Any value of an enum with serde's unit variants, as its name.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

fn value_of<T: serde::de::DeserializeOwned>(name: &str, what: &'static str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|error| StoreError::Corrupt { what, reason: error.to_string() })
}
