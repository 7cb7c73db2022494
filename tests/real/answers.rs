//! What a real relay answers, as the operator sees it: the program against Postfix, from the first refusal to the last notice.

use crate::replay::Post;
use crate::{Need, needing};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Shared, Need::Program("postfix"), Need::Program("openssl")];
    vec![needing("answers::each_ends_as_promised_and_the_operator_is_told", &needs, each_ends_as_promised)]
}

fn khyber(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(folder).env_clear().args(arguments).output().unwrap()
}

fn write_config(folder: &Path, host: &str, port: u16) {
    let readers = ["good@x.test", "grey1@x.test", "nouser1@x.test", "full1@x.test"];
    let readers: String =
        readers.iter().map(|reader| format!("[[subscriber]]\nemail = \"{reader}\"\ndigest = \"daily\"\n")).collect();
    let text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[notices]\nfile = \"notices.log\"\n\
         [smtp]\nhost = \"{host}\"\nport = {port}\nca_file = \"post/etc/cert.pem\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\nwhen_empty = \"note\"\n{readers}"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

fn outbox(folder: &Path) -> Vec<(String, String)> {
    let rows = khyber(folder, &["outbox", "--edition", "1", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&rows.stdout).unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter().rev().map(|row| (text(row, "status"), text(row, "answer"))).collect()
}

fn each_ends_as_promised() {
    let folder = tempfile::tempdir().unwrap();
    let post = Post::start(&folder.path().join("post"));
    let folder = folder.path();

    // The certificate is for mx.test and 127.0.0.1: under another name nothing is sent, and after half an hour that is told.
    write_config(folder, "localhost", post.port);
    khyber(folder, &["run", "--once", "--at", "2026-03-01T06:05:00Z"]);
    let waiting = outbox(folder);
    assert!(waiting.iter().all(|(status, _)| status == "deferred" || status == "queued"), "{waiting:?}");
    assert!(waiting[0].1.starts_with("TLS: "), "{waiting:?}");
    khyber(folder, &["run", "--once", "--at", "2026-03-01T06:50:00Z"]);
    let told = || std::fs::read_to_string(folder.join("notices.log")).unwrap_or_default();
    assert!(told().contains("the mail relay can't be used since 2026-03-01 06:05Z"), "{}", told());
    assert_eq!(khyber(folder, &["status", "--at", "2026-03-01T06:50:00Z"]).status.code(), Some(4));

    write_config(folder, "127.0.0.1", post.port);
    khyber(folder, &["run", "--once", "--at", "2026-03-01T08:00:00Z"]);
    let ends = outbox(folder);
    let expected = [
        ("accepted", "250 2.0.0"),
        ("deferred", "RCPT TO: 450 4.2.0"),
        ("refused", "RCPT TO: 550 5.1.1"),
        // Full mailboxes are emptied some day.
        ("deferred", "RCPT TO: 552 5.2.2"),
    ];
    for ((status, answer), (wanted, begins)) in ends.iter().zip(expected) {
        assert!(status == wanted && answer.starts_with(begins) && !answer.contains('@'), "{status}: {answer}");
    }
    assert_eq!(
        khyber(folder, &["status", "--at", "2026-03-01T08:01:00Z"]).status.code(),
        Some(0),
        "the relay answers again"
    );
    post.expect_mails(1);

    // Greylisted for ever: given up after five days, and the operator hears of it.
    khyber(folder, &["dispatch", "--at", "2026-03-06T06:10:00Z"]);
    assert_eq!(outbox(folder)[1].0, "expired");
    khyber(folder, &["run", "--once", "--at", "2026-03-06T06:11:00Z"]);
    assert!(told().contains("mail 2 was not accepted within the retry span and is given up"), "{}", told());
    assert!(!told().contains('@'));
}
