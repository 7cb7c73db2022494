//! `[fetch]` and `[retention]`.

use super::host::HostName;
use super::section::Section;
use super::setting::{Size, Word, Wrong};
use super::{FetchConfig, RetentionConfig};
use crate::model::EmailAddress;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn fetch(top: &Section<'_>, operator: Option<&EmailAddress>) -> FetchConfig {
    let section = top.section("fetch");
    let contact = section.get::<HeaderText>("contact").map(|at| at.value.0);
    let contact = contact.or_else(|| operator.map(|address| format!("mailto:{}", address.as_str())));
    let user_agent = section.get::<HeaderText>("user_agent").map(|at| at.value.0);
    let usual = FetchConfig::default();
    let config = FetchConfig {
        user_agent: user_agent.unwrap_or_else(|| default_user_agent(contact.as_deref())),
        interval: interval(&section),
        concurrency: section.within("concurrency", usual.concurrency, 1..=1024),
        connect_timeout: section.within("connect_timeout", usual.connect_timeout, SECOND..=5 * MINUTE),
        header_timeout: section.within("header_timeout", usual.header_timeout, SECOND..=5 * MINUTE),
        idle_timeout: section.within("idle_timeout", usual.idle_timeout, SECOND..=5 * MINUTE),
        total_timeout: section.within("total_timeout", usual.total_timeout, SECOND..=30 * MINUTE),
        max_bytes: section.within("max_bytes", Size(usual.max_bytes), Size(1 << 10)..=Size(1 << 30)).0,
        max_redirects: section.within("max_redirects", usual.max_redirects, 0..=5),
        allow_private: section.list_or::<HostName>("allow_private", &[]).into_iter().map(|host| host.0).collect(),
        ports: section.list_or("ports", &usual.ports),
        host_spacing: section.within("host_spacing", usual.host_spacing, Duration::ZERO..=10 * MINUTE),
        space_private: section.or("space_private", usual.space_private),
        pages_per_poll: section.within("pages_per_poll", usual.pages_per_poll, 1..=50),
    };
    section.finish();
    config
}

/// Words that can stand in a header of a request.
struct HeaderText(String);

impl Word for HeaderText {
    const WANTS: &'static str = "a line of ASCII";

    fn parse(word: &str) -> Result<Self, Wrong> {
        if word.trim().is_empty() || !word.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(Wrong::new("must be a line of ASCII: it goes into a header of every request"));
        }
        Ok(HeaderText(word.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Program, version and a way to reach the operator, as publishers ask for.
fn default_user_agent(contact: Option<&str>) -> String {
    let program = concat!("Khyber/", env!("CARGO_PKG_VERSION"));
    contact.map_or_else(|| program.to_owned(), |contact| format!("{program} (+{contact})"))
}

/// Sooner than hourly is not what publishers like; their own operator may.
fn interval(section: &Section<'_>) -> Duration {
    section.default_is("interval", &HOUR);
    let set = section.within_if_set("interval", MINUTE..=7 * DAY);
    if let Some(at) = set.as_ref().filter(|at| at.value < HOUR) {
        let help = "60m is what publishers put up with; set a shorter `interval` on single feeds whose owner agrees";
        section.report().warning(
            &at.place,
            &at.key,
            "every feed is polled more often than once an hour",
            Some(help.to_owned()),
        );
    }
    set.map_or(HOUR, |at| at.value)
}

pub(super) fn retention(top: &Section<'_>) -> RetentionConfig {
    let section = top.section("retention");
    let config = RetentionConfig {
        entries: section.within("entries", 90 * DAY, 3 * DAY..=3_650 * DAY),
        editions: section.within("editions", 365 * DAY, 7 * DAY..=3_650 * DAY),
        messages: section.within("messages", 7 * DAY, HOUR..=365 * DAY),
        reserve: section.within("reserve", Size(50 << 20), Size(0)..=Size(1 << 40)).0,
    };
    section.finish();
    config
}
