//! Fourteen virtual days against a scripted server: the twelve points of a feed reader's manners, checked on the server's own record.
//! `cargo test --test it manners -- --nocapture` prints the table.

use super::support::database;
use super::support::web::{Web, answer, header};
use chrono::{DateTime, TimeDelta, Timelike};
use khyber::config::FetchConfig;
use khyber::daemon::{Khyber, Which};
use khyber::fetch::{Fetcher, HostQueue, Names};
use khyber::model::{FeedHealth, Timestamp, Validators};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const DAYS: i64 = 14;
const TICK: TimeDelta = TimeDelta::minutes(15);
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A Monday.
fn start() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-03-02T00:00:00Z").unwrap().to_utc()
}

/// One request as the server saw it.
#[derive(Debug, Clone)]
struct Asked {
    /// Seconds since the start.
    at: i64,
    path: String,
    head: String,
    status: u16,
    etag: Option<String>,
    modified: Option<String>,
}

type Log = Arc<Mutex<Vec<Asked>>>;

fn feed(items: i64, about: &str) -> String {
    let items: String = (0..items)
        .rev()
        .take(20)
        .map(|n| {
            let date = (start() + TimeDelta::hours(n)).to_rfc2822();
            format!(
                "<item><guid isPermaLink=\"false\">{n}</guid><title>Report {n}</title><pubDate>{date}</pubDate></item>"
            )
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>t</title>{about}{items}</channel></rss>")
}

fn http_date(at: i64) -> String {
    (start() + TimeDelta::seconds(at)).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn packed(coding: &str, text: &str) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(text.as_bytes()).unwrap();
            out.finish().unwrap()
        }
        "br" => {
            let mut out = Vec::new();
            brotli::CompressorWriter::new(&mut out, 4096, 4, 20).write_all(text.as_bytes()).unwrap();
            out
        }
        _ => zstd::encode_all(text.as_bytes(), 3).unwrap(),
    }
}

/// Status, headers and body for one request; the conditional answer is made from the ETag in the headers.
fn script(path: &str, at: i64, head: &str) -> (String, Vec<u8>) {
    let day = at / DAY;
    let tagged = |etag: &str, rest: &str, body: String| {
        if header(head, "if-none-match") == Some(etag) {
            (format!("304 Not Modified\nETag: {etag}{rest}"), Vec::new())
        } else {
            (
                format!("200 OK\nContent-Type: application/rss+xml\nETag: {etag}{rest}\nSet-Cookie: a=b; Path=/"),
                body.into_bytes(),
            )
        }
    };
    match path {
        "/busy" => tagged(&format!("\"busy-{}\"", at / HOUR), "", feed(2 + at / HOUR, "")),
        "/weekly" => tagged(&format!("\"weekly-{}\"", at / (5 * DAY)), "", feed(1 + at / (5 * DAY), "")),
        // Both validators in forms that nobody would write, and a 304 that brings new ones.
        "/odd-validators" => {
            let etag = format!("W/\"a b;\u{e9}{}\"", day / 3);
            let modified = format!("Last-Modified: Saturday, 0{}-Mar-26 1:2:3 gmt", 1 + day / 3);
            let known = header(head, "if-none-match").is_some_and(|known| known.starts_with("W/\"a b;"));
            let status = if known { "304 Not Modified" } else { "200 OK" };
            (format!("{status}\nETag: {etag}\n{modified}"), if known { Vec::new() } else { feed(3, "").into_bytes() })
        }
        // Every 200 has another validator, the body is always the same.
        "/restless" => {
            (format!("200 OK\nETag: \"r-{at}\"\nLast-Modified: {}", http_date(at)), feed(3, "").into_bytes())
        }
        "/max-age" => tagged("\"m\"", "\nCache-Control: public, max-age=21600", feed(3, "")),
        "/expires" => {
            tagged("\"e\"", &format!("\nDate: {}\nExpires: {}", http_date(at), http_date(at + 5 * HOUR)), feed(3, ""))
        }
        "/ttl" => (String::from("200 OK"), feed(2 + at / HOUR, "<ttl>240</ttl>").into_bytes()),
        "/skips" => {
            let hours: String = (0..8).map(|hour| format!("<hour>{hour}</hour>")).collect();
            let about = format!("<skipHours>{hours}</skipHours><skipDays><day>Sunday</day></skipDays>");
            (String::from("200 OK"), feed(2 + at / HOUR, &about).into_bytes())
        }
        "/slow-down" => match day {
            1 => (String::from("429 Too Many Requests\nRetry-After: 10800"), Vec::new()),
            2 => (
                format!("503 Service Unavailable\nDate: {}\nRetry-After: {}", http_date(at), http_date(at + 5 * HOUR)),
                Vec::new(),
            ),
            3 => (String::from("429 Too Many Requests"), Vec::new()),
            _ => tagged("\"s\"", "", feed(3, "")),
        },
        "/down" => (String::from("500 Internal Server Error"), Vec::new()),
        "/page" | "/lost-page" => (
            String::from("200 OK\nContent-Type: text/html"),
            b"<!doctype html><title>Welcome</title><p>No feed here.".to_vec(),
        ),
        "/captcha" => {
            let page = "<!doctype html><title>Just a moment...</title><div class=\"g-recaptcha\"></div>";
            (String::from("200 OK\nContent-Type: text/html"), page.into())
        }
        "/gone" if day >= 2 => (String::from("410 Gone"), Vec::new()),
        "/moved" if day >= 3 => (String::from("301 Moved Permanently\nLocation: /moved-here"), Vec::new()),
        "/moved-here" => tagged("\"moved\"", "", feed(3, "")),
        "/found" => (String::from("302 Found\nLocation: /found-here"), Vec::new()),
        "/lost" if day == 3 => (String::from("301 Moved Permanently\nLocation: /lost-page"), Vec::new()),
        "/gzip" | "/br" | "/zstd" => {
            let coding = &path[1..];
            (format!("200 OK\nContent-Encoding: {coding}"), packed(coding, &feed(2 + at / HOUR, "")))
        }
        "/frozen" => (String::from("200 OK"), feed(3, "").replace("2026", "2025").into_bytes()),
        _ => tagged("\"x\"", "", feed(3, "")),
    }
}

