//! The archive over real sockets: public and private, editions, stories, topics, feeds, what may be kept and by whom.

use super::support::pages::{desk, links, morning, serve};
use chrono::TimeDelta;
use khyber::daemon::Place;
use khyber::model::{Document, Lang, TopicId};
use khyber::parse::{FeedContext, parse};
use khyber::store::{EditionKey, EditionRow, EditionState};
use reqwest::StatusCode;
use std::sync::Arc;

const PUBLIC: &str = "archive = \"public\"";

/// What our own reader of feeds makes of one of ours.
fn feed_of(bytes: &str, content_type: &str) -> Vec<String> {
    let url: url::Url = "https://digest.desk.test/khyber/digest/daily/atom.xml".parse().unwrap();
    let document = Document { url, content_type: Some(content_type.to_owned()), bytes: bytes.as_bytes().to_vec() };
    let feed = "own".parse().unwrap();
    let now = morning() + chrono::TimeDelta::days(2);
    let parsed = parse(&document, &FeedContext { feed: &feed, lang: None, now }).unwrap();
    assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
    parsed.entries.iter().map(|entry| entry.headline.clone()).collect()
}

/// What feed-rs, which repairs nothing, makes of a feed; RFC 4287 §4.1 and JSON Feed 1.1 say what there must be.
fn is_valid(body: &str, path: &str) {
    let read = feed_rs::parser::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error}: {body}"));
    let own = format!("https://digest.desk.test/khyber{path}");
    assert!(read.title.is_some_and(|title| !title.content.is_empty()), "{path}: {body}");
    assert!(read.links.iter().any(|link| link.href == own), "{path}: it names itself: {body}");
    assert!(
        path.ends_with(".json") || (read.id == own && read.updated.is_some() && !read.authors.is_empty()),
        "{path}"
    );
    assert!(!read.entries.is_empty(), "{path}");
    let ids: std::collections::BTreeSet<&str> = read.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), read.entries.len(), "{path}: ids are unique: {body}");
    for entry in &read.entries {
        assert!(entry.id.starts_with("https://digest.desk.test/khyber/"), "{path}: {}", entry.id);
        assert!(entry.title.as_ref().is_some_and(|title| !title.content.is_empty()), "{path}: {entry:?}");
        assert!(entry.updated.is_some() && !entry.links.is_empty() && entry.content.is_some(), "{path}: {entry:?}");
    }
    if path.ends_with(".json") {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&json["version"], &json["feed_url"]), (&"https://jsonfeed.org/version/1.1".into(), &own.into()));
        assert!(json["items"].as_array().unwrap().iter().all(|item| item["content_html"].is_string()));
    }
}

#[tokio::test]
async fn a_public_archive_leads_from_the_first_page_to_everything() {
    let desk = desk(PUBLIC).await;
    let front = desk.page("/").await;
    let editions = links(&front, "/edition/daily/");
    assert_eq!(editions.len(), 2, "{front}");
    let newest = desk.page(desk.own(&editions[0])).await;
    assert!(newest.contains("agree to reopen Torkham"), "{newest}");
    let stories = links(&newest, "/story/");
    let told = desk.page(desk.own(&stories[0])).await;
    for wants in
        ["agree to reopen Torkham", "Sunday, 1 March 2026", "Monday, 2 March 2026", "Headlines that were changed"]
    {
        assert!(told.contains(wants), "{wants}: {told}");
    }
    let before = told.find("crossing closed after Pakistani").unwrap();
    assert!(told.rfind("reopens after exchange of fire").unwrap() > before, "{told}");
    assert_eq!(links(&told, "/edition/daily/").len(), 2);
    let topics: Vec<String> = links(&front, "/topic/");
    let mut with_it = 0;
    for topic in &topics {
        with_it += usize::from(desk.page(desk.own(topic)).await.contains("agree to reopen Torkham"));
    }
    assert!(topics.len() > 3 && with_it > 0);
    assert_eq!(desk.page("/digest/daily").await.matches("/edition/daily/").count(), 2);
    for (path, unknown) in [
        ("/digest/", "nightly"),
        ("/topic/", "sport"),
        ("/story/", "999999"),
        ("/story/", "x"),
        ("/edition/daily/", "2026-03-01-0600-aaaaaaaa"),
    ] {
        assert_eq!(desk.status(&format!("{path}{unknown}")).await, 404, "{path}{unknown}");
    }
}

