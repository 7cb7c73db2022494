//! The pages in a real browser and in a text browser, as people use them: with and without script, on a phone, in four languages.

use crate::{Need, needing};
use axum::response::IntoResponse;
use khyber::config;
use khyber::daemon::{Khyber, Place, Which, clock};
use khyber::web;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    let browser = [Need::Program("chromium"), Need::Program("node"), Need::Modules];
    vec![
        needing("browser::people_subscribe_choose_and_leave_and_every_page_is_accessible", &browser, in_chromium),
        needing("browser::a_text_browser_does_the_same", &[Need::Program("w3m")], in_w3m),
    ]
}

/// Where `.ci/run` puts what node needs.
pub fn modules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser/node_modules")
}

/// Made-up news of the last hours.
fn feed() -> String {
    let date = (clock::now() - chrono::TimeDelta::hours(2)).to_rfc2822();
    let items: String = [
        ("shut", "Torkham border crossing closed to trade after Pakistani and Afghan forces exchange fire"),
        ("urdu", "پاکستان اور افغانستان کے درمیان طورخم سرحد پر تجارت بند"),
        ("markup", "Wheat &lt;img src=x onerror=alert(1)&gt; reaches hospitals of Kandahar in southern Afghanistan"),
        ("long", "Islamabad court hears a petition on inflation in Pakistan: Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ]
    .iter()
    .map(|(guid, headline)| {
        format!(
            "<item><guid isPermaLink=\"false\">{guid}</guid><title>{headline}</title><link>https://indus.example/{guid}</link>\
             <description>{headline}.</description><pubDate>{date}</pubDate></item>"
        )
    })
    .collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Indus</title><link>https://indus.example/</link><description>x</description>{items}</channel></rss>"
    )
}

struct Desk {
    folder: tempfile::TempDir,
    khyber: Arc<Khyber>,
    base: String,
    stop: Arc<AtomicBool>,
    sending: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(sending) = self.sending.take() {
            let ended = sending.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the outbox could not be emptied");
        }
    }
}

