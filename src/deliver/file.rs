//! The folder channel: one .eml file a message, whole or not there at all.

use crate::model::delivery::Stage;
use crate::model::{Go, OutgoingMessage, SendOutcome};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct FileChannel {
    dir: PathBuf,
}

impl FileChannel {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The same message always has the same name, so that a repeat overwrites itself.
    pub fn path(&self, message: &OutgoingMessage) -> PathBuf {
        self.dir.join(file_name(&message.message_id))
    }

    /// The folder is there, or can be made.
    pub fn try_out(&self) -> Result<(), String> {
        fs::create_dir_all(&self.dir).map_err(|error| format!("{}: {error}", self.dir.display()))
    }

    pub async fn send(&self, message: &OutgoingMessage, gate: impl Future<Output = Go>) -> SendOutcome {
        if let Go::Back(reason) = gate.await {
            return SendOutcome::Deferred { stage: Stage::Data, code: None, reason };
        }
        let path = self.path(message);
        let bytes = message.bytes.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes))
            .await
            .unwrap_or_else(|_| Err(io::Error::other("writing was interrupted")));
        match written {
            Ok(()) => SendOutcome::Accepted { reply: format!("written to {}", file_name(&message.message_id)) },
            // A full disk or a folder that is not there yet: the operator's matter, tried again.
            Err(error) => SendOutcome::Deferred { stage: Stage::Data, code: None, reason: error.to_string() },
        }
    }
}

/// Message-ID without brackets and domain, reduced to letters that every file system takes.
fn file_name(message_id: &str) -> String {
    let local = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = local.chars().take(150).map(safe).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}

/// fsync before the rename and of the folder after it: a power cut leaves the old state or the new one.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut file = tempfile::Builder::new().prefix(".khyber-").suffix(".tmp").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, bytes: &[u8]) -> OutgoingMessage {
        let address = "a@x.test".parse::<crate::model::EmailAddress>().unwrap();
        OutgoingMessage {
            envelope_from: address.clone(),
            to: address,
            message_id: id.to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    #[tokio::test]
    async fn a_repeat_overwrites_itself_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let channel = FileChannel::new(dir.path().join("not/there/yet"));
        let mail = message("<20221218T060000Z.daily.ab12@x.test>", b"Subject: one\r\n\r\nbody\r\n");
        for _ in 0..3 {
            assert!(matches!(channel.send(&mail, async { Go::Ahead }).await, SendOutcome::Accepted { .. }));
        }
        let names: Vec<_> =
            fs::read_dir(dir.path().join("not/there/yet")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["20221218T060000Z.daily.ab12.eml"]);
        assert_eq!(fs::read(channel.path(&mail)).unwrap(), mail.bytes);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_is_deferred() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "x").unwrap();
        let channel = FileChannel::new(dir.path().join("file"));
        let outcome = channel.send(&message("<a@x>", b"x"), async { Go::Ahead }).await;
        assert!(matches!(outcome, SendOutcome::Deferred { code: None, .. }));
    }

    #[tokio::test]
    async fn what_is_called_off_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let channel = FileChannel::new(dir.path().to_owned());
        let outcome = channel.send(&message("<a@x>", b"x"), async { Go::Back("left meanwhile".to_owned()) }).await;
        assert!(matches!(outcome, SendOutcome::Deferred { reason, .. } if reason == "left meanwhile"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_name_never_leaves_the_folder() {
        for id in ["<../../etc/passwd@x>", "</abs@x>", "<.hidden@x>", "<a\0b@x>", ""] {
            let name = file_name(id);
            assert!(!name.contains(['/', '\0']) && !name.starts_with("..") && name.ends_with(".eml"), "{name}");
        }
    }
}
