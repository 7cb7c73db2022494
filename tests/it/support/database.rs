//! The database of a test's desk: SQLite in its folder; where `TEST_STORE_URL` names a PostgreSQL server, a schema there.

use khyber::config::{self, Config, PostgresConfig, Problem, Problems, Secret, StoreConfig};
use khyber::store::Store;
use sha2::{Digest, Sha256};
use sqlx::Connection;
use std::path::Path;
use std::process::Command;

/// Set by `tests/real/postgres.rs`, which runs tests of this binary a second time.
fn server() -> Option<String> {
    std::env::var("TEST_STORE_URL").ok()
}

/// The configuration in `file`, whose environment names the database.
pub fn load(file: &Path) -> Result<(Config, Vec<Problem>), Problems> {
    let url = url(file.parent().unwrap());
    config::load(file, &|name| url.clone().filter(|_| name == "KHYBER_STORE__URL"))
}

/// Tells a command about it.
pub fn tell<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    match url(folder) {
        Some(url) => command.env("KHYBER_STORE__URL", url),
        None => command,
    }
}

/// The store of a folder, without a configuration.
pub async fn open(folder: &Path) -> Store {
    let config = match url(folder) {
        Some(url) => StoreConfig::Postgres(PostgresConfig::from_url(Secret::new(url)).unwrap()),
        None => StoreConfig::Sqlite,
    };
    Store::of(&config, folder).await.unwrap()
}

/// One folder, one schema, however often the desk is opened.
fn url(folder: &Path) -> Option<String> {
    let server = server()?;
    let schema = format!("desk_{}", &hex::encode(Sha256::digest(folder.as_os_str().as_encoded_bytes()))[..16]);
    let make = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    let to = server.clone();
    // A thread of its own: the caller may be inside a runtime, and need not be asynchronous.
    let made = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut connection = sqlx::PgConnection::connect(&to).await.unwrap();
            sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    });
    made.join().unwrap();
    Some(format!("{server}?options=-csearch_path%3D{schema}"))
}
