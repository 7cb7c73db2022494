//! The operator's view: what is wrong is told through another way than the relay, once a day, and `status` and `outbox` show it.

use super::support::database;
use super::support::web::{Web, answer};
use khyber::daemon::Khyber;
use khyber::model::Timestamp;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn write_config(folder: &Path, notices: &str, more: &str) {
    let text = format!(
        "data_dir = \"data\"\noperator = \"head.of.desk@operator.test\"\n[mail]\nfrom = \"khyber@desk.test\"\nretry_for = \"1d\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n[notices]\n{notices}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"note\"\n\
         [[subscriber]]\nemail = \"reader.of.ours@x.test\"\ndigest = \"daily\"\n{more}",
        closed_port()
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

async fn open(folder: &Path, now: Timestamp) -> Khyber {
    let loaded = database::load(&folder.join("khyber.toml"));
    Khyber::open(loaded.unwrap_or_else(|problems| panic!("{problems}")).0, now).await.unwrap()
}

fn khyber(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
    command.current_dir(folder).env_clear().args(arguments).stdin(Stdio::null());
    database::tell(&mut command, folder).output().unwrap()
}

/// Six virtual days with a relay that is down, a step each quarter of an hour, the process restarted every day.
async fn six_days(folder: &Path) -> usize {
    let mut told = 0;
    for day in 0..6 {
        let morning = at("2026-03-01T06:05:00Z") + chrono::TimeDelta::days(day);
        let khyber = open(folder, morning).await;
        for quarter in 0..96 {
            let now = morning + chrono::TimeDelta::minutes(15 * quarter);
            khyber.publish_due(None, now).await.unwrap();
            khyber.dispatch_due(now, &|| false).await.unwrap();
            told += khyber.notify_operator(now).await.unwrap();
        }
        khyber.store.close().await;
    }
    told
}

#[tokio::test]
async fn a_relay_that_is_down_for_days_is_told_once_a_day_and_so_is_what_expires() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_config(folder, "file = \"told/notices.log\"", "");
    let told = six_days(folder).await;
    let text = std::fs::read_to_string(folder.join("told/notices.log")).unwrap();
    let relay = text.matches("relay can't be used").count();
    assert!((5..=6).contains(&relay), "{relay} in six days:\n{text}");
    let expired = text.matches("is given up").count();
    assert!((4..=5).contains(&expired), "each edition's mail that expired, once: {expired}\n{text}");
    assert_eq!(told, relay + expired);
    assert!(text.matches("Khyber, ").count() <= 12, "messages:\n{text}");
    assert!(!text.contains('@'), "{text}");

    let status = khyber(folder, &["status", "--json", "--at", "2026-03-07T06:00:00Z"]);
    assert_eq!(status.status.code(), Some(4));
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert!(status["relay"]["failing_since"].is_string() && status["relay"]["failures"].as_i64() > Some(5), "{status}");
    assert!(status["disk"]["free"].as_u64() > Some(0), "{status}");
    assert_eq!(status["last_editions"].as_array().unwrap().len(), 3);
    let plain = String::from_utf8(khyber(folder, &["status", "--at", "2026-03-07T06:00:00Z"]).stdout).unwrap();
    assert!(plain.contains("failing since") && plain.contains("! the mail relay can't be used"), "{plain}");

    let rows = khyber(folder, &["outbox", "--edition", "1", "--json"]);
    let rows: serde_json::Value = serde_json::from_slice(&rows.stdout).unwrap();
    assert_eq!((&rows[0]["status"], &rows[0]["digest"]), (&"expired".into(), &"daily".into()));
    assert!(rows[0]["answer"].as_str().unwrap().starts_with("connect: "), "{rows}");
    for arguments in
        [&["outbox"][..], &["outbox", "list", "--all"], &["outbox", "--subscriber", "reader.of.ours@x.test"]]
    {
        let shown = String::from_utf8(khyber(folder, arguments).stdout).unwrap();
        assert!(shown.lines().count() > 1 && !shown.contains("reader.of.ours"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_and_sendmail_are_told_the_same_and_neither_is_named_in_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let web = Web::start(|_| answer("204 No Content", b"")).await;
    let program = folder.join("sendmail.sh");
    std::fs::write(&program, "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nprintf '%s\\n' \"$@\" >mail.txt\ncat >>mail.txt\n")
        .unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let notices = format!("webhook = \"{}\"\nsendmail = \"sendmail.sh\"", web.url("/hooks/s3cr3t"));
    let dead = "[[feed]]\nid = \"dead\"\nurl = \"https://dead.test/rss\"\npublisher = \"Dead\"\n";
    write_config(folder, &notices, dead);
    let now = at("2026-03-01T06:05:00Z");
    let khyber = open(folder, now).await;
    khyber.publish_due(None, now).await.unwrap();
    for minutes in [0, 40] {
        let now = now + chrono::TimeDelta::minutes(minutes);
        khyber.dispatch_due(now, &|| false).await.unwrap();
    }
    let id = "dead".parse().unwrap();
    let gone = khyber::model::FeedState { health: khyber::model::FeedHealth::Gone, ..Default::default() };
    khyber.store.ingest(&id, &[], now, |_| gone).await.unwrap();
    let told = khyber.notify_operator(now + chrono::TimeDelta::minutes(40)).await.unwrap();
    assert_eq!(told, 2, "the relay and the feed in one message");
    assert_eq!(web.heads().len(), 1);
    assert!(web.heads()[0].starts_with("POST /hooks/s3cr3t HTTP/1.1"), "{}", web.heads()[0]);
    assert_eq!(khyber.notify_operator(now + chrono::TimeDelta::hours(20)).await.unwrap(), 0);

    let debug = format!("{:?}", khyber.config.notices);
    assert!(!debug.contains("s3cr3t"), "{debug}");
    let mail = std::fs::read_to_string(folder.join("mail.txt")).unwrap();
    assert!(mail.starts_with("-i\n-f\nkhyber@desk.test\n--\nhead.of.desk@operator.test\n"), "{mail}");
    assert!(
        mail.contains("\nAuto-Submitted: auto-generated\n") && mail.contains("feed dead is gone for good"),
        "{mail}"
    );
}

#[test]
fn notices_that_could_not_be_told_are_configuration_errors() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let broken = "webhook = \"http://chat.example.org/hooks/s3cr3t\"\nsendmail = \"/no/such/program\"\nfiel = \"x\"";
    write_config(folder, broken, "");
    let text = std::fs::read_to_string(folder.join("khyber.toml")).unwrap();
    std::fs::write(folder.join("khyber.toml"), text.replace("operator = ", "# operator = ")).unwrap();
    let checked = khyber(folder, &["check"]);
    let said = String::from_utf8(checked.stdout).unwrap() + &String::from_utf8(checked.stderr).unwrap();
    assert_eq!(checked.status.code(), Some(3), "{said}");
    for words in
        ["does not start with https://", "/no/such/program is not there", "there is no `operator` to write to", "fiel"]
    {
        assert!(said.contains(words), "no `{words}` in:\n{said}");
    }
    assert!(!said.contains("s3cr3t"), "{said}");
}