async fn server(listener: tokio::net::TcpListener, clock: Arc<AtomicI64>, log: Log) -> Web {
    Web::on(listener, move |head| {
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let at = clock.load(Ordering::SeqCst);
        let (status, body) = script(&path, at, head);
        let of = |name: &str| header(&status, name).map(str::to_owned);
        let (etag, modified) = (of("ETag"), of("Last-Modified"));
        let code = status[..3].parse().unwrap();
        log.lock().unwrap().push(Asked { at, path, head: head.to_owned(), status: code, etag, modified });
        answer(&status, &body)
    })
}

const PATHS: [&str; 21] = [
    "/busy",
    "/weekly",
    "/odd-validators",
    "/restless",
    "/max-age",
    "/expires",
    "/ttl",
    "/skips",
    "/slow-down",
    "/down",
    "/page",
    "/captcha",
    "/gone",
    "/moved",
    "/found",
    "/lost",
    "/gzip",
    "/br",
    "/zstd",
    "/frozen",
    "/as%20given?q=a%20b&x=%C3%A9&&=;",
];

fn id(path: &str) -> String {
    path.trim_start_matches('/').split(['%', '?']).next().unwrap().to_owned()
}

fn write_config(folder: &Path, four: &Web, six: Option<&Web>) {
    let mut feeds: String = PATHS
        .iter()
        .map(|path| {
            format!("[[feed]]\nid = \"{}\"\nurl = \"http://{}{path}\"\npublisher = \"p\"\n", id(path), four.address)
        })
        .collect();
    if let Some(six) = six {
        feeds += &format!("[[feed]]\nid = \"six\"\nurl = \"http://{}/six\"\npublisher = \"p\"\n", six.address);
    }
    let text = format!("operator = \"desk@x.test\"\n[fetch]\nallow_private = [\"127.0.0.1\", \"[::1]\"]\n{feeds}");
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

async fn open(folder: &Path, now: Timestamp) -> Khyber {
    let (config, _) = database::load(&folder.join("khyber.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    Khyber::open(config, now).await.unwrap()
}

/// What was checked of one point, and what did not hold.
#[derive(Default)]
struct Point {
    checks: usize,
    violations: Vec<String>,
}

impl Point {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.violations.push(what());
        }
    }
}

struct Fortnight {
    asked: Vec<Asked>,
    points: BTreeMap<usize, (&'static str, Point)>,
}

impl Fortnight {
    fn of(&self, path: &str) -> Vec<Asked> {
        self.asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    fn point(&mut self, number: usize, name: &'static str) -> &mut Point {
        &mut self.points.entry(number).or_insert((name, Point::default())).1
    }
}

fn gaps(asked: &[Asked]) -> Vec<i64> {
    asked.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[tokio::test]
async fn fourteen_days_of_manners() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, log) = (Arc::new(AtomicI64::new(0)), Log::default());
    let listen = async |address: &str| tokio::net::TcpListener::bind(address).await;
    let four = server(listen("127.0.0.1:0").await.unwrap(), clock.clone(), log.clone()).await;
    // A machine without IPv6 checks eleven points and a half.
    let six = match listen("[::1]:0").await {
        Ok(listener) => Some(server(listener, clock.clone(), log.clone()).await),
        Err(_) => None,
    };
    write_config(folder.path(), &four, six.as_ref());
    let mut khyber = open(folder.path(), start()).await;
    for tick in 0..DAYS * 96 {
        let now = start() + TICK * i32::try_from(tick).unwrap();
        clock.store((now - start()).num_seconds(), Ordering::SeqCst);
        // A restart each day, at odd hours.
        if tick % 96 == 37 {
            khyber.store.close().await;
            drop(khyber);
            khyber = open(folder.path(), now).await;
        }
        khyber.poll_once(Which::Due, now, &|_| {}).await.unwrap();
    }
    let rows = khyber.store.feeds().await.unwrap();
    let health = |id: &str| rows[&id.parse().unwrap()].state.clone();
    let mut run = Fortnight { asked: log.lock().unwrap().clone(), points: BTreeMap::new() };
    validators(&mut run);
    pace(&mut run);
    requests(&mut run, six.is_some());

    let errors = run.point(10, "errors are shown, backed off from, never the end");
    for (feed, wants) in [
        ("down", FeedHealth::Failing),
        ("page", FeedHealth::Broken),
        ("captcha", FeedHealth::Blocked),
        ("frozen", FeedHealth::Stale),
    ] {
        errors.check(health(feed).health == wants, || format!("{feed}: {:?}", health(feed)));
        errors.check(feed == "frozen" || health(feed).last_error.is_some(), || format!("{feed}: no error is shown"));
    }
    for path in ["/down", "/page", "/captcha"] {
        let asked = run.of(path);
        let waits = gaps(&asked);
        let errors = run.point(10, "");
        errors.check(waits.windows(2).take(4).all(|two| two[1] >= two[0]), || format!("{path}: {waits:?}"));
        errors.check(waits.iter().skip(5).all(|wait| *wait >= 16 * HOUR), || format!("{path}: {waits:?}"));
        errors.check(asked.last().unwrap().at > (DAYS - 2) * DAY, || format!("{path}: abandoned"));
    }
    let ends = run.point(11, "410 ends, lasting moves to a feed are learned");
    ends.check(health("gone").health == FeedHealth::Gone, || format!("{:?}", health("gone")));
    ends.check(health("moved").moved_to.is_some_and(|url| url.ends_with("/moved-here")), || "moved".into());
    ends.check(health("found").moved_to.is_none(), || "found".into());
    ends.check(health("lost").moved_to.is_none(), || "lost".into());
    let (gone, moved, found) = (run.of("/gone"), run.of("/moved"), run.of("/found"));
    let ends = run.point(11, "");
    ends.check(gone.iter().filter(|asked| asked.status == 410).count() == 1, || format!("{gone:?}"));
    ends.check(moved.iter().filter(|asked| asked.status == 301).count() == 1, || format!("{moved:?}"));
    ends.check(found.last().unwrap().at > (DAYS - 2) * DAY, || "a temporary move was learned".into());

    let mut table = String::from("point  checks  violations\n");
    for (number, (name, point)) in &run.points {
        table += &format!("{number:>5}  {:>6}  {:>10}  {name}\n", point.checks, point.violations.len());
    }
    println!("{} requests in {DAYS} days\n{table}", run.asked.len());
    let violations: Vec<&String> = run.points.values().flat_map(|(_, point)| &point.violations).collect();
    assert!(violations.is_empty(), "{table}{violations:#?}");
    // Point 8's spacing has its own test below.
    assert_eq!(run.points.keys().copied().collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
}

/// Points 1 to 3.
fn validators(run: &mut Fortnight) {
    let names = [
        "validators come back byte for byte",
        "both replaced at each answer, kept over errors and restarts",
        "one unconditional request a feed",
    ];
    for path in [
        "/busy",
        "/weekly",
        "/odd-validators",
        "/restless",
        "/max-age",
        "/expires",
        "/slow-down",
        "/moved-here",
        "/found-here",
    ] {
        let asked = run.of(path);
        let (mut etag, mut modified) = (None, None);
        for (n, one) in asked.iter().enumerate() {
            let sent = (header(&one.head, "if-none-match"), header(&one.head, "if-modified-since"));
            let right = (etag.as_deref(), modified.as_deref());
            run.point(if n == 1 { 1 } else { 2 }, names[usize::from(n != 1)])
                .check(sent == right, || format!("{path} at {}: sent {sent:?}, known {right:?}", one.at));
            if matches!(one.status, 200 | 304) {
                etag = one.etag.clone().or(if one.status == 304 { etag } else { None });
                modified = one.modified.clone().or(if one.status == 304 { modified } else { None });
            }
        }
        let bare = asked.iter().filter(|one| header(&one.head, "if-none-match").is_none()).count();
        // A detour is another URL each time it is taken: its validators are kept for it alone.
        run.point(3, names[2]).check(bare == 1, || format!("{path}: {bare} unconditional requests"));
    }
    let foreign = run.of("/moved").iter().filter(|one| header(&one.head, "if-none-match") == Some("\"moved\"")).count();
    run.point(2, names[1]).check(foreign == 0, || "validators carried to another URL".into());
}

/// Points 4 to 7.
fn pace(run: &mut Fortnight) {
    for path in PATHS {
        let waits = gaps(&run.of(path));
        run.point(4, "never sooner than an hour, restarts included")
            .check(waits.iter().all(|wait| *wait >= HOUR), || format!("{path}: {waits:?}"));
    }
    let asked = run.of("/slow-down");
    for pair in asked.windows(2) {
        let (one, wait) = (&pair[0], pair[1].at - pair[0].at);
        let least = match (one.status, one.at / DAY) {
            (429, 1) => 3 * HOUR,
            (503, _) => 5 * HOUR,
            (429, _) => 2 * HOUR,
            _ => continue,
        };
        run.point(5, "Retry-After, and slower without it").check(wait >= least, || format!("{one:?}: {wait}"));
    }
    for (path, least) in [("/max-age", 6 * HOUR), ("/expires", 5 * HOUR), ("/ttl", 4 * HOUR)] {
        let waits = gaps(&run.of(path));
        run.point(6, "Cache-Control, Expires, ttl, skipHours, skipDays")
            .check(!waits.is_empty() && waits.iter().all(|wait| *wait >= least), || format!("{path}: {waits:?}"));
    }
    let skips = run.of("/skips");
    for one in skips.iter().skip(1) {
        let at = start() + TimeDelta::seconds(one.at);
        let free = at.hour() >= 8 && one.at / DAY % 7 != 6;
        run.point(6, "").check(free, || format!("asked at {at}"));
    }
    run.point(6, "").check(skips.len() > 100, || format!("{} requests", skips.len()));
    let last_days = |path: &str| run.of(path).iter().filter(|one| one.at >= (DAYS - 4) * DAY).count();
    let (busy, frozen, weekly) = (last_days("/busy"), last_days("/frozen"), last_days("/weekly"));
    let slower = run.point(7, "rarely changing feeds less often");
    slower.check(busy >= 70, || format!("a busy feed: {busy} in four days"));
    slower.check(frozen <= 8, || format!("a frozen feed: {frozen} in four days"));
    slower.check(weekly <= 30, || format!("a weekly feed: {weekly} in four days"));
}

/// Points 8, 9 and 12.
fn requests(run: &mut Fortnight, six: bool) {
    for one in run.asked.clone() {
        let exact = one.path == "/robots.txt"
            || PATHS.contains(&one.path.as_str())
            || one.path.ends_with("-here")
            || matches!(one.path.as_str(), "/six" | "/lost-page");
        run.point(8, "GET only, URL as given (spacing: its own test)")
            .check(exact && one.head.starts_with("GET "), || one.head.clone());
        let agent = header(&one.head, "user-agent").unwrap_or("").to_owned();
        let named = agent.starts_with("Khyber/") && agent.contains("mailto:desk@x.test");
        let bare = header(&one.head, "cookie").is_none() && header(&one.head, "referer").is_none();
        run.point(9, "User-Agent with contact; no cookie, no Referer").check(named && bare, || one.head.clone());
        let codings = header(&one.head, "accept-encoding").unwrap_or("").to_owned();
        let all = ["gzip", "br", "zstd"].iter().all(|coding| codings.contains(coding));
        run.point(12, "gzip, brotli, zstd; IPv4 and IPv6").check(all, || codings.clone());
    }
    for path in ["/gzip", "/br", "/zstd"] {
        let hourly = run.of(path).len();
        run.point(12, "").check(hourly > 200, || format!("{path}: {hourly}, so what came was not read"));
    }
    let by_six = run.of("/six").len();
    run.point(12, "").check(!six || by_six > 10, || format!("{by_six} over IPv6"));
}

/// Point 8: one request at a time to a host, spaced, redirects to it included.
#[tokio::test]
async fn one_request_a_host_at_a_time_spaced() {
    const SPACING: Duration = Duration::from_millis(60);
    let (under_way, most, times) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (now_under, now_most, ends) = (under_way.clone(), most.clone(), times.clone());
    let web = Web::start(move |head| {
        let path = head.split(' ').nth(1).unwrap();
        if path == "/away" {
            return answer(
                &format!(
                    "302 Found\nLocation: http://a.test:{}/x",
                    header(head, "host").unwrap().rsplit(':').next().unwrap()
                ),
                b"",
            );
        }
        let count = now_under.fetch_add(1, Ordering::SeqCst) + 1;
        now_most.fetch_max(count, Ordering::SeqCst);
        ends.lock().unwrap().push(Instant::now());
        now_under.fetch_sub(1, Ordering::SeqCst);
        answer("200 OK", feed(1, "").as_bytes())
    })
    .await;
    let table = ["a.test", "b.test"].map(|host| (host.to_owned(), vec!["127.0.0.1".parse().unwrap()]));
    let private = FetchConfig { allow_private: vec!["a.test".into(), "b.test".into()], ..FetchConfig::default() };
    let fetcher = Fetcher::with_names(&private, Names::Fixed(table.into_iter().collect())).unwrap();
    // The queue does not know that these hosts are the own network.
    let queue = HostQueue::new(&FetchConfig { host_spacing: SPACING, ..FetchConfig::default() });
    let urls: Vec<url::Url> = (0..5)
        .map(|n| format!("http://a.test:{}/{n}", web.address.port()))
        .chain((0..2).map(|_| format!("http://b.test:{}/away", web.address.port())))
        .map(|url| url.parse().unwrap())
        .collect();
    let none = Validators::default();
    // The turn ends with each poll, not with all of them.
    let polls = urls.iter().map(async |url| fetcher.trace_in_turn(&queue, url, &none, start()).await.unwrap().0);
    let done = futures_util::future::join_all(polls).await;
    assert!(done.iter().all(|trace| trace.hops.last().unwrap().status == 200));
    let times = times.lock().unwrap().clone();
    assert_eq!((times.len(), most.load(Ordering::SeqCst)), (7, 1));
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= SPACING), "{times:?}");
}
