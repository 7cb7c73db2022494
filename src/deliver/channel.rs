//! The ways out: one enum, chosen by the configuration.

use super::file::FileChannel;
use super::memory::MemoryChannel;
use super::smtp::SmtpChannel;
use crate::config::{ChannelConfig, Rate};
use crate::model::{Go, OutgoingMessage, SendOutcome};
use std::path::PathBuf;

/// Where messages go.
#[derive(Debug)]
pub enum Channel {
    Smtp(Box<SmtpChannel>),
    File(FileChannel),
    Memory(MemoryChannel),
}

/// A channel that can't be opened as configured.
#[derive(Debug, thiserror::Error)]
pub enum ChannelSetupError {
    #[error("the certificate file {file} can't be used: {reason}")]
    CaFile { file: PathBuf, reason: String },
    #[error("`{0}` is not a host name that TLS can check")]
    HostName(String),
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

impl Channel {
    /// Opens nothing yet: the first `send` does.
    pub fn from_config(config: &ChannelConfig) -> Result<Channel, ChannelSetupError> {
        Ok(match config {
            ChannelConfig::File { dir } => Channel::File(FileChannel::new(dir.clone())),
            ChannelConfig::Smtp(smtp) => Channel::Smtp(Box::new(SmtpChannel::new(smtp)?)),
        })
    }

    /// Never fails: whatever happens is an outcome. Dropping the future drops the connection with it.
    pub async fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        self.send_if(message, async { Go::Ahead }).await
    }

    /// As `send`, and asks `gate` at the last moment at which nothing has been handed over yet.
    pub async fn send_if(&self, message: &OutgoingMessage, gate: impl Future<Output = Go>) -> SendOutcome {
        match self {
            Channel::Smtp(channel) => channel.send(message, gate).await,
            Channel::File(channel) => channel.send(message, gate).await,
            Channel::Memory(channel) => channel.send(message, gate).await,
        }
    }

    /// Everything but sending; says why it can't be done.
    pub async fn try_out(&self) -> Result<(), String> {
        match self {
            Channel::Smtp(channel) => channel.log_in().await,
            Channel::File(channel) => channel.try_out(),
            Channel::Memory(_) => Ok(()),
        }
    }

    /// Messages that can usefully be under way at once.
    pub fn capacity(&self) -> usize {
        match self {
            Channel::Smtp(channel) => channel.capacity(),
            Channel::File(_) | Channel::Memory(_) => 4,
        }
    }

    /// Of these, to readers of one domain.
    pub fn per_domain(&self) -> usize {
        match self {
            Channel::Smtp(channel) => channel.per_domain(),
            Channel::File(_) | Channel::Memory(_) => self.capacity(),
        }
    }

    /// No more mails than this are begun.
    pub fn rate(&self) -> Option<Rate> {
        match self {
            Channel::Smtp(channel) => channel.rate(),
            Channel::File(_) | Channel::Memory(_) => None,
        }
    }

    /// Says goodbye on connections kept for the next message; call it when the queue is empty.
    pub async fn close(&self) {
        if let Channel::Smtp(channel) = self {
            channel.close().await;
        }
    }
}
