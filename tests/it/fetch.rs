//! Polls over real sockets: validators, redirects, codings, and everything a server can do wrong.

use crate::support::web::{Step, Web, answer, header};
use khyber::config::FetchConfig;
use khyber::fetch::{FetchOutcome, Fetcher};
use khyber::model::{Document, FeedHealth, Timestamp, Validators};
use std::io::Write;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use url::Url;

const FEED: &[u8] = b"<rss version=\"2.0\"><channel><title>Border wire</title></channel></rss>";

fn now() -> Timestamp {
    "2022-12-18T06:00:00Z".parse().unwrap()
}

pub fn config() -> FetchConfig {
    let user_agent = "Khyber/test (+mailto:desk@example.org)".to_owned();
    FetchConfig { user_agent, allow_private: vec!["127.0.0.1".to_owned()], ..FetchConfig::default() }
}

async fn fetch(config: &FetchConfig, url: &Url) -> FetchOutcome {
    Fetcher::new(config).unwrap().fetch(url, &Validators::default(), now()).await
}

/// Health, reason and Retry-After of a failed poll.
async fn failure(config: &FetchConfig, url: &Url) -> (FeedHealth, String, Option<u64>) {
    match fetch(config, url).await {
        FetchOutcome::Failed { health, reason, retry_after } => {
            (health, reason, retry_after.map(|wait| wait.as_secs()))
        }
        other => panic!("{url}: {other:?}"),
    }
}

