//! Canaries: addresses and secrets with a name of their own go through everything, and are then searched in all that was said.
//!
//! Not searched: `subscribers list` and `export`, whose purpose is to show the operator their own list, and the mails themselves.

use super::support::daemon::Daemon;
use base64::Engine;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

const READERS: [&str; 4] =
    ["canary-reader-a@x.test", "canary-reader-b@x.test", "canary-reader-c@x.test", "canary-reader-d@x.test"];
const PASSWORD: &str = "canary-password-9921";
const USER: &str = "canary-user-3310";

/// A relay that repeats the address, and whatever else it was told, in every answer.
fn echoing_relay(login: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || echo(&stream, login));
        }
    });
    port
}

fn echo(stream: &TcpStream, login: &str) -> std::io::Result<()> {
    let (mut reader, mut writer, mut to) = (BufReader::new(stream.try_clone()?), stream, String::new());
    let mut line = String::new();
    writer.write_all(b"220 relay.test\r\n")?;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
        if verb == "RCPT" {
            to = line.split(['<', '>']).nth(1).unwrap_or("").to_owned();
        }
        let answer = match verb.as_str() {
            "EHLO" => "250-relay.test\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned(),
            "AUTH" => login.to_owned(),
            "RCPT" if to.starts_with("canary-reader-a") => format!("550 5.1.1 <{to}>: no mailbox of {to} here"),
            "RCPT" if to.starts_with("canary-reader-b") => {
                format!("450 4.2.0 <{to}> is greylisted, {}", to.to_uppercase())
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n")?;
                while line != ".\r\n" {
                    line.clear();
                    reader.read_line(&mut line)?;
                }
                if to.starts_with("canary-reader-d") {
                    format!("554 5.7.1 {to} refuses this")
                } else {
                    format!("250 2.0.0 queued for {to}")
                }
            }
            _ => "250 2.0.0 ok".to_owned(),
        };
        writer.write_all(format!("{answer}\r\n").as_bytes())?;
    }
}

fn write_config(folder: &Path, port: u16, more: &str) {
    let readers: String =
        READERS.iter().map(|reader| format!("[[subscriber]]\nemail = \"{reader}\"\ndigest = \"daily\"\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"{USER}\"\npassword = \"{PASSWORD}\"\n\
         [notices]\nwebhook = \"https://127.0.0.1:9/hooks/canary-webhook-5512\"\n{more}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"note\"\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

/// Everything that was said, and by which command.
#[derive(Default)]
struct Said(Vec<(String, String)>);

impl Said {
    fn run(&mut self, folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(folder).env_clear().env("KHYBER_LOG", "trace").env("RUST_BACKTRACE", "full");
        let output = command.envs(environment.iter().copied()).args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        self.0.push((format!("{arguments:?} {environment:?}"), text.into_owned()));
    }

    /// Reports that name a reader wherever one may: a refusal that is believed, one that is forged, and a reader's own words.
    fn bounces(&mut self, folder: &Path) {
        let text = std::fs::read_to_string(folder.join("khyber.toml")).unwrap();
        std::fs::write(folder.join("khyber.toml"), format!("{text}[bounce]\naddress = \"canary-bounces@desk.test\"\n"))
            .unwrap();
        self.run(folder, &["-vvv", "run", "--once", "--at", "2026-03-05T06:05:00Z"], &[]);
        let sender = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let store = khyber::store::Store::open(&folder.join("data")).await.unwrap();
            let rows = store.deliveries(&khyber::store::DeliveryFilter::default()).await.unwrap();
            let row = rows.iter().find(|row| row.subscriber.as_str() == READERS[2]).unwrap();
            let (salt, bounce) = (store.salt().await.unwrap(), khyber::deliver::token::Purpose::Bounce);
            let token = khyber::deliver::token::TokenKey::new(&salt, bounce).token(&[&row.message_id]);
            store.close().await;
            format!("canary-bounces+{token}@desk.test")
        });
        let mails = folder.join("mails");
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(mails.join(part)).unwrap();
        }
        let nobody = format!("canary-bounces+{}@desk.test", "q".repeat(32));
        for (name, to) in [("forged", nobody), ("real", sender)] {
            let reader = READERS[2];
            let report = format!(
                "To: {to}\r\nSubject: {reader} is unknown\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno {reader}\r\n\
                 --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.test\r\n\r\n\
                 Final-Recipient: rfc822; {reader}\r\nAction: failed\r\nStatus: 5.1.1 ({reader})\r\n\
                 Diagnostic-Code: smtp; 550 5.1.1 <{reader}>: no\r\n\r\n--b--\r\n"
            );
            std::fs::write(mails.join("new").join(name), report).unwrap();
        }
        let wish = format!("From: {}\r\nSubject: unsubscribe {}\r\n\r\nplease\r\n", READERS[3], READERS[3]);
        std::fs::write(mails.join("new/wish"), wish).unwrap();
        for arguments in [
            &["bounce", "--maildir", "mails"][..],
            &["bounce"],
            &["suppressions", "list"],
            &["suppressions", "list", "--json"],
            &["suppressions", "remove", READERS[0]],
            &["suppressions", "add", READERS[0]],
            &["status"],
            &["check"],
        ] {
            // The arguments themselves are not what was said.
            let said = self.0.len();
            self.run(folder, &[arguments, &["-vvv"]].concat(), &[]);
            self.0[said].0 = arguments[..2.min(arguments.len())].join(" ");
        }
        assert!(self.0.iter().any(|(_, text)| text.contains("read 3, suppressed 1, left 0, not understood 1")));
    }

    fn search(&self, secrets: &[String]) {
        let mut hits = Vec::new();
        for (command, text) in &self.0 {
            for secret in secrets {
                let line = text.lines().find(|line| line.to_lowercase().contains(&secret.to_lowercase()));
                hits.extend(line.map(|line| format!("{command} says {secret}: {line}")));
            }
        }
        assert!(hits.is_empty(), "{} hits:\n{}", hits.len(), hits.join("\n"));
    }
}

