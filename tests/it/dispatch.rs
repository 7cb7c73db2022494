//! The order in which mails leave: the relay's rate, and places that no single domain can hold all of.

use super::support::database;
use khyber::config;
use khyber::daemon::Khyber;
use khyber::demo::sink::Sink;
use khyber::model::{DeliveryStatus, Timestamp};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn write_config(folder: &Path, port: u16, smtp: &str, readers: &[String]) {
    let readers: String =
        readers.iter().map(|reader| format!("[[subscriber]]\nemail = \"{reader}\"\ndigest = \"daily\"\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = {port}\n{smtp}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

fn load(folder: &Path) -> config::Config {
    database::load(&folder.join("khyber.toml")).unwrap_or_else(|problems| panic!("{problems}")).0
}

/// Accepted, queued, and anything else.
async fn states(khyber: &Khyber) -> (i64, i64, i64) {
    let (counts, _) = khyber.store.outbox_counts().await.unwrap();
    let count = |wanted| counts.iter().filter(|(status, _)| *status == wanted).map(|(_, count)| count).sum();
    let (accepted, queued) = (count(DeliveryStatus::Accepted), count(DeliveryStatus::Queued));
    (accepted, queued, counts.iter().map(|(_, count)| count).sum::<i64>() - accepted - queued)
}

#[tokio::test]
async fn a_rate_holds_over_a_reload_and_a_restart_and_what_waits_is_not_leased() {
    let (folder, sink, morning) =
        (tempfile::tempdir().unwrap(), Sink::start().await.unwrap(), at("2026-03-01T06:05:00Z"));
    let folder = folder.path();
    let readers: Vec<String> = (0..17).map(|n| format!("reader{n}@x.test")).collect();
    let rate = |rate: &str| write_config(folder, sink.port(), &format!("rate = \"{rate}\""), &readers);

    rate("5/h");
    let mut khyber = Khyber::open(load(folder), morning).await.unwrap();
    khyber.publish_due(None, morning).await.unwrap();
    let sent = khyber.dispatch(&|| morning, &|| false).await.unwrap();
    assert_eq!((sent.accepted, states(&khyber).await), (5, (5, 12, 0)));
    let wait = sent.held_back.unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(3_600), "{wait:?}");

    khyber = khyber.reconfigured(load(folder)).await.unwrap();
    assert_eq!(khyber.dispatch(&|| morning, &|| false).await.unwrap().accepted, 0, "reloaded");
    rate("6/h");
    khyber = khyber.reconfigured(load(folder)).await.unwrap();
    assert_eq!(khyber.dispatch(&|| morning, &|| false).await.unwrap().accepted, 1, "raised by one");
    assert_eq!(states(&khyber).await, (6, 11, 0));

    khyber.store.close().await;
    drop(khyber);
    let later = at("2026-03-01T06:50:00Z");
    khyber = Khyber::open(load(folder), later).await.unwrap();
    assert_eq!(khyber.dispatch(&|| later, &|| false).await.unwrap().accepted, 0, "started anew");
    khyber.store.close().await;
    drop(khyber);
    let later = at("2026-03-01T07:06:00Z");
    khyber = Khyber::open(load(folder), later).await.unwrap();
    assert_eq!(khyber.dispatch(&|| later, &|| false).await.unwrap().accepted, 6, "an hour is over");

    // `run --once` waits itself.
    rate("2/s");
    khyber = khyber.reconfigured(load(folder)).await.unwrap();
    let later = at("2026-03-01T08:30:00Z");
    let sent = khyber.dispatch_due(later, &|| false).await.unwrap();
    assert_eq!((sent.accepted, sent.held_back, states(&khyber).await), (5, None, (17, 0, 0)));
    assert_eq!(sink.messages().iter().flat_map(|mail| mail.to.clone()).collect::<BTreeSet<_>>().len(), 17);
}

#[tokio::test]
async fn what_did_not_reach_the_relay_takes_nothing_of_its_rate() {
    let (folder, sink, morning) =
        (tempfile::tempdir().unwrap(), Sink::start().await.unwrap(), at("2026-03-01T06:05:00Z"));
    let folder = folder.path();
    let readers: Vec<String> = (0..4).map(|n| format!("reader{n}@x.test")).collect();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    write_config(folder, closed, "rate = \"2/h\"", &readers);
    let mut khyber = Khyber::open(load(folder), morning).await.unwrap();
    khyber.publish_due(None, morning).await.unwrap();
    let failed = khyber.dispatch(&|| morning, &|| false).await.unwrap();
    assert!(failed.accepted == 0 && failed.deferred >= 4, "{failed:?}");
    assert_eq!(failed.held_back, None, "the rate holds nothing back: the relay does");

    // The same process, once the relay is back, and one that was started anew.
    let later = at("2026-03-01T06:35:00Z");
    write_config(folder, sink.port(), "rate = \"2/h\"", &readers);
    khyber = khyber.reconfigured(load(folder)).await.unwrap();
    let sent = khyber.dispatch(&|| later, &|| false).await.unwrap();
    assert_eq!((sent.accepted, sent.held_back.is_some()), (2, true));
    khyber.store.close().await;
    drop(khyber);
    khyber = Khyber::open(load(folder), later).await.unwrap();
    assert_eq!(khyber.dispatch(&|| later, &|| false).await.unwrap().accepted, 0, "the two that went count");
    khyber.store.close().await;
    drop(khyber);

    let said = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        database::tell(command.current_dir(folder).env_clear(), folder);
        command.args(arguments).args(["--at", "2026-03-01T06:35:00Z"]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let status = said(&["status"]);
    assert!(status.contains("2 accepted, 2 deferred") || status.contains("2 deferred, 2 accepted"), "{status}");
    assert!(status.contains("mails that are due wait for the relay's `rate`: the next goes in "), "{status}");
    assert!(status.contains("250 ") && !status.contains("reader"), "the last answer, without an address: {status}");
    let json: serde_json::Value = serde_json::from_str(&said(&["status", "--json"])).unwrap();
    let wait = json["relay"]["rate_wait_s"].as_u64().unwrap();
    assert!((3_590..=3_601).contains(&wait), "{json}");
}

#[test]
fn a_rate_that_is_none_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), 25, "rate = \"60 per minute\"", &["a@x.test".to_owned()]);
    let problems = database::load(&folder.path().join("khyber.toml")).unwrap_err().to_string();
    for wanted in ["khyber.toml:8", "rate", "`60 per minute` is not a rate such as \"60/min\"", "/day"] {
        assert!(problems.contains(wanted), "{problems}");
    }
}

