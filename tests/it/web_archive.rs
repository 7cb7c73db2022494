//! The archive over real sockets: public and private, editions, stories, topics, feeds, what may be kept and by whom.

use super::support::pages::{desk, links, morning, serve};
use khyber::daemon::Place;
use khyber::model::{Document, Lang, TopicId};
use khyber::parse::{FeedContext, parse};
use khyber::store::EditionKey;
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
    let key: EditionKey = desk.khyber.store.published(None, 10).await.unwrap().pop().unwrap();
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
    let editions = khyber.store.published(None, 10).await.unwrap();
    let digest = "daily".parse().unwrap();
    let thread = khyber.store.contents(None, 1).await.unwrap()[0].1.sections[0].stories[0].thread;
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
    let key = desk.khyber.store.published(None, 1).await.unwrap().pop().unwrap();
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
