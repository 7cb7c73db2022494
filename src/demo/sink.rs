//! A loopback SMTP server that accepts everything and keeps it in memory: the demo's mailbox, and the tests'.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A message as the sink took it over, dots unstuffed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMail {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Sink {
    port: u16,
    messages: Arc<Mutex<Vec<ReceivedMail>>>,
    task: JoinHandle<()>,
}

const MAX_LINE: u64 = 4096;
const MAX_MESSAGE: usize = 32 << 20;

impl Sink {
    pub async fn start() -> io::Result<Sink> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let messages = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                // A client that goes away mid-way has simply not delivered.
                tokio::spawn(async move { converse(stream, &kept).await.unwrap_or_default() });
            }
        });
        Ok(Sink { port, messages, task })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything accepted so far, in order of arrival.
    pub fn messages(&self) -> Vec<ReceivedMail> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(stream: TcpStream, kept: &Mutex<Vec<ReceivedMail>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.localhost ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let line = line(&mut stream).await?;
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => "250-sink.localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 33554432",
            "HELO" | "NOOP" => "250 ok",
            "RSET" => {
                (from, to) = (String::new(), Vec::new());
                "250 ok"
            }
            "MAIL" => {
                (from, to) = (path(&line), Vec::new());
                "250 ok"
            }
            "RCPT" => {
                to.push(path(&line));
                "250 ok"
            }
            "DATA" if to.is_empty() => "503 RCPT first",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mail = ReceivedMail {
                    from: std::mem::take(&mut from),
                    to: std::mem::take(&mut to),
                    bytes: body(&mut stream).await?,
                };
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                "250 2.0.0 kept"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return stream.shutdown().await;
            }
            _ => "502 not known here",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

/// One line without its end; an end of the stream is an error, because only QUIT ends a conversation well.
async fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    (&mut *stream).take(MAX_LINE).read_until(b'\n', &mut line).await?;
    match line.pop() {
        Some(b'\n') => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// What stands between the angle brackets of `MAIL FROM:<…>` and `RCPT TO:<…>`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(inner, _)| inner);
    inner.to_owned()
}

/// The message up to the lone dot, with RFC 5321 §4.5.2 undone.
async fn body(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        match line.as_slice() {
            [.., b'\n'] if line == b".\r\n" => return Ok(bytes),
            [b'.', rest @ .., b'\n'] => {
                bytes.extend_from_slice(rest);
                bytes.push(b'\n');
            }
            [.., b'\n'] => bytes.extend_from_slice(&line),
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        if bytes.len() > MAX_MESSAGE {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}
