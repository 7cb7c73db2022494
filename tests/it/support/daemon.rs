//! A daemon of a test's own: its log as it comes, never waited for without end, and gone when the test is.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// No haste: only a daemon that hangs is out of time.
const LIMIT: Duration = Duration::from_secs(120);

pub struct Daemon {
    child: Child,
    lines: Receiver<String>,
    /// All that was read of its log.
    pub said: String,
}

impl Daemon {
    /// Its log goes through a thread: a full pipe would stop it.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = std::io::BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            std::io::BufRead::lines(log).map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        Self { child, lines, said: String::new() }
    }

    pub fn until(&mut self, words: &str) {
        while let Some(line) = self.next() {
            if line.contains(words) {
                return;
            }
        }
        panic!("never said `{words}`\n{}", self.said);
    }

    /// `None`: it has ended.
    fn next(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => {
                self.said.extend([line.as_str(), "\n"]);
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it says nothing any more:\n{}", self.said),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Tells it to stop, and reads its log to the end.
    pub fn stop(&mut self) {
        self.signal("TERM");
        self.ends();
    }

    /// It has been told to.
    pub fn ends(&mut self) {
        while self.next().is_some() {}
        assert!(self.child.wait().unwrap().success(), "{}", self.said);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
