//! A mail as the demo's sink received it, taken apart as a reader's mail program would.

use mail_parser::MessageParser;
use std::io;
use std::path::{Path, PathBuf};

/// What one reader got.
#[derive(Debug, Clone)]
pub struct Received {
    /// The address of the envelope.
    pub to: String,
    pub subject: String,
    pub message_id: String,
    pub text: String,
    pub html: String,
    /// All of it, as it came over the wire.
    pub bytes: Vec<u8>,
}

/// A mail that could not be read back: the demo says so, because a reader could not read it either.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mail to {to} has no {part}")]
pub struct Unreadable {
    to: String,
    part: &'static str,
}

impl Received {
    pub fn read(to: &str, bytes: Vec<u8>) -> Result<Received, Unreadable> {
        let lacks = |part| Unreadable { to: to.to_owned(), part };
        let (subject, message_id, text, html) = {
            let mail = MessageParser::default().parse(&bytes).ok_or_else(|| lacks("readable header"))?;
            (
                mail.subject().ok_or_else(|| lacks("subject"))?.to_owned(),
                mail.message_id().ok_or_else(|| lacks("Message-ID"))?.to_owned(),
                mail.body_text(0).ok_or_else(|| lacks("plain text"))?.into_owned(),
                mail.body_html(0).ok_or_else(|| lacks("HTML"))?.into_owned(),
            )
        };
        Ok(Received { to: to.to_owned(), subject, message_id, text, html, bytes })
    }

    /// Keeps the mail and its HTML in `folder` under `name`; returns the path of the HTML.
    pub fn keep(&self, folder: &Path, name: &str) -> io::Result<PathBuf> {
        std::fs::write(folder.join(format!("{name}.eml")), &self.bytes)?;
        let html = folder.join(format!("{name}.html"));
        std::fs::write(&html, &self.html)?;
        Ok(html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: a@khyber.example\r\nSubject: =?utf-8?B?2K7YqNix?=\r\nMessage-ID: <1@khyber.example>\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
        news\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <p>ne=\r\nws =E2=80=93</p>\r\n--b--\r\n";

    #[test]
    fn both_alternatives_are_read_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mail = Received::read("r@reader.example", MAIL.as_bytes().to_vec()).unwrap();
        assert_eq!((mail.subject.as_str(), mail.message_id.as_str()), ("خبر", "1@khyber.example"));
        assert_eq!(mail.text.trim(), "news");
        let kept = mail.keep(folder.path(), "day-1").unwrap();
        assert_eq!(std::fs::read_to_string(kept).unwrap().trim(), "<p>news –</p>");
        assert_eq!(std::fs::read(folder.path().join("day-1.eml")).unwrap(), MAIL.as_bytes());
    }

    #[test]
    fn a_mail_that_is_not_whole_is_said_to_be() {
        let broken = MAIL.replace("Message-ID: <1@khyber.example>\r\n", "").into_bytes();
        let error = Received::read("r@reader.example", broken).unwrap_err();
        assert_eq!(error.to_string(), "the mail to r@reader.example has no Message-ID");
    }
}
