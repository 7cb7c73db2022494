//! Bounds what a server may announce: async-imap makes its buffer as large as a literal is said to be, up to 512 MiB.

use crate::deliver::bounce::MAX_BYTES;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A message, and one octet to show that it is longer.
const MAX_LITERAL: usize = MAX_BYTES + 1;
/// Of a line outside literals, such as a list of a hundred thousand numbers.
const MAX_LINE: usize = 1 << 20;

/// A stream whose reading ends with an error at the first literal or line that is too long.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    stream: S,
    seen: Seen,
}

/// How far into a line or a literal (RFC 3501 §4.3: `{LENGTH}` at a line's end) we are.
#[derive(Debug, Default)]
struct Seen {
    literal: usize,
    line: usize,
    announced: Announced,
}

#[derive(Debug, Default, Clone, Copy)]
enum Announced {
    #[default]
    Nothing,
    Open(usize),
    Closed(usize),
}

impl<S> Bounded<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, seen: Seen::default() }
    }

    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl Seen {
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.literal > 0 {
                let inside = self.literal.min(bytes.len());
                self.literal -= inside;
                bytes = &bytes[inside..];
                continue;
            }
            bytes = rest;
            self.line += 1;
            if self.line > MAX_LINE {
                return Err("a line without end");
            }
            self.announced = match (byte, self.announced) {
                (b'{', _) => Announced::Open(0),
                (digit @ b'0'..=b'9', Announced::Open(so_far)) => {
                    Announced::Open(so_far.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
                }
                (b'}', Announced::Open(length)) => Announced::Closed(length),
                (b'\r', closed @ Announced::Closed(_)) => closed,
                (b'\n', Announced::Closed(length)) if length > MAX_LITERAL => return Err("a literal that is too long"),
                (b'\n', closed) => {
                    self.line = 0;
                    self.literal = if let Announced::Closed(length) = closed { length } else { 0 };
                    Announced::Nothing
                }
                _ => Announced::Nothing,
            };
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        Poll::Ready(self.seen.take(&buffer.filled()[before..]).map_err(io::Error::other))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the octets are cut.
    fn taken(text: &[u8]) -> Vec<Result<(), &'static str>> {
        let pieces = |size: usize| {
            let mut seen = Seen::default();
            text.chunks(size).try_for_each(|piece| seen.take(piece))
        };
        [1, 2, 7, text.len().max(1)].map(pieces).to_vec()
    }

    #[test]
    fn what_is_too_long_ends_the_reading_wherever_the_octets_are_cut() {
        let too_long = format!("* 1 FETCH (BODY[] {{{}}}\r\n", MAX_LITERAL + 1);
        for text in [too_long.as_str(), "* 1 FETCH (BODY[] {99999999999999999999999999}\r\n"] {
            assert!(taken(text.as_bytes()).iter().all(|taken| *taken == Err("a literal that is too long")), "{text}");
        }
        assert_eq!(taken(&[b'x'; MAX_LINE + 1])[3], Err("a line without end"));
    }

    #[test]
    fn what_a_message_itself_says_is_no_announcement() {
        let inner = "{99999999999}\r\n".repeat(20);
        let text = format!("* 1 FETCH (BODY[]<0> {{{}}}\r\n{inner} UID 7)\r\na1 OK {{5}} done\r\n", inner.len());
        assert!(taken(text.as_bytes()).iter().all(Result::is_ok), "{text}");
        let after = format!("{text}* 2 FETCH (BODY[] {{99999999999}}\r\n");
        assert!(taken(after.as_bytes()).iter().all(Result::is_err));
    }
}
