//! Subscribing on the web: double opt-in, one answer for everybody, nothing for programs, and everything gone when erased.

use super::support::pages::{Desk, desk, links, morning};
use chrono::TimeDelta;
use khyber::daemon::{CONFIRM_WITHIN, clock};
use khyber::model::{DeliveryStatus, EmailAddress, Lang};
use khyber::store::{DeliveryFilter, DeliveryRow};
use mail_parser::MessageParser;
use std::time::Duration;

const OPEN: &str = "subscribe = \"open\"\nclient_header = \"x-real-ip\"";
const NEW: &str = "email=New.Reader%40X.test&digest=daily&topic=trade&language=ur&website=";

/// The mails that ask to confirm.
async fn asked(desk: &Desk) -> Vec<DeliveryRow> {
    let rows = desk.khyber.store.deliveries(&DeliveryFilter::default()).await.unwrap();
    rows.into_iter().filter(|row| row.digest.as_str() == "confirm").collect()
}

/// The form's work goes on beside its answer.
async fn until(desk: &Desk, mails: usize) -> Vec<DeliveryRow> {
    for _ in 0..500 {
        let rows = asked(desk).await;
        if rows.len() >= mails {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no {mails} mails to confirm");
}

/// Path and query of the link in the mail, and the mail's text.
async fn link(desk: &Desk, row: &DeliveryRow) -> (String, String) {
    let bytes = desk.khyber.store.delivery_bytes(row.id).await.unwrap().unwrap();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let text = mail.body_text(0).unwrap().into_owned();
    let link = text.split_whitespace().find(|word| word.starts_with("https://")).unwrap().to_owned();
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some(row.subscriber.as_str()));
    (desk.own(&link).to_owned(), format!("{}\n{text}", mail.subject().unwrap()))
}

async fn readers(desk: &Desk) -> Vec<String> {
    let readers = desk.khyber.readers(clock::now()).await.unwrap();
    readers.iter().map(|reader| reader.email.as_str().to_owned()).collect()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_reader_subscribes_confirms_chooses_and_leaves() {
    let desk = desk(OPEN).await;
    let form = desk.page("/subscribe").await;
    assert!(form.contains("name=\"email\"") && form.contains("value=\"weekly\""), "{form}");
    assert_eq!(desk.post("/subscribe", NEW).await.0, 200);
    let mails = until(&desk, 1).await;
    assert_eq!((mails[0].subscriber.as_str(), mails[0].status), ("new.reader@x.test", DeliveryStatus::Queued));
    let (link, text) = link(&desk, &mails[0]).await;
    assert!(text.contains("تصدیق کیجیے") && text.contains("Daily"), "{text}");
    let sent = desk.khyber.dispatch_due(clock::now(), &|| false).await.unwrap();
    assert!(sent.accepted >= 1, "the outbox sends it as every other mail: {sent:?}");

    // Scanners open links, again and again.
    for _ in 0..20 {
        assert!(desk.page(&link).await.contains("<button name=\"action\" value=\"confirm\">"));
        assert_eq!(desk.client.head(format!("{}{link}", desk.base)).send().await.unwrap().status(), 200);
    }
    assert_eq!(readers(&desk).await, ["reader@x.test"]);

    let (status, page) = desk.post(&link, "action=confirm").await;
    assert_eq!((status, readers(&desk).await), (200, vec!["reader@x.test".to_owned(), "new.reader@x.test".to_owned()]));
    let all = desk.khyber.readers(clock::now()).await.unwrap();
    let reader = &all[1];
    assert_eq!(
        (reader.lang, reader.select.topics[0].as_str(), reader.digests[0].as_str()),
        (Lang::Ur, "trade", "daily")
    );
    let (_, again) = desk.post(&link, "action=confirm").await;
    assert_ne!(page, again, "a link is good once");

    let choices = links(&page, "/leave/");
    let choices = desk.own(&choices[0]);
    let wish =
        "action=choose&hour=18&scope=pk&kind=news&reads=ur&stories=5&format=text&day=mon&zone=Asia%2FKabul&language=ps";
    assert_eq!(desk.post(choices, wish).await.0, 200);
    let all = desk.khyber.readers(clock::now()).await.unwrap();
    let reader = &all[1];
    assert_eq!((reader.lang, reader.select.max_stories, reader.select.topics.len()), (Lang::Ps, Some(5), 0));
    assert_eq!(reader.schedule.as_ref().unwrap().as_str(), "0 18 * * 1");
    assert_eq!(reader.timezone, Some(chrono_tz::Asia::Kabul));

    let published = desk.khyber.publish_due(None, clock::now()).await.unwrap();
    assert!(!published.editions.is_empty());
    assert_eq!(desk.post(choices, "List-Unsubscribe=One-Click").await.0, 200);
    assert_eq!(readers(&desk).await, ["reader@x.test"]);

    // And changes their mind, the long way round.
    let store = &desk.khyber.store;
    assert_eq!(store.erase(&address("somebody@x.test"), clock::now()).await.unwrap(), 0);
    let wish = store.web_subscribers().await.unwrap()[0].wish.clone();
    let tomorrow = clock::now() + TimeDelta::days(1);
    desk.khyber.ask_to_confirm(&wish, tomorrow).await.unwrap();
    let mails = asked(&desk).await;
    let token = link_token(&desk, &mails[0]).await;
    assert!(desk.khyber.confirm(&token, tomorrow).await.unwrap().is_some());
    assert_eq!(readers(&desk).await.len(), 2);
}

async fn link_token(desk: &Desk, row: &DeliveryRow) -> String {
    link(desk, row).await.0["/confirm/".len()..][..32].to_owned()
}

#[tokio::test]
async fn nobody_learns_who_is_known_and_nobody_is_mailed_twice() {
    let desk = desk(OPEN).await;
    desk.khyber.store.suppress(&address("bounced@x.test"), "bounced: 5.1.1", None, clock::now()).await.unwrap();
    let first = desk.post("/subscribe", NEW).await;
    until(&desk, 1).await;
    for known in
        ["reader%40x.test", "READER%40X.TEST", "Bounced%40x.test", "new.reader%40x.test", "NEW.reader%40x.test"]
    {
        let body = format!("email={known}&digest=daily&language=ur");
        assert_eq!(desk.post("/subscribe", &body).await, first, "{known}");
    }
    // Who comes last is asked last.
    assert_eq!(desk.post("/subscribe", "email=last%40x.test&digest=weekly&language=en").await.0, 200);
    let mails = until(&desk, 2).await;
    let to: Vec<&str> = mails.iter().map(|row| row.subscriber.as_str()).collect();
    assert_eq!(to, ["last@x.test", "new.reader@x.test"]);
    // Nor does the page behind a link that never was.
    let (good, _) = link(&desk, &mails[1]).await;
    let never = good.replace(&good["/confirm/".len()..][..32], &"a".repeat(32));
    assert_eq!(desk.page(&good).await, desk.page(&never).await);
}

#[tokio::test]
async fn the_answer_comes_before_anything_is_looked_up() {
    let desk = desk(OPEN).await;
    desk.khyber.store.suppress(&address("bounced@x.test"), "bounced: 5.1.1", None, clock::now()).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(desk.khyber.store.path());
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let held = pool.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    // Nobody can write now, and whoever is known is answered as fast as whoever is not.
    let mut answers = Vec::new();
    for who in ["new.reader", "reader", "bounced"] {
        answers.push(desk.post("/subscribe", &format!("email={who}%40x.test&digest=daily&language=en")).await);
    }
    assert_eq!(answers[0].0, 200);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    held.rollback().await.unwrap();
    assert_eq!(until(&desk, 1).await[0].subscriber.as_str(), "new.reader@x.test");
}

#[tokio::test]
async fn a_subscriber_can_be_asked_three_times_in_a_month_too() {
    let desk = desk(OPEN).await;
    desk.post("/subscribe", NEW).await;
    let first = until(&desk, 1).await;
    let token = link_token(&desk, &first[0]).await;
    let now = clock::now();
    let wish = desk.khyber.confirm(&token, now).await.unwrap().unwrap();
    for day in 1..20 {
        desk.khyber.ask_to_confirm(&wish, now + TimeDelta::days(day)).await.unwrap();
    }
    assert_eq!(asked(&desk).await.len(), 1 + 3);
}

#[tokio::test]
async fn an_address_that_never_answers_is_asked_three_times_in_a_month_and_then_forgotten() {
    let desk = desk(OPEN).await;
    let wish = khyber::store::WebWish {
        address: address("victim@x.test"),
        digests: vec!["daily".parse().unwrap()],
        topics: Vec::new(),
        lang: Lang::En,
    };
    for day in 0..29 {
        let now = morning() + TimeDelta::days(day);
        for _ in 0..3 {
            desk.khyber.ask_to_confirm(&wish, now).await.unwrap();
        }
        desk.khyber.prune(now).await.unwrap();
    }
    assert_eq!(asked(&desk).await.len(), 3);
    let end = morning() + TimeDelta::days(40);
    desk.khyber.prune(end).await.unwrap();
    let database = std::fs::read(desk.khyber.store.path()).unwrap();
    let wal = std::fs::read(desk.khyber.store.path().with_extension("db-wal")).unwrap_or_default();
    assert_eq!(desk.khyber.store.count_unconfirmed().await.unwrap(), 0);
    assert!(asked(&desk).await.iter().all(|row| !row.subscriber.as_str().contains("victim")));
    assert!(!database.is_empty() && wal.len() < usize::MAX);
    desk.khyber.ask_to_confirm(&wish, end).await.unwrap();
    assert_eq!(asked(&desk).await.len(), 4, "after a month they may ask again");
}

#[tokio::test]
async fn a_link_ends_and_so_does_what_was_kept_for_it() {
    let desk = desk(OPEN).await;
    desk.post("/subscribe", NEW).await;
    let mails = until(&desk, 1).await;
    let token = link_token(&desk, &mails[0]).await;
    let late = clock::now() + CONFIRM_WITHIN + TimeDelta::seconds(5);
    assert_eq!(desk.khyber.confirm(&token, late).await.unwrap(), None);
    assert_eq!(desk.khyber.confirm("not-a-token", late).await.unwrap(), None);
    desk.khyber.prune(late).await.unwrap();
    let mails = asked(&desk).await;
    assert_eq!(mails[0].status, DeliveryStatus::Cancelled, "what waited is not sent any more");
    assert!(mails[0].subscriber.as_str().starts_with("erased-"));
    assert_eq!(desk.khyber.store.delivery_bytes(mails[0].id).await.unwrap(), None);
}

#[tokio::test]
async fn programs_and_nonsense_change_nothing() {
    let desk = desk(OPEN).await;
    let (_, sent) = desk.post("/subscribe", NEW).await;
    until(&desk, 1).await;
    let trapped = NEW.replace("New.Reader", "robot").replace("website=", "website=https://spam.test");
    assert_eq!(desk.post("/subscribe", &trapped).await, (200, sent), "a program learns nothing either");
    let long = format!("email={}%40x.test&digest=daily&language=en", "a".repeat(300));
    let huge = format!("{NEW}&x={}", "y".repeat(20_000));
    for (body, wants) in [
        ("", 400),
        ("email=&digest=daily&language=en", 400),
        ("email=nobody&digest=daily&language=en", 400),
        ("email=a%40x.test&language=en", 400),
        ("email=a%40x.test&digest=nightly&language=en", 400),
        (long.as_str(), 400),
        (huge.as_str(), 413),
    ] {
        assert_eq!(desk.post("/subscribe", body).await.0, wants, "{body:.60}");
    }
    // The limit of one client is reached by now; another client's is not.
    assert_eq!(desk.post("/subscribe", NEW).await.0, 200);
    let (status, page) = desk.post("/subscribe", NEW).await;
    assert!(status == 429 && page.contains("Too many requests"), "{status} {page}");
    let elsewhere = desk.client.post(format!("{}/subscribe", desk.base)).header("x-real-ip", "203.0.113.9");
    let elsewhere = elsewhere.header("content-type", "application/x-www-form-urlencoded").body(NEW);
    assert_eq!(elsewhere.send().await.unwrap().status(), 200);
    assert_eq!(asked(&desk).await.len(), 1);
}

#[tokio::test]
async fn closed_is_as_if_it_were_not_there() {
    let desk = desk("").await;
    let nothing = desk.get("/nowhere").await.text().await.unwrap();
    for path in ["/subscribe", "/confirm/x", "/"] {
        let answer = desk.get(path).await;
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), (404, nothing.clone()), "{path}");
    }
    assert_eq!(desk.post("/subscribe", NEW).await, (404, nothing.clone()));
    assert_eq!(desk.post("/confirm/x", "action=confirm").await, (404, nothing));
    assert!(asked(&desk).await.is_empty());
}

