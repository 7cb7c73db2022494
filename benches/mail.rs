//! The cost of an edition's mails: ten thousand readers with wishes of their own, rendered on two threads.
//! `cargo bench --bench mail`

use chrono_tz::Tz;
use khyber::model::{Digest, EntryId, Kind, Lang, MailFormat, Scope, Selection, StoryView};
use khyber::render::{Audience, Links, PLAIN, Reader, render};
use std::time::{Duration, Instant};

const READERS: usize = 10_000;
const THREADS: usize = 2;
const ZONES: [Tz; 4] = [chrono_tz::Asia::Karachi, chrono_tz::Asia::Kabul, chrono_tz::Europe::Berlin, Tz::UTC];

/// A day of 40 stories, from the ten of the tests' edition.
fn edition() -> Digest {
    let mut digest: Digest = serde_json::from_str(include_str!("../tests/it/fixtures/digest/rich.json"))
        .unwrap_or_else(|error| {
            panic!("the edition can't be read: {error}");
        });
    let mut next = 10_000;
    for section in &mut digest.sections {
        let models = section.stories.clone();
        for model in models.iter().cycle().take(8) {
            next += 1;
            section.stories.push(StoryView { id: EntryId(next), ..model.clone() });
        }
    }
    digest
}

/// Every combination of wishes that readers have, over and over.
fn wishes(digest: &Digest) -> Vec<(Selection, Lang, Tz, MailFormat)> {
    (0..READERS)
        .map(|n| {
            let topic = digest.sections[n % digest.sections.len()].topic.clone();
            let select = Selection {
                topics: if n % 3 == 0 { vec![topic] } else { Vec::new() },
                scopes: if n % 7 == 0 { vec![Scope::Bilateral] } else { Vec::new() },
                kinds: if n % 5 == 0 { vec![Kind::News, Kind::Official] } else { Vec::new() },
                langs: if n % 11 == 0 { vec![Lang::En, Lang::Ur] } else { Vec::new() },
                max_stories: (n % 4 == 0).then_some(12),
            };
            let format = if n % 10 == 0 { MailFormat::Text } else { MailFormat::Both };
            (select, Lang::DIGEST[n % 4], ZONES[n % 3], format)
        })
        .collect()
}

fn main() {
    let digest = edition();
    let readers = wishes(&digest);
    let began = Instant::now();
    let mut times: Vec<Duration> = Vec::with_capacity(READERS);
    let mut bytes = 0;
    std::thread::scope(|scope| {
        let parts = readers.chunks(READERS.div_ceil(THREADS));
        let workers: Vec<_> = parts.map(|part| scope.spawn(|| rendered(&digest, part))).collect();
        for worker in workers {
            let (own, size) = worker.join().unwrap_or_else(|_| panic!("a worker failed"));
            times.extend(own);
            bytes += size;
        }
    });
    let whole = began.elapsed();
    times.sort();
    let at = |percent: usize| times[times.len() * percent / 100].as_secs_f64() * 1_000.0;
    println!("{READERS} mails of {} stories on {THREADS} threads: {:.2} s", digest.stories(), whole.as_secs_f64());
    println!(
        "a mail: p50 {:.3} ms, p95 {:.3} ms, p99 {:.3} ms, {} bytes on average",
        at(50),
        at(95),
        at(99),
        bytes / READERS
    );
}

fn rendered(digest: &Digest, readers: &[(Selection, Lang, Tz, MailFormat)]) -> (Vec<Duration>, usize) {
    let mut bytes = 0;
    let times = readers.iter().map(|(select, lang, timezone, format)| {
        let links = Links { unsubscribe: Some("https://desk.example/leave/0123456789abcdef"), ..Links::default() };
        let reader = Reader {
            lang: *lang,
            select,
            timezone: *timezone,
            format: *format,
            links,
            audience: Audience::Subscriber,
            theme: &PLAIN,
        };
        let began = Instant::now();
        let mail = render(digest, &reader).unwrap_or_else(|error| panic!("not rendered: {error}"));
        let took = began.elapsed();
        bytes += mail.text.len() + mail.html.map_or(0, |html| html.len());
        took
    });
    let times = times.collect();
    (times, bytes)
}
