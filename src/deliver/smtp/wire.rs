//! One command out, one reply in, each within its limit: the SMTP line discipline over any stream.
//!
//! lettre's own `AsyncSmtpConnection` was tried and is not used: it reads greeting and EHLO in one call, so the stage
//! of a failure is lost; it keeps its read buffer across STARTTLS, so a reply injected in clear text counts after the
//! handshake; and it can't tell that a second reply is already waiting. Its commands and its reply grammar are used.

use crate::failpoint;
use futures_util::FutureExt;
use lettre::transport::smtp::response::Response;
use std::fmt::Display;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// RFC 5321 §4.5.3.1.5 allows 512 octets a line; relays write more, but not this much.
const MAX_REPLY: usize = 16 * 1024;
const CHUNK: usize = 64 * 1024;

/// What went wrong with one exchange.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A reply, but not the one that lets the transaction go on.
    Answer(Reply),
    Silence,
    Closed,
    /// Not SMTP.
    Garbage,
    TooLong,
    /// A reply that nothing had asked for: from here on, no reply could be matched with its command.
    OutOfTurn,
    /// A connection that was kept from an earlier message did not answer to RSET as it should.
    Stale,
    Io(io::Error),
    /// We refuse to go on; the text says why.
    Refused(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Trouble::Closed
            }
            _ => Trouble::Io(error),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub code: u16,
    pub response: Response,
}

/// A stream and what was read from it but not yet understood.
pub(super) struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Gives the stream back for a TLS handshake. Bytes read beyond the reply to STARTTLS are an injection (RFC 3207 §6).
    pub fn into_stream(self) -> Result<S, Trouble> {
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(Trouble::OutOfTurn) }
    }

    pub fn is_quiet(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Writes `command` (with its CRLF) and reads the reply, together within `limit`.
    pub async fn command(&mut self, command: impl Display, limit: Duration) -> Result<Reply, Trouble> {
        let exchange = async {
            self.write(command).await?;
            self.answer().await
        };
        timeout(limit, exchange).await.unwrap_or(Err(Trouble::Silence))
    }

    /// Writes several commands at once (RFC 2920); their replies are then read one by one with [`Wire::reply`].
    pub async fn commands(&mut self, commands: impl Display, limit: Duration) -> Result<(), Trouble> {
        timeout(limit, self.write(commands)).await.unwrap_or(Err(Trouble::Silence))
    }

    async fn write(&mut self, commands: impl Display) -> Result<(), Trouble> {
        self.in_turn()?;
        self.stream.write_all(commands.to_string().as_bytes()).await?;
        self.stream.flush().await?;
        failpoint::reached("smtp.written");
        Ok(())
    }

    pub async fn reply(&mut self, limit: Duration) -> Result<Reply, Trouble> {
        timeout(limit, self.answer()).await.unwrap_or(Err(Trouble::Silence))
    }

    async fn answer(&mut self) -> Result<Reply, Trouble> {
        let reply = self.read_reply().await;
        failpoint::reached("smtp.answered");
        reply
    }

    /// Sends the message without its final dot; each chunk has its own limit (RFC 5321 §4.5.3.2.5).
    /// A relay may answer before the end, with 552 for instance: that answer is the result then.
    pub async fn body(&mut self, stuffed: &[u8], limit: Duration, answer_limit: Duration) -> Result<(), Trouble> {
        for chunk in stuffed.chunks(CHUNK) {
            let write = async {
                self.stream.write_all(chunk).await?;
                self.stream.flush().await
            };
            let written = timeout(limit, write).await.map_err(|_| Trouble::Silence)?;
            if written.is_err() || self.in_turn().is_err() {
                let reply = self.reply(answer_limit).await?;
                return Err(if reply.code >= 400 { Trouble::Answer(reply) } else { Trouble::OutOfTurn });
            }
        }
        failpoint::reached("smtp.body");
        Ok(())
    }

    /// It is our turn to speak: nothing waits to be read, not even the end of the stream.
    pub fn in_turn(&mut self) -> Result<(), Trouble> {
        let mut spare = [0u8; 512];
        match self.stream.read(&mut spare).now_or_never() {
            Some(Ok(0)) if self.buffer.is_empty() => return Err(Trouble::Closed),
            Some(Ok(read)) => self.buffer.extend_from_slice(&spare[..read]),
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
        if self.buffer.is_empty() { Ok(()) } else { Err(Trouble::OutOfTurn) }
    }

    async fn read_reply(&mut self) -> Result<Reply, Trouble> {
        loop {
            if let Some(end) = reply_end(&self.buffer) {
                let bytes: Vec<u8> = self.buffer.drain(..end).collect();
                return parse(&bytes).ok_or(Trouble::Garbage);
            }
            if self.buffer.len() > MAX_REPLY {
                return Err(Trouble::TooLong);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Trouble::Closed);
            }
        }
    }
}

