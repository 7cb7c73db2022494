//! Configuration: TOML in, a `Config` that is valid by construction out, or all problems at once.

mod bounce;
pub mod coverage;
mod digests;
mod dkim;
mod dkim_key;
mod dns;
mod feeds;
mod fetch;
mod grouping;
mod host;
mod imap;
mod load;
mod locate;
mod mail;
mod notices;
pub mod problem;
mod rate;
mod report;
mod secret;
mod section;
mod setting;
mod show;
mod smtp;
pub mod starter;
mod store;
mod subscribers;
mod theme;
mod variables;
mod web;
mod zone;

pub use dkim::{DkimConfig, is_related};
pub use dkim_key::{BadKey, DkimKey};
pub use load::{Loaded, check_subscribers, examine, load};
pub use locate::{NoConfiguration, locate};
pub use problem::{Problem, Problems, Severity};
pub use rate::Rate;
pub use report::closest;

use crate::model::{Coverage, DigestId, DigestSpec, EmailAddress, Feed, Subscriber, Theme};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Everything the operator decided, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read; relative paths in it are relative to its folder.
    pub file: PathBuf,
    pub data_dir: PathBuf,
    pub store: StoreConfig,
    /// Whom publishers and readers can write to.
    pub operator: Option<EmailAddress>,
    pub fetch: FetchConfig,
    pub mail: MailConfig,
    /// `None`: no pages; leaving is by mail.
    pub web: Option<WebConfig>,
    pub dns: DnsConfig,
    /// `None`: bounces go to the sender's own mailbox, for a person.
    pub bounce: Option<BounceConfig>,
    pub retention: RetentionConfig,
    pub notices: NoticeConfig,
    pub grouping: GroupingConfig,
    pub theme: Theme,
    pub coverage: Coverage,
    pub feeds: Vec<Feed>,
    pub digests: Vec<DigestSpec>,
    pub subscribers: Vec<Subscriber>,
}

impl Config {
    pub fn digest(&self, id: &DigestId) -> Option<&DigestSpec> {
        self.digests.iter().find(|spec| spec.id == *id)
    }

    /// Mail servers take an address in capitals for the same.
    pub fn subscriber(&self, address: &EmailAddress) -> Option<&Subscriber> {
        self.subscribers.iter().find(|known| known.email.as_str().eq_ignore_ascii_case(address.as_str()))
    }
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// `khyber.db` in `data_dir`.
    Sqlite,
    Postgres(PostgresConfig),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// May hold a password.
    pub url: Secret,
    /// Beats the one in `url`.
    pub password: Option<Secret>,
    /// How long a worker that says nothing counts as alive.
    pub lease: Duration,
}

/// `[fetch]`
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// Sent as User-Agent: program, version and the operator's contact.
    pub user_agent: String,
    /// Between two polls of one feed.
    pub interval: Duration,
    /// Polls under way at once; one that takes four times as long as others (100 ms at least), or a second, gives its place to another.
    pub concurrency: usize,
    pub connect_timeout: Duration,
    /// From the request until the answer's headers are complete.
    pub header_timeout: Duration,
    /// Between two pieces of the body.
    pub idle_timeout: Duration,
    /// For the whole exchange, redirects included.
    pub total_timeout: Duration,
    /// Of the decoded body.
    pub max_bytes: u64,
    pub max_redirects: usize,
    /// Hosts that may have private or loopback addresses and any port.
    pub allow_private: Vec<String>,
    /// Ports that every other host may be asked on.
    pub ports: Vec<u16>,
    /// Between the end of one request to a host and the start of the next; for `allow_private` only with `space_private`.
    pub host_spacing: Duration,
    /// Hosts of the own network are asked as politely as others: one request at a time, spaced.
    pub space_private: bool,
    /// Article pages read after one poll of a feed with `full_text`.
    pub pages_per_poll: usize,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            user_agent: format!("Khyber/{}", env!("CARGO_PKG_VERSION")),
            interval: Duration::from_secs(3_600),
            concurrency: 64,
            connect_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(60),
            max_bytes: 10 << 20,
            max_redirects: 5,
            allow_private: Vec::new(),
            ports: vec![80, 443],
            host_spacing: Duration::from_secs(2),
            space_private: false,
            pages_per_poll: 10,
        }
    }
}

/// `[mail]` with `[smtp]`
#[derive(Debug, Clone)]
pub struct MailConfig {
    pub from: EmailAddress,
    pub from_name: String,
    /// The sender's name in discreet mails.
    pub discreet_name: String,
    pub reply_to: Option<EmailAddress>,
    /// RFC 2919 list identifier's domain part, such as `khyber.example.org`; default the domain of `from`.
    pub list_domain: String,
    /// Where `List-Unsubscribe: <mailto:…>` points; default `from`.
    pub unsubscribe: EmailAddress,
    pub channel: ChannelConfig,
    /// Envelope senders are made of it, one for each delivery; `None`: `from` itself.
    pub bounces_to: Option<EmailAddress>,
    /// Deliveries not accepted for this long expire.
    pub retry_for: Duration,
    /// A signature each; none: the relay signs, or nobody.
    pub dkim: Vec<DkimConfig>,
}