#[tokio::test]
async fn an_edition_on_the_web_is_what_the_mail_showed() {
    let desk = desk(PUBLIC).await;
    let key: EditionKey = desk.khyber.newest(10).await.unwrap().pop().unwrap();
    let content = desk.khyber.store.edition(key.id).await.unwrap().unwrap().1.unwrap();
    let page = desk.page(&format!("/{}", desk.khyber.archive_path(Place::edition(&key)))).await;
    let mail = desk.khyber.edition_page(&content, Lang::En).unwrap();
    let end = mail.rfind("</body>").unwrap();
    assert!(page.starts_with(&mail[..end]) && page.ends_with(&mail[end..]));
    let urdu = desk.page(&format!("/{}?lang=ur", desk.khyber.archive_path(Place::edition(&key)))).await;
    assert!(urdu.contains("<html lang=\"ur\" dir=\"rtl\">"));
    for leak in ["reader@x.test", "/leave/", "<script", "<img"] {
        assert!(!page.contains(leak), "{leak}");
    }
}

#[tokio::test]
async fn a_private_archive_opens_to_its_own_links_only() {
    let desk = desk("").await;
    let (khyber, topic) = (&desk.khyber, "borders".parse::<TopicId>().unwrap());
    let editions = khyber.newest(10).await.unwrap();
    let digest = "daily".parse().unwrap();
    let told = khyber.store.contents(editions.clone()).await.unwrap();
    let thread = told[0].1.sections[0].stories[0].thread;
    let mut paths = vec![
        khyber.archive_path(Place::Index),
        khyber.archive_path(Place::Search),
        khyber.archive_path(Place::Digest(&digest)),
        khyber.archive_path(Place::Topic(&topic)),
        khyber.archive_path(Place::Story(thread)),
    ];
    paths.extend(editions.iter().map(|key| khyber.archive_path(Place::edition(key))));
    for feed in ["atom.xml", "feed.json"] {
        paths.push(format!("{}/{feed}", khyber.archive_path(Place::Digest(&digest))));
        paths.push(format!("{}/{feed}", khyber.archive_path(Place::Topic(&topic))));
    }
    let nothing = desk.get("/nowhere").await.text().await.unwrap();
    for path in &paths {
        let answer = desk.get(&format!("/{path}")).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((answer.status(), header("cache-control")), (StatusCode::OK, "private, no-cache".into()), "{path}");
        assert_eq!(header("x-robots-tag"), "noindex, nofollow", "{path}");
        // One letter of the key is another.
        let at = path.trim_end_matches("/atom.xml").trim_end_matches("/feed.json").len() - 3;
        let other = if &path[at..=at] == "a" { "b" } else { "a" };
        let wrong = format!("/{}{other}{}", &path[..at], &path[at + 1..]);
        let refused = desk.get(&wrong).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(refused.text().await.unwrap(), nothing, "{wrong}");
    }
    let plain = format!("/story/{thread}");
    for closed in [
        "/",
        "/search",
        "/search?q=torkham",
        "/digest/daily",
        "/topic/borders",
        &plain,
        "/digest/daily/atom.xml",
        "/sitemap.xml",
    ] {
        let refused = desk.get(closed).await;
        assert_eq!(
            (refused.status(), refused.text().await.unwrap()),
            (StatusCode::NOT_FOUND, nothing.clone()),
            "{closed}"
        );
    }
    assert_eq!(desk.page("/robots.txt").await, "User-agent: *\nDisallow: /\n");
    // One edition's link opens its stories and no other edition, digest or topic.
    let page = desk.page(&format!("/{}", khyber.archive_path(Place::edition(&editions[0])))).await;
    assert!(!links(&page, "/story/").is_empty());
    for other in ["/edition/", "/digest/", "/topic/", "/archive/"] {
        assert_eq!(links(&page, other), Vec::<String>::new(), "{other}");
    }
}

