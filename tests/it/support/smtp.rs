//! A scripted SMTP server on loopback that misbehaves once, at a chosen stage, in a chosen way.

use khyber::config::{Credentials, Secret, SmtpConfig, SmtpTimeouts, TlsMode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl At {
    pub const ALL: [At; 8] = [At::Greeting, At::Ehlo, At::StartTls, At::Auth, At::Mail, At::Rcpt, At::Data, At::Dot];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Stall,
    Drop,
    Garbage,
    /// The right reply, one octet at a time.
    Slow,
    Temporary,
    Permanent,
    TooLong,
    /// A positive reply with a code that does not belong to the stage.
    Wrong,
    /// The right reply and a second one behind it.
    Double,
    /// The right reply, and another one before the reply to the next command.
    Late,
    /// The right reply, and then the end of the connection.
    HangUp,
    /// Answers this stage with a 5xx in every conversation.
    Always,
}

impl Fault {
    pub const EIGHT: [Fault; 8] = [
        Fault::Stall,
        Fault::Drop,
        Fault::Garbage,
        Fault::Slow,
        Fault::Temporary,
        Fault::Permanent,
        Fault::TooLong,
        Fault::Wrong,
    ];
}

#[derive(Debug, Clone)]
pub struct Script {
    pub fault: Option<(At, Fault)>,
    /// Lines of the EHLO reply; STARTTLS disappears once TLS is on.
    pub offers: Vec<&'static str>,
    /// TLS from the first octet.
    pub implicit: bool,
}

impl Script {
    pub fn sound() -> Self {
        Self { fault: None, offers: vec!["SIZE 1000000", "STARTTLS", "AUTH PLAIN LOGIN"], implicit: false }
    }

    pub fn failing(at: At, fault: Fault) -> Self {
        Self { fault: Some((at, fault)), ..Self::sound() }
    }

    /// As `failing`, and MAIL, RCPT and DATA may come in one packet.
    pub fn pipelining(at: At, fault: Fault) -> Self {
        let mut script = Self::failing(at, fault);
        script.offers.push("PIPELINING");
        script
    }

    pub fn offering(offers: &[&'static str]) -> Self {
        Self { offers: offers.to_vec(), ..Self::sound() }
    }
}

/// What the server saw, over all connections.
#[derive(Debug, Default)]
pub struct Seen {
    pub connections: usize,
    /// Commands as received; those in clear text have a `!` in front.
    pub commands: Vec<String>,
    /// The verbs that came together.
    pub packets: Vec<Vec<String>>,
    /// Bodies whose final dot was answered with 250.
    pub taken: Vec<Vec<u8>>,
}

pub struct FaultServer {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl FaultServer {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Seen>>::default();
        let fault = Arc::new(Mutex::new(script.fault));
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                kept.lock().unwrap().connections += 1;
                let talk =
                    Talk { script: script.clone(), fault: Arc::clone(&fault), seen: Arc::clone(&kept), late: false };
                tokio::spawn(talk.run(tcp));
            }
        });
        Self { port, seen, task }
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// A client's configuration for this server: STARTTLS with a login, generous limits.
    pub fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "localhost".into(),
            port: self.port,
            tls: TlsMode::Starttls,
            credentials: Some(Credentials { user: "desk".into(), password: Secret::new("open sesame".into()) }),
            hello: "khyber.test".into(),
            concurrency: 4,
            per_domain: 4,
            rate: None,
            ca_file: Some(fixture("cert.pem")),
            timeouts: limits(Duration::from_secs(30)),
        }
    }
}

pub fn limits(each: Duration) -> SmtpTimeouts {
    SmtpTimeouts { connect: each, greeting: each, command: each, data: each, dot: each }
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/tls").join(name)
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}
type Stream = BufReader<Box<dyn Duplex>>;

struct Talk {
    script: Script,
    fault: Arc<Mutex<Option<(At, Fault)>>>,
    seen: Arc<Mutex<Seen>>,
    late: bool,
}

impl Talk {
    async fn run(mut self, tcp: TcpStream) {
        // The client hangs up whenever it likes; that ends the talk and nothing else.
        let _ = self.talk(tcp).await;
    }

