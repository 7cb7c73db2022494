//! `[store]`: the database. Without it SQLite, in the data folder.

use super::report::Place;
use super::section::Section;
use super::{PostgresConfig, Secret, StoreConfig, secret};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use url::Url;

const EXAMPLE: &str = "postgres://khyber@db.example.org/khyber";
/// Longer than a restart of the server takes.
const LEASE: Duration = Duration::from_secs(30);

pub(super) fn read(top: &Section<'_>, base: &Path) -> StoreConfig {
    let section = top.section("store");
    let url = section.get::<Secret>("url");
    let password = secret::read(&section, &secret::Source::STORE, base);
    let lease = section.within("lease", LEASE, Duration::from_secs(2)..=Duration::from_secs(600));
    let mut config = StoreConfig::Sqlite;
    match (url, password) {
        (Some(url), password) => match server(url.value.expose()) {
            Ok(parsed) => {
                let named = parsed.password().is_some() || parsed.query_pairs().any(|(key, _)| key == "password");
                if named && matches!(url.place, Place::File { .. }) {
                    let help = "take it out of the URL, and use password_file, the variable KHYBER_STORE__PASSWORD, or systemd's \
                                LoadCredential=store-password:…";
                    let message = "the password stands in the configuration file";
                    section.report().warning(&url.place, &url.key, message, Some(help.to_owned()));
                }
                let server = PostgresConfig { url: url.value.clone(), password: None, lease };
                if server.may_be_overheard(&parsed) {
                    let help = Some(
                        "sslmode=verify-full, or sslmode=require where the server's certificate can't be checked"
                            .to_owned(),
                    );
                    let message = "`sslmode` lets the way to the server go unencrypted";
                    section.report().warning(&url.place, &url.key, message, help);
                }
                config = StoreConfig::Postgres(PostgresConfig {
                    url: url.value,
                    password: password.map(|at| at.value),
                    lease,
                });
            }
            // The message must not repeat the URL: it may hold a password.
            Err(wrong) => section.report().error(&url.place, &url.key, wrong, Some(EXAMPLE.to_owned())),
        },
        (None, Some(password)) if section.is_written() && !section.has("url") => {
            let help = Some(format!("url = \"{EXAMPLE}\", or remove the password"));
            section.report().error(&password.place, &password.key, "there is a password, but no `url`", help);
        }
        _ => {}
    }
    section.finish();
    config
}

fn server(url: &str) -> Result<Url, &'static str> {
    let url = Url::parse(url).map_err(|_| "`url` is no URL")?;
    match url.scheme() {
        "postgres" | "postgresql" if url.path().len() > 1 => Ok(url),
        "postgres" | "postgresql" => Err("`url` names no database after the host"),
        _ => Err(
            "`url` starts with neither postgres:// nor postgresql://; without [store] the database is SQLite, in `data_dir`",
        ),
    }
}

impl PostgresConfig {
    /// From a URL, as `khyber db copy` takes it.
    pub fn from_url(url: Secret) -> Result<Self, &'static str> {
        server(url.expose())?;
        Ok(Self { url, password: None, lease: LEASE })
    }

    /// Whether the operator says how the way to the server is encrypted.
    pub fn names_sslmode(&self) -> bool {
        self.sslmode().is_some()
    }

    /// Beyond this machine TLS is required; the operator may write otherwise.
    fn may_be_overheard(&self, url: &Url) -> bool {
        // To this library the host of such a URL is text, whatever it is.
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let here =
            matches!(host, "" | "localhost") || host.starts_with("%2F") || address.is_ok_and(|ip| ip.is_loopback());
        !here && self.sslmode().is_some_and(|mode| matches!(mode.as_str(), "disable" | "allow" | "prefer"))
    }

    fn sslmode(&self) -> Option<String> {
        let url = Url::parse(self.url.expose()).ok()?;
        let mut pairs = url.query_pairs();
        pairs.find(|(key, _)| matches!(key.as_ref(), "sslmode" | "ssl-mode")).map(|(_, mode)| mode.into_owned())
    }

    /// Server and database, fit for a log.
    pub fn place(&self) -> String {
        let Ok(mut url) = Url::parse(self.url.expose()) else { return "postgres://…".to_owned() };
        // Fails only for URLs that have no host, and then there is no password either.
        let _ = url.set_password(None);
        // A query may hold one too.
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_nowhere_in_what_is_shown() {
        let url = Secret::new("postgres://desk:hunter2@db.test:5433/news?password=hunter2".to_owned());
        let config = PostgresConfig::from_url(url).unwrap();
        assert_eq!(config.place(), "postgres://desk@db.test:5433/news");
        assert!(!format!("{:?}", StoreConfig::Postgres(config)).contains("hunter2"));
    }

    #[test]
    fn other_databases_are_refused_without_quoting_them() {
        for url in ["mysql://a:hunter2@h/d", "postgres://a:hunter2@h", "hunter2"] {
            let wrong = PostgresConfig::from_url(Secret::new(url.to_owned())).unwrap_err();
            assert!(!wrong.contains("hunter2"), "{wrong}");
        }
    }

    #[test]
    fn a_way_that_may_be_overheard_is_warned_of() {
        let heard = |url: &str| {
            let config = PostgresConfig::from_url(Secret::new(url.to_owned())).unwrap();
            config.may_be_overheard(&Url::parse(url).unwrap())
        };
        assert!(
            heard("postgres://k@db.test/desk?sslmode=prefer") && heard("postgres://k@10.0.0.7/desk?sslmode=disable")
        );
        assert!(!heard("postgres://k@db.test/desk") && !heard("postgres://k@db.test/desk?sslmode=require"));
        assert!(
            !heard("postgres://k@127.0.0.1/desk?sslmode=disable")
                && !heard("postgres://k@localhost/desk?sslmode=disable")
        );
    }
}