#[tokio::test]
async fn the_operator_sees_where_a_reader_comes_from_and_erases_all_of_them() {
    let desk = desk(OPEN).await;
    desk.post("/subscribe", NEW).await;
    let mails = until(&desk, 1).await;
    let (link, _) = link(&desk, &mails[0]).await;
    let (_, page) = desk.post(&link, "action=confirm").await;
    let choices = links(&page, "/leave/");
    desk.post(desk.own(&choices[0]), "action=choose&hour=9").await;
    let (fine, said) = desk.run(&["subscribers", "list"]);
    let line = |who: &str| said.lines().find(|line| line.contains(who)).unwrap_or_else(|| panic!("{said}")).to_owned();
    assert!(fine && line("new.reader@x.test").contains(" web") && line("reader@x.test ").contains(" file"), "{said}");
    assert!(!desk.run(&["editions", "list"]).1.contains("confirm"), "a mail to confirm is no edition");
    assert!(desk.run(&["outbox", "list", "--all"]).1.contains("confirm"), "and it stands in the outbox");

    let (fine, said) = desk.run(&["--yes", "subscribers", "erase", "new.reader@x.test"]);
    assert!(fine, "{said}");
    let store = &desk.khyber.store;
    assert!(store.web_subscribers().await.unwrap().is_empty() && store.preferences().await.unwrap().is_empty());
    assert_eq!(readers(&desk).await, ["reader@x.test"]);
    assert!(asked(&desk).await.iter().all(|row| row.subscriber.as_str().starts_with("erased-")));
}

