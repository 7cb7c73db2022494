//! The group commit: small writes that wait at the same time become one transaction, and each is answered after its commit.
//!
//! A commit waits for the disk. One for each mail's dot and one for each record would limit sending to what the disk can do a
//! second; so while one commit is on its way, whatever comes is gathered for the next. Nobody waits for company.

use super::entries::Ingested;
use super::ingest::{self, Poll};
use super::leases::{self, Claim, Dot, Record};
use super::sql::Alone;
use super::{Result, Store, StoreError};
use crate::failpoint;
use crate::model::{Delivery, FeedState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What waits, and whether somebody is at it.
#[derive(Debug, Default)]
pub(super) struct Group(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    writes: Vec<Write>,
    busy: bool,
}

/// A write and where its answer goes. Who has gone meanwhile is not told; the write stands.
#[derive(Debug)]
enum Write {
    Record(Record, oneshot::Sender<Result<bool>>),
    Dot(Dot, oneshot::Sender<Result<bool>>),
    Lease(Claim, oneshot::Sender<Result<Vec<Delivery>>>),
    Poll(Poll, oneshot::Sender<Result<Option<(Ingested, FeedState)>>>),
}

impl Group {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    pub(super) async fn group_record(&self, record: Record) -> Result<bool> {
        self.grouped(|answer| Write::Record(record, answer)).await
    }

    pub(super) async fn group_dot(&self, dot: Dot) -> Result<bool> {
        self.grouped(|answer| Write::Dot(dot, answer)).await
    }

    pub(super) async fn group_lease(&self, claim: Claim) -> Result<Vec<Delivery>> {
        self.grouped(|answer| Write::Lease(claim, answer)).await
    }

    pub(super) async fn group_poll(&self, poll: Poll) -> Result<(Ingested, FeedState)> {
        let done = self.grouped(|answer| Write::Poll(poll, answer)).await?;
        done.ok_or(StoreError::TakenOver)
    }

    async fn grouped<T>(&self, write: impl FnOnce(oneshot::Sender<Result<T>>) -> Write) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let begins = {
            let mut waiting = self.group.waiting();
            waiting.writes.push(write(answer));
            !std::mem::replace(&mut waiting.busy, true)
        };
        if begins {
            // A task of its own: no caller that is dropped, or not polled, holds up the others.
            tokio::spawn(Writer { store: self.clone(), done: false }.run());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Sql(sqlx::Error::WorkerCrashed)))
    }

    /// All in one transaction. If that fails, each in its own: one that can't be written takes no other with it.
    async fn commit_group(&self, mut writes: Vec<Write>) {
        match self.try_group(&writes).await {
            Ok(done) => writes.drain(..).zip(done).for_each(|(write, done)| write.answer(Ok(done))),
            Err(error) if writes.len() == 1 => writes.remove(0).answer(Err(error)),
            // Each would wait as long as this one did.
            Err(StoreError::Away(_)) => {
                writes.into_iter().for_each(|write| write.answer(Err(StoreError::Away(sqlx::Error::PoolTimedOut))));
            }
            Err(_) => {
                for write in writes {
                    let done = self.try_group(std::slice::from_ref(&write)).await;
                    write.answer(done.map(|mut done| done.pop().unwrap_or(Done::Written(false))));
                }
            }
        }
    }

    /// What ends comes first: its place is free for what is leased.
    async fn try_group(&self, writes: &[Write]) -> Result<Vec<Done>> {
        let mut tx = self.writer.begin_alone(&alone(writes)).await?;
        let at_work = self.renew_in(&mut tx).await?;
        let records = leases::write_records(&mut tx, writes.iter().filter_map(Write::record)).await?;
        let dots = leases::mark_dots(&mut tx, writes.iter().filter_map(Write::dot)).await?;
        let takes = |poll: &Poll| at_work && poll.worker == self.worker();
        let polls: Vec<&Poll> = writes.iter().filter_map(Write::poll).filter(|poll| takes(poll)).collect();
        let mut polls = ingest::write_polls(&mut tx, &polls).await?.into_iter();
        let (mut records, mut dots, mut done) =
            (records.into_iter(), dots.into_iter(), Vec::with_capacity(writes.len()));
        for write in writes {
            done.push(match write {
                Write::Record(..) => Done::Written(records.next().unwrap_or(false)),
                Write::Dot(..) => Done::Written(dots.next().unwrap_or(false)),
                Write::Lease(..) if !at_work => Done::Leased(Vec::new()),
                Write::Lease(claim, _) => Done::Leased(self.claim(&mut tx, claim).await?),
                Write::Poll(poll, _) if !takes(poll) => Done::Refused,
                Write::Poll(..) => match polls.next() {
                    Some((counts, state)) => Done::Polled(counts, Box::new(state)),
                    None => Done::Written(false),
                },
            });
        }
        let points: Vec<_> = writes.iter().filter_map(Write::points).collect();
        points.iter().for_each(|(before, _)| failpoint::reached(before));
        tx.commit().await?;
        points.iter().for_each(|(_, after)| failpoint::reached(after));
        Ok(done)
    }
}