fn secrets() -> Vec<String> {
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut secrets: Vec<String> =
        ["canary-reader", PASSWORD, USER, "canary-webhook"].iter().map(|text| (*text).to_owned()).collect();
    secrets.extend([
        base64(&format!("\0{USER}\0{PASSWORD}")),
        base64(PASSWORD),
        base64("canary-reader-c")[..16].to_owned(),
    ]);
    secrets
}

#[test]
fn no_address_and_no_secret_is_said_by_anything() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut said = Said::default();
    write_config(folder, echoing_relay("235 2.7.0 welcome"), "");
    said.run(folder, &["check", "-vvv"], &[]);
    let day = |day: u32| format!("2026-03-{day:02}T06:05:00Z");
    for point in ["deliver.outcome:1:panic", "store.record:2:panic", "store.dot:1:panic", "store.edition:1"] {
        said.run(folder, &["-vvv", "run", "--once", "--at", &day(1)], &[("KHYBER_FAIL_POINT", point)]);
    }
    said.run(folder, &["-vvv", "run", "--once", "--at", &day(2)], &[]);
    for login in ["535 5.7.8 no such user, whoever you are", "454 4.7.0 later", "334 VXNlcm5hbWU6"] {
        write_config(folder, echoing_relay(login), "");
        said.run(folder, &["-vvv", "run", "--once", "--at", &day(3)], &[]);
        said.run(folder, &["-vvv", "run", "--once", "--at", "2026-03-03T09:00:00Z"], &[]);
    }
    said.run(folder, &["-vvv", "dispatch", "--at", &day(4)], &[]);
    for arguments in [
        &["status"][..],
        &["status", "--json"],
        &["outbox"],
        &["outbox", "list", "--all", "--json"],
        &["editions", "list"],
        &["editions", "show", "1"],
        &["editions", "show", "1", "--json"],
        &["feeds", "list"],
        &["stories", "--json"],
        &["preview", "--format", "text"],
        &["db", "check"],
        &["outbox", "retry", "--yes"],
        &["outbox", "cancel", "--yes"],
    ] {
        said.run(folder, &[arguments, &["-vvv", "--at", &day(4)]].concat(), &[]);
        said.run(folder, &[arguments, &["-vvv"]].concat(), &[]);
    }
    said.bounces(folder);
    let all: String = said.0.iter().map(|(_, text)| text.as_str()).collect();
    for proof in
        ["c•••@x.test", "fail-point", "greylisted", "accepted", "535", "UPDATE deliveries", "gets no more mail"]
    {
        assert!(all.contains(proof), "nothing was said of `{proof}`: the search would show little");
    }
    said.search(&secrets());
}