/// What a relay saw that answers the final dot to slow.test only when all others are through.
#[derive(Debug, Default)]
struct Seen {
    quick: usize,
    slow: usize,
    slow_at_once: usize,
    most_slow: usize,
    given_up: bool,
}

async fn talk(
    stream: TcpStream,
    seen: Arc<Mutex<Seen>>,
    through: watch::Sender<bool>,
    quick: usize,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut slow = false;
    writer.write_all(b"220 relay.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("RCPT") {
            slow = line.contains("@slow.test");
        }
        if line != "DATA" {
            writer.write_all(b"250 2.0.0 ok\r\n").await?;
            continue;
        }
        if slow {
            let mut seen = seen.lock().unwrap();
            seen.slow_at_once += 1;
            seen.most_slow = seen.most_slow.max(seen.slow_at_once);
        }
        writer.write_all(b"354 go on\r\n").await?;
        while lines.next_line().await?.is_some_and(|line| line != ".") {}
        if slow {
            // Without fairness this would last for ever.
            let mut go = through.subscribe();
            let waited = tokio::time::timeout(Duration::from_secs(60), go.wait_for(|through| *through)).await.is_err();
            let mut seen = seen.lock().unwrap();
            seen.given_up |= waited;
            seen.slow_at_once -= 1;
            seen.slow += 1;
        } else {
            let mut seen = seen.lock().unwrap();
            seen.quick += 1;
            if seen.quick == quick {
                through.send_replace(true);
            }
        }
        writer.write_all(b"250 2.0.0 ok\r\n").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_domain_does_not_hold_the_places_of_the_others() {
    let (folder, morning) = (tempfile::tempdir().unwrap(), at("2026-03-01T06:05:00Z"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, through) = (Arc::<Mutex<Seen>>::default(), watch::Sender::new(false));
    let kept = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, Arc::clone(&kept), through.clone(), 12));
        }
    });
    // The slow ones come first in the queue, and some write their domain in capitals.
    let slow = (0..20).map(|n| format!("reader{n}@{}", if n % 2 == 0 { "slow.test" } else { "SLOW.test" }));
    let readers: Vec<String> = slow.chain((0..12).map(|n| format!("reader{n}@quick{}.test", n % 5))).collect();
    write_config(folder.path(), port, "concurrency = 4", &readers);
    let khyber = Khyber::open(load(folder.path()), morning).await.unwrap();
    khyber.publish_due(None, morning).await.unwrap();
    let sent = khyber.dispatch_due(morning, &|| false).await.unwrap();
    assert_eq!(sent.accepted, 32);
    let seen = seen.lock().unwrap();
    assert_eq!((seen.quick, seen.slow, seen.most_slow, seen.given_up), (12, 20, 2, false), "half of four places");
}

#[tokio::test]
async fn dispatching_can_be_a_task_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), 9, "", &["reader@x.test".to_owned()]);
    let now = at("2026-03-01T06:05:00Z");
    let khyber = Arc::new(Khyber::open(load(folder.path()), now).await.unwrap());
    let report = tokio::spawn(async move { khyber.dispatch_due(now, &|| false).await }).await.unwrap().unwrap();
    assert_eq!(report.tried(), 0);
}
