//! What comes back by mail: each message is read once, and whoever it is about gets no more mail or is counted.

use super::Khyber;
use crate::config::ImapConfig;
use crate::deliver::bounce::{self, MAX_BYTES, Said};
use crate::deliver::imap::{ImapError, Mailbox};
use crate::deliver::token;
use crate::model::{DigestId, EmailAddress, Timestamp};
use crate::store::{BounceKind, BounceReport, SoftLimit, StoreError, Taken};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};
use std::io::Read;
use std::path::Path;

/// Links and reports in mails stay good for this long after the configuration stopped naming their reader.
const MEMORY: TimeDelta = TimeDelta::days(90);

/// Messages of a mailbox in one round; the rest comes in the next.
const AT_ONCE: usize = 500;

/// What became of one message. The texts name no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Suppressed {
        reason: String,
    },
    Counted {
        status: String,
        days: usize,
        of: usize,
    },
    Left {
        digest: DigestId,
    },
    /// Nothing changed.
    Nothing {
        why: &'static str,
    },
    /// Nothing changed; the operator is told that somebody may want something.
    Unclear {
        why: &'static str,
    },
}

impl std::fmt::Display for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Heard::Suppressed { reason } => write!(f, "{reason}: this reader gets no more mail"),
            Heard::Counted { status, days, of } => write!(f, "soft bounce {status}: counted, day {days} of {of}"),
            Heard::Left { digest } => write!(f, "a reader left the digest `{digest}`"),
            Heard::Nothing { why } | Heard::Unclear { why } => write!(f, "nothing changed: {why}"),
        }
    }
}

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

/// One answer for a token that is nobody's and for a message without any.
const NOBODY: &str = "no valid token";

impl Khyber {
    /// Takes one message in.
    pub async fn hear(&self, bytes: &[u8], recipient: Option<&str>, now: Timestamp) -> Result<Heard, StoreError> {
        let address = self.config.bounce.as_ref().map(|bounce| bounce.address.as_str());
        let returned = bounce::read(bytes, recipient, address);
        let (kind, status) = match returned.said {
            Said::Nothing(why) => return Ok(Heard::Nothing { why }),
            Said::Unclear(why) => return self.unclear(bytes, why, now).await,
            Said::Leave => return self.leaves(bytes, &returned.leave_tokens, now).await,
            Said::Hard { status } => (BounceKind::Hard, status),
            Said::Soft { status } => (BounceKind::Soft, status),
            Said::Complaint => (BounceKind::Complaint, "complaint".to_owned()),
        };
        let mut reader = self.bounced(&returned.bounce_tokens).await?;
        if reader.is_none() {
            reader = self.tokens_reader(&returned.leave_tokens, now).await?.map(|(address, _)| address);
        }
        let Some(reader) = reader else { return Ok(Heard::Nothing { why: NOBODY }) };
        let report = BounceReport { hash: hash(bytes), address: reader, kind, status: status.clone() };
        let limit = self.soft_limit();
        Ok(match self.store.take_bounce(&report, limit, now).await? {
            Taken::Suppressed => {
                tracing::warn!(reader = %report.address, %status, "suppressed after what came back by mail");
                Heard::Suppressed {
                    reason: if kind == BounceKind::Complaint { status } else { format!("bounce {status}") },
                }
            }
            Taken::Counted(days) => Heard::Counted { status, days, of: limit.threshold },
            Taken::Before => Heard::Nothing { why: "read before" },
        })
    }

    fn soft_limit(&self) -> SoftLimit {
        let bounce = self.config.bounce.as_ref();
        let forget = bounce.and_then(|bounce| TimeDelta::from_std(bounce.forget).ok());
        SoftLimit {
            threshold: bounce.map_or(5, |bounce| bounce.threshold),
            forget: forget.unwrap_or(TimeDelta::days(7)),
        }
    }

    /// The one reader whose mail went out under these tokens; two readers are nobody.
    async fn bounced(&self, tokens: &[String]) -> Result<Option<EmailAddress>, StoreError> {
        let Some(bounce) = &self.config.bounce else { return Ok(None) };
        let Some((local, domain)) = bounce.address.as_str().rsplit_once('@') else { return Ok(None) };
        let mut found = None;
        for token in tokens {
            let Some(reader) = self.store.bounced_reader(&format!("{local}+{token}@{domain}")).await? else { continue };
            if found.as_ref().is_some_and(|found| *found != reader) {
                return Ok(None);
            }
            found = Some(reader);
        }
        Ok(found)
    }

    async fn unclear(&self, bytes: &[u8], why: &'static str, now: Timestamp) -> Result<Heard, StoreError> {
        self.store.take_unclear(&hash(bytes), now).await?;
        Ok(Heard::Unclear { why })
    }

    async fn leaves(&self, bytes: &[u8], tokens: &[String], now: Timestamp) -> Result<Heard, StoreError> {
        let Some((address, digest)) = self.tokens_reader(tokens, now).await? else {
            return self.unclear(bytes, NOBODY, now).await;
        };
        self.store.leave_digest(&address, &digest, now).await?;
        tracing::info!(reader = %address, %digest, "left by mail");
        Ok(Heard::Left { digest })
    }

    /// Tokens are one-way: those of everybody who gets or got a digest are compared.
    async fn tokens_reader(
        &self,
        tokens: &[String],
        now: Timestamp,
    ) -> Result<Option<(EmailAddress, DigestId)>, StoreError> {
        let given: Vec<String> = tokens.iter().filter_map(|token| token::normal(token)).collect();
        if given.is_empty() {
            return Ok(None);
        }
        let past = self.store.recent_readers(now - MEMORY).await?;
        let configured =
            self.config.subscribers.iter().flat_map(|reader| {
                self.config.digests.iter().map(move |digest| (reader.email.clone(), digest.id.clone()))
            });
        let is_meant =
            |(address, digest): &(EmailAddress, DigestId)| given.contains(&self.leave_token(address, digest));
        Ok(configured.chain(past).find(is_meant))
    }

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

    /// The maildir and the mailbox of the configuration, if there are any.
    pub async fn read_bounces(&self, now: Timestamp) -> Result<InboxReport, StoreError> {
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

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
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
