//! The whole way of a refusal that comes late: Postfix takes a mail, its next server refuses it, the report comes back, and its
//! reader gets no more.

use crate::replay::Post;
use crate::{Need, needing};
use libtest_mimic::Trial;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("postfix"), Need::Program("openssl")];
    vec![needing("bounce::a_relayed_refusal_suppresses_its_reader", &needs, a_relayed_refusal_suppresses_its_reader)]
}

/// A next server that knows nobody; how often it was asked.
fn refusing(listener: TcpListener) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = refuse(&stream, &counted);
        }
    });
    asked
}

fn refuse(stream: &TcpStream, asked: &AtomicUsize) -> std::io::Result<()> {
    let (mut lines, mut out) = (BufReader::new(stream.try_clone()?).lines(), stream);
    out.write_all(b"220 late.test ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
        out.write_all(match verb.as_str() {
            "RCPT" => {
                asked.fetch_add(1, Ordering::SeqCst);
                b"550 5.1.1 nobody of that name\r\n".as_slice()
            }
            "DATA" => b"503 5.5.1 no recipient\r\n",
            "QUIT" => return out.write_all(b"221 2.0.0 bye\r\n"),
            _ => b"250 2.0.0 ok\r\n",
        })?;
    }
    Ok(())
}

fn khyber(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(folder).env_clear().args(arguments).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn ends(folder: &Path, edition: &str) -> Vec<(String, String)> {
    let rows = khyber(folder, &["outbox", "--edition", edition, "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&rows.stdout).unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let mut ends: Vec<_> = rows.iter().map(|row| (text(row, "subscriber"), text(row, "status"))).collect();
    ends.sort();
    ends
}

fn a_relayed_refusal_suppresses_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let next = TcpListener::bind("127.0.0.1:0").unwrap();
    let post = Post::start_before(&folder.path().join("post"), next.local_addr().unwrap().port());
    let asked = refusing(next);
    let folder = folder.path();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@d.test\"\n[notices]\nfile = \"notices.log\"\n\
         [bounce]\naddress = \"bounces@d.test\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\nca_file = \"post/etc/cert.pem\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"send\"\n\
         [[subscriber]]\nemail = \"gone@late.test\"\n[[subscriber]]\nemail = \"stays@x.test\"\n",
        post.port
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();

    khyber(folder, &["run", "--once", "--at", "2026-03-01T06:05:00Z"]);
    let of = |gone: &str, stays: &str| {
        [("g•••@late.test".to_owned(), gone.to_owned()), ("s•••@x.test".to_owned(), stays.to_owned())]
    };
    assert_eq!(ends(folder, "1"), of("accepted", "accepted"), "the relay took both");
    let maildir = folder.join("post/mail/bounces");
    post.expect_in("mail/bounces/new", 1);
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let heard = khyber(folder, &["bounce", "--maildir", maildir.to_str().unwrap(), "--at", "2026-03-01T07:00:00Z"]);
    assert_eq!(String::from_utf8_lossy(&heard.stdout), "read 1, suppressed 1, left 0\n");
    let heard = khyber(folder, &["bounce", "--maildir", maildir.to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&heard.stdout), "read 0, suppressed 0, left 0\n", "it was put away");
    let list = khyber(folder, &["suppressions", "list", "--show", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(
        (list[0]["address"].as_str(), list[0]["reason"].as_str()),
        (Some("gone@late.test"), Some("bounced: 5.1.1"))
    );
    let check =
        Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(folder).env_clear().arg("check").output().unwrap();
    let check = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(check.contains("suppressed and gets no mail: bounced: 5.1.1"), "{check}");

    khyber(folder, &["run", "--once", "--at", "2026-03-02T06:05:00Z"]);
    assert_eq!(ends(folder, "2"), of("suppressed", "accepted"));
    post.expect_in("mail/inbox/new", 2);
    post.expect_empty_queue();
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nobody was asked for them again");
}
