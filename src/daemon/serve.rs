//! The daemon's loops: dumb, each around one step, until told to stop.

use super::{Khyber, Which, clock};
use crate::config::{self, Config};
use crate::model::{Role, Roles, Timestamp};
use crate::store::StoreError;
use anyhow::Context;
use chrono::Timelike;
use futures_util::future::OptionFuture;
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How often each loop looks whether something is due: all at the same instant, so that an idle daemon wakes once.
const LOOK: Duration = Duration::from_secs(60);
/// The same for work that is shared: others may have left something behind.
const BESIDE_OTHERS: Duration = Duration::from_secs(15);
/// Within so many seconds of the full minute, at which slots and intervals end and every other daemon asks.
const SPREAD: u32 = 10;
const CLEAN_UP: Duration = Duration::from_secs(6 * 3600);

/// What the loops share. A reload swaps `khyber`; a loop takes the current one at the start of each round.
struct Shared {
    khyber: watch::Sender<Arc<Khyber>>,
}

impl Shared {
    fn current(&self) -> Arc<Khyber> {
        self.khyber.borrow().clone()
    }

    /// Rests until the next look of a loop that only one process has.
    async fn rest(&self, stopping: &mut watch::Receiver<bool>) {
        rest(stopping, self.current().next_minute(clock::now())).await;
    }
}

/// Does the work of `roles` until SIGTERM or SIGINT. `reload` reads the configuration again on SIGHUP. `edge` runs beside the loops until its second
/// argument says stop; its first is the current Khyber, which a reload changes.
pub async fn serve<Edge: Future<Output = ()>>(
    khyber: Khyber,
    roles: Roles,
    reload: &dyn Fn() -> Result<Config, config::Problems>,
    edge: impl FnOnce(watch::Receiver<Arc<Khyber>>, watch::Receiver<bool>) -> Edge,
) -> anyhow::Result<()> {
    let store = khyber.store.clone();
    let (current, watched) = watch::channel(Arc::new(khyber));
    let shared = Shared { khyber: current };
    let (stop, stopping) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM can't be listened to")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT can't be listened to")?;
    let mut hangup = signal(SignalKind::hangup()).context("SIGHUP can't be listened to")?;

    // One task: the loops wait far more than they work, and parsing and grouping run beside it.
    let loops = futures_util::future::join5(
        poll_and_publish(&shared, roles, stopping.clone()),
        when(roles.has(Role::Dispatch), dispatch(&shared, stopping.clone())),
        when(roles.has(Role::Publish), clean_up(&shared, stopping.clone())),
        when(
            roles.has(Role::Dispatch),
            futures_util::future::join(hear(&shared, stopping.clone()), watch_over(&shared, stopping.clone())),
        ),
        edge(watched, stopping.clone()),
    );
    tokio::pin!(loops);
    tell(&[NotifyState::Ready]);
    tracing::info!(feeds = shared.current().config.feeds.len(), %roles, "running");

    // Half of what systemd asks for.
    let mut watchdog = sd_notify::watchdog_enabled().map(|limit| tokio::time::interval(limit / 2));
    // Beside the loops, not between two of their steps: a reload writes to the store, whose one connection a loop may hold.
    let told_to_stop = async {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => reload_into(&shared, reload).await,
                Some(_) = OptionFuture::from(watchdog.as_mut().map(|beat| beat.tick())) => tell(&[NotifyState::Watchdog]),
            }
        }
    };
    tokio::select! {
        () = told_to_stop => {}
        // The loops end only when stopped: anything else is a bug, and a supervisor should start afresh.
        _ = &mut loops => anyhow::bail!("the daemon's loops ended by themselves"),
    }
    tell(&[NotifyState::Stopping]);
    tracing::info!("stopping: waiting for replies that are under way");
    let _ = stop.send(true);
    loops.await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn reload_into(shared: &Shared, reload: &dyn Fn() -> Result<Config, config::Problems>) {
    tell(&[NotifyState::Reloading]);
    match reload() {
        Ok(config) => match shared.current().reconfigured(config).await {
            Ok(khyber) => {
                shared.khyber.send_replace(Arc::new(khyber));
                tracing::info!("configuration reloaded");
            }
            Err(error) => tracing::error!("the old configuration stays: {error:#}"),
        },
        Err(problems) => tracing::error!("the old configuration stays; `khyber check` says the same:\n{problems}"),
    }
    tell(&[NotifyState::Ready]);
}

impl Khyber {
    /// How long to rest until it is time to look again.
    fn next_look(&self, now: Timestamp) -> Duration {
        if self.claims.is_some() { BESIDE_OTHERS } else { self.next_minute(now) }
    }

    fn next_minute(&self, now: Timestamp) -> Duration {
        let phase = self.salt.bytes().map(u32::from).sum::<u32>() % SPREAD;
        until_look(now.second(), phase)
    }
}

