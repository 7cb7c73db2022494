//! `cargo bench --bench search`: how long a search takes among a million entries (KHYBER_ENTRIES for another number).

use khyber::model::{EntryKey, FeedState, Lang, NewEntry, Timestamp};
use khyber::store::Store;
use std::time::Instant;

const AT_ONCE: usize = 2_000;
const ROUNDS: usize = 20;

/// A common word, a rare one, several, one that is nowhere, and two that are common and never together.
const QUERIES: [(&str, &str); 5] = [
    ("common", "pakistan"),
    ("rare", "word19999"),
    ("three", "pakistan border word7"),
    ("absent", "nowhere"),
    ("apart", "evenly oddly"),
];

fn main() -> anyhow::Result<()> {
    let wanted: usize = std::env::var("KHYBER_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    tokio::runtime::Runtime::new()?.block_on(measure(wanted))
}

async fn measure(wanted: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path()).await?;
    let (feed, now) = ("bench".parse()?, Timestamp::UNIX_EPOCH);
    let began = Instant::now();
    for batch in 0..wanted.div_ceil(AT_ONCE) {
        let entries: Vec<NewEntry> = (batch * AT_ONCE..wanted.min((batch + 1) * AT_ONCE)).map(entry).collect();
        store.ingest(&feed, &entries, now, |_| FeedState::default()).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{wanted} entries stored in {seconds:.0} s, {:.0} µs each", seconds * 1e6 / wanted as f64);
    for (name, query) in QUERIES {
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            found = store.search(query, None, 30).await?.len();
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<8} {found:>3} found   median {:>8.2} ms   worst {:>8.2} ms",
            times[ROUNDS / 2],
            times[ROUNDS - 1]
        );
    }
    Ok(())
}

/// Twenty words of which some are in every second entry and most in few.
fn entry(number: usize) -> NewEntry {
    let mut seed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut word = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let share = (seed % 1_000_000) as f64 / 1_000_000.0;
        format!("word{}", (share.powi(3) * 20_000.0) as usize)
    };
    let mut words = |count: usize| (0..count).map(|_| word()).collect::<Vec<_>>().join(" ");
    let parity = if number.is_multiple_of(2) { "evenly pakistan" } else { "oddly border afghanistan" };
    let both = if number.is_multiple_of(5) { "pakistan border" } else { "" };
    NewEntry {
        key: EntryKey(number.to_string()),
        guid: None,
        url: None,
        headline: format!("{parity} {}", words(6)),
        summary: format!("{both} {}", words(14)),
        author: None,
        source: None,
        categories: Vec::new(),
        lang: Lang::En,
        published: None,
        updated: None,
    }
}
