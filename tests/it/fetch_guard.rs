//! Nothing reaches inside: addresses and tricks, asked directly and through a redirect, without a single connection.

use crate::support::web::{Web, answer};
use khyber::config::FetchConfig;
use khyber::fetch::{FetchOutcome, Fetcher, Names};
use khyber::model::{Timestamp, Validators};
use std::collections::HashMap;
use std::net::IpAddr;
use tokio::net::TcpListener;
use url::Url;

fn now() -> Timestamp {
    "2022-12-18T06:00:00Z".parse().unwrap()
}

/// Hosts as an attacker writes them; the trap's port is added, and the port rule is lifted for it, so that only the
/// address stands between the trick and the trap.
const TRICKS: &[&str] = &[
    // Loopback in every spelling that resolvers and URL parsers have accepted.
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0.0.1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0.0.1.",
    "127.000.000.001",
    "0x7F.0x0.0x0.0x1",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.%31",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    // This host and this network.
    "0",
    "0.0.0.0",
    "0.0.0.1",
    "00",
    "0x0",
    "[::]",
    "[::0.0.0.0]",
    // IPv4 inside IPv6.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::1]",
    "[2002:a00:1::]",
    "[2001:0:7f00:1::]",
    // Private and shared ranges, metadata services.
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "169.254.1.1",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fc00::1]",
    "[fe80::1]",
    "[fec0::1]",
    // Documentation, benchmarking, multicast, broadcast, reserved, unassigned.
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
    "[5f00::1]",
    "[4000::1]",
    // Names that lead inside.
    "localhost",
    "LOCALHOST",
    "localhost.",
    "inside.example",
    "loop6.example",
    "mapped.example",
    "several.example",
    "metadata.example",
    "user@127.0.0.1",
    "public.example@127.0.0.1",
    "public.example#@127.0.0.1/",
    "127.0.0.1\\@public.example",
    "ⓛocalhost",
];

/// Never http on an allowed port, whatever the host.
const OTHER: &[&str] = &[
    "file:///etc/passwd",
    "ftp://public.example/",
    "gopher://127.0.0.1:70/",
    "data:text/xml,<rss/>",
    "unix:///run/x.sock",
    "javascript:1",
    "ws://public.example/",
    "http://public.example:22/",
    "http://public.example:25/",
    "https://public.example:6379/",
    "http://public.example:0/",
    "http://8.8.8.8:53/",
];

fn names() -> Names {
    let table: [(&str, &[&str]); 9] = [
        ("start.example", &["127.0.0.1"]),
        ("localhost", &["127.0.0.1", "::1"]),
        ("localhost.", &["127.0.0.1"]),
        ("inside.example", &["10.1.2.3"]),
        ("loop6.example", &["::1"]),
        ("mapped.example", &["::ffff:127.0.0.1"]),
        ("several.example", &["127.0.0.1", "192.168.0.1", "fe80::1"]),
        ("metadata.example", &["169.254.169.254"]),
        ("xn--e1afmkfd.example", &["127.0.0.1"]),
    ];
    let parse = |list: &[&str]| list.iter().map(|text| text.parse::<IpAddr>().unwrap()).collect();
    Names::Fixed(table.into_iter().map(|(name, list)| (name.to_owned(), parse(list))).collect::<HashMap<_, _>>())
}

/// One port on both loopbacks; where a machine has no IPv6, only on one.
async fn traps() -> (Web, Option<Web>) {
    let four = Web::start(|_| answer("200 OK", b"<rss/>")).await;
    let six = TcpListener::bind(("::1", four.address.port())).await.ok();
    (four, six.map(|listener| Web::on(listener, |_| answer("200 OK", b"<rss/>"))))
}

async fn reason(fetcher: &Fetcher, url: &Url) -> String {
    match fetcher.fetch(url, &Validators::default(), now()).await {
        FetchOutcome::Failed { reason, .. } => reason,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn no_trick_connects() {
    let (four, six) = traps().await;
    let port = four.address.port();
    let config = FetchConfig { ports: vec![80, 443, port], ..FetchConfig::default() };
    let fetcher = Fetcher::with_names(&config, names()).unwrap();
    let hosts = TRICKS.iter().map(|host| match host.find(['/', '#', '\\']) {
        Some(_) => format!("http://{}", host.replacen("127.0.0.1", &format!("127.0.0.1:{port}"), 1)),
        None => format!("http://{host}:{port}/"),
    });
    let mut tried = 0;
    for text in hosts.chain(OTHER.iter().map(|text| (*text).to_owned())) {
        tried += 1;
        // What `Url` refuses can't be configured or followed either.
        let Ok(url) = Url::parse(&text) else { continue };
        let reason = reason(&fetcher, &url).await;
        assert!(reason.contains("not asked") || reason.contains("could not be found"), "{text}: {reason}");
    }
    assert!(tried >= 90, "{tried}");
    assert_eq!(four.connections() + six.map_or(0, |web| web.connections()), 0);
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let (four, six) = traps().await;
    let port = four.address.port();
    let targets: Vec<String> = TRICKS
        .iter()
        .filter(|host| host.is_ascii())
        .map(|host| format!("http://{host}:{port}/"))
        .chain(TRICKS.iter().filter(|host| host.is_ascii()).map(|host| format!("//{host}:{port}/")))
        .chain(OTHER.iter().map(|text| (*text).to_owned()))
        .collect();
    let list = targets.clone();
    let start = Web::start(move |head| {
        let number = head.split(' ').nth(1).and_then(|path| path[1..].parse::<usize>().ok());
        answer(&format!("302 Found\nLocation: {}", list[number.unwrap()]), b"")
    })
    .await;
    let allow_private = vec!["start.example".to_owned()];
    let config = FetchConfig { ports: vec![80, 443, port], allow_private, ..FetchConfig::default() };
    let fetcher = Fetcher::with_names(&config, names()).unwrap();
    for (number, target) in targets.iter().enumerate() {
        let url = format!("http://start.example:{}/{number}", start.address.port()).parse().unwrap();
        let reason = reason(&fetcher, &url).await;
        let refused =
            ["not asked", "could not be found", "unusable address"].iter().any(|words| reason.contains(words));
        assert!(refused, "{target}: {reason}");
    }
    assert_eq!(start.heads().len(), targets.len(), "the allowed host was asked each time");
    assert_eq!(four.connections() + six.map_or(0, |web| web.connections()), 0);
}

#[tokio::test]
async fn names_in_other_letters_are_asked_in_their_wire_form() {
    let web = Web::start(|_| answer("200 OK", b"<rss/>")).await;
    let config = FetchConfig { allow_private: vec!["Пример.example".to_owned()], ..FetchConfig::default() };
    let fetcher = Fetcher::with_names(&config, names()).unwrap();
    let url: Url = format!("http://пример.example:{}/", web.address.port()).parse().unwrap();
    let outcome = fetcher.fetch(&url, &Validators::default(), now()).await;
    assert!(matches!(outcome, FetchOutcome::Document { .. }), "{outcome:?}");
    assert!(web.heads()[0].to_lowercase().contains("host: xn--e1afmkfd.example:"), "{:?}", web.heads());
}