async fn document(config: &FetchConfig, url: &Url) -> (Document, Validators, Option<Url>) {
    match fetch(config, url).await {
        FetchOutcome::Document { document, validators, moved_to, .. } => (document, validators, moved_to),
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn asks_politely() {
    let web = Web::start(|_| answer("200 OK\nContent-Type: text/xml\nSet-Cookie: a=b", FEED)).await;
    let fetcher = Fetcher::new(&config()).unwrap();
    for _ in 0..2 {
        let outcome = fetcher.fetch(&web.url("/feed?b=2&a=%20x"), &Validators::default(), now()).await;
        assert!(matches!(outcome, FetchOutcome::Document { .. }), "{outcome:?}");
    }
    for head in web.heads() {
        assert!(head.starts_with("GET /feed?b=2&a=%20x HTTP/1.1\r\n"), "the URL exactly as given: {head}");
        assert_eq!(header(&head, "user-agent"), Some("Khyber/test (+mailto:desk@example.org)"));
        assert_eq!(header(&head, "accept-encoding"), Some("gzip, br, zstd, deflate"));
        assert!(header(&head, "accept").unwrap().contains("application/rss+xml"));
        for absent in ["cookie", "referer", "if-none-match", "if-modified-since", "authorization"] {
            assert_eq!(header(&head, absent), None, "{head}");
        }
    }
}

#[tokio::test]
async fn validators_come_back_byte_for_byte_and_are_replaced_together() {
    // A weak tag with a byte above 0x7f, and a date that is not quite a date: both belong to the server.
    let (tag, date) = ("W/\"k\u{e9}-1\"", "Sunday, 18 dec 2022 5:00");
    let web = Web::start(move |head| {
        if header(head, "if-none-match") == Some(tag) && header(head, "if-modified-since") == Some(date) {
            answer("304 Not Modified\nETag: \"k-2\"\nCache-Control: max-age=7200", b"")
        } else if header(head, "if-none-match") == Some("\"k-2\"") {
            answer("200 OK\nETag: \"k-3\"", FEED)
        } else {
            answer(&format!("200 OK\nETag: {tag}\nLast-Modified: {date}"), FEED)
        }
    })
    .await;
    let fetcher = Fetcher::new(&config()).unwrap();
    let url = web.url("/feed");
    let FetchOutcome::Document { validators, moved_to: None, .. } =
        fetcher.fetch(&url, &Validators::default(), now()).await
    else {
        panic!()
    };
    let FetchOutcome::NotModified { validators, fresh_for } = fetcher.fetch(&url, &validators, now()).await else {
        panic!()
    };
    assert_eq!(fresh_for, Some(Duration::from_secs(7200)));
    let updated = Validators {
        etag: Some("\"k-2\"".to_owned()),
        last_modified: Some(date.to_owned()),
        of: Some(url.to_string()),
    };
    assert_eq!(validators, updated, "a 304 replaces what it names and keeps the rest");
    let FetchOutcome::Document { validators, .. } = fetcher.fetch(&url, &validators, now()).await else { panic!() };
    let replaced = Validators { etag: Some("\"k-3\"".to_owned()), last_modified: None, of: Some(url.to_string()) };
    assert_eq!(validators, replaced, "a 200 replaces both");
}

#[tokio::test]
async fn validators_are_never_sent_to_another_url() {
    let web = Web::start(|head| match head.split(' ').nth(1) {
        Some("/feed") => answer("302 Found\nLocation: /b", b""),
        Some("/b") if header(head, "if-none-match") == Some("\"b\"") => answer("304 Not Modified", b""),
        Some("/b") => answer("200 OK\nETag: \"b\"", FEED),
        _ => answer("304 Not Modified", b""),
    })
    .await;
    let fetcher = Fetcher::new(&config()).unwrap();
    let of = |path: &str| Validators {
        etag: Some("\"b\"".to_owned()),
        last_modified: None,
        of: Some(web.url(path).to_string()),
    };
    let outcome = fetcher.fetch(&web.url("/feed"), &of("/b"), now()).await;
    assert!(matches!(outcome, FetchOutcome::NotModified { .. }), "{outcome:?}");
    let outcome = fetcher.fetch(&web.url("/feed"), &of("/c"), now()).await;
    assert!(matches!(outcome, FetchOutcome::Document { .. }), "the redirect leads elsewhere now: {outcome:?}");
    let sent: Vec<bool> = web.heads().iter().map(|head| header(head, "if-none-match").is_some()).collect();
    assert_eq!(sent, [false, true, false, false]);
    let reason = failure(&config(), &web.url("/liar")).await.1;
    assert_eq!(reason, "answered 304 Not Modified", "nothing had been sent that could match");
}

#[tokio::test]
async fn redirects_are_followed_and_learned_only_when_all_are_permanent() {
    let web = Web::start(|head| match head.split(' ').nth(1).unwrap() {
        "/moved" => answer("301 Moved Permanently\nLocation: moved/2#top", b""),
        "/moved/2" => answer("308 Permanent Redirect\nLocation: /feed", b""),
        "/mixed" => answer("301 Moved Permanently\nLocation: /now", b""),
        "/now" => answer("307 Temporary Redirect\nLocation: /moved", b""),
        "/feed" => answer("200 OK", FEED),
        "/circle" => answer("302 Found\nLocation: /circle/2", b""),
        "/circle/2" => answer("302 Found\nLocation: /circle", b""),
        "/nowhere" => answer("301 Moved Permanently", b""),
        "/broken" => answer("302 Found\nLocation: http://[", b""),
        "/ended" => answer("302 Found\nLocation: /gone", b""),
        "/gone" => answer("410 Gone", b""),
        other => answer(&format!("302 Found\nLocation: {other}x"), b""),
    })
    .await;
    let (found, _, moved_to) = document(&config(), &web.url("/moved")).await;
    assert_eq!((found.bytes.as_slice(), &found.url, moved_to), (FEED, &web.url("/feed"), Some(web.url("/feed"))));
    let (found, _, moved_to) = document(&config(), &web.url("/mixed")).await;
    assert_eq!((&found.url, moved_to), (&web.url("/feed"), None));

    let reason = async |path: &str| failure(&config(), &web.url(path)).await.1;
    assert_eq!(reason("/circle").await, "redirects in a circle");
    let before = web.heads().len();
    assert_eq!(reason("/x").await, "more than 5 redirects");
    assert_eq!(web.heads().len() - before, 6, "five redirects are followed, the sixth is not");
    assert_eq!(reason("/nowhere").await, "answered 301 Moved Permanently without saying where to");
    assert_eq!(reason("/broken").await, "answered 302 Found with an unusable address");
    assert_eq!(fetch(&config(), &web.url("/gone")).await, FetchOutcome::Gone);
    assert_eq!(reason("/ended").await, "answered 410 Gone", "the detour ended, not the feed");
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let other = Web::start(|_| answer("200 OK", FEED)).await;
    let away = format!("301 Moved Permanently\nLocation: http://eve:pw@127.0.0.1:{}/", other.address.port());
    let web = Web::start(move |head| match head.split(' ').nth(1).unwrap() {
        "/feed" => answer("301 Moved Permanently\nLocation: /two", b""),
        _ => answer(&away, b""),
    })
    .await;
    let mut url = web.url("/feed");
    url.set_username("reader").unwrap();
    url.set_password(Some("secret")).unwrap();
    let (_, _, moved_to) = document(&config(), &url).await;
    assert_eq!(moved_to, None, "an address without its credentials would not work");
    let sent = |web: &Web| web.heads().iter().map(|head| header(head, "authorization").is_some()).collect::<Vec<_>>();
    assert_eq!((sent(&web), sent(&other)), (vec![true, true], vec![false]));
}

#[tokio::test]
async fn every_coding_is_unpacked() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(FEED).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 5, 20).write_all(FEED).unwrap();
    let zstd = zstd::encode_all(FEED, 3).unwrap();
    let cut = gzip[..gzip.len() - 12].to_vec();
    let web = Web::start(move |head| match head.split(' ').nth(1).unwrap() {
        "/gzip" => answer("200 OK\nContent-Encoding: gzip", &gzip),
        "/br" => answer("200 OK\nContent-Encoding: br", &br),
        "/zstd" => answer("200 OK\nContent-Encoding: zstd", &zstd),
        "/cut" => answer("200 OK\nContent-Encoding: gzip", &cut),
        "/odd" => answer("200 OK\nContent-Encoding: gzip, br", &gzip),
        _ => answer("200 OK", FEED),
    })
    .await;
    for path in ["/plain", "/gzip", "/br", "/zstd"] {
        assert_eq!(document(&config(), &web.url(path)).await.0.bytes, FEED, "{path}");
    }
    assert_eq!(failure(&config(), &web.url("/cut")).await.1, "the compressed body breaks off");
    assert!(failure(&config(), &web.url("/odd")).await.1.contains("`gzip, br`"));
}