#[tokio::test]
async fn a_short_link_of_a_public_archive_is_worth_nothing_once_it_is_private() {
    let desk = desk(PUBLIC).await;
    let key = desk.khyber.newest(1).await.unwrap().pop().unwrap();
    let public = format!("/{}", desk.khyber.archive_path(Place::edition(&key)));
    let file = desk.folder.path().join("khyber.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace(PUBLIC, "");
    std::fs::write(&file, text).unwrap();
    let config = super::support::pages::configuration(desk.folder.path());
    let closed = Arc::new(desk.khyber.reconfigured(config).await.unwrap());
    let private = format!("/{}", closed.archive_path(Place::edition(&key)));
    let base = serve(closed).await;
    let status = async |path: &str| desk.client.get(format!("{base}{path}")).send().await.unwrap().status().as_u16();
    assert_eq!((status(&public).await, status(&private).await), (404, 200));
    assert_eq!(desk.status(&private).await, 200, "the long link goes on to work where everybody may read");
}

#[tokio::test]
async fn feeds_are_read_by_readers_of_feeds_and_polled_cheaply() {
    let desk = desk(PUBLIC).await;
    for (path, kind, wants) in [
        ("/digest/daily/atom.xml", "application/atom+xml; charset=utf-8", "Daily · Monday, 2 March 2026"),
        ("/digest/daily/feed.json", "application/feed+json; charset=utf-8", "Daily · Monday, 2 March 2026"),
        ("/topic/borders/atom.xml", "application/atom+xml; charset=utf-8", "agree to reopen Torkham"),
        ("/topic/borders/feed.json", "application/feed+json; charset=utf-8", "agree to reopen Torkham"),
    ] {
        let answer = desk.get(path).await;
        let headers = answer.headers().clone();
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!((answer.status(), header("content-type")), (StatusCode::OK, kind), "{path}");
        assert_eq!(header("cache-control"), "public, max-age=900");
        let body = answer.text().await.unwrap();
        is_valid(&body, path);
        let headlines = feed_of(&body, kind);
        assert!(headlines[0].contains(wants), "{path}: {headlines:?}");
        for link in links(&body.replace("\\\"", "\""), "https://digest.desk.test/khyber/") {
            assert_eq!(desk.status(desk.own(&link)).await, 200, "{path}: {link}");
        }
        let again = async |name: &str, value: &str| {
            let request = desk.client.get(format!("{}{path}", desk.base)).header(name, value);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers()["etag"].clone(), answer.text().await.unwrap().len())
        };
        let etag = headers["etag"].clone();
        assert_eq!(again("if-none-match", header("etag")).await, (304, etag.clone(), 0));
        assert_eq!(again("if-none-match", &format!("\"x\", W/{}", header("etag"))).await, (304, etag.clone(), 0));
        assert_eq!(again("if-modified-since", header("last-modified")).await, (304, etag.clone(), 0));
        assert_eq!(again("if-none-match", "\"other\"").await.0, 200);
        assert_eq!(again("if-modified-since", "Sun, 01 Mar 2026 00:00:00 GMT").await.0, 200);
    }
}