/// Dots and records concern rows that are this process's own: nobody has to wait for them.
fn alone(writes: &[Write]) -> Vec<Alone> {
    let polls = writes.iter().any(|write| matches!(write, Write::Poll(..)));
    let leases = writes.iter().any(|write| matches!(write, Write::Lease(..)));
    [polls.then_some(Alone::Entries), leases.then_some(Alone::Mails)].into_iter().flatten().collect()
}

enum Done {
    Written(bool),
    Leased(Vec<Delivery>),
    Polled(Ingested, Box<FeedState>),
    /// Others have taken over what this process was at.
    Refused,
}

impl Write {
    fn record(&self) -> Option<&Record> {
        if let Self::Record(record, _) = self { Some(record) } else { None }
    }

    fn dot(&self) -> Option<&Dot> {
        if let Self::Dot(dot, _) = self { Some(dot) } else { None }
    }

    fn poll(&self) -> Option<&Poll> {
        if let Self::Poll(poll, _) = self { Some(poll) } else { None }
    }

    /// Reached before the commit and after it.
    fn points(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Record(..) => ("store.record", "store.record.done"),
            Self::Dot(..) => ("store.dot", "store.dot.done"),
            Self::Lease(..) => ("store.lease", "store.lease.done"),
            Self::Poll(..) => return None,
        })
    }

    fn answer(self, done: Result<Done>) {
        match self {
            Self::Record(_, answer) | Self::Dot(_, answer) => {
                let _ = answer.send(done.map(|done| matches!(done, Done::Written(true))));
            }
            Self::Lease(_, answer) => {
                let leased = |done| if let Done::Leased(leased) = done { leased } else { Vec::new() };
                let _ = answer.send(done.map(leased));
            }
            Self::Poll(_, answer) => {
                let polled = |done| if let Done::Polled(counts, state) = done { Some((counts, *state)) } else { None };
                let _ = answer.send(done.map(polled));
            }
        }
    }
}

/// Commits groups until nothing waits.
struct Writer {
    store: Store,
    done: bool,
}

impl Writer {
    async fn run(mut self) {
        loop {
            let writes = {
                let mut waiting = self.store.group.waiting();
                if waiting.writes.is_empty() {
                    waiting.busy = false;
                    break;
                }
                std::mem::take(&mut waiting.writes)
            };
            self.store.commit_group(writes).await;
        }
        self.done = true;
    }
}

impl Drop for Writer {
    /// After a panic, or with its runtime: who waits hears of it, and the next to come starts another.
    fn drop(&mut self) {
        if !self.done {
            *self.store.group.waiting() = Waiting::default();
        }
    }
}