/// A desk with an edition, its pages, and an outbox that is emptied all the time.
async fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let publisher = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = publisher.local_addr().unwrap();
    let answer = || async { ([("content-type", "application/rss+xml")], feed()).into_response() };
    let app = axum::Router::new().route("/feed", axum::routing::get(answer));
    tokio::spawn(async move { axum::serve(publisher, app).await });
    // Free now, and asked for again at once.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{port}");
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [web]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{base}\"\narchive = \"public\"\nsubscribe = \"open\"\n\
         status_token = \"0123456789abcdef\"\n\
         [[feed]]\nid = \"indus\"\nurl = \"http://{source}/feed\"\npublisher = \"Indus\"\nside = \"pakistan\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"* * * * *\"\nscope = [\"bilateral\", \"pk\", \"af\"]\n\
         [[digest]]\nid = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"0 6 * * 0\"\n"
    );
    let file = folder.path().join("khyber.toml");
    std::fs::write(&file, text).unwrap();
    let (config, _) = config::load(&file, &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    let khyber = Arc::new(Khyber::open(config, clock::now()).await.unwrap());
    khyber.poll_once(Which::Due, clock::now(), &|_| {}).await.unwrap();
    khyber.publish_due(None, clock::now()).await.unwrap();
    let bound = web::bind(khyber.config.web.as_ref().unwrap()).await.unwrap();
    let pages = web::pages(khyber.clone(), clock::now()).await.unwrap();
    tokio::spawn(async move { bound.serve(pages).await });
    let outbox = khyber.clone();
    let (runtime, stop) = (tokio::runtime::Handle::current(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let sending = std::thread::spawn(move || {
        while !stopped.load(Ordering::SeqCst) {
            runtime.block_on(outbox.dispatch(&clock::now, &|| false)).unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    Desk { folder, khyber, base, stop, sending: Some(sending) }
}

impl Desk {
    /// A name and a path of each kind of page.
    async fn pages(&self) -> Vec<(&'static str, String)> {
        let (khyber, digest) = (&self.khyber, "daily".parse().unwrap());
        let newest = khyber.newest(1).await.unwrap();
        let (edition, content) = khyber.store.contents(newest).await.unwrap().remove(0);
        let sections =
            content.sections.iter().flat_map(|section| section.stories.iter().map(move |story| (section, story)));
        let (section, story) = sections.clone().find(|(_, story)| story.headline.starts_with("Torkham")).unwrap();
        assert!(sections.count() >= 2);
        let (topic, thread) = (section.topic.clone(), story.thread);
        let path = |place| format!("/{}", khyber.archive_path(place));
        let pages = [
            ("index", path(Place::Index)),
            ("digest", path(Place::Digest(&digest))),
            ("topic", path(Place::Topic(&topic))),
            ("story", path(Place::Story(thread))),
            ("edition", path(Place::edition(&edition))),
            ("search", "/search?q=torkham".to_owned()),
            ("subscribe", "/subscribe".to_owned()),
            ("confirm", "/confirm/x".to_owned()),
            ("none", "/search?q=nowhere".to_owned()),
            ("leave", "/leave/x".to_owned()),
            ("choices", self.choices("stays@x.test")),
            // w3m speaks HTTP/1.0, as some proxies do: it needs the token.
            ("status", "/status?token=0123456789abcdef".to_owned()),
            ("nothing", "/nowhere".to_owned()),
        ];
        pages.to_vec()
    }

    /// The page behind a reader's link.
    fn choices(&self, reader: &str) -> String {
        let token = self.khyber.leave_token(&reader.parse().unwrap(), &"daily".parse().unwrap());
        format!("/leave/{token}")
    }

    async fn hour_of(&self, reader: &str) -> Option<u8> {
        let chosen = self.khyber.store.preferences().await.unwrap();
        chosen.get(&reader.parse().unwrap()).and_then(|chosen| chosen.choice.hour)
    }

    async fn readers(&self) -> Vec<String> {
        let readers = self.khyber.readers(clock::now()).await.unwrap();
        readers.iter().map(|reader| reader.email.as_str().to_owned()).collect()
    }
}

fn in_chromium() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(desk());
    let path = std::env::var_os("PATH").unwrap();
    let chromium = std::env::split_paths(&path).map(|dir| dir.join("chromium")).find(|file| file.is_file());
    let wish = json!({
        "base": desk.base, "modules": modules(), "outbox": desk.folder.path().join("data/outbox"),
        "chromium": chromium, "pages": runtime.block_on(desk.pages()),
        "readers": [("stays@x.test", true), ("leaves@x.test", true), ("plain@x.test", false), ("gone@x.test", false)],
        "leave": ["leaves@x.test", "gone@x.test"],
        // To look at the pages: a folder to put pictures into.
        "pictures": std::env::var("KHYBER_PICTURES").ok(),
    });
    let file = desk.folder.path().join("wish.json");
    std::fs::write(&file, wish.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/browser.js");
    let ran = Command::new("node").arg(script).arg(&file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let saw: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(saw["found"], json!([]), "{:#}", saw["found"]);
    for journey in saw["journeys"].as_array().unwrap() {
        assert_eq!(journey["found"], json!([]), "{journey:#}");
        let seen: Vec<&str> = journey["seen"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        let reader = journey["reader"].as_str().unwrap();
        let mut wanted = vec![
            "Look into your mailbox",
            "only the button does",
            "from the next edition on",
            "Your topics and your hour are saved",
        ];
        if wish["leave"].as_array().unwrap().iter().any(|left| left == reader) {
            wanted.push("You get no more mail from this digest");
        }
        assert_eq!(seen.len(), wanted.len(), "{reader}: {seen:?}");
        for (seen, wanted) in seen.iter().zip(wanted) {
            assert!(seen.contains(wanted), "{reader}: {wanted}: {seen}");
        }
    }
    runtime.block_on(async {
        let mut readers = desk.readers().await;
        readers.sort();
        assert_eq!(readers, ["plain@x.test", "stays@x.test"]);
        for reader in ["stays@x.test", "plain@x.test"] {
            assert_eq!(desk.hour_of(reader).await, Some(18), "{reader}");
        }
    });
}

/// What w3m shows of a page, after sending a form if there is one.
fn w3m(folder: &Path, url: &str, form: Option<&str>) -> String {
    let mut command = Command::new("w3m");
    command.env("HOME", folder).env("LANG", "C.UTF-8").args(["-dump", "-cols", "80", "-O", "UTF-8"]);
    if let Some(form) = form {
        let file = folder.join("form");
        std::fs::write(&file, form).unwrap();
        command.arg("-post").arg(file);
    }
    let ran = command.arg(url).output().unwrap();
    assert!(ran.status.success(), "{url}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn in_w3m() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let desk = runtime.block_on(desk());
    let (folder, base) = (desk.folder.path(), desk.base.as_str());
    for (name, path) in runtime.block_on(desk.pages()) {
        let wanted = match name {
            "index" | "digest" => "Daily",
            "topic" | "story" | "edition" | "search" => "Torkham border crossing closed",
            "subscribe" => "Your mail address",
            "confirm" => "Yes, send it to me",
            "none" => "Nothing holds all of these words",
            "leave" | "choices" => "Leave this digest",
            "status" => "Outbox",
            _ => "There is nothing here",
        };
        let shown = w3m(folder, &format!("{base}{path}"), None);
        // Lines are broken where they fit.
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(wanted), "{name}: {shown}");
        assert!(!shown.contains("</") && !shown.contains("{{"), "{name}: {shown}");
    }
    let form = "email=text%40x.test&website=&digest=daily&topic=trade&language=en";
    assert!(w3m(folder, &format!("{base}/subscribe"), Some(form)).contains("Look into your mailbox"));
    let link = confirm_link(&folder.join("data/outbox"));
    assert!(w3m(folder, &link, None).contains("Yes, send it to me"));
    assert!(runtime.block_on(desk.readers()).is_empty(), "opening the link changes nothing");
    assert!(w3m(folder, &link, Some("action=confirm")).contains("from the next edition on"));
    assert_eq!(runtime.block_on(desk.readers()), ["text@x.test"]);
    let choices = format!("{base}{}", desk.choices("text@x.test"));
    assert!(w3m(folder, &choices, Some("action=choose&topic=borders&hour=18")).contains("saved"));
    assert_eq!(runtime.block_on(desk.hour_of("text@x.test")), Some(18));
    assert!(w3m(folder, &choices, Some("action=leave")).contains("no more mail"));
    assert!(runtime.block_on(desk.readers()).is_empty());
}

fn confirm_link(outbox: &Path) -> String {
    for _ in 0..300 {
        let mails = std::fs::read_dir(outbox)
            .into_iter()
            .flatten()
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
        let plain = mails.map(|mail| mail.replace("=\r\n", "").replace("=3D", "="));
        let link = |mail: String| mail.split_whitespace().find(|word| word.contains("/confirm/")).map(str::to_owned);
        if let Some(link) = plain.into_iter().find_map(link) {
            return link;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no mail to confirm");
}