impl MailConfig {
    /// Of envelope senders: receivers ask its SPF record.
    pub fn envelope_domain(&self) -> &str {
        self.bounces_to.as_ref().unwrap_or(&self.from).domain()
    }
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum ChannelConfig {
    /// One .eml file a message; the default, which needs no account anywhere.
    File {
        dir: PathBuf,
    },
    Smtp(Box<SmtpConfig>),
}

/// `[smtp]`
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    pub credentials: Option<Credentials>,
    /// Name given in EHLO.
    pub hello: String,
    /// Connections at once.
    pub concurrency: usize,
    /// Mails at once to readers of one domain.
    pub per_domain: usize,
    /// No more than this; `None` is as fast as the relay takes them.
    pub rate: Option<Rate>,
    /// PEM file of a certificate to trust besides the platform's.
    pub ca_file: Option<PathBuf>,
    pub timeouts: SmtpTimeouts,
}

/// Per stage, RFC 5321 §4.5.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    pub connect: Duration,
    pub greeting: Duration,
    pub command: Duration,
    pub data: Duration,
    pub dot: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Plain text; loopback only.
    None,
    /// STARTTLS, refused if the server does not offer it.
    Starttls,
    /// TLS from the first byte.
    Implicit,
}

#[derive(Clone)]
pub struct Credentials {
    pub user: String,
    pub password: Secret,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A value that never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `[web]`
#[derive(Debug, Clone)]
pub struct WebConfig {
    pub listen: SocketAddr,
    /// As readers see it; links in mails start with it.
    pub public_url: Url,
    pub archive: Archive,
    pub subscribe: Subscribing,
    /// The header in which the proxy names its client; believed only where it is set.
    pub client_header: Option<String>,
    /// Opens the operator's pages from other machines.
    pub status_token: Option<Secret>,
}

/// Who may read the editions on the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// Whoever has a page's own link.
    Private,
    Public,
}

/// Whether the web page takes new subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscribing {
    Closed,
    Open,
}

impl WebConfig {
    /// The address of a page below `public_url`.
    pub fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// What comes before every path of ours, where the pages live below a path of the web server: `/khyber`, or nothing.
    pub fn prefix(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }
}

/// `[bounce]`
#[derive(Debug, Clone)]
pub struct BounceConfig {
    /// Where bounces come back, without the token: `bounces@example.org`.
    pub address: EmailAddress,
    /// Read every minute.
    pub maildir: Option<PathBuf>,
    /// Likewise.
    pub imap: Option<ImapConfig>,
    /// Days with a soft bounce after which an address is suppressed.
    pub threshold: usize,
    /// Without a soft bounce for this long, earlier ones are forgotten.
    pub forget: Duration,
}

impl BounceConfig {
    /// Without a word in the configuration.
    pub const THRESHOLD: usize = 5;
    pub const FORGET: Duration = Duration::from_secs(7 * 86_400);
}

/// `[imap]`
#[derive(Debug, Clone)]
pub struct ImapConfig {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    pub credentials: Credentials,
    pub mailbox: String,
    /// Where messages go that were understood; `None`: they stay, marked as read.
    pub move_to: Option<String>,
    pub ca_file: Option<PathBuf>,
}

/// `[dns]`
#[derive(Debug, Clone, Default)]
pub struct DnsConfig {
    /// Asked for the sender's records; empty: those of the system.
    pub servers: Vec<SocketAddr>,
}

/// `[retention]`
#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// Entries are kept this long after they were last seen in their feed.
    pub entries: Duration,
    /// Editions and their deliveries.
    pub editions: Duration,
    /// Message bytes after the delivery ended.
    pub messages: Duration,
    /// Free bytes under `data_dir` below which nothing is polled.
    pub reserve: u64,
}

/// `[grouping]`
#[derive(Debug, Clone, Default)]
pub struct GroupingConfig {
    /// The folder of a language model; `None`: stories are grouped by their words.
    pub model: Option<PathBuf>,
}

/// `[notices]`: the ways to the operator besides the relay; none unless configured.
#[derive(Debug, Clone, Default)]
pub struct NoticeConfig {
    /// Appended to.
    pub file: Option<PathBuf>,
    /// Gets a POST of `{"text": …}`.
    pub webhook: Option<Secret>,
    /// Gets a mail to `operator` on its standard input.
    pub sendmail: Option<PathBuf>,
}

impl NoticeConfig {
    pub fn is_used(&self) -> bool {
        self.file.is_some() || self.webhook.is_some() || self.sendmail.is_some()
    }
}
