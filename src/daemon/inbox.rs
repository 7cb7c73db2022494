//! Where returned mail is read from: a maildir, or a mailbox over IMAP. A message is put away only after the store has what it says.

use super::{Heard, Khyber};
use crate::config::ImapConfig;
use crate::deliver::bounce::MAX_BYTES;
use crate::deliver::imap::{ImapError, Mailbox};
use crate::model::Timestamp;
use crate::store::StoreError;
use std::io::Read;
use std::path::Path;

/// Messages of a mailbox in one round; the rest comes in the next.
const AT_ONCE: usize = 500;

/// What a look into a maildir or a mailbox came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxReport {
    pub read: usize,
    pub suppressed: usize,
    pub left: usize,
    /// Messages that no program understands.
    pub unclear: usize,
    /// Messages that could not be read or put away, and why; they stay for the next time.
    pub problems: Vec<String>,
}

impl Khyber {
    /// Reads what is new in a maildir and puts it away under `cur`. What the store can't take now stays where it is.
    pub async fn read_maildir(&self, folder: &Path, now: Timestamp) -> Result<InboxReport, StoreError> {
        let mut report = InboxReport::default();
        let mut files: Vec<std::path::PathBuf> = match std::fs::read_dir(folder.join("new")) {
            // A pipe or a link that somebody put there is no mail, and would be waited for.
            Ok(files) => files
                .flatten()
                .filter(|file| file.file_type().is_ok_and(|kind| kind.is_file()))
                .map(|file| file.path())
                .collect(),
            Err(error) => {
                report.problems.push(format!("{}: {error}", folder.join("new").display()));
                return Ok(report);
            }
        };
        files.sort();
        for file in files {
            let heard = match limited(&file) {
                Ok(bytes) => self.hear(&bytes, None, now).await?,
                Err(error) => {
                    report.problems.push(format!("{}: {error}", file.display()));
                    continue;
                }
            };
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // Maildir: what was seen carries the flag S.
            let put_away = folder.join("cur").join(format!("{}:2,S", name.split(":2,").next().unwrap_or(&name)));
            if let Err(error) = std::fs::rename(&file, &put_away) {
                report.problems.push(format!("{}: {error}", file.display()));
            }
            report.count(&heard);
        }
        Ok(report)
    }

    /// Reads what is unread in the mailbox of `[imap]`. A message counts as read only after the store has what it says; what no
    /// program understands stays and is flagged.
    pub async fn read_imap(&self, config: &ImapConfig, now: Timestamp) -> Result<InboxReport, StoreError> {
        let mut report = InboxReport::default();
        if let Err(error) = self.read_mailbox(config, &mut report, now).await? {
            report.problems.push(format!("{}:{}: {error}", config.host, config.port));
        }
        Ok(report)
    }

    async fn read_mailbox(
        &self,
        config: &ImapConfig,
        report: &mut InboxReport,
        now: Timestamp,
    ) -> Result<Result<(), ImapError>, StoreError> {
        let mut mailbox = match Mailbox::open(config).await {
            Ok(mailbox) => mailbox,
            Err(error) => return Ok(Err(error)),
        };
        let unread = match mailbox.unread().await {
            Ok(unread) => unread,
            Err(error) => return Ok(Err(error)),
        };
        for uid in unread.into_iter().take(AT_ONCE) {
            let bytes = match mailbox.fetch(uid, MAX_BYTES + 1).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => continue,
                Err(error) => return Ok(Err(error)),
            };
            let heard = self.hear(&bytes, None, now).await?;
            let done = match heard {
                Heard::Unclear { .. } => mailbox.leave_for_a_person(uid).await,
                _ => mailbox.put_away(uid).await,
            };
            report.count(&heard);
            if let Err(error) = done {
                return Ok(Err(error));
            }
        }
        mailbox.close().await;
        Ok(Ok(()))
    }

    /// The maildir and the mailbox of the configuration, if there are any, by one of several processes.
    pub async fn read_bounces(&self, now: Timestamp) -> Result<InboxReport, StoreError> {
        if !self.speaks_for_all().await? {
            return Ok(InboxReport::default());
        }
        let Some(bounce) = &self.config.bounce else { return Ok(InboxReport::default()) };
        let mut report = match &bounce.maildir {
            // Mail servers make it with the first mail; `khyber check` says that it is not there.
            Some(folder) if folder.join("new").try_exists().is_ok_and(|exists| !exists) => InboxReport::default(),
            Some(folder) => self.read_maildir(folder, now).await?,
            None => InboxReport::default(),
        };
        if let Some(imap) = &bounce.imap {
            report.add(self.read_imap(imap, now).await?);
        }
        self.memory.mailbox_was(report.problems.first(), now);
        Ok(report)
    }
}

impl InboxReport {
    fn count(&mut self, heard: &Heard) {
        self.read += 1;
        self.suppressed += usize::from(matches!(heard, Heard::Suppressed { .. }));
        self.left += usize::from(matches!(heard, Heard::Left { .. }));
        self.unclear += usize::from(matches!(heard, Heard::Unclear { .. }));
    }

    fn add(&mut self, other: InboxReport) {
        self.read += other.read;
        self.suppressed += other.suppressed;
        self.left += other.left;
        self.unclear += other.unclear;
        self.problems.extend(other.problems);
    }
}

impl std::fmt::Display for InboxReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "read {}, suppressed {}, left {}", self.read, self.suppressed, self.left)?;
        if self.unclear > 0 { write!(f, ", not understood {}", self.unclear) } else { Ok(()) }
    }
}

/// One octet more than is read, so that too much shows; never a whole disk.
pub fn limited_from(reader: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn limited(file: &Path) -> std::io::Result<Vec<u8>> {
    limited_from(&mut std::fs::File::open(file)?)
}
