//! What reading a document costs: `khyber parse --measure`.

use crate::daemon::clock;
use crate::model::Document;
use crate::parse::{self, FeedContext};
use anyhow::Context;
use serde_json::{Value, json};

/// A worker thread's: what overflows it aborts the process.
const STACK: usize = 2 << 20;

/// Decodes, repairs, reads and cleans the document on a thread of its own, as the daemon does.
/// `cpu_seconds` and `peak_bytes` (of the whole process, while it was read) are null where /proc does not tell.
pub(super) fn measured(document: &Document) -> anyhow::Result<Value> {
    // proc(5): 5 resets the peak of the resident set.
    let fresh = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let (read, nanoseconds) = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            let before = on_cpu();
            let read = whole(document);
            (read, on_cpu().zip(before).map(|(after, before)| after - before))
        });
        worker.map(|worker| worker.join())
    })
    .context("no thread")?
    .map_err(|_| anyhow::anyhow!("the thread that read the document died"))?;
    let peak = fresh.then(peak).flatten();
    let (entries, error) = match read {
        Ok(entries) => (entries, None),
        Err(error) => (0, Some(error)),
    };
    Ok(json!({
        "ok": error.is_none(),
        "error": error,
        "entries": entries,
        "bytes": document.bytes.len(),
        // 2^52 nanoseconds are 52 days.
        "cpu_seconds": nanoseconds.map(|nanoseconds: u64| nanoseconds as f64 / 1e9),
        "peak_bytes": peak,
    }))
}

fn whole(document: &Document) -> Result<usize, String> {
    let feed = "measured".parse().map_err(|error| format!("{error}"))?;
    let context = FeedContext { feed: &feed, lang: None, now: clock::now() };
    parse::parse(document, &context).map(|feed| feed.entries.len()).map_err(|error| error.to_string())
}

/// Nanoseconds that this thread has spent on a processor.
fn on_cpu() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}