#[tokio::test]
async fn statuses_in_plain_words() {
    let web = Web::start(|head| match head.split(' ').nth(1).unwrap() {
        "/429" => answer("429 Too Many Requests\nRetry-After: 600", b""),
        "/503" => answer(
            "503 Service Unavailable\nDate: Sun, 18 Dec 2022 05:00:00 GMT\nRetry-After: Sun, 18 Dec 2022 07:00:00 GMT",
            b"",
        ),
        "/403" => answer("403 Forbidden", b"<html>no</html>"),
        "/challenge" => answer("503 Service Unavailable\ncf-mitigated: challenge", b""),
        "/wall" => {
            answer("200 OK\nETag: \"w\"", b"<!doctype html><title>Just a moment...</title><p>Checking your browser")
        }
        "/404" => answer("404 Not Found", b""),
        "/206" => answer("206 Partial Content", FEED),
        _ => answer("599 Whatever", b""),
    })
    .await;
    use FeedHealth::{Blocked, Failing};
    let cases = [
        ("/429", Failing, "answered 429 Too Many Requests", Some(600)),
        ("/503", Failing, "answered 503 Service Unavailable", Some(7200)),
        ("/403", Blocked, "answered 403 Forbidden", None),
        ("/challenge", Blocked, "answered 503 Service Unavailable", None),
        ("/wall", Blocked, "answers with a block page instead of the feed (\"Just a moment...\")", None),
        ("/404", Failing, "answered 404 Not Found", None),
        ("/206", Failing, "answered 206 Partial Content", None),
        ("/599", Failing, "answered 599", None),
    ];
    for (path, health, reason, retry) in cases {
        assert_eq!(failure(&config(), &web.url(path)).await, (health, reason.to_owned(), retry), "{path}");
    }
}

#[tokio::test]
async fn servers_that_never_end_are_left() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n".to_vec();
    let web = Web::start(move |request| match request.split(' ').nth(1).unwrap() {
        "/silent" => vec![Step::Hang],
        "/stalls" => vec![Step::Send(head.clone()), Step::Send(b"<rss>".to_vec()), Step::Hang],
        "/endless" => vec![Step::Send(head.clone()), Step::Endless(vec![b' '; 4096])],
        "/headers" => {
            vec![Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Endless(b"X-Filler: 0123456789\r\n".to_vec())]
        }
        _ => vec![Step::Send(b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec()), Step::Endless(vec![b'a'; 4096])],
    })
    .await;
    let short = Duration::from_millis(150);
    let reason = async |config: FetchConfig, path: &str| failure(&config, &web.url(path)).await.1;
    assert_eq!(reason(FetchConfig { header_timeout: short, ..config() }, "/silent").await, "no answer within 150 ms");
    assert_eq!(reason(FetchConfig { total_timeout: short, ..config() }, "/silent").await, "no answer within 150 ms");
    assert_eq!(
        reason(FetchConfig { idle_timeout: short, ..config() }, "/stalls").await,
        "silent for 150 ms within the body"
    );
    assert_eq!(
        reason(FetchConfig { max_bytes: 1 << 20, ..config() }, "/endless").await,
        "the body is larger than 1 MiB"
    );
    let drip = FetchConfig { total_timeout: Duration::from_millis(400), max_bytes: u64::MAX, ..config() };
    assert_eq!(reason(drip, "/stalls").await, "not finished within 400 ms", "the total counts while bytes still come");
    for path in ["/headers", "/long-header"] {
        let reason = reason(config(), path).await;
        assert!(reason.contains("does not speak proper HTTP"), "{path}: {reason}");
    }
}

