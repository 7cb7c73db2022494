//! The report as lines for a person; foreign text never reaches the terminal raw.

use super::Report;
use super::seen::{Conditional, FeedSeen, HopSeen, PageSeen};
use crate::cli::feeds_file::name_of;
use crate::cli::table::count;
use crate::model::FeedHealth;
use std::fmt::{self, Display, Formatter};

const SHOWN: usize = 5;
/// A feed whose summaries are shorter gives only headlines.
const SHORT: usize = 60;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, hop) in self.hops.iter().enumerate() {
            write_hop(f, number + 1, hop)?;
        }
        self.transfer(f)?;
        if let Some(error) = &self.error {
            writeln!(f, "{}: {}", name_of(self.health), clean(error, 300))?;
        }
        if let Some(wait) = self.retry_after_s {
            writeln!(f, "asks to wait {wait} s before the next try")?;
        }
        self.repeat(f)?;
        if let Some(feed) = &self.feed {
            write_feed(f, feed)?;
        }
        self.page.as_ref().map_or(Ok(()), |page| write_page(f, page))
    }
}

impl Report {
    fn transfer(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let lookup = self.dns_ms.map(|ms| format!(", {ms} ms of them for the host's name")).unwrap_or_default();
        let took = self.took_ms + self.dns_ms.unwrap_or(0);
        if self.bytes > 0 || self.health == FeedHealth::Ok {
            let wire = self.wire_bytes;
            writeln!(f, "read {} bytes ({wire} on the wire) in {took} ms{lookup}", self.bytes)?;
        } else {
            writeln!(f, "took {took} ms{lookup}")?;
        }
        if let Some(wait) = self.fresh_for_s {
            writeln!(f, "fresh for {wait} s: not asked again before that")?;
        }
        if let Some(to) = &self.moved_to {
            writeln!(f, "moved for good: change its url to {to}")?;
        }
        Ok(())
    }

    fn repeat(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.conditional {
            Some(Conditional::NotModified) => {
                writeln!(f, "asked again with its validators: 304, nothing is sent twice")
            }
            Some(Conditional::WholeAgain) => {
                writeln!(f, "asked again with its validators: sent whole again; every poll costs all of it")
            }
            Some(Conditional::Failed { reason }) => {
                writeln!(f, "asked again with its validators: {}", clean(reason, 200))
            }
            None if self.bytes > 0 => {
                writeln!(f, "no ETag and no Last-Modified: every poll costs all of it")
            }
            None => Ok(()),
        }
    }
}

fn write_hop(f: &mut Formatter<'_>, number: usize, hop: &HopSeen) -> fmt::Result {
    writeln!(f, "{number}  {}  {}  {} ms", hop.status, hop.url, hop.first_byte_ms)?;
    if let (Some(address), Some(family)) = (&hop.address, hop.family) {
        writeln!(f, "     from {address} ({family}) by {}", hop.protocol)?;
    }
    for (name, value) in &hop.headers {
        writeln!(f, "     {name}: {}", clean(value, 200))?;
    }
    Ok(())
}

fn write_feed(f: &mut Formatter<'_>, feed: &FeedSeen) -> fmt::Result {
    let title = feed.title.as_deref().unwrap_or("(no title)");
    let entries = count(feed.entries, "entry", "entries");
    writeln!(f, "{} \"{}\", {entries}, {}", feed.format, clean(title, 100), feed.encoding)?;
    if let Some(newest) = feed.newest {
        writeln!(f, "newest entry: {}", newest.format("%Y-%m-%d %H:%M UTC"))?;
    }
    let missing: Vec<String> =
        feed.missing.iter().map(|missing| format!("{} without {}", missing.entries, missing.what)).collect();
    if !missing.is_empty() {
        writeln!(f, "missing: {}", missing.join(", "))?;
    }
    if feed.entries > 0 && feed.summary_length < SHORT {
        writeln!(f, "it gives little more than headlines: full_text = true would read the pages")?;
    }
    for repaired in feed.repaired.iter().take(SHOWN) {
        writeln!(f, "  repaired or noticed: {}", clean(repaired, 200))?;
    }
    if feed.repaired.len() > SHOWN {
        writeln!(f, "  and {} more", feed.repaired.len() - SHOWN)?;
    }
    for entry in &feed.first {
        let date =
            entry.published.map_or_else(|| "no date".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let judged = entry.scope.zip(entry.kind).map(|(scope, kind)| format!("  {scope}, {kind}")).unwrap_or_default();
        writeln!(f, "- {date}  [{}]{judged}  {}", entry.lang, clean(&entry.headline, 120))?;
        if let Some(url) = &entry.url {
            writeln!(f, "  {url}")?;
        }
    }
    Ok(())
}

fn write_page(f: &mut Formatter<'_>, page: &PageSeen) -> fmt::Result {
    match page {
        PageSeen::Article { url, headline, text } => {
            writeln!(f, "the page of the first entry, {url}, gives {} characters:", text.chars().count())?;
            writeln!(f, "  {}", clean(headline, 120))?;
            writeln!(f, "  {}", clean(text, 400))
        }
        PageSeen::Nothing { url, reason } => {
            writeln!(f, "the page of the first entry, {url}, is not read: {}", clean(reason, 200))
        }
    }
}

/// One line, no control characters, not longer than `most`.
fn clean(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}
