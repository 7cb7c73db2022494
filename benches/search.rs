//! `cargo bench --bench search`: how long a search takes among a million entries (KHYBER_ENTRIES for another number), and among the
//! stories of three years of editions.

use chrono::TimeDelta;
use khyber::model::{Digest, EntryId, EntryKey, FeedState, Lang, NewEntry, Timestamp};
use khyber::store::{EditionState, NewEdition, Store};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const AT_ONCE: usize = 2_000;
const ROUNDS: usize = 20;
const EDITIONS: usize = 1_000;
/// As many as a digest shows unless told otherwise.
const STORIES: usize = 40;

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
    each_query(async |query| Ok(store.search(query, None, 30).await?.len())).await?;
    measure_command(folder.path()).await?;
    measure_stories(&store).await
}

/// What a person at the keyboard waits for: the same searches by the program, from its start to its end.
async fn measure_command(folder: &Path) -> anyhow::Result<()> {
    let text = "data_dir = \".\"\n[mail]\nfrom = \"khyber@desk.test\"\n[[feed]]\nid = \"bench\"\nurl = \"http://127.0.0.1:9/feed\"\n\
         publisher = \"Bench\"\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"@daily\"\n";
    std::fs::write(folder.join("khyber.toml"), text)?;
    println!("`khyber search`, the whole process");
    each_query(async |query| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.args(["-c", "khyber.toml", "search", "--json", query]).current_dir(folder).stdin(Stdio::null());
        let output = command.output()?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice::<Vec<serde_json::Value>>(&output.stdout)?.len())
    })
    .await
}

async fn measure_stories(store: &Store) -> anyhow::Result<()> {
    let model: Digest = serde_json::from_str(include_str!("../tests/it/fixtures/digest/rich.json"))?;
    let section = &model.sections[0];
    let began = Instant::now();
    for number in 0..EDITIONS {
        let slot = Timestamp::UNIX_EPOCH + TimeDelta::days(i64::try_from(number)?);
        let mut digest = Digest { slot, sections: vec![section.clone()], ..model.clone() };
        digest.sections[0].stories = (0..STORIES).map(|at| story(&section.stories[0], number, at)).collect();
        let (state, upto, content) = (EditionState::Published, EntryId(0), Some(&digest));
        let deliveries = Vec::new();
        let new = NewEdition { digest: &digest.digest, cadence: "bench", slot, state, upto, content, deliveries };
        store.create_edition(new, slot).await?;
    }
    let micros = began.elapsed().as_secs_f64() * 1e6 / EDITIONS as f64;
    println!("{EDITIONS} editions of {STORIES} stories stored, {micros:.0} µs each");
    each_query(async |query| Ok(store.search_stories(query, 10).await?.len())).await
}

/// Times a search that tells how many it finds.
async fn each_query(search: impl AsyncFn(&str) -> anyhow::Result<usize>) -> anyhow::Result<()> {
    for (name, query) in QUERIES {
        let (mut times, mut found) = (Vec::new(), 0);
        for _ in 0..ROUNDS {
            let began = Instant::now();
            found = search(query).await?;
            times.push(began.elapsed());
        }
        show(name, found, times);
    }
    Ok(())
}

fn show(name: &str, found: usize, mut times: Vec<Duration>) {
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let (median, worst) = (millis(times[ROUNDS / 2]), millis(times[ROUNDS - 1]));
    println!("{name:<8} {found:>3} found   median {median:>8.2} ms   worst {worst:>8.2} ms");
}

/// A story with the words of an entry, running for three days.
fn story(model: &khyber::model::StoryView, edition: usize, at: usize) -> khyber::model::StoryView {
    let entry = entry(edition * STORIES + at);
    let thread = EntryId(i64::try_from(edition / 3 * STORIES + at).unwrap_or(i64::MAX));
    let entries = vec![EntryId(i64::try_from(edition * STORIES + at).unwrap_or(i64::MAX))];
    khyber::model::StoryView { thread, headline: entry.headline, summary: entry.summary, entries, ..model.clone() }
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