#[tokio::test]
async fn broken_answers_are_told() {
    let web = Web::start(|head| match head.split(' ').nth(1).unwrap() {
        "/truncated" => vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<rss>".to_vec())],
        "/chunk" => vec![Step::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>".to_vec())],
        "/reset" => vec![Step::Reset],
        "/closed" => vec![],
        _ => vec![Step::Send(b"220 mail.example.org ESMTP\r\n".to_vec())],
    })
    .await;
    let config = config();
    let reason = async |path: &str| failure(&config, &web.url(path)).await.1;
    for path in ["/truncated", "/chunk"] {
        let reason = reason(path).await;
        assert!(reason.starts_with("the answer breaks off"), "{path}: {reason}");
    }
    assert_eq!(reason("/reset").await, "127.0.0.1 reset the connection");
    for path in ["/closed", "/mail-server"] {
        let reason = reason(path).await;
        assert!(reason.starts_with("127.0.0.1 does not speak proper HTTP"), "{path}: {reason}");
    }
    let mail = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = format!("https://{}/", mail.local_addr().unwrap()).parse().unwrap();
    let greets = async {
        let (mut stream, _) = mail.accept().await.unwrap();
        stream.write_all(b"220 mail.example.org ESMTP\r\n").await.unwrap();
        stream.flush().await.unwrap();
        stream
    };
    let ((_, told, _), _stream) = tokio::join!(failure(&config, &tls), greets);
    assert!(told.starts_with("no TLS connection to 127.0.0.1"), "{told}");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = format!("https://{}/", silent.local_addr().unwrap()).parse().unwrap();
    let short = FetchConfig { connect_timeout: Duration::from_millis(150), ..config.clone() };
    assert_eq!(failure(&short, &tls).await.1, "no connection to 127.0.0.1 within 150 ms");
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let told = failure(&config, &format!("http://{free}/").parse().unwrap()).await.1;
    assert_eq!(told, "127.0.0.1 refuses connections");
}

#[tokio::test]
async fn a_bomb_is_stopped_before_it_fills_the_memory() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = gzip.finish().unwrap();
    let web = Web::start(move |_| answer("200 OK\nContent-Encoding: gzip", &bomb)).await;
    let reason = failure(&config(), &web.url("/")).await.1;
    assert!(reason.contains("grows more than 100 times") || reason.contains("larger than 10 MiB"), "{reason}");
}

#[tokio::test]
async fn feeds_test_shows_the_way_and_what_would_be_read() {
    const TWO: &[u8] = b"<rss version=\"2.0\"><channel><title>Border wire</title>\
        <item><title>Crossing at Torkham reopens</title><link>https://wire.example/1</link><guid>1</guid>\
        <pubDate>Sun, 18 Dec 2022 05:00:00 GMT</pubDate><description>Trucks move again.</description></item>\
        <item><title>No date\x1b[31m here</title><link>https://wire.example/2</link></item></channel></rss>";
    let web = Web::start(|head| match head.split(' ').nth(1).unwrap() {
        "/old" => answer("301 Moved Permanently\nLocation: /feed", b""),
        "/feed" => answer("200 OK\nContent-Type: application/rss+xml\nCache-Control: max-age=900", TWO),
        "/page" => answer("200 OK\nContent-Type: text/html", b"<!doctype html><title>Home</title><p>News"),
        _ => answer("429 Too Many Requests\nRetry-After: 600", b""),
    })
    .await;
    let report = async |path: &str| khyber::cli::feeds_test::report(&web.url(path), &config(), now()).await.unwrap();
    let (text, exit) = report("/old").await;
    assert_eq!(exit, khyber::cli::Exit::Fine, "{text}");
    let shown = [
        "1  301  ",
        "location: /feed",
        "2  200  ",
        "fresh for 900 s",
        "moved for good",
        "\"Border wire\", 2 entries",
        "1 without a date",
        "Crossing at Torkham reopens",
        "https://wire.example/1",
    ];
    for words in shown {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains('\x1b'), "nothing reaches the terminal raw");
    let (text, exit) = report("/page").await;
    assert!(exit == khyber::cli::Exit::Failed && text.contains("HTML page"), "{text}");
    let (text, exit) = report("/busy").await;
    assert!(exit == khyber::cli::Exit::Failed && text.contains("wait 600 s"), "{text}");
}
