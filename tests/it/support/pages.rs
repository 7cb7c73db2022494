//! A desk with pages on a free port: two days of news, two editions, and a client that follows nothing by itself.

use super::database;
use super::site::Site;
use chrono::{DateTime, TimeDelta};
use khyber::config;
use khyber::daemon::{Khyber, Which};
use khyber::model::{EntryId, StoryView, Timestamp};
use khyber::store::{EditionState, NewEdition};
use khyber::web;
use reqwest::StatusCode;
use std::path::Path;
use std::sync::Arc;

pub const SHUT: (&str, &str, &str, &str) = (
    "shut",
    "Torkham border crossing closed after Pakistani and Afghan forces exchange fire",
    "The Torkham crossing between Pakistan and Afghanistan was closed to trade and travellers on Sunday after an exchange of fire.",
    "Sun, 01 Mar 2026 03:00:00 +0000",
);
const EDITED: &str = "Torkham border crossing between Pakistan and Afghanistan reopens after exchange of fire";
const URDU: (&str, &str, &str, &str) = (
    "urdu",
    "پاکستان اور افغانستان کے درمیان طورخم سرحد پر تجارت بند",
    "طورخم کی سرحدی گزرگاہ پاکستان اور افغانستان کے درمیان تجارت کے لیے بند ہے۔",
    "Sun, 01 Mar 2026 04:00:00 +0000",
);
const LATER: (&str, &str, &str, &str) = (
    "later",
    "Torkham border crossing: Pakistan and Afghanistan agree to reopen Torkham after exchange of fire",
    "Officials of Pakistan and Afghanistan agreed to reopen the Torkham crossing to trade and travellers after the exchange of fire.",
    "Mon, 02 Mar 2026 03:00:00 +0000",
);

pub fn morning() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-03-01T06:05:00Z").unwrap().to_utc()
}

pub struct Desk {
    pub folder: tempfile::TempDir,
    pub khyber: Arc<Khyber>,
    pub base: String,
    pub client: reqwest::Client,
}

/// `web`: further lines of `[web]`.
pub async fn desk(web_lines: &str) -> Desk {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.set_feed("indus", &[SHUT, URDU]);
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [web]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://digest.desk.test/khyber\"\n{web_lines}\n\
         [[feed]]\nid = \"indus\"\nurl = \"{}\"\npublisher = \"Indus\"\nside = \"pakistan\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n\
         [[digest]]\nid = \"weekly\"\ntitle = \"Weekly\"\nschedule = \"0 6 * * 0\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n",
        site.url("indus")
    );
    std::fs::write(folder.path().join("khyber.toml"), text).unwrap();
    let khyber = Arc::new(Khyber::open(configuration(folder.path()), morning()).await.unwrap());
    khyber.poll_once(Which::Due, morning(), &|_| {}).await.unwrap();
    khyber.publish_due(None, morning()).await.unwrap();
    site.set_feed("indus", &[LATER, (SHUT.0, EDITED, SHUT.2, SHUT.3), URDU]);
    let next = morning() + TimeDelta::days(1);
    khyber.poll_once(Which::Due, next, &|_| {}).await.unwrap();
    khyber.publish_due(None, next).await.unwrap();
    let base = serve(khyber.clone()).await;
    // The library brings no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    Desk { folder, khyber, base, client }
}

pub fn configuration(folder: &Path) -> config::Config {
    database::load(&folder.join("khyber.toml")).unwrap_or_else(|problems| panic!("{problems}")).0
}

/// Its pages on a free port.
pub async fn serve(khyber: Arc<Khyber>) -> String {
    let bound = web::bind(khyber.config.web.as_ref().unwrap()).await.unwrap();
    let base = format!("http://{}", bound.address().unwrap());
    let pages = web::pages(khyber, morning()).await.unwrap();
    tokio::spawn(async move { bound.serve(pages).await });
    base
}

impl Desk {
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// A page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }

    pub async fn post(&self, path: &str, body: &str) -> (u16, String) {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What stands in a link of ours, below the path of the proxy.
    pub fn own<'a>(&self, link: &'a str) -> &'a str {
        let path = link.strip_prefix("https://digest.desk.test").unwrap_or(link);
        path.strip_prefix("/khyber").unwrap_or_else(|| panic!("{link} is not ours"))
    }

    /// The newest edition once more, changed, and as another schedule's.
    pub async fn tell_again(&self, cadence: &str, slot: Timestamp, change: impl Fn(&mut StoryView)) {
        let store = &self.khyber.store;
        let newest = store.editions(1).await.unwrap().remove(0);
        let mut digest = store.edition(newest.id).await.unwrap().unwrap().1.unwrap();
        digest.slot = slot;
        digest.sections.iter_mut().for_each(|section| section.stories.iter_mut().for_each(&change));
        let (state, upto, content) = (EditionState::Published, EntryId(1_000), Some(&digest));
        let new = NewEdition { digest: &newest.digest, cadence, slot, state, upto, content, deliveries: Vec::new() };
        store.create_edition(new, slot).await.unwrap();
    }

    /// The command line over the same folder.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_khyber"));
        let ran = database::tell(&mut command, self.folder.path())
            .arg("-c")
            .arg(self.folder.path().join("khyber.toml"))
            .args(arguments)
            .output()
            .unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.success(), String::from_utf8(said).unwrap())
    }
}

/// Addresses of the links of a page whose path holds `part`.
pub fn links(page: &str, part: &str) -> Vec<String> {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    found.filter(|link| link.contains(part)).map(|link| link.replace("&amp;", "&").replace("&#38;", "&")).collect()
}
