//! A channel that keeps messages in memory, for tests and previews.

use crate::model::delivery::Stage;
use crate::model::{Go, OutgoingMessage, SendOutcome};
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct MemoryChannel {
    messages: Mutex<Vec<OutgoingMessage>>,
}

impl MemoryChannel {
    pub async fn send(&self, message: &OutgoingMessage, gate: impl Future<Output = Go>) -> SendOutcome {
        if let Go::Back(reason) = gate.await {
            return SendOutcome::Deferred { stage: Stage::Data, code: None, reason };
        }
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message.clone());
        SendOutcome::Accepted { reply: "kept in memory".to_owned() }
    }

    pub fn messages(&self) -> Vec<OutgoingMessage> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
