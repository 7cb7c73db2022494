//! Leaving, pausing and choosing: over real sockets, as mail programs, link scanners and people do it.

use super::support::database;
use super::support::site::Site;
use chrono::{DateTime, TimeDelta};
use khyber::daemon::{Khyber, Which};
use khyber::model::{DeliveryStatus, Scope, Timestamp};
use khyber::store::DeliveryFilter;
use khyber::web;
use mail_parser::{HeaderValue, Message, MessageParser};
use reqwest::StatusCode;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const SHUT: (&str, &str, &str, &str) = (
    "shut",
    "Torkham border crossing closed after Pakistani and Afghan forces exchange fire",
    "The Torkham crossing between Pakistan and Afghanistan was closed to trade and travellers on Sunday after an exchange of fire.",
    "Sun, 01 Mar 2026 03:00:00 +0000",
);

fn morning() -> Timestamp {
    DateTime::parse_from_rfc3339("2026-03-01T06:05:00Z").unwrap().to_utc()
}

/// A desk whose first edition for two readers waits in the outbox, and its pages on a free port.
struct Desk {
    folder: tempfile::TempDir,
    khyber: Arc<Khyber>,
    base: String,
    client: reqwest::Client,
}

async fn open(folder: &Path) -> Khyber {
    let (config, _) = database::load(&folder.join("khyber.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    Khyber::open(config, morning()).await.unwrap()
}

async fn desk() -> Desk {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    site.set_feed("indus", &[SHUT]);
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [web]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://digest.desk.test/khyber\"\n\
         [[feed]]\nid = \"indus\"\nurl = \"{}\"\npublisher = \"Indus\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nscope = [\"bilateral\", \"pk\"]\n\
         [[subscriber]]\nemail = \"reader@x.test\"\n[[subscriber]]\nemail = \"other@x.test\"\nlanguage = \"ur\"\n",
        site.url("indus")
    );
    std::fs::write(folder.path().join("khyber.toml"), text).unwrap();
    let khyber = Arc::new(open(folder.path()).await);
    khyber.poll_once(Which::Due, morning(), &|_| {}).await.unwrap();
    khyber.publish_due(None, morning()).await.unwrap();
    let bound = web::bind(khyber.config.web.as_ref().unwrap()).await.unwrap();
    let base = format!("http://{}", bound.address().unwrap());
    let pages = web::pages(khyber.clone(), morning()).await.unwrap();
    tokio::spawn(async move { bound.serve(pages).await });
    // The library brings no TLS provider of its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    Desk { folder, khyber, base, client }
}

impl Desk {
    /// Path and query of the one-click address in the reader's waiting mail.
    async fn link(&self, reader: &str) -> String {
        let bytes = self.mail(reader).await;
        let mail = MessageParser::default().parse(&bytes).unwrap();
        let Some(HeaderValue::Address(list)) = mail.header("List-Unsubscribe") else { panic!("{mail:?}") };
        let first = list.iter().next().unwrap().address().unwrap().to_owned();
        first.strip_prefix("https://digest.desk.test/khyber").unwrap().to_owned()
    }

    async fn mail(&self, reader: &str) -> Vec<u8> {
        let rows = self.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
        let row = rows.iter().find(|row| row.subscriber.as_str() == reader).unwrap();
        self.khyber.store.delivery_bytes(row.id).await.unwrap().unwrap()
    }

    async fn post(&self, path: &str, content_type: &str, body: &str) -> (StatusCode, String) {
        let request = self.client.post(format!("{}{path}", self.base)).header("content-type", content_type);
        let answer = request.body(body.to_owned()).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn form(&self, path: &str, body: &str) -> (StatusCode, String) {
        self.post(path, "application/x-www-form-urlencoded", body).await
    }

    /// Everything a page could change.
    async fn state(&self) -> String {
        let store = &self.khyber.store;
        let rows = store.deliveries(&DeliveryFilter::default()).await.unwrap();
        format!("{:?} {:?} {rows:?}", store.preferences().await.unwrap(), store.suppressions().await.unwrap())
    }

    async fn status(&self, reader: &str) -> DeliveryStatus {
        let rows = self.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
        rows.iter().find(|row| row.subscriber.as_str() == reader).unwrap().status
    }

    /// Who would be mailed at `now`.
    async fn readers(&self, now: Timestamp) -> Vec<String> {
        let readers = self.khyber.readers(now).await.unwrap();
        readers.iter().map(|reader| reader.email.as_str().to_owned()).collect()
    }
}

fn header<'a>(mail: &'a Message<'_>, name: &'a str) -> &'a str {
    mail.header_raw(name).unwrap_or_default().trim()
}

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

