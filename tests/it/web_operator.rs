//! The operator's pages and who may read them; and what holds for every page: headers, methods, sizes, slow clients.

use super::support::pages::{Desk, desk};
use khyber::store::DeliveryFilter;
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PAGES: [&str; 4] = ["/status", "/metrics", "/healthz", "/readyz"];
const TOKEN: &str = "status_token = \"0123456789abcdef\"";

async fn with(desk: &Desk, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = desk.client.get(format!("{}{path}", desk.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn only_this_machine_and_the_token_may_look() {
    let (open, closed) = (desk(TOKEN).await, desk("").await);
    let nothing = with(&closed, "/nowhere", &[]).await;
    for path in PAGES {
        assert_eq!(with(&open, path, &[]).await.0, 200, "{path}");
        for through_a_proxy in [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-real-ip", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9"),
            ("via", "1.1 proxy"),
            ("host", "digest.desk.test"),
        ] {
            assert_eq!(with(&closed, path, &[through_a_proxy]).await, nothing, "{path} {through_a_proxy:?}");
            let token = ("authorization", "Bearer 0123456789abcdef");
            assert_eq!(with(&open, path, &[through_a_proxy, token]).await.0, 200, "{path} {through_a_proxy:?}");
            let wrong = ("authorization", "Bearer 0123456789abcdeg");
            assert_eq!(with(&open, path, &[through_a_proxy, wrong]).await.0, 404, "{path} {through_a_proxy:?}");
        }
        // As nginx asks unless told otherwise.
        let old = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:8080\r\n\r\n");
        assert!(raw(&closed, &old).await.starts_with("HTTP/1.0 404"), "{path}");
    }
    assert_eq!(with(&open, "/status?token=0123456789abcdef", &[("via", "1.1 proxy")]).await.0, 200);
}

#[tokio::test]
async fn the_status_page_tells_what_an_operator_asks_and_no_address() {
    let desk = desk("").await;
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    assert!(rows.iter().any(|row| row.subscriber.as_str() == "reader@x.test"));
    let page = desk.page("/status").await;
    for wants in ["indus", "2026-03-02 06:00Z", "published", "2 queued", "r•••@x.test"] {
        assert!(page.contains(wants), "{wants}: {page}");
    }
    assert!(!page.contains("reader@"), "{page}");
    assert_eq!((desk.page("/healthz").await.as_str(), desk.page("/readyz").await.as_str()), ("ok\n", "ready\n"));
    desk.khyber.store.close().await;
    assert_eq!((desk.status("/healthz").await, desk.status("/readyz").await), (200, 503));
}

#[tokio::test]
async fn metrics_are_prometheus_text_without_addresses() {
    let desk = desk("").await;
    let answer = desk.get("/metrics").await;
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    let mut described = Vec::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.split(' ');
            let (kind, name) = (words.next().unwrap(), words.next().unwrap());
            match kind {
                "HELP" => described.push(name),
                "TYPE" => assert_eq!((described.last(), words.next()), (Some(&name), Some("gauge")), "{line}"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        assert_eq!(Some(&series.split('{').next().unwrap()), described.last(), "{line}");
    }
    let unique: std::collections::BTreeSet<&&str> = described.iter().collect();
    assert_eq!(unique.len(), described.len(), "each is described once");
    for wants in [
        "khyber_feeds{health=\"ok\"} 1",
        "khyber_deliveries{status=\"queued\"} 2",
        "khyber_editions{digest=\"daily\"} 2",
        "khyber_last_edition_timestamp_seconds{digest=\"daily\"} 1772431200",
        "khyber_entries 3",
        "khyber_subscribers 1",
    ] {
        assert!(text.lines().any(|line| line == wants), "{wants}\n{text}");
    }
    assert!(!text.contains('@') && !text.contains("x.test"), "{text}");
}

#[tokio::test]
async fn every_answer_keeps_itself_to_itself() {
    let desk = desk("archive = \"public\"\nsubscribe = \"open\"\nclient_header = \"x-real-ip\"").await;
    let edition = super::support::pages::links(&desk.page("/").await, "/edition/").remove(0);
    let edition = desk.own(&edition).to_owned();
    let paths = [
        "/",
        "/search?q=torkham",
        "/digest/daily",
        "/topic/trade",
        "/robots.txt",
        "/sitemap.xml",
        "/subscribe",
        "/confirm/x",
        "/leave/x",
        "/status",
        "/metrics",
        "/healthz",
        "/nowhere",
        "/digest/daily/atom.xml",
        &edition,
    ];
    for path in paths {
        let answer = desk.get(path).await;
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src '") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src") && (path == edition || policy.contains("sha256-")), "{path}: {policy}");
        assert_eq!(
            (header("referrer-policy"), header("x-content-type-options")),
            ("no-referrer".into(), "nosniff".into()),
            "{path}"
        );
        assert_eq!((header("set-cookie"), header("server")), (String::new(), String::new()), "{path}");
        let page = answer.text().await.unwrap();
        for outside in ["<script", "<img", "src=", "@import", "url("] {
            assert!(!page.contains(outside), "{path}: {outside}");
        }
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::POST] {
            let forms = ["/subscribe", "/confirm/x", "/leave/x"];
            let wanted = if path == "/nowhere" { 404 } else { 405 };
            if method != Method::POST || !forms.contains(&path) {
                let refused = desk.client.request(method.clone(), format!("{}{path}", desk.base)).send().await.unwrap();
                assert_eq!(refused.status(), wanted, "{method} {path}");
                assert!(refused.headers().contains_key("content-security-policy"), "{method} {path}");
            }
        }
    }
}

/// What comes back for these bytes until the server hangs up.
async fn raw(desk: &Desk, request: &str) -> String {
    let mut stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset after the answer is an end, too.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn malformed_and_oversized_requests_are_refused_one_by_one() {
    let desk = desk("subscribe = \"open\"\nclient_header = \"x-real-ip\"").await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(40_000));
    let headers = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(500));
    let body = "POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n";
    for (request, wants) in [
        (long.as_str(), "HTTP/1.1 4"),
        (headers.as_str(), "HTTP/1.1 431"),
        (body, "HTTP/1.1 413"),
        ("GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400"),
        ("\0\0\0\0\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let answer = raw(&desk, request).await;
        assert!(answer.starts_with(wants), "{request:.60}: {answer:.100}");
    }
    assert_eq!(desk.status("/subscribe").await, 200);
}

#[tokio::test]
async fn slow_clients_are_shown_out_and_others_are_served() {
    let desk = desk("subscribe = \"open\"\nclient_header = \"x-real-ip\"").await;
    let address = desk.base.trim_start_matches("http://").to_owned();
    let mut slow = Vec::new();
    // More than there are places: each sends the start of a request and then nothing.
    for _ in 0..300 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET /subscribe HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    assert_eq!(desk.status("/subscribe").await, 200, "somebody else gets a place when the slow ones lose theirs");
    let mut rest = Vec::new();
    slow[0].read_to_end(&mut rest).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[tokio::test]
async fn whoever_asks_for_much_at_once_waits_for_a_turn_and_the_store_stays_free() {
    let desk = desk("archive = \"public\"").await;
    let paths = ["/search?q=torkham", "/topic/borders", "/digest/daily/atom.xml", "/"];
    let asked = (0..200).map(|number| desk.get(paths[number % paths.len()]));
    let (answers, entries) = tokio::join!(futures_util::future::join_all(asked), desk.khyber.store.count_entries());
    assert_eq!(entries.unwrap(), 3);
    assert!(answers.iter().all(|answer| answer.status() == 200));
}

#[tokio::test]
async fn a_reload_opens_moves_and_closes_the_pages() {
    let desk = desk("").await;
    let file = desk.folder.path().join("khyber.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (one, other) = (free(), free());
    let configured = async |text: String| {
        std::fs::write(&file, text).unwrap();
        let config = super::support::pages::configuration(desk.folder.path());
        std::sync::Arc::new(desk.khyber.reconfigured(config).await.unwrap())
    };
    let web = text.find("[web]").unwrap()..text.find("[[feed]]").unwrap();
    let closed = text.replace(&text[web], "");
    let (current, watched) = tokio::sync::watch::channel(configured(closed.clone()).await);
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let until = async |at: &str, path: &str, wanted: Option<u16>| {
        for _ in 0..500 {
            let answer = desk.client.get(format!("http://{at}{path}")).send().await.ok();
            if answer.map(|answer| answer.status().as_u16()) == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{at}{path} is not {wanted:?}");
    };
    let checks = async {
        until(&one, "/healthz", None).await;
        let listening = |at: &str| text.replace("127.0.0.1:0", at);
        current.send_replace(configured(listening(&one)).await);
        until(&one, "/healthz", Some(200)).await;
        until(&one, "/subscribe", Some(404)).await;
        current.send_replace(configured(listening(&one).replace("[web]", "[web]\nsubscribe = \"open\"")).await);
        until(&one, "/subscribe", Some(200)).await;
        current.send_replace(configured(listening(&other)).await);
        until(&other, "/healthz", Some(200)).await;
        until(&one, "/healthz", None).await;
        current.send_replace(configured(closed).await);
        until(&other, "/healthz", None).await;
        stop.send_replace(true);
    };
    tokio::join!(khyber::web::serve(None, watched, stopping), checks);
}
