//! DISPATCH: leased deliveries go out, and each outcome is recorded before the next lease.

use super::Khyber;
use crate::deliver::retry;
use crate::model::{Delivery, DeliveryStatus, Timestamp};
use crate::store::{DeliveryUpdate, StoreError};
use futures_util::StreamExt;

/// Deliveries claimed at once; small, so that a stop does not wait long.
const BATCH: u32 = 20;

/// What dispatching did.
#[derive(Debug, Clone, Default)]
pub struct DispatchReport {
    pub accepted: usize,
    pub deferred: usize,
    pub refused: usize,
    pub expired: usize,
    /// The last answer that was not an acceptance, without any address.
    pub last_problem: Option<String>,
}

impl DispatchReport {
    pub fn tried(&self) -> usize {
        self.accepted + self.deferred + self.refused + self.expired
    }

    fn count(&mut self, status: DeliveryStatus, answer: &str) {
        match status {
            DeliveryStatus::Accepted => self.accepted += 1,
            DeliveryStatus::Refused => self.refused += 1,
            DeliveryStatus::Expired => self.expired += 1,
            _ => self.deferred += 1,
        }
        if status != DeliveryStatus::Accepted {
            self.last_problem = Some(answer.to_owned());
        }
    }

    fn add(&mut self, other: DispatchReport) {
        self.accepted += other.accepted;
        self.deferred += other.deferred;
        self.refused += other.refused;
        self.expired += other.expired;
        self.last_problem = other.last_problem.or(self.last_problem.take());
    }
}

impl Khyber {
    /// Sends everything that is due at `now`, batch by batch, until nothing is or `stop` says so between two batches.
    pub async fn dispatch_due(
        &self,
        now: Timestamp,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<DispatchReport, StoreError> {
        let mut total = DispatchReport::default();
        while !stop() {
            let report = self.dispatch_once(now).await?;
            let tried = report.tried();
            total.add(report);
            if tried == 0 {
                break;
            }
        }
        Ok(total)
    }

    /// Sends one batch.
    pub async fn dispatch_once(&self, now: Timestamp) -> Result<DispatchReport, StoreError> {
        let leased = self.store.lease(now, BATCH).await?;
        let mut sends = futures_util::stream::iter(&leased)
            .map(|delivery| self.send(delivery, now))
            .buffer_unordered(BATCH as usize);
        let mut report = DispatchReport::default();
        let mut failed = None;
        while let Some(sent) = sends.next().await {
            match sent {
                Ok((status, answer)) => report.count(status, &answer),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(report), Err)
    }

    async fn send(&self, delivery: &Delivery, now: Timestamp) -> Result<(DeliveryStatus, String), StoreError> {
        let outcome = self.channel.send(&delivery.message).await;
        let retry_for = self.config.mail.retry_for;
        let update = retry::after(&outcome, delivery.attempt, delivery.created_at, now, retry_for, delivery.id.0);
        let written =
            DeliveryUpdate { status: update.status, next_attempt_at: update.next_attempt_at, answer: &update.answer };
        self.store.record_attempt(delivery, &outcome, &written, now).await?;
        let to = &delivery.message.to;
        match update.status {
            DeliveryStatus::Accepted => tracing::info!(delivery = %delivery.id, %to, "accepted"),
            status => tracing::warn!(delivery = %delivery.id, %to, ?status, answer = %update.answer, "not accepted"),
        }
        Ok((update.status, update.answer))
    }
}