#[tokio::test]
async fn check_names_what_is_wrong_with_the_web_part() {
    let desk = desk("subscribe = \"open\"").await;
    let (fine, said) = desk.run(&["check"]);
    assert!(
        fine && said.contains("share one limit of requests") && said.contains("client_header = \"x-real-ip\""),
        "{said}"
    );
    let file = desk.folder.path().join("khyber.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let nobody = text.replace("[[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n", "");
    for (text, warned) in [(nobody.clone(), false), (nobody.replace("subscribe = \"open\"", ""), true)] {
        std::fs::write(&file, text).unwrap();
        let (_, said) = desk.run(&["check"]);
        assert_eq!(said.contains("nobody will get mail"), warned, "who subscribes by the form gets mail: {said}");
    }
    for (is, becomes, wants) in [
        ("subscribe = \"open\"", "subscribe = \"opne\"", "did you mean `open`?"),
        ("subscribe = \"open\"", "archive = \"secret\"", "is not \"private\" or \"public\""),
        ("subscribe = \"open\"", "status_token = \"tooshort\"", "openssl rand -hex 16"),
        ("subscribe = \"open\"", "client_header = \"x real ip\"", "is not the name of a header"),
        ("id = \"weekly\"", "id = \"confirm\"", "is the name of the mails that confirm a subscription"),
    ] {
        std::fs::write(&file, text.replace(is, becomes)).unwrap();
        let (fine, said) = desk.run(&["check"]);
        assert!(!fine && said.contains(wants) && !said.contains("tooshort"), "{becomes}: {said}");
    }
}
