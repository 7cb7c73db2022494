//! A graceful stop: the daemon takes on nothing new, waits for the final reply that is under way, and records it.

use super::support::daemon::Daemon;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

/// A relay that says when it has a mail, and answers its final dot when it is told to.
struct Held {
    port: u16,
    taken: Receiver<()>,
    answer: Sender<()>,
}

fn held_relay() -> Held {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ((has, taken), (answer, go)) = (channel(), channel());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = talk(&stream, &has, &go);
        }
    });
    Held { port, taken, answer }
}

fn talk(stream: &TcpStream, has: &Sender<()>, go: &Receiver<()>) -> std::io::Result<()> {
    let (mut reader, mut writer, mut line) = (BufReader::new(stream.try_clone()?), stream, String::new());
    writer.write_all(b"220 relay.test\r\n")?;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line.starts_with("DATA") {
            writer.write_all(b"354 go on\r\n")?;
            while line != ".\r\n" {
                line.clear();
                reader.read_line(&mut line)?;
            }
            let _ = has.send(());
            let _ = go.recv();
        }
        writer.write_all(b"250 2.0.0 ok\r\n")?;
    }
}

fn khyber(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
    command.current_dir(folder).env_clear().args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn a_stop_waits_for_the_final_reply_and_starts_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let relay = held_relay();
    let readers: String =
        (0..3).map(|n| format!("[[subscriber]]\nemail = \"reader{n}@x.test\"\ndigest = \"daily\"\n")).collect();
    let config = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nconcurrency = 1\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"* * * * *\"\nwhen_empty = \"note\"\n{readers}",
        relay.port
    );
    std::fs::write(folder.join("khyber.toml"), config).unwrap();
    let mut daemon = Daemon::start(&mut khyber(folder, &["run"]));
    relay.taken.recv().unwrap();
    daemon.signal("TERM");
    daemon.until("waiting for replies that are under way");
    assert!(daemon.is_running(), "the reply is still to come");
    relay.answer.send(()).unwrap();
    daemon.until("stopped");
    daemon.ends();

    let rows = khyber(folder, &["outbox", "list", "--all", "--json"]).output().unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&rows.stdout).unwrap();
    let count = |status: &str| rows.iter().filter(|row| row["status"] == status).count();
    assert_eq!((count("accepted"), count("sending")), (1, 0), "{rows:?}");
    assert_eq!(count("queued"), rows.len() - 1, "{rows:?}");
    assert!(relay.taken.try_recv().is_err(), "a second mail was begun");
}
