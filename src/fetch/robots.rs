//! robots.txt (RFC 9309), for article pages: feeds are made for programs, pages are not.

use super::hosts::HostQueue;
use super::{FetchOutcome, Fetcher};
use crate::model::{Timestamp, Validators};
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use texting_robots::Robot;
use url::Url;

/// The name that groups of rules may call us by.
pub const TOKEN: &str = "khyber";
/// RFC 9309 §2.4: not longer than a day.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// A server in trouble is asked again sooner, since everything is forbidden meanwhile.
const KEPT_UNREACHABLE: TimeDelta = TimeDelta::hours(1);
/// RFC 9309 §2.5: at least 500 KiB are read.
const READ: usize = 500 << 10;

/// Whether a page may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// With the pause that the site wants between two requests.
    Allowed {
        delay: Option<Duration>,
    },
    Forbidden,
    /// The site could not say; that forbids everything for now.
    Unknown(String),
    /// Others ask this site, and this process must not.
    CalledOff,
}

enum Rules {
    Open,
    Listed(Robot),
    Unreachable(String),
}

/// What sites said, each by its origin.
#[derive(Default)]
pub struct Robots {
    known: Mutex<HashMap<String, (Timestamp, Arc<Rules>)>>,
}

impl std::fmt::Debug for Robots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Robots(…)")
    }
}

impl Robots {
    /// Asks the site of `url` for its rules, at most once a day.
    pub async fn verdict(&self, fetcher: &Fetcher, hosts: &HostQueue, url: &Url, now: Timestamp) -> Verdict {
        let origin = url.origin().ascii_serialization();
        let known = self.lock().get(&origin).filter(|(until, _)| *until > now).map(|(_, rules)| rules.clone());
        let rules = match known {
            Some(rules) => rules,
            None => {
                let Some(rules) = ask(fetcher, hosts, url, now).await else { return Verdict::CalledOff };
                let rules = Arc::new(rules);
                let kept = if matches!(*rules, Rules::Unreachable(_)) { KEPT_UNREACHABLE } else { KEPT };
                let mut all = self.lock();
                all.retain(|_, (until, _)| *until > now);
                all.insert(origin, (now + kept, rules.clone()));
                rules
            }
        };
        judge(&rules, url)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Timestamp, Arc<Rules>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(rules: &Rules, url: &Url) -> Verdict {
    match rules {
        Rules::Open => Verdict::Allowed { delay: None },
        Rules::Unreachable(reason) => Verdict::Unknown(reason.clone()),
        Rules::Listed(robot) if !robot.allowed(url.as_str()) => Verdict::Forbidden,
        Rules::Listed(robot) => {
            let delay = robot.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok());
            Verdict::Allowed { delay: delay.filter(|delay| !delay.is_zero()) }
        }
    }
}

async fn ask(fetcher: &Fetcher, hosts: &HostQueue, url: &Url, now: Timestamp) -> Option<Rules> {
    let Ok(at) = url.join("/robots.txt") else {
        return Some(Rules::Unreachable("the site has no robots.txt".to_owned()));
    };
    let trace = {
        let _turn = hosts.turn(&at).await?;
        fetcher.trace(&at, &Validators::default(), now).await
    };
    let status = trace.hops.last().map(|hop| hop.status);
    Some(match (trace.outcome, status) {
        (FetchOutcome::Document { document, .. }, _) => listed(document.bytes).await,
        // RFC 9309 §2.3.1.3: what is not there forbids nothing. 429 is a server that asks to be left alone.
        (_, Some(400..=428 | 430..=499)) => Rules::Open,
        // §2.3.1.4: 5xx and no answer at all forbid everything.
        (FetchOutcome::Failed { reason, .. }, _) => Rules::Unreachable(reason),
        _ => Rules::Unreachable("no usable answer".to_owned()),
    })
}

async fn listed(mut bytes: Vec<u8>) -> Rules {
    bytes.truncate(READ);
    // Rules become regular expressions, which takes long enough to hold up others.
    match tokio::task::spawn_blocking(move || Robot::new(TOKEN, &bytes)).await {
        Ok(Ok(robot)) => Rules::Listed(robot),
        _ => Rules::Unreachable("its robots.txt can't be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn verdict(text: &str, path: &str) -> Verdict {
        let url = Url::parse("https://wire.example").unwrap().join(path).unwrap();
        judge(&listed(text.as_bytes().to_vec()).await, &url)
    }

    /// The examples of RFC 9309 §5.1 and §5.2, with our own name in them.
    #[tokio::test]
    async fn rules_hold_as_in_the_rfc() {
        let open = Verdict::Allowed { delay: None };
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                      User-Agent: Khyber\nDisallow:/example/page/\nAllow: /example/page/public\n\n\
                      User-Agent: quxbot\n\nEOF";
        assert_eq!(verdict(simple, "/example/page/secret").await, Verdict::Forbidden);
        assert_eq!(verdict(simple, "/example/page/public/1").await, open, "the longest match wins");
        assert_eq!(verdict(simple, "/example/other").await, open, "the group of our name alone counts");
        let any = "User-agent: *\nDisallow: /archive\nCrawl-delay: 7";
        assert_eq!(verdict(any, "/archive/1").await, Verdict::Forbidden);
        assert_eq!(verdict(any, "/news/1").await, Verdict::Allowed { delay: Some(Duration::from_secs(7)) });
        assert_eq!(verdict("", "/news/1").await, open);
        assert_eq!(verdict("<html><p>no robots here</p>", "/news/1").await, open);
        assert_eq!(verdict("User-agent: *\nDisallow: /", "/news/1").await, Verdict::Forbidden);
    }
}
