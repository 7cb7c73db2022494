//! A mailbox over IMAP (RFC 3501, by async-imap): what is unread in it is read, marked, and moved if the operator wants. Nothing is
//! ever deleted.
//!
//! async-imap's errors quote the server and its log quotes us, the password included: the first are told by their kind only, the
//! second is off. Its buffer grows to whatever the server announces, which `literals` bounds.

mod literals;

use super::{ChannelSetupError, tls};
use crate::config::{ImapConfig, TlsMode};
use async_imap::error::Error;
use async_imap::imap_proto::{Response, Status};
use async_imap::{Client, Session};
use futures_util::TryStreamExt;
use literals::Bounded;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// For one command and its answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the mailbox can't be read. Says nothing that the server said.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error(transparent)]
    Setup(#[from] ChannelSetupError),
    #[error("{stage}: {reason}")]
    At { stage: &'static str, reason: String },
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin + std::fmt::Debug> Duplex for S {}
type Stream = Bounded<Box<dyn Duplex>>;

/// One mailbox, opened.
#[derive(Debug)]
pub struct Mailbox {
    session: Session<Stream>,
    move_to: Option<String>,
    /// The server can move (RFC 6851): copying and deleting is not for us.
    moves: bool,
}

/// Number of a message that stays over sessions.
pub type Uid = u32;

impl Mailbox {
    /// Connects, logs in and opens the configured mailbox.
    pub async fn open(config: &ImapConfig) -> Result<Mailbox, ImapError> {
        let stream = connected(config).await?;
        let login = &config.credentials;
        let logging_in = Client::new(stream).login(&login.user, login.password.expose());
        let mut session = within("login", async { logging_in.await.map_err(|(error, _)| error) }).await?;
        let can = within("capability", session.capabilities()).await?;
        within("open the mailbox", session.select(&config.mailbox)).await?;
        let moves = can.has_str("MOVE");
        Ok(Mailbox { session, move_to: config.move_to.clone(), moves })
    }

    /// Oldest first.
    pub async fn unread(&mut self) -> Result<Vec<Uid>, ImapError> {
        let found = within("search", self.session.uid_search("UNSEEN UNDELETED")).await?;
        let mut found: Vec<Uid> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    /// At most `most` octets of a message, without marking it; `None` if it is gone.
    pub async fn fetch(&mut self, uid: Uid, most: usize) -> Result<Option<Vec<u8>>, ImapError> {
        let part = format!("(UID BODY.PEEK[]<0.{most}>)");
        let fetching = async {
            let answers: Vec<_> = self.session.uid_fetch(uid.to_string(), part).await?.try_collect().await?;
            // A server may tell of other messages meanwhile.
            let of_this = answers.iter().filter(|one| one.uid == Some(uid));
            Ok(of_this.filter_map(|one| one.body()).map(<[u8]>::to_vec).next())
        };
        within("fetch a message", fetching).await
    }

    /// For what was understood: read, and moved where the operator wants it.
    pub async fn put_away(&mut self, uid: Uid) -> Result<(), ImapError> {
        self.mark(uid, "\\Seen").await?;
        let Some(folder) = self.move_to.clone().filter(|_| self.moves) else { return Ok(()) };
        if within("move a message", self.session.uid_mv(uid.to_string(), &folder)).await.is_ok() {
            return Ok(());
        }
        // It may not be there yet.
        let _ = within("make the folder", self.session.create(&folder)).await;
        within("move a message into `move_to`", self.session.uid_mv(uid.to_string(), &folder)).await
    }

    /// For what only a person understands: stays where it is, and stands out.
    pub async fn leave_for_a_person(&mut self, uid: Uid) -> Result<(), ImapError> {
        self.mark(uid, "\\Seen \\Flagged").await
    }

    async fn mark(&mut self, uid: Uid, flags: &str) -> Result<(), ImapError> {
        let command = format!("UID STORE {uid} +FLAGS.SILENT ({flags})");
        within("mark a message", self.session.run_command_and_check_ok(command)).await
    }

    /// Whatever comes of it, the work is done.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(5), self.session.logout()).await;
    }
}

/// Greeted, and in TLS where that is configured.
async fn connected(config: &ImapConfig) -> Result<Stream, ImapError> {
    let tls = tls::setup(config.tls, &config.host, config.ca_file.as_deref())?;
    let tcp = within("connect", async { Ok(dialled(config).await?) }).await?;
    match (config.tls, tls) {
        (TlsMode::Starttls, Some(tls)) => {
            let mut clear = Client::new(Bounded::new(tcp));
            within("greeting", greeting(&mut clear)).await?;
            within("STARTTLS", clear.run_command_and_check_ok("STARTTLS", None)).await?;
            // What was read beyond the answer is dropped with the client: it came in clear text.
            handshake(tls, clear.into_inner().into_inner()).await
        }
        (_, tls) => {
            let stream = match tls {
                Some(tls) => handshake(tls, tcp).await?,
                None => Bounded::new(Box::new(tcp) as Box<dyn Duplex>),
            };
            let mut client = Client::new(stream);
            within("greeting", greeting(&mut client)).await?;
            Ok(client.into_inner())
        }
    }
}

async fn handshake(tls: tls::Tls, tcp: TcpStream) -> Result<Stream, ImapError> {
    let reason = match timeout(PATIENCE, tls.connector.connect(tls.name, tcp)).await {
        Ok(Ok(stream)) => return Ok(Bounded::new(Box::new(stream))),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer".to_owned(),
    };
    Err(ImapError::At { stage: "TLS", reason })
}

async fn dialled(config: &ImapConfig) -> std::io::Result<TcpStream> {
    let mut last = std::io::Error::other("no address");
    for address in lookup_host((config.host.as_str(), config.port)).await? {
        // The configuration refuses this already; but a host name may come to mean another machine later.
        if config.tls == TlsMode::None && !address.ip().is_loopback() {
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Only `OK`: a server that says PREAUTH in clear text would keep us from STARTTLS.
async fn greeting<S: Duplex>(client: &mut Client<S>) -> Result<(), Error> {
    match client.read_response().await? {
        Some(answer) if matches!(answer.parsed(), Response::Data { status: Status::Ok, .. }) => Ok(()),
        Some(_) => Err(Error::No(String::new())),
        None => Err(Error::ConnectionLost),
    }
}

async fn within<T>(stage: &'static str, work: impl Future<Output = Result<T, Error>>) -> Result<T, ImapError> {
    let reason = match timeout(PATIENCE, work).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => told(&error),
        Err(_) => "no answer".to_owned(),
    };
    Err(ImapError::At { stage, reason })
}

fn told(error: &Error) -> String {
    match error {
        Error::No(_) => "refused by the server".to_owned(),
        Error::Bad(_) => "the server does not understand it".to_owned(),
        Error::ConnectionLost => "the server hung up".to_owned(),
        Error::Validate(_) => "a name with a line break".to_owned(),
        // Its text may hold all that was read.
        Error::Io(error) if error.kind() == std::io::ErrorKind::Other => "not IMAP, or more than is read".to_owned(),
        Error::Io(error) => error.kind().to_string(),
        _ => "an answer that can't be read".to_owned(),
    }
}
