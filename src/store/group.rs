//! The group commit: small writes that wait at the same time become one transaction, and each is answered after its commit.
//!
//! A commit waits for the disk. One for each mail's dot and one for each record would limit sending to what the disk can do a
//! second; so while one commit is on its way, whatever comes is gathered for the next. Nobody waits for company.

use super::entries::Ingested;
use super::ingest::{self, Poll};
use super::leases::{self, Claim, Dot, Record};
use super::transaction::{Alone, Line};
use super::{Result, Store, StoreError};
use crate::failpoint;
use crate::model::{Delivery, FeedState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Groups that follow each other on one connection, before whoever else waits for it has a turn.
const IN_A_ROW: usize = 16;

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
    async fn commit_group(&self, mut writes: Vec<Write>, line: &mut Option<Line>) {
        match self.try_group(&writes, line).await {
            Ok(Some(done)) => writes.drain(..).zip(done).for_each(|(write, done)| write.answer(Ok(done))),
            Ok(None) if writes.len() == 1 => writes.remove(0).answer(Ok(Done::Refused)),
            Err(error) if writes.len() == 1 => writes.remove(0).answer(Err(error)),
            // Each would wait as long as this one did.
            Err(StoreError::Away(_)) => {
                writes.into_iter().for_each(|write| write.answer(Err(StoreError::Away(sqlx::Error::PoolTimedOut))));
            }
            Ok(None) | Err(_) => {
                for write in writes {
                    let done = self.try_group(std::slice::from_ref(&write), line).await;
                    write.answer(done.map(|done| done.and_then(|mut done| done.pop()).unwrap_or(Done::Refused)));
                }
            }
        }
    }

    /// On `line` if there is one, and leaves it for the next group; but not where anything went wrong: the pool looks at it then.
    async fn try_group(&self, writes: &[Write], line: &mut Option<Line>) -> Result<Option<Vec<Done>>> {
        let mut used = match line.take() {
            Some(line) => line,
            None => self.writer.line().await?,
        };
        let done = self.write_group(&mut used, writes).await;
        *line = matches!(done, Ok(Some(_))).then_some(used);
        done
    }

    /// What ends comes first: its place is free for what is leased. `None`: some of these rows are nobody's to write any more, and
    /// nothing was written. Which ones is not asked: it is rare, and alone each tells by itself.
    async fn write_group(&self, line: &mut Line, writes: &[Write]) -> Result<Option<Vec<Done>>> {
        let mut tx = line.begin_alone(&alone(writes)).await?;
        let at_work = self.renew_in(&mut tx).await?;
        let records: Vec<&Record> = writes.iter().filter_map(Write::record).collect();
        let dots: Vec<&Dot> = writes.iter().filter_map(Write::dot).collect();
        if !leases::write_records(&mut tx, &records).await? || !leases::mark_dots(&mut tx, &dots).await? {
            return Ok(None);
        }
        let takes = |poll: &Poll| at_work && poll.worker == self.worker();
        let polls: Vec<&Poll> = writes.iter().filter_map(Write::poll).filter(|poll| takes(poll)).collect();
        let mut polls = ingest::write_polls(&mut tx, &polls).await?.into_iter();
        let mut done = Vec::with_capacity(writes.len());
        for write in writes {
            done.push(match write {
                Write::Record(..) | Write::Dot(..) => Done::Written,
                Write::Lease(..) if !at_work => Done::Leased(Vec::new()),
                Write::Lease(claim, _) => Done::Leased(self.claim(&mut tx, claim).await?),
                Write::Poll(poll, _) if !takes(poll) => Done::Refused,
                Write::Poll(..) => match polls.next() {
                    Some((counts, state)) => Done::Polled(counts, Box::new(state)),
                    None => Done::Refused,
                },
            });
        }
        let points: Vec<_> = writes.iter().filter_map(Write::points).collect();
        points.iter().for_each(|(before, _)| failpoint::reached(before));
        tx.commit().await?;
        points.iter().for_each(|(_, after)| failpoint::reached(after));
        Ok(Some(done))
    }
}

/// Dots and records concern rows that are this process's own: nobody has to wait for them.
fn alone(writes: &[Write]) -> Vec<Alone> {
    let polls = writes.iter().any(|write| matches!(write, Write::Poll(..)));
    let leases = writes.iter().any(|write| matches!(write, Write::Lease(..)));
    [polls.then_some(Alone::Entries), leases.then_some(Alone::Mails)].into_iter().flatten().collect()
}

enum Done {
    Written,
    Leased(Vec<Delivery>),
    Polled(Ingested, Box<FeedState>),
    /// The row is another's by now, or others have taken over what this process was at.
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
                let _ = answer.send(done.map(|done| matches!(done, Done::Written)));
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
        let mut line = None;
        for group in 0_usize.. {
            let writes = {
                let mut waiting = self.store.group.waiting();
                if waiting.writes.is_empty() {
                    waiting.busy = false;
                    break;
                }
                std::mem::take(&mut waiting.writes)
            };
            if group.is_multiple_of(IN_A_ROW) {
                line = None;
            }
            self.store.commit_group(writes, &mut line).await;
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