#[tokio::test]
async fn the_mail_offers_one_click_and_a_page() {
    let desk = desk().await;
    let bytes = desk.mail("reader@x.test").await;
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(header(&mail, "List-Unsubscribe-Post"), ONE_CLICK);
    let offered = header(&mail, "List-Unsubscribe");
    assert!(
        offered.starts_with("<https://digest.desk.test/khyber/leave/") && offered.contains("<mailto:"),
        "{offered}"
    );
    assert!(!offered.contains("reader"), "a link holds no address: {offered}");
    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    let page = format!("https://digest.desk.test/khyber{}", desk.link("reader@x.test").await);
    assert!(text.contains(&page) && html.contains(&page), "{page}\n{text}");
    let urdu = desk.mail("other@x.test").await;
    let urdu = MessageParser::default().parse(&urdu).unwrap().body_text(0).unwrap().into_owned();
    for (text, lang) in [(text.as_ref(), "en"), (urdu.as_str(), "ur")] {
        let view = text.split_whitespace().find(|word| word.contains("/edition/daily/")).unwrap();
        assert!(view.ends_with(&format!("?lang={lang}")), "{view}");
        let view = view.strip_prefix("https://digest.desk.test/khyber").unwrap();
        let shown =
            desk.client.get(format!("{}{view}", desk.base)).header("accept-language", "ps").send().await.unwrap();
        assert!(shown.text().await.unwrap().contains(&format!("<html lang=\"{lang}\"")), "{view}");
    }
    assert_ne!(desk.link("reader@x.test").await, desk.link("other@x.test").await);
}