#[tokio::test]
async fn search_engines_find_a_public_archive_and_nothing_personal() {
    let desk = desk("archive = \"public\"\nsubscribe = \"open\"\nclient_header = \"x-real-ip\"").await;
    let robots = desk.page("/robots.txt").await;
    assert!(robots.contains("Sitemap: https://digest.desk.test/khyber/sitemap.xml\n"), "{robots}");
    assert!(robots.contains("Disallow: /khyber/leave/\n") && !robots.contains("Disallow: /\n"), "{robots}");
    let sitemap = desk.page("/sitemap.xml").await;
    let pages: Vec<&str> = sitemap.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next()).collect();
    assert!(pages.len() > 8, "{sitemap}");
    for page in pages {
        let answer = desk.get(desk.own(page)).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["x-robots-tag"].to_str().unwrap()),
            (200, "all"),
            "{page}"
        );
        assert!(!answer.text().await.unwrap().contains("noindex"), "{page}");
    }
    for personal in ["/leave/x", "/subscribe", "/confirm/x"] {
        let answer = desk.get(personal).await;
        assert_eq!(answer.headers()["x-robots-tag"], "noindex, nofollow");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn the_command_line_prints_links_that_work() {
    let desk = desk("").await;
    let (fine, said) = desk.run(&["archive"]);
    assert!(fine, "{said}");
    let printed: Vec<&str> = said.split_whitespace().filter(|word| word.starts_with("https://")).collect();
    assert!(printed.len() > 20, "{said}");
    for link in printed {
        assert_eq!(desk.status(desk.own(link)).await, 200, "{link}");
    }
}

#[tokio::test]
async fn readers_with_hours_of_their_own_do_not_fill_the_archive() {
    let desk = desk(PUBLIC).await;
    let day = morning() + TimeDelta::days(1);
    for hour in [-3, 3, 9] {
        desk.tell_again(&format!("at {hour}"), day + TimeDelta::hours(hour), |_| {}).await;
    }
    let shown = async |path: &str, part: &str| {
        let mut found = links(&desk.page(path).await, part);
        found.dedup();
        found.len()
    };
    let all = desk.khyber.store.editions(99).await.unwrap();
    let of_daily = |row: &&EditionRow| row.digest.as_str() == "daily" && row.state == EditionState::Published;
    assert_eq!(all.iter().filter(of_daily).count(), 5);
    assert_eq!((shown("/", "/edition/daily/").await, shown("/digest/daily", "/edition/").await), (2, 2));
    let story = links(&desk.page("/").await, "/story/").remove(0);
    assert_eq!(shown(desk.own(&story), "/edition/daily/").await, 2);
    // A day that has nothing else shows the first of its editions.
    for hour in [9, 3] {
        desk.tell_again(&format!("at {hour}"), day + TimeDelta::days(1) + TimeDelta::hours(hour), |_| {}).await;
    }
    let front = desk.page("/").await;
    assert_eq!(links(&front, "/edition/daily/").len(), 3);
    assert!(front.contains("Tuesday, 3 March 2026 09:05") && !front.contains("2026 15:05"), "{front}");
    assert_eq!(shown(desk.own(&story), "/edition/daily/").await, 3);
    assert_eq!(desk.page("/digest/daily/atom.xml").await.matches("<entry>").count(), 3);
}

#[tokio::test]
async fn hostile_texts_are_inert_on_every_page_and_in_every_feed() {
    let desk = desk(PUBLIC).await;
    let hostile = [
        "<script>alert(1)</script><img src=x onerror=alert(1)> torkham".to_owned(),
        "\"><svg/onload=alert(1)>' onmouseover='x' torkham &lt;b&gt; ]]> <!-- -->".to_owned(),
        "\u{202e}\u{2066}torkham\u{0}\u{7}\u{1b}[31m\u{200f}\u{feff}\u{ffff}".to_owned(),
        format!("torkham {}", "x".repeat(10_240)),
        "torkham \u{1f1f5}\u{1f1f0}".repeat(2_000),
    ];
    for (day, text) in hostile.iter().enumerate() {
        let slot = morning() + TimeDelta::days(2 + day as i64);
        desk.tell_again("0 6 * * *", slot, |story| {
            story.headline.clone_from(text);
            story.summary.clone_from(text);
            for report in &mut story.reports {
                report.headline.clone_from(text);
                report.publisher.clone_from(text);
                report.url = Some(format!("javascript:{text}"));
            }
        })
        .await;
        let front = desk.page("/").await;
        let story = links(&front, "/story/").remove(0);
        let edition = links(&front, "/edition/").remove(0);
        let topic = links(&front, "/topic/");
        let mut paths =
            vec!["/", "/digest/daily", "/search?q=torkham", "/digest/daily/atom.xml", "/digest/daily/feed.json"];
        paths.extend([desk.own(&story), desk.own(&edition)]);
        paths.extend(topic.iter().map(|topic| desk.own(topic)));
        let feeds: Vec<String> = topic.iter().map(|topic| desk.own(topic).replace("?lang=en", "/atom.xml")).collect();
        paths.extend(feeds.iter().map(String::as_str));
        for path in paths {
            let page = desk.page(path).await;
            let lower = page.to_lowercase();
            for active in
                ["<script", "<img", "<svg", "<b>", "javascript:", "' onmouseover", "\" onmouseover", "<!-- -->"]
            {
                assert!(!lower.contains(active), "{path}: {active}: {page}");
            }
            let odd = |c: char| {
                (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(!page.contains(odd), "{path}: {:?}", page.chars().find(|c| odd(*c)));
            assert!(!path.ends_with(".xml") || !page.contains('\u{ffff}'), "{path}: no XML");
            assert!(page.len() < 120_000, "{path}: {} bytes", page.len());
            if path.ends_with(".xml") || path.ends_with(".json") {
                feed_rs::parser::parse(page.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error}: {page}"));
            }
        }
    }
}