#[test]
fn a_broken_configuration_is_told_without_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut said = Said::default();
    for (right, wrong) in [
        ("password = ", "passwrod = "),
        ("password = \"", "password = \""),
        ("digest = \"daily\"\n", "digest = \"dayli\"\n"),
        ("@x.test\"", "@x..test\""),
        ("webhook = \"https", "webhook = \"http"),
        ("webhook = ", "webhok = "),
        ("email = ", "emial = "),
        ("user = ", "usre = "),
    ] {
        write_config(folder, 9, "");
        let text = std::fs::read_to_string(folder.join("khyber.toml")).unwrap();
        std::fs::write(folder.join("khyber.toml"), text.replace(right, wrong)).unwrap();
        said.run(folder, &["check"], &[]);
        said.run(folder, &["check", "--json"], &[]);
        said.run(folder, &["-vvv", "run", "--once"], &[]);
    }
    let mut secrets = secrets();
    // The user's name is none: a mistyped key is shown with its line.
    secrets.retain(|secret| secret != USER);
    said.search(&secrets);
}

#[test]
fn the_configuration_and_a_mail_print_nothing_of_it_in_debug() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path(), 9, "");
    let loaded = khyber::config::load(&folder.path().join("khyber.toml"), &|_| None);
    let (config, warnings) = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let to: khyber::model::EmailAddress = READERS[0].parse().unwrap();
    let said = Said(vec![("Debug".to_owned(), format!("{config:?} {config:#?} {warnings:?} {to:?} {to}"))]);
    assert!(said.0[0].1.contains("Secret(…)"), "{}", said.0[0].1);
    said.search(&secrets());
}

/// A reader's link is a key: the daemon's log does not repeat it when it is used. Nor do log, status and metrics name whoever
/// reads or subscribes.
#[test]
fn the_pages_and_their_log_give_nobody_away() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let web = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pages = format!("[web]\nlisten = \"{web}\"\npublic_url = \"http://{web}\"\nsubscribe = \"open\"");
    write_config(folder, 9, &pages);
    let text = std::fs::read_to_string(folder.join("khyber.toml")).unwrap();
    let smtp = text.find("[smtp]").unwrap()..text.find("[notices]").unwrap();
    std::fs::write(folder.join("khyber.toml"), text.replace(&text[smtp], "")).unwrap();
    let mut said = Said::default();
    said.run(folder, &["-vvv", "run", "--once", "--at", "2026-03-01T06:05:00Z"], &[]);
    let mails = std::fs::read_dir(folder.join("data/outbox")).unwrap();
    let mail = std::fs::read_to_string(mails.flatten().next().unwrap().path()).unwrap().replace("=\r\n", "");
    let token =
        mail.split("/leave/").nth(1).unwrap().split(|c: char| c.is_whitespace() || ">\"=".contains(c)).next().unwrap();
    assert!(token.len() > 20, "{token}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
    command.current_dir(folder).env_clear().env("KHYBER_LOG", "trace").args(["run"]);
    let mut daemon = Daemon::start(&mut command);
    daemon.until("running");
    let subscribe = format!("email={}&digest=daily&website=", "canary-reader-e%40x.test");
    for (request, body) in [
        (format!("GET /leave/{token}"), ""),
        (format!("GET /leave/x{token}"), ""),
        (format!("POST /leave/{token}"), "action=pause&days=7"),
        (format!("POST /leave/{token}"), "action=canary-reader-a@x.test"),
        ("POST /subscribe".to_owned(), subscribe.as_str()),
        ("POST /subscribe".to_owned(), "email=canary-reader-f@@x.test&digest=daily"),
        ("GET /status".to_owned(), ""),
        ("GET /metrics".to_owned(), ""),
        ("GET /".to_owned(), ""),
        ("GET /archive?q=canary-reader-a@x.test".to_owned(), ""),
    ] {
        let mut stream = TcpStream::connect(web).unwrap();
        let form = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", body.len());
        write!(stream, "{request} HTTP/1.1\r\nHost: {web}\r\n{form}Connection: close\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        // A page of a reader may hold their own link; what the operator's pages and the public ones say is searched.
        if !request.contains("/leave/") {
            said.0.push((request, answer));
        }
    }
    for (path, proof) in [("/status", " accepted"), ("/metrics", "khyber_deliveries{status=\"accepted\"} ")] {
        assert!(said.0.iter().any(|(request, text)| request.ends_with(path) && text.contains(proof)), "{path}");
    }
    daemon.stop();
    said.0.push(("the daemon".to_owned(), std::mem::take(&mut daemon.said)));
    said.search(&[secrets(), vec![token.to_owned(), token[..20].to_owned()]].concat());
}
