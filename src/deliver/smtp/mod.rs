//! The SMTP channel: a limit on connections, and connections kept for the next message while all is in order.

mod outcome;
mod session;
mod wire;

use super::{ChannelSetupError, tls};
use crate::config::{Rate, SmtpConfig};
use crate::model::delivery::Stage;
use crate::model::{Go, OutgoingMessage, SendOutcome};
use futures_util::future::join_all;
use outcome::Failure;
use session::Session;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use wire::Trouble;

/// Relays hang up on endless conversations; a new one costs little.
const MESSAGES_PER_CONNECTION: u32 = 100;
const MAX_IDLE: Duration = Duration::from_secs(60);

pub struct SmtpChannel {
    config: SmtpConfig,
    tls: Option<tls::Tls>,
    permits: Semaphore,
    parked: Mutex<Vec<Session>>,
    setback: Mutex<Setback>,
}

/// The last time the relay could not be used at all, and how many times that was.
#[derive(Default)]
struct Setback {
    count: u64,
    outcome: Option<SendOutcome>,
}

impl std::fmt::Debug for SmtpChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpChannel({}:{})", self.config.host, self.config.port)
    }
}

impl SmtpChannel {
    pub fn new(config: &SmtpConfig) -> Result<Self, ChannelSetupError> {
        Ok(Self {
            config: config.clone(),
            tls: tls::setup(config.tls, &config.host, config.ca_file.as_deref())?,
            permits: Semaphore::new(config.concurrency.max(1)),
            parked: Mutex::default(),
            setback: Mutex::default(),
        })
    }

    /// One transaction with one recipient. The session is owned by this future: dropped half-way, it is closed with it
    /// and never used again.
    pub async fn send(&self, message: &OutgoingMessage, gate: impl Future<Output = Go>) -> SendOutcome {
        let setbacks = self.setbacks();
        let Ok(_permit) = self.permits.acquire().await else {
            let reason = "shutting down".to_owned();
            return SendOutcome::Deferred { stage: Stage::Connect, code: None, reason };
        };
        if let Some(outcome) = self.setback_since(setbacks) {
            return outcome;
        }
        let mut gate = std::pin::pin!(gate);
        loop {
            match self.session().await {
                Ok(session) => {
                    if let Some(outcome) = self.transact(session, message, gate.as_mut()).await {
                        return outcome;
                    }
                }
                Err(failure) => {
                    let outcome = outcome::outcome(failure, message);
                    self.note(&outcome);
                    return outcome;
                }
            }
        }
    }

    /// `None`: the connection that was kept is of no use any more, and nothing of the message has left.
    async fn transact(
        &self,
        mut session: Session,
        message: &OutgoingMessage,
        gate: impl Future<Output = Go>,
    ) -> Option<SendOutcome> {
        match session.deliver(message, &self.config.timeouts, gate).await {
            Ok(reply) => {
                let text = outcome::said(&reply, message);
                if session.is_quiet() && session.sent < MESSAGES_PER_CONNECTION {
                    self.park(session);
                } else {
                    session.quit(self.brief()).await;
                }
                Some(SendOutcome::Accepted { reply: format!("{} {text}", reply.code) })
            }
            Err(Failure { trouble: Trouble::Stale, .. }) => None,
            // Whatever went wrong, the next message starts on a fresh connection.
            Err(failure) => Some(outcome::outcome(failure, message)),
        }
    }

    fn setbacks(&self) -> u64 {
        self.setback.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// A relay that hangs, or refuses the login, is asked by those under way and not by all who queue behind them: a
    /// thousand wrong passwords lock an account, a thousand time-outs take a day. Whoever comes later asks anew.
    fn setback_since(&self, count: u64) -> Option<SendOutcome> {
        let setback = self.setback.lock().unwrap_or_else(PoisonError::into_inner);
        if setback.count > count { setback.outcome.clone() } else { None }
    }

    /// A 4xx, such as 421 for too many connections, says nothing about the sessions that work.
    fn note(&self, outcome: &SendOutcome) {
        if let SendOutcome::Deferred { code: None | Some(500..), .. } = outcome {
            let mut setback = self.setback.lock().unwrap_or_else(PoisonError::into_inner);
            setback.count += 1;
            setback.outcome = Some(outcome.clone());
        }
    }

    pub fn capacity(&self) -> usize {
        self.config.concurrency.max(1)
    }

    pub fn per_domain(&self) -> usize {
        self.config.per_domain.max(1)
    }

    pub fn rate(&self) -> Option<Rate> {
        self.config.rate
    }

    /// Up to the login and not further; says at which stage it ended.
    pub async fn log_in(&self) -> Result<(), String> {
        match self.session().await {
            Ok(session) => {
                session.quit(self.brief()).await;
                Ok(())
            }
            Err(failure) => Err(format!("{}:{}: {}", self.config.host, self.config.port, outcome::plainly(&failure))),
        }
    }

    /// Says goodbye on all parked connections at once: one after the other they would take a round trip each.
    pub async fn close(&self) {
        let parked = std::mem::take(&mut *self.parked.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(parked.into_iter().map(|session| session.quit(self.brief()))).await;
    }

    async fn session(&self) -> Result<Session, Failure> {
        while let Some(mut session) = self.unpark() {
            let fresh = session.idle_since.elapsed() < MAX_IDLE;
            if fresh && (session.asks_at_once() || session.in_step(self.brief()).await) {
                return Ok(session);
            }
        }
        session::open(&self.config, self.tls.as_ref()).await
    }

    fn park(&self, mut session: Session) {
        session.idle_since = tokio::time::Instant::now();
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    fn unpark(&self) -> Option<Session> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn brief(&self) -> Duration {
        session::brief(&self.config.timeouts)
    }
}