/// Every address of ours in a mail: of its headers, its text and its HTML.
fn own_links(mail: &[u8]) -> BTreeSet<String> {
    let parsed = MessageParser::default().parse(mail).unwrap();
    let Some(HeaderValue::Address(list)) = parsed.header("List-Unsubscribe") else { panic!("{parsed:?}") };
    let mut text: Vec<String> = list.iter().filter_map(|one| one.address().map(str::to_owned)).collect();
    text.push(parsed.body_text(0).unwrap().into_owned());
    text.push(parsed.body_html(0).unwrap().replace("&amp;", "&").replace("&#38;", "&"));
    let words = text.iter().flat_map(|text| text.split(|c: char| c.is_whitespace() || "\"<>()".contains(c)));
    words.filter(|word| word.starts_with("https://digest.desk.test/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_thousand_scanners_change_nothing() {
    let desk = desk().await;
    let before = desk.state().await;
    for reader in ["reader@x.test", "other@x.test"] {
        let links = own_links(&desk.mail(reader).await);
        for part in ["/leave/", "#change", "#pause", "/edition/"] {
            assert!(links.iter().any(|link| link.contains(part)), "{part}: {links:?}");
        }
        // A browser keeps what stands behind # to itself; a scanner may not.
        let urls: Vec<String> = links
            .iter()
            .map(|link| format!("{}{}", desk.base, link.strip_prefix("https://digest.desk.test/khyber").unwrap()))
            .collect();
        for url in urls.iter().cycle().take(500usize.next_multiple_of(urls.len())) {
            assert_eq!(desk.client.get(url).send().await.unwrap().status(), StatusCode::OK, "{url}");
            assert_eq!(desk.client.head(url).send().await.unwrap().status(), StatusCode::OK, "{url}");
        }
        let url = format!("{}{}", desk.base, desk.link(reader).await);
        // A scanner that fills in what a mail program would post, but does not post it.
        let filled = format!("{url}&{ONE_CLICK}&action=leave-all");
        assert_eq!(desk.client.get(&filled).send().await.unwrap().status(), StatusCode::OK);
        for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
            let answer = desk.client.request(method, &url).body(ONE_CLICK).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
    }
    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn one_click_leaves_before_the_next_send() {
    let desk = desk().await;
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let (status, page) =
        desk.post(&desk.link("reader@x.test").await, "multipart/form-data; boundary=x", multipart).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let (status, _) = desk.form(&desk.link("other@x.test").await, ONE_CLICK).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(desk.status("reader@x.test").await, DeliveryStatus::Suppressed);
    let sent = desk.khyber.dispatch_due(morning(), &|| false).await.unwrap();
    assert_eq!(sent.tried(), 0);
    assert_eq!(desk.readers(morning()).await, Vec::<String>::new());
    assert!(!desk.folder.path().join("data/outbox").exists(), "no mail was written");
}

#[tokio::test]
async fn nobody_learns_whether_a_token_is_somebodys() {
    let desk = desk().await;
    let link = desk.link("reader@x.test").await;
    let unknown = link.replace(&link[7..39], &"a".repeat(32));
    let get =
        async |path: &str| desk.client.get(format!("{}{path}", desk.base)).send().await.unwrap().text().await.unwrap();
    assert_eq!(get(&link).await, get(&unknown).await);
    for body in
        [ONE_CLICK, "action=leave-all", "action=pause&days=14", "action=choose&topic=trade&hour=9", "action=come-back"]
    {
        assert_eq!(desk.form(&link, body).await, desk.form(&unknown, body).await, "{body}");
    }
    let (status, _) = desk.form("/leave/not-a-token", ONE_CLICK).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_understood_changes_nothing_and_says_so() {
    let desk = desk().await;
    let (link, before) = (desk.link("reader@x.test").await, desk.state().await);
    let long = format!("action=leave&x={}", "y".repeat(20_000));
    for (content_type, body, wants) in [
        ("application/x-www-form-urlencoded", "", 400),
        ("application/x-www-form-urlencoded", "action=destroy", 400),
        ("application/x-www-form-urlencoded", "action=pause&days=99999", 400),
        ("application/x-www-form-urlencoded", "action=choose&topic=%00", 400),
        ("application/x-www-form-urlencoded", long.as_str(), 413),
        ("text/plain", ONE_CLICK, 415),
        ("application/json", "{\"List-Unsubscribe\":\"One-Click\"}", 415),
        ("multipart/form-data", "--x\r\n", 400),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nleave", 400),
    ] {
        let (status, page) = desk.post(&link, content_type, body).await;
        assert_eq!(status.as_u16(), wants, "{content_type}: {body:.40}");
        assert!(page.contains("nothing was changed"), "{page}");
    }
    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn a_pause_ends_by_itself_and_choices_hold() {
    let desk = desk().await;
    let link = desk.link("reader@x.test").await;
    let before = khyber::daemon::clock::now();
    desk.form(&link, "action=choose&topic=trade&topic=borders&hour=18").await;
    let readers = desk.khyber.readers(before).await.unwrap();
    let reader = readers.iter().find(|reader| reader.email.as_str() == "reader@x.test").unwrap();
    assert_eq!(reader.select.topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>(), ["trade", "borders"]);
    assert_eq!(reader.schedule.as_ref().unwrap().as_str(), "0 18 * * *");

    desk.form(&link, "action=pause&days=7").await;
    assert_eq!(desk.readers(before + TimeDelta::days(6)).await, ["other@x.test"]);
    assert_eq!(desk.readers(before + TimeDelta::days(8)).await, ["reader@x.test", "other@x.test"]);
    desk.form(&link, "action=leave-all").await;
    assert_eq!(desk.khyber.store.suppressions().await.unwrap().len(), 1);
    desk.form(&link, "action=come-back").await;
    assert_eq!(desk.khyber.store.suppressions().await.unwrap().len(), 0);
    assert_eq!(desk.readers(before).await.len(), 2);
}

#[tokio::test]
async fn a_scope_that_no_digest_takes_chooses_nothing() {
    let desk = desk().await;
    let link = desk.link("reader@x.test").await;
    for (scopes, wanted) in [("&scope=af&scope=pk", vec![Scope::Pk]), ("&scope=af", Vec::new())] {
        desk.form(&link, &format!("action=choose{scopes}")).await;
        let readers = desk.khyber.readers(morning()).await.unwrap();
        let reader = readers.iter().find(|reader| reader.email.as_str() == "reader@x.test").unwrap();
        assert_eq!(reader.select.scopes, wanted, "{scopes}");
    }
    let page = desk.client.get(format!("{}{link}", desk.base)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(r#"name="scope" value="pk""#), "{page}");
    assert!(!page.contains(r#"name="scope" value="af""#), "a box that does nothing");
}

#[tokio::test]
async fn the_form_shows_what_holds_and_saving_it_changes_nothing() {
    let desk = desk().await;
    let link = desk.link("reader@x.test").await;
    let get = async || desk.client.get(format!("{}{link}", desk.base)).send().await.unwrap().text().await.unwrap();
    let wish = "action=choose&topic=trade&topic=borders&scope=pk&kind=news&reads=ur&day=mon&hour=18&zone=Asia%2FSeoul&stories=12&format=text&language=fa";
    desk.form(&link, wish).await;
    let page = get().await;
    let mut ticked: Vec<(&str, &str)> = Vec::new();
    for input in page.split("<input ").skip(1).filter_map(|rest| rest.split('>').next()) {
        let value = |name: &str| input.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        ticked.extend(input.ends_with(" checked").then(|| (value("name"), value("value"))));
    }
    assert_eq!(
        ticked,
        [("topic", "borders"), ("topic", "trade"), ("scope", "pk"), ("kind", "news"), ("reads", "ur"), ("day", "mon")]
    );
    let selected: Vec<&str> =
        page.split("<option value=\"").filter(|rest| rest.split('>').next().unwrap().ends_with(" selected")).collect();
    let selected: Vec<&str> = selected.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(selected, ["18", "Asia/Seoul", "12", "text", "fa"]);
    let again: Vec<String> = ticked.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let before = desk.khyber.readers(morning()).await.unwrap();
    let rest = "hour=18&zone=Asia%2FSeoul&stories=12&format=text&language=fa";
    desk.form(&link, &format!("action=choose&{}&{rest}", again.join("&"))).await;
    let after = desk.khyber.readers(morning()).await.unwrap();
    // The form has the topics in the coverage's order.
    let sorted = |mut readers: Vec<khyber::model::Subscriber>| {
        readers.iter_mut().for_each(|reader| reader.select.topics.sort());
        readers
    };
    assert_eq!(sorted(before), sorted(after));

    assert!(!page.contains("class=\"state\""));
    desk.form(&link, "action=pause&days=7").await;
    assert!(get().await.contains("Nothing is sent until"));
    desk.form(&link, "action=leave").await;
    assert!(get().await.contains("You have left this digest"));
    desk.form(&link, "action=come-back").await;
    let page = get().await;
    assert!(!page.contains("class=\"state\"") && !page.contains("x.test"), "{page}");
    // None ticked is all, and the topics of the configuration go on to decide where they were not changed.
    desk.form(&link, "action=choose").await;
    let chosen = desk.khyber.store.preferences_of(&"reader@x.test".parse().unwrap()).await.unwrap();
    assert_eq!(chosen.choice, khyber::store::Choice::default());
}

#[tokio::test]
async fn a_readers_wish_never_ends_another_suppression() {
    let desk = desk().await;
    let (link, address) = (desk.link("reader@x.test").await, "reader@x.test".parse().unwrap());
    desk.khyber.store.suppress(&address, "complaint", None, morning()).await.unwrap();
    for body in ["action=pause&days=7", "action=leave-all", "action=come-back"] {
        desk.form(&link, body).await;
    }
    let suppressions = desk.khyber.store.suppressions().await.unwrap();
    assert_eq!((suppressions.len(), suppressions[0].reason.as_str(), suppressions[0].until), (1, "complaint", None));
}

#[tokio::test]
async fn pages_load_nothing_and_speak_the_readers_language() {
    let desk = desk().await;
    let link = desk.link("other@x.test").await;
    assert!(link.ends_with("?lang=ur"));
    let answer = desk.client.get(format!("{}{link}", desk.base)).send().await.unwrap();
    let headers = answer.headers().clone();
    let value = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert!(value("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    assert_eq!((value("cache-control"), value("referrer-policy")), ("no-store".into(), "no-referrer".into()));
    assert!(headers.get("set-cookie").is_none());
    let page = answer.text().await.unwrap();
    assert!(page.contains("<html lang=\"ur\" dir=\"rtl\">") && page.contains("یہ خبرنامہ بند کریں"), "{page}");
    for outside in ["<script", "<img", "<link", "http:", "https:", "x.test"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let dari = desk.client.get(format!("{}/leave/x", desk.base)).header("accept-language", "de, prs;q=0.9, en;q=0.8");
    assert!(dari.send().await.unwrap().text().await.unwrap().contains("lang=\"fa\""));
}

#[tokio::test]
async fn a_link_outlives_the_configuration_that_named_its_reader() {
    let desk = desk().await;
    let link = desk.link("reader@x.test").await;
    let file = desk.folder.path().join("khyber.toml");
    let text = std::fs::read_to_string(&file).unwrap().replace("[[subscriber]]\nemail = \"reader@x.test\"\n", "");
    std::fs::write(&file, text).unwrap();
    let (config, _) = database::load(&file).unwrap();
    let without = Arc::new(desk.khyber.reconfigured(config).await.unwrap());
    let bound = web::bind(without.config.web.as_ref().unwrap()).await.unwrap();
    let base = format!("http://{}", bound.address().unwrap());
    let pages = web::pages(without, morning()).await.unwrap();
    tokio::spawn(async move { bound.serve(pages).await });
    let desk = Desk { base, ..desk };
    desk.form(&link, ONE_CLICK).await;
    assert_eq!(desk.readers(morning()).await, ["other@x.test"], "put back into the configuration, they stay away");
}

#[tokio::test]
async fn check_points_at_subscribers_who_get_no_mail() {
    let desk = desk().await;
    desk.form(&desk.link("reader@x.test").await, ONE_CLICK).await;
    desk.khyber.store.suppress(&"other@x.test".parse().unwrap(), "bounced: 5.1.1", None, morning()).await.unwrap();
    let file = desk.folder.path().join("khyber.toml");
    let ran = database::tell(&mut std::process::Command::new(env!("CARGO_BIN_EXE_khyber")), file.parent().unwrap())
        .arg("-c")
        .arg(&file)
        .arg("check")
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}");
    let line = |email: &str| {
        let text = std::fs::read_to_string(&file).unwrap();
        text.lines().position(|line| line.contains(email)).unwrap() + 1
    };
    for (email, wants) in
        [("reader@x.test", "left the digest `daily`"), ("other@x.test", "suppressed and gets no mail: bounced: 5.1.1")]
    {
        assert!(said.contains(wants) && said.contains(&format!("khyber.toml:{}:", line(email))), "{said}");
    }
    assert!(!said.contains("reader@x.test"), "{said}");
}
