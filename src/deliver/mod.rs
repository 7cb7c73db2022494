//! Messages, channels (SMTP, file, memory) and the retry schedule.

pub mod bounce;
mod channel;
mod clean;
mod dkim;
pub mod file;
pub mod memory;
pub mod message;
pub mod retry;
pub mod smtp;
pub mod token;

pub use channel::{Channel, ChannelSetupError};
pub use message::{ComposeError, MessageKey};
