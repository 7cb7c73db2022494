//! `cargo bench --bench mail`: what an edition's mails cost. A day's entries are composed; ten thousand readers with mixed wishes
//! get their mails on two threads, step by step as publishing takes them; and last, what a mail costs that shares nothing.

#[allow(dead_code)] // what the store asks of it is for the bench of the editor
mod made_news;

use anyhow::Context;
use chrono_tz::Tz;
use khyber::config::{MailConfig, coverage};
use khyber::daemon::editor::edit;
use khyber::deliver::message::{MessageKey, compose as build, leave_by_mail};
use khyber::deliver::token::{Purpose, TokenKey};
use khyber::digest::{Past, Tally, compose};
use khyber::model::digest::{FirstRun, WhenEmpty};
use khyber::model::{
    Digest, DigestSpec, EntryId, Kind, Lang, MailFormat, Scope, Selection, StoryView, Subscriber, Timestamp,
};
use khyber::render::{Audience, Links, PLAIN, Press, Reader, render, stories_for};
use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

const READERS: usize = 10_000;
const THREADS: usize = 2;
/// Of the day that is composed.
const ENTRIES: usize = 2_000;
const SALT: &str = "0123456789abcdef0123456789abcdef";
const VIEW: &str = "https://desk.example/edition/daily/20260302T0600Z-0123456789abcdef";
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

/// Mixed wishes; many readers have the same.
fn readers(digest: &Digest) -> anyhow::Result<Vec<(Subscriber, Tz)>> {
    let reader = |n: usize| {
        let topic = digest.sections[n % digest.sections.len()].topic.clone();
        let select = Selection {
            topics: if n.is_multiple_of(3) { vec![topic] } else { Vec::new() },
            scopes: if n.is_multiple_of(7) { vec![Scope::Bilateral] } else { Vec::new() },
            kinds: if n.is_multiple_of(5) { vec![Kind::News, Kind::Official] } else { Vec::new() },
            langs: if n.is_multiple_of(11) { vec![Lang::En, Lang::Ur] } else { Vec::new() },
            max_stories: (n.is_multiple_of(4)).then_some(12),
        };
        let subscriber = Subscriber {
            email: format!("reader-{n}@mail-{}.example", n % 97).parse()?,
            name: None,
            digests: vec![digest.digest.clone()],
            select,
            timezone: None,
            schedule: None,
            lang: Lang::DIGEST[n / 2 % 4],
            format: if n.is_multiple_of(10) { MailFormat::Text } else { MailFormat::Both },
            discreet: n.is_multiple_of(13),
            enabled: true,
        };
        Ok((subscriber, ZONES[n / 3 % ZONES.len()]))
    };
    (0..READERS).map(reader).collect()
}

fn main() -> anyhow::Result<()> {
    composing()?;
    let digest = edition();
    let readers = readers(&digest)?;
    let mail = mail_config()?;
    let press = Press::new(&digest, &PLAIN);
    let began = Instant::now();
    let steps = std::thread::scope(|scope| {
        let parts = readers.chunks(READERS.div_ceil(THREADS));
        let workers: Vec<_> = parts.map(|part| scope.spawn(|| mails(&press, &digest, part, &mail))).collect();
        let steps = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| panic!("a worker failed")));
        steps.collect::<anyhow::Result<Vec<Steps>>>()
    })?;
    let whole = began.elapsed().as_secs_f64();
    let bytes: usize = steps.iter().map(|steps| steps.bytes).sum();
    let wishes: HashSet<String> = readers.iter().map(wish).collect();
    println!(
        "{READERS} mails of {} stories, {} different wishes, {THREADS} threads: {whole:.2} s, {} bytes a mail",
        digest.stories(),
        wishes.len(),
        bytes / READERS
    );
    told("links and wishes", steps.iter().flat_map(|steps| &steps.links));
    told("render", steps.iter().flat_map(|steps| &steps.render));
    told("build the message", steps.iter().flat_map(|steps| &steps.build));
    alone(&digest, &readers)
}

/// Everything that two readers with equal mails have in common.
fn wish((reader, zone): &(Subscriber, Tz)) -> String {
    format!("{:?} {:?} {:?} {} {zone}", reader.lang, reader.select, reader.format, reader.discreet)
}

/// What each mail took, step by step.
#[derive(Default)]
struct Steps {
    links: Vec<Duration>,
    render: Vec<Duration>,
    build: Vec<Duration>,
    bytes: usize,
}