/// From this second of a minute to the next look, at `phase`.
fn until_look(second: u32, phase: u32) -> Duration {
    let minute = LOOK.as_secs();
    match (u64::from(phase) + minute - u64::from(second)) % minute {
        0 => LOOK,
        left => Duration::from_secs(left),
    }
}

/// A trouble that lasts is logged when it begins, not at every tick: a full disk would be filled by its own log.
#[derive(Default)]
struct LastSaid(Option<String>);

impl LastSaid {
    fn hear<T, E: std::fmt::Display>(&mut self, what: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.0 = None;
                Some(value)
            }
            Err(error) => {
                let text = format!("{what}: {error:#}");
                if self.0.as_ref() != Some(&text) {
                    tracing::error!("{text}");
                    self.0 = Some(text);
                }
                None
            }
        }
    }
}

/// Polling comes before publishing in each round, so that the first edition after a start knows today's news.
async fn poll_and_publish(shared: &Shared, roles: Roles, mut stopping: watch::Receiver<bool>) {
    let (mut polling, mut publishing) = (LastSaid::default(), LastSaid::default());
    let mut had_room = true;
    while !*stopping.borrow() {
        let khyber = shared.current();
        let room = !roles.has(Role::Poll) || khyber.has_room_to_poll();
        if !room && had_room {
            tracing::error!("the disk is nearly full: nothing is polled until there is room again");
        }
        had_room = room;
        if room && roles.has(Role::Poll) {
            tokio::select! {
                // Cancelling a poll loses nothing: validators move only with their entries.
                _ = stopping.changed() => break,
                polled = poll(&khyber) => {
                    polling.hear("polling", polled);
                }
            }
        }
        if roles.has(Role::Publish) {
            publishing.hear("publishing", khyber.publish_due(None, clock::now()).await);
        }
        rest(&mut stopping, khyber.next_look(clock::now())).await;
    }
}

/// What came is stored first, and made to be found by its words when nobody waits for it any more.
async fn poll(khyber: &Khyber) -> Result<(), StoreError> {
    let polled = khyber.poll_once(Which::Due, clock::now(), &|_| {}).await;
    khyber.store.take_in_new().await?;
    polled.map(drop)
}

async fn dispatch(shared: &Shared, mut stopping: watch::Receiver<bool>) {
    let mut dispatching = LastSaid::default();
    let mut elsewhere = shared.current().store.queued();
    while !*stopping.borrow() {
        elsewhere.prepare().await;
        let khyber = shared.current();
        let stop = || *stopping.borrow();
        let report = dispatching.hear("dispatching", khyber.dispatch(&clock::now, &stop).await);
        let look = khyber.next_look(clock::now());
        let wait = report.and_then(|report| report.held_back).map_or(look, |wait| wait.min(look));
        tokio::select! {
            () = khyber.queued() => {}
            () = elsewhere.next() => {}
            () = rest(&mut stopping, wait) => {}
        }
    }
}

/// Reads what came back by mail.
async fn hear(shared: &Shared, mut stopping: watch::Receiver<bool>) {
    let mut hearing = LastSaid::default();
    while !*stopping.borrow() {
        let khyber = shared.current();
        let heard = tokio::select! {
            // What was not marked as read is read again.
            _ = stopping.changed() => break,
            heard = khyber.read_bounces(clock::now()) => heard.map_err(anyhow::Error::from),
        };
        let heard = heard.and_then(|report| match report.problems.first() {
            Some(problem) => Err(anyhow::anyhow!("{problem}")),
            None => Ok(report),
        });
        hearing.hear("reading bounces", heard);
        shared.rest(&mut stopping).await;
    }
}

/// Tells the operator what is wrong.
async fn watch_over(shared: &Shared, mut stopping: watch::Receiver<bool>) {
    let mut looking = LastSaid::default();
    while !*stopping.borrow() {
        looking.hear("looking for troubles", shared.current().notify_operator(clock::now()).await);
        shared.rest(&mut stopping).await;
    }
}

async fn clean_up(shared: &Shared, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        match shared.current().clean_up(clock::now()).await {
            Ok(pruned) => tracing::debug!(?pruned, "cleaned up"),
            Err(error) => tracing::error!("clean-up: {error}"),
        }
        rest(&mut stopping, CLEAN_UP).await;
    }
}

/// A loop of a role that this process has.
async fn when<T>(wanted: bool, a_loop: impl Future<Output = T>) {
    if wanted {
        a_loop.await;
    }
}

async fn rest(stopping: &mut watch::Receiver<bool>, length: Duration) {
    tokio::select! {
        _ = stopping.changed() => {}
        () = tokio::time::sleep(length) => {}
    }
}

/// Absent outside systemd: nothing to tell, nothing to say.
fn tell(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_minute_is_looked_at_once() {
        for phase in 0..SPREAD {
            for second in 0..=60 {
                let wait = u32::try_from(until_look(second, phase).as_secs()).unwrap();
                assert!((1..=60).contains(&wait), "{second} {phase}: {wait}");
                assert_eq!((second + wait) % 60, phase);
            }
        }
    }
}
