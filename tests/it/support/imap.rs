//! A small IMAP server on loopback with one mailbox that remembers its messages, and misbehaves in a chosen way.

use super::smtp::acceptor;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Sound,
    /// Has no MOVE (RFC 6851).
    Still,
    /// Repeats the login in its refusal.
    RefusesLogin,
    /// Says in clear text that we are logged in already.
    Preauth,
    /// Announces half a gigabyte.
    Boasts,
    /// Answers in another language.
    Babbles,
    HangsUp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    pub bytes: Vec<u8>,
    pub flags: String,
    pub folder: String,
}

#[derive(Debug, Default)]
pub struct Held {
    /// By UID less one.
    pub messages: Vec<Kept>,
    pub folders: Vec<String>,
    /// As received; those in clear text have a `!` in front.
    pub commands: Vec<String>,
}

pub struct ImapServer {
    pub port: u16,
    held: Arc<Mutex<Held>>,
    task: JoinHandle<()>,
}

impl ImapServer {
    /// TLS from the first octet, or, if it is not `implicit`, after STARTTLS.
    pub async fn start(manner: Manner, implicit: Tls, messages: &[&[u8]]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = |bytes: &&[u8]| Kept { bytes: bytes.to_vec(), flags: String::new(), folder: "INBOX".to_owned() };
        let held = Held { messages: messages.iter().map(kept).collect(), ..Held::default() };
        let held = Arc::new(Mutex::new(held));
        let shared = Arc::clone(&held);
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let talk = Talk { manner, held: Arc::clone(&shared) };
                tokio::spawn(async move {
                    let _ = talk.run(tcp, implicit).await;
                });
            }
        });
        Self { port, held, task }
    }

    pub fn held<T>(&self, look: impl FnOnce(&mut Held) -> T) -> T {
        look(&mut self.held.lock().unwrap())
    }
}

impl Drop for ImapServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    First,
    Later,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

struct Talk {
    manner: Manner,
    held: Arc<Mutex<Held>>,
}

impl Talk {
    async fn run(&self, tcp: TcpStream, tls: Tls) -> io::Result<()> {
        let mut secret = tls == Tls::First;
        let stream: Box<dyn Duplex> = if secret { Box::new(acceptor().accept(tcp).await?) } else { Box::new(tcp) };
        let mut stream = BufReader::new(stream);
        let greeting =
            if self.manner == Manner::Preauth { "* PREAUTH welcome back" } else { "* OK [ALERT] ready – now" };
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            self.held.lock().unwrap().commands.push(format!("{}{line}", if secret { "" } else { "!" }));
            let (tag, command) = line.split_once(' ').unwrap_or((line, ""));
            if command == "STARTTLS" {
                stream.write_all(format!("{tag} OK go on\r\n* OK forged in clear text\r\n").as_bytes()).await?;
                stream.flush().await?;
                stream = BufReader::new(Box::new(acceptor().accept(stream.into_inner()).await?));
                secret = true;
                continue;
            }
            stream.write_all(&self.answer(tag, command)).await?;
            stream.flush().await?;
            if command == "LOGOUT" || (self.manner == Manner::HangsUp && command.starts_with("UID FETCH")) {
                return Ok(());
            }
        }
    }

    fn answer(&self, tag: &str, command: &str) -> Vec<u8> {
        let ok = format!("{tag} OK done\r\n").into_bytes();
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["LOGIN", ..] if self.manner == Manner::RefusesLogin => {
                format!("{tag} NO [AUTHENTICATIONFAILED] no such login: {command}\r\n").into_bytes()
            }
            ["CAPABILITY", ..] => {
                let moves = if self.manner == Manner::Still { "" } else { " MOVE" };
                [format!("* CAPABILITY IMAP4rev1{moves}\r\n").into_bytes(), ok].concat()
            }
            ["SELECT", ..] => {
                let flags = "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)";
                [format!("{flags}\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] fine\r\n").into_bytes(), ok]
                    .concat()
            }
            ["UID", "SEARCH", ..] if self.manner == Manner::Babbles => b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            ["UID", "SEARCH", ..] => {
                let held = self.held.lock().unwrap();
                let unread = |(_, kept): &(usize, &Kept)| kept.folder == "INBOX" && !kept.flags.contains("Seen");
                let found: Vec<String> =
                    held.messages.iter().enumerate().filter(unread).map(|(at, _)| (at + 1).to_string()).collect();
                [format!("* SEARCH {}\r\n", found.join(" ")).replace(" \r", "\r").into_bytes(), ok].concat()
            }
            ["UID", "FETCH", ..] if self.manner == Manner::Boasts => {
                b"* 1 FETCH (UID 1 BODY[]<0> {500000000}\r\n".to_vec()
            }
            ["UID", "FETCH", uid, ..] => [self.fetched(uid, command), ok].concat(),
            ["UID", "STORE", uid, ..] => {
                let flags = command.split(['(', ')']).nth(1).unwrap_or("").to_owned();
                self.changed(uid, |kept| kept.flags = flags);
                ok
            }
            ["CREATE", folder @ ..] => {
                self.held.lock().unwrap().folders.push(folder.join(" ").trim_matches('"').to_owned());
                ok
            }
            ["UID", "MOVE", uid, folder @ ..] => {
                let folder = folder.join(" ").trim_matches('"').to_owned();
                if !self.held.lock().unwrap().folders.contains(&folder) {
                    return format!("{tag} NO [TRYCREATE] no such folder\r\n").into_bytes();
                }
                self.changed(uid, |kept| kept.folder = folder);
                [format!("* {uid} EXPUNGE\r\n").into_bytes(), ok].concat()
            }
            _ => ok,
        }
    }

    /// A part of a message, behind news of another one.
    fn fetched(&self, uid: &str, command: &str) -> Vec<u8> {
        let most: usize = command.split(['<', '>', '.']).rev().nth(1).unwrap().parse().unwrap();
        let bytes = self.held.lock().unwrap().messages[uid.parse::<usize>().unwrap() - 1].bytes.clone();
        let bytes = &bytes[..most.min(bytes.len())];
        let answer =
            format!("* 9 FETCH (FLAGS (\\Seen))\r\n* {uid} FETCH (UID {uid} BODY[]<0> {{{}}}\r\n", bytes.len());
        [answer.into_bytes(), bytes.to_vec(), b")\r\n".to_vec()].concat()
    }

    fn changed(&self, uid: &str, change: impl FnOnce(&mut Kept)) {
        change(&mut self.held.lock().unwrap().messages[uid.parse::<usize>().unwrap() - 1]);
    }
}