fn mails(press: &Press<'_>, digest: &Digest, readers: &[(Subscriber, Tz)], mail: &MailConfig) -> anyhow::Result<Steps> {
    let mut steps = Steps::default();
    for (subscriber, zone) in readers {
        let began = Instant::now();
        anyhow::ensure!(stories_for(digest, &subscriber.select) > 0, "a reader gets nothing");
        let token = TokenKey::new(SALT, Purpose::Leave).token(&[subscriber.email.as_str(), digest.digest.as_str()]);
        let leave = format!("https://desk.example/leave/{token}?lang={}", subscriber.lang.code());
        let [change, pause] = ["change", "pause"].map(|part| format!("{leave}#{part}"));
        let own = Links { unsubscribe: Some(&leave), change: Some(&change), pause: Some(&pause), view: Some(VIEW) };
        let linked = Instant::now();
        let rendered = press.mail(&reader(subscriber, *zone, own))?;
        let set = Instant::now();
        let key = MessageKey {
            digest: &digest.digest,
            slot: digest.slot,
            title: &digest.title,
            salt: SALT,
            leave: Some(&leave),
            discreet: subscriber.discreet,
        };
        steps.bytes += build(&rendered, mail, subscriber, &key, digest.slot)?.bytes.len();
        steps.links.push(linked - began);
        steps.render.push(set - linked);
        steps.build.push(set.elapsed());
    }
    Ok(steps)
}

/// Readers none of whom share a wish, on one thread.
fn alone(digest: &Digest, readers: &[(Subscriber, Tz)]) -> anyhow::Result<()> {
    let leave = leave_by_mail(&mail_config()?, SALT, &readers[0].0.email, &digest.digest);
    let mut times = Vec::new();
    for (subscriber, zone) in readers.iter().step_by(READERS / 500) {
        let links = Links { unsubscribe: Some(&leave), ..Links::default() };
        let began = Instant::now();
        render(digest, &reader(subscriber, *zone, links))?;
        times.push(began.elapsed());
    }
    told("render, nothing shared", times.iter());
    Ok(())
}

fn reader<'a>(subscriber: &'a Subscriber, timezone: Tz, links: Links<'a>) -> Reader<'a> {
    Reader {
        lang: subscriber.lang,
        select: &subscriber.select,
        timezone,
        format: subscriber.format,
        links,
        audience: if subscriber.discreet { Audience::Discreet } else { Audience::Subscriber },
        theme: &PLAIN,
    }
}

fn told<'a>(step: &str, times: impl Iterator<Item = &'a Duration>) {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[times.len() * percent / 100];
    let all: f64 = times.iter().sum::<f64>() / 1e3;
    println!("{step:<24} p50 {:>7.3} ms, p99 {:>7.3} ms, {all:>6.2} s in all", at(50), at(99));
}

/// From a day's entries to the edition; once, whatever the number of readers.
fn composing() -> anyhow::Result<()> {
    let coverage = coverage::read(coverage::DEFAULT, Path::new(coverage::DEFAULT_FILE)).0.context("the coverage")?;
    let slot: Timestamp = "2026-03-02T06:00:00Z".parse()?;
    let entries = made_news::entries(1, ENTRIES, slot, 24);
    let began = Instant::now();
    let edited = edit(entries, &coverage);
    let edit = began.elapsed().as_secs_f64();
    let past = Past { eligible: (1..=ENTRIES as i64).map(EntryId).collect(), ..Past::default() };
    let spec = DigestSpec {
        id: "daily".parse()?,
        title: "Daily".to_owned(),
        schedule: "0 6 * * *".parse()?,
        timezone: Tz::UTC,
        topics: Vec::new(),
        scopes: vec![Scope::Bilateral, Scope::Pk, Scope::Af],
        max_stories: 40,
        max_stories_per_topic: 8,
        max_reports: 6,
        when_empty: WhenEmpty::Skip,
        max_late: Duration::from_secs(3600),
        window: Duration::from_secs(72 * 3600),
        first_run: FirstRun::OnlyNew,
        lang: Lang::En,
        discreet: false,
    };
    let digest = compose(&spec, slot, edited.stories, &coverage, &past, &Tally::default());
    let whole = began.elapsed().as_secs_f64();
    anyhow::ensure!(!digest.is_empty(), "the edition is empty");
    println!(
        "{ENTRIES} entries composed into {} stories: {whole:.2} s, {edit:.2} s of it the editor",
        digest.stories()
    );
    Ok(())
}

/// The settings that a configuration with little in it has.
fn mail_config() -> anyhow::Result<MailConfig> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("khyber.toml");
    std::fs::write(
        &file,
        "[mail]\nfrom = \"desk@khyber.example\"\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n",
    )?;
    let loaded = khyber::config::load(&file, &|_| None);
    Ok(loaded.map_err(|problems| anyhow::anyhow!("{problems}"))?.0.mail)
}