/// Where the first reply ends: after its last line, or after the first line that is none.
fn reply_end(buffer: &[u8]) -> Option<usize> {
    let mut end = 0;
    for line in buffer.split_inclusive(|&b| b == b'\n') {
        if line.last() != Some(&b'\n') {
            return None;
        }
        end += line.len();
        if line.get(3) != Some(&b'-') {
            return Some(end);
        }
    }
    None
}

/// RFC 5321 §4.2 by lettre's grammar; a last line of three digits alone is legal too.
fn parse(bytes: &[u8]) -> Option<Reply> {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if text.len() == 5 {
        text.insert(3, ' ');
    }
    let response: Response = text.parse().ok()?;
    Some(Reply { code: response.code().into(), response })
}

/// RFC 5321 §4.5.2: a line that starts with a dot gets another; ends with CRLF.
pub(super) fn dot_stuffed(message: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(message.len() + 256);
    for line in message.split_inclusive(|&b| b == b'\n') {
        if line.first() == Some(&b'.') {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.is_empty() && !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_stuffed_at_line_starts_only() {
        assert_eq!(dot_stuffed(b".a\r\n..\r\nb.c\r\n."), b"..a\r\n...\r\nb.c\r\n..\r\n");
        assert_eq!(dot_stuffed(b"a\r\n"), b"a\r\n");
        assert_eq!(dot_stuffed(b""), b"");
    }

    #[test]
    fn a_reply_ends_where_the_book_says() {
        let cases: [(&[u8], Option<usize>); 6] = [
            (b"250 ok\r\n", Some(8)),
            (b"250-one\r\n250 two\r\n", Some(18)),
            (b"250-one\r\n250 two", None),
            (b"250 ok\r\n550 late\r\n", Some(8)),
            (b"HTTP/1.1 400\r\n", Some(14)),
            (b"", None),
        ];
        for (bytes, end) in cases {
            assert_eq!(reply_end(bytes), end, "{bytes:?}");
        }
        assert_eq!(parse(b"354\r\n").unwrap().code, 354);
        for bad in
            [&b"HTTP/1.1 400\r\n"[..], b"25 ok\r\n", b"250-a\r\n550 b\r\n", b"999 x\r\n", b"250 ok\n", b"\xff\xfe\r\n"]
        {
            assert!(parse(bad).is_none(), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn a_second_reply_stops_the_next_command() {
        let (client, mut server) = tokio::io::duplex(1024);
        let mut wire = Wire::new(client);
        server.write_all(b"220 hello\r\n250 too soon\r\n").await.unwrap();
        assert_eq!(wire.reply(Duration::from_secs(5)).await.unwrap().code, 220);
        let next = wire.command("NOOP\r\n", Duration::from_secs(5)).await;
        assert!(matches!(next, Err(Trouble::OutOfTurn)), "{next:?}");
        assert!(matches!(wire.into_stream(), Err(Trouble::OutOfTurn)));
    }

    #[tokio::test]
    async fn a_refusal_before_the_end_of_the_body_is_heard() {
        let (client, mut server) = tokio::io::duplex(1 << 20);
        let mut wire = Wire::new(client);
        server.write_all(b"552 5.3.4 too big\r\n").await.unwrap();
        let early = wire.body(&[b'x'; 200_000], Duration::from_secs(5), Duration::from_secs(5)).await;
        assert!(matches!(early, Err(Trouble::Answer(Reply { code: 552, .. }))), "{early:?}");
    }
}
