//! A channel that keeps messages in memory, for tests and previews.

use crate::model::{OutgoingMessage, SendOutcome};
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct MemoryChannel {
    messages: Mutex<Vec<OutgoingMessage>>,
}

impl MemoryChannel {
    pub fn send(&self, message: &OutgoingMessage) -> SendOutcome {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        SendOutcome::Accepted { reply: "kept in memory".to_owned() }
    }

    pub fn messages(&self) -> Vec<OutgoingMessage> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
