//! A relay that never dies: keeps what it took over, and says when nobody talks to it any more.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// What a relay was asked and took.
#[derive(Debug, Default)]
pub struct Taken {
    /// Message-ID → the hash of each copy.
    pub copies: BTreeMap<String, Vec<String>>,
    /// RCPT commands by address.
    pub asked: BTreeMap<String, usize>,
    talking: usize,
}

type Hook = Arc<dyn Fn() + Send + Sync>;

/// What it says to EHLO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offers {
    Nothing,
    Pipelining,
}

pub struct Sink {
    pub port: u16,
    taken: Arc<(Mutex<Taken>, Condvar)>,
}

impl Sink {
    pub fn start() -> Self {
        Self::start_with(Offers::Nothing, Arc::new(|| {}))
    }

    /// One that takes MAIL, RCPT and DATA in one packet.
    pub fn pipelining() -> Self {
        Self::start_with(Offers::Pipelining, Arc::new(|| {}))
    }

    /// Calls `taken_over` after each mail, before the 250.
    pub fn start_with(offers: Offers, taken_over: Hook) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken: Arc<(Mutex<Taken>, Condvar)> = Arc::default();
        let shared = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                shared.0.lock().unwrap().talking += 1;
                let (shared, taken_over) = (shared.clone(), taken_over.clone());
                std::thread::spawn(move || {
                    // Whoever talks to us is killed again and again: a broken connection is the usual end.
                    let _ = talk(&stream, offers, &shared.0, &taken_over);
                    shared.0.lock().unwrap().talking -= 1;
                    shared.1.notify_all();
                });
            }
        });
        Self { port, taken }
    }

    /// What was taken, once nobody talks any more: a final dot may be read after the process that wrote it has died.
    pub fn settled<T>(&self, look: impl FnOnce(&mut Taken) -> T) -> T {
        let mut taken = self.taken.1.wait_while(self.taken.0.lock().unwrap(), |taken| taken.talking > 0).unwrap();
        look(&mut taken)
    }
}

fn talk(stream: &TcpStream, offers: Offers, taken: &Mutex<Taken>, taken_over: &Hook) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone()?), stream);
    let (mut line, mut recipient) = (String::new(), false);
    writer.write_all(b"220 sink.test\r\n")?;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let upper = line.trim_end().to_ascii_uppercase();
        let answer = if upper.starts_with("EHLO") {
            let pipelining = if offers == Offers::Pipelining { "250-PIPELINING\r\n" } else { "" };
            format!("250-sink.test\r\n250-8BITMIME\r\n{pipelining}250 SIZE 10000000\r\n")
        } else if upper.starts_with("RCPT TO:") {
            let answer = rcpt(&line, taken);
            recipient = answer.starts_with("250");
            answer
        } else if upper == "DATA" && !std::mem::take(&mut recipient) {
            "554 5.5.1 no valid recipients\r\n".to_owned()
        } else if upper == "DATA" {
            writer.write_all(b"354 go on\r\n")?;
            take(&mut reader, taken)?;
            taken_over();
            "250 2.0.0 taken\r\n".to_owned()
        } else if upper == "QUIT" {
            return writer.write_all(b"221 bye\r\n");
        } else {
            "250 2.0.0 ok\r\n".to_owned()
        };
        writer.write_all(answer.as_bytes())?;
    }
}

/// grey… is asked to come back the first time, nouser… is not known here.
fn rcpt(line: &str, taken: &Mutex<Taken>) -> String {
    let address = line.split(['<', '>']).nth(1).unwrap_or("").to_owned();
    let mut taken = taken.lock().unwrap();
    let asked = taken.asked.entry(address.clone()).or_default();
    *asked += 1;
    match address.as_str() {
        grey if grey.starts_with("grey") && *asked == 1 => "450 4.2.0 greylisted\r\n".to_owned(),
        unknown if unknown.starts_with("nouser") => "550 5.1.1 no such user\r\n".to_owned(),
        _ => "250 2.1.5 ok\r\n".to_owned(),
    }
}

/// Only what ends with the final dot is a mail; it counts before the 250 is written.
fn take(reader: &mut impl BufRead, taken: &Mutex<Taken>) -> std::io::Result<()> {
    let (mut hash, mut id, mut line) = (Sha256::new(), String::new(), Vec::new());
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix(b"Message-ID: ").filter(|_| id.is_empty()) {
            id = String::from_utf8_lossy(value).trim().to_owned();
        }
        hash.update(&line);
    }
    let hash = hex::encode(hash.finalize());
    taken.lock().unwrap().copies.entry(id).or_default().push(hash);
    Ok(())
}
