//! Messages, channels (SMTP, file, memory), the retry schedule, and what comes back.

pub mod bounce;
mod channel;
mod clean;
mod dkim;
pub mod file;
pub mod imap;
pub mod memory;
pub mod message;
pub mod printer;
pub mod retry;
pub mod smtp;
mod tls;
pub mod token;

pub use channel::{Channel, ChannelSetupError};
pub use message::{ComposeError, MessageKey};