    async fn talk(&mut self, tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut encrypted = self.script.implicit;
        let stream: Box<dyn Duplex> = if encrypted { Box::new(acceptor().accept(tcp).await?) } else { Box::new(tcp) };
        let mut stream = BufReader::new(stream);
        self.reply(&mut stream, At::Greeting, "220 mx.test ready").await?;
        let mut packet = Vec::new();
        loop {
            let line = line(&mut stream).await?;
            packet.push(line.split([' ', ':']).next().unwrap_or_default().to_owned());
            if stream.buffer().is_empty() {
                self.seen.lock().unwrap().packets.push(std::mem::take(&mut packet));
            }
            self.seen.lock().unwrap().commands.push(format!("{}{line}", if encrypted { "" } else { "!" }));
            if std::mem::take(&mut self.late) {
                stream.write_all(b"550 5.0.0 meant for the message before\r\n").await?;
            }
            match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => {
                    let offers = self.script.offers.iter().filter(|&&offer| !encrypted || offer != "STARTTLS");
                    let mut lines = vec!["mx.test"];
                    lines.extend(offers);
                    let last = lines.len() - 1;
                    let lines: Vec<String> = lines
                        .iter()
                        .enumerate()
                        .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }))
                        .collect();
                    self.reply(&mut stream, At::Ehlo, &lines.join("\r\n")).await?;
                }
                "STARTTLS" => {
                    if self.reply(&mut stream, At::StartTls, "220 2.0.0 go on").await? {
                        let clear = stream.into_inner();
                        stream = BufReader::new(Box::new(acceptor().accept(clear).await?));
                        encrypted = true;
                    }
                }
                "AUTH" => self.login(&mut stream, &line).await?,
                "MAIL" => drop(self.reply(&mut stream, At::Mail, "250 2.1.0 ok").await?),
                "RCPT" => drop(self.reply(&mut stream, At::Rcpt, "250 2.1.5 ok").await?),
                "DATA" => {
                    if self.reply(&mut stream, At::Data, "354 go on").await? {
                        let body = body(&mut stream).await?;
                        self.seen.lock().unwrap().commands.push(".".to_owned());
                        if self.reply(&mut stream, At::Dot, "250 2.0.0 taken").await? {
                            self.seen.lock().unwrap().taken.push(body);
                        }
                    }
                }
                "RSET" => stream.write_all(b"250 2.0.0 ok\r\n").await?,
                "QUIT" => return stream.write_all(b"221 2.0.0 bye\r\n").await,
                _ => stream.write_all(b"502 5.5.1 what?\r\n").await?,
            }
        }
    }

    async fn login(&mut self, stream: &mut Stream, line: &str) -> io::Result<()> {
        if line == "AUTH LOGIN" {
            for challenge in ["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"] {
                stream.write_all(challenge.as_bytes()).await?;
                self::line(stream).await?;
            }
        }
        self.reply(stream, At::Auth, "235 2.7.0 welcome").await.map(drop)
    }

    /// `true` when the right reply went out.
    async fn reply(&mut self, stream: &mut Stream, at: At, right: &str) -> io::Result<bool> {
        let fault = {
            let mut fault = self.fault.lock().unwrap();
            match *fault {
                Some((stage, Fault::Always)) if stage == at => Some(Fault::Always),
                Some((stage, _)) if stage == at => fault.take().map(|(_, fault)| fault),
                _ => None,
            }
        };
        match fault {
            None => stream.write_all(format!("{right}\r\n").as_bytes()).await?,
            Some(Fault::Stall) => {
                // Until the client gives up; commands of one packet are no answer to silence.
                while line(stream).await.is_ok() {}
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Some(Fault::Drop) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Fault::Garbage) => stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>\r\n").await?,
            Some(Fault::Slow) => {
                for octet in format!("{right}\r\n").bytes() {
                    stream.write_all(&[octet]).await?;
                    stream.flush().await?;
                    tokio::task::yield_now().await;
                }
            }
            Some(Fault::Temporary) => stream.write_all(b"451 4.3.2 later\r\n").await?,
            Some(Fault::Permanent | Fault::Always) => stream.write_all(b"554 5.7.1 never\r\n").await?,
            Some(Fault::TooLong) => stream.write_all(format!("250-{}", "x".repeat(1 << 20)).as_bytes()).await?,
            Some(Fault::Wrong) => {
                let wrong: &[u8] = if at == At::Data { b"250 2.0.0 taken\r\n" } else { b"354 go on\r\n" };
                stream.write_all(wrong).await?;
            }
            Some(Fault::Double) => {
                stream.write_all(format!("{right}\r\n550 5.0.0 not asked for\r\n").as_bytes()).await?;
            }
            Some(Fault::Late) => {
                stream.write_all(format!("{right}\r\n").as_bytes()).await?;
                self.late = true;
            }
            Some(Fault::HangUp) => {
                if at == At::Dot {
                    self.seen.lock().unwrap().taken.push(b"hung up".to_vec());
                }
                stream.write_all(format!("{right}\r\n").as_bytes()).await?;
                stream.flush().await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        stream.flush().await?;
        Ok(matches!(fault, None | Some(Fault::Slow | Fault::Double | Fault::Late)))
    }
}

pub fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(fixture("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn line(stream: &mut Stream) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

async fn body(stream: &mut Stream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        if stream.read_until(b'\n', &mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if &bytes[start..] == b".\r\n" {
            bytes.truncate(start);
            return Ok(bytes);
        }
        if bytes[start] == b'.' {
            bytes.remove(start);
        }
    }
}
