//! Five days of recorded news through the program as an operator runs it: recorded feeds in, a real mail server out.

use super::{Need, needing, shared};
use libtest_mimic::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NEEDS: [Need; 4] = [Need::Shared, Need::Program("python3"), Need::Program("postfix"), Need::Program("openssl")];
const READERS: [&str; 3] = ["ayesha@x.test", "bilal@x.test", "zarghuna@x.test"];

pub fn tests() -> Vec<Trial> {
    vec![
        needing("replay::five_days_of_recorded_news_reach_three_readers_once_a_day", &NEEDS, five_days),
        needing("replay::killed_at_any_moment_nothing_is_lost_or_repeated", &NEEDS, killed),
    ]
}

fn five_days() {
    let desk = Desk::start();
    let faults =
        ["500", "503-retry-after", "429", "410", "301", "truncate", "html", "empty", "bad-utf8", "gzip-bomb", "reset"];
    for (day, date) in days().iter().enumerate() {
        desk.news.fault("fox-news", faults[day * 2]);
        desk.round(&format!("{date}T06:00:00Z"));
        desk.news.fault("fox-news", faults[day * 2 + 1]);
        desk.round(&format!("{date}T18:00:00Z"));
        desk.post.expect_mails(READERS.len() * (day + 1));
    }
    let mails = desk.post.mails();
    for reader in READERS {
        let mine: Vec<&Mail> = mails.iter().filter(|mail| mail.to == reader).collect();
        assert_eq!(mine.len(), 5, "{reader}");
        let days: BTreeSet<&str> = mine.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(days.len(), 5, "five different editions");
        let all = mine.iter().map(|mail| mail.text.replace('\n', " ")).collect::<Vec<_>>().join("\n").to_lowercase();
        for story in ["bannu", "universit", "border shelling"] {
            assert!(all.contains(story), "no `{story}` in the mails of {reader}");
        }
        for sport in ["cricket", "wicket", "world cup"] {
            assert!(!all.contains(sport), "`{sport}` in a mail of {reader}");
        }
    }
    let status = desk.khyber(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    let troubled: Vec<&str> =
        status["troubled"].as_array().unwrap().iter().filter_map(|row| row["feed"].as_str()).collect();
    assert_eq!(troubled, ["fox-news"]);
}

/// Kills the program with SIGKILL at moments spread over its run, then lets it finish.
fn killed() {
    let desk = Desk::start();
    let mut kills = 0;
    for (day, date) in days().iter().take(3).enumerate() {
        for (half, hour) in ["06", "18"].iter().enumerate() {
            let at = format!("{date}T{hour}:00:00Z");
            desk.news.set_clock(&at);
            for attempt in 0_u64..8 {
                let mut child = desk.command(&["run", "--once", "--at", &at]).spawn().unwrap();
                let moment = 25 * (attempt + 1) + 11 * (day * 2 + half) as u64;
                if !ended_within(&mut child, Duration::from_millis(moment)) {
                    child.kill().unwrap();
                    kills += 1;
                }
                child.wait().unwrap();
            }
            desk.round(&at);
        }
    }
    assert!(kills >= 20, "only {kills} of 48 runs were still going when killed");
    desk.post.expect_mails(READERS.len() * 3);
    let mails = desk.post.mails();
    let mut by_id: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mail in &mails {
        by_id.entry(&mail.message_id).or_default().insert(&mail.content);
    }
    assert_eq!(by_id.len(), READERS.len() * 3, "one message a reader and day");
    assert!(by_id.values().all(|contents| contents.len() == 1), "a repeat has the same bytes");
    for reader in READERS {
        let ids: BTreeSet<&str> =
            mails.iter().filter(|mail| mail.to == reader).map(|mail| mail.message_id.as_str()).collect();
        assert_eq!(ids.len(), 3, "{reader}");
    }
}

fn days() -> [&'static str; 5] {
    ["2022-12-17", "2022-12-18", "2022-12-19", "2022-12-20", "2022-12-21"]
}

fn ended_within(child: &mut Child, limit: Duration) -> bool {
    let step = Duration::from_millis(5);
    for _ in 0..limit.as_millis() / step.as_millis() {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(step);
    }
    child.try_wait().unwrap().is_some()
}

/// An operator's folder: a configuration over the replayed feeds, three readers, a real relay.
struct Desk {
    folder: tempfile::TempDir,
    news: News,
    post: Post,
}

impl Desk {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let news = News::start("2022-12-17T06:00:00Z");
        let post = Post::start(&folder.path().join("post"));
        let readers: String = READERS
            .iter()
            .map(|reader| format!("[[subscriber]]\nemail = \"{reader}\"\ndigest = \"daily\"\n"))
            .collect();
        let config = format!(
            "data_dir = \"data\"\ninclude = [\"feeds.toml\"]\n\
             [fetch]\nallow_private = [\"127.0.0.1\"]\ntotal_timeout = \"10s\"\n\
             [mail]\nfrom = \"khyber@desk.test\"\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"starttls\"\nca_file = \"post/etc/cert.pem\"\n\
             [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\ntimezone = \"UTC\"\n\
             scope = [\"bilateral\", \"pk\", \"af\"]\n{readers}",
            post.port
        );
        std::fs::write(folder.path().join("khyber.toml"), config).unwrap();
        std::fs::write(folder.path().join("feeds.toml"), news.get("/feeds.toml")).unwrap();
        Self { folder, news, post }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.current_dir(self.folder.path()).env_remove("KHYBER_CONFIG").args(["-c", "khyber.toml"]).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn khyber(&self, arguments: &[&str]) -> std::process::Output {
        self.command(arguments).output().unwrap()
    }

    /// Moves the news to `at` and runs one round, which may fail in part but not as a whole.
    fn round(&self, at: &str) {
        self.news.set_clock(at);
        let output = self.khyber(&["run", "--once", "--at", at]);
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 4)), "{at}: {code:?}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The replay server; ended with this value.
pub struct News {
    server: Child,
    address: String,
}

impl News {
    pub fn start(now: &str) -> Self {
        let mut server = Command::new("python3")
            .arg(shared().join("tools/replay_feeds.py"))
            .arg(shared().join("data/stream-2022-12.jsonl.gz"))
            .args(["--port", "0", "--now", now])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        Self { server, address }
    }

    fn ask(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path)
    }

    pub fn set_clock(&self, at: &str) {
        self.ask("PUT", &format!("/clock?now={at}"));
    }

    pub fn fault(&self, feed: &str, kind: &str) {
        self.ask("PUT", &format!("/fault?slug={feed}&kind={kind}"));
    }
}

impl Drop for News {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A private Postfix with STARTTLS; stopped with this value.
pub struct Post {
    folder: PathBuf,
    pub port: u16,
}

pub struct Mail {
    to: String,
    subject: String,
    pub message_id: String,
    text: String,
    /// Without the trace headers that the relay adds on top.
    pub content: String,
}

impl Post {
    pub fn start(folder: &Path) -> Self {
        Self::start_before(folder, 2611)
    }

    /// With a server of ours at `next`, to which mail for late.test is relayed.
    pub fn start_before(folder: &Path, next: u16) -> Self {
        // Postfix drops its rights and must be able to reach its folders.
        open_to_all(folder.parent().unwrap());
        // A port that is free now may be somebody's by the time Postfix has started.
        let started = (0..3).map(|_| Self::start_once(folder, next)).find(Self::greets);
        started.expect("Postfix starts and greets")
    }

    fn start_once(folder: &Path, next: u16) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let output = Command::new("bash")
            .arg(shared().join("tools/postfix.sh"))
            .arg("start")
            .arg(folder)
            .args([port.to_string(), next.to_string()])
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { folder: folder.to_owned(), port }
    }

    fn greets(&self) -> bool {
        let greeting = || {
            let stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            let mut code = [0; 4];
            (&stream).read_exact(&mut code)?;
            Ok::<_, std::io::Error>(code)
        };
        (0..100).any(|_| {
            let greets = greeting().is_ok_and(|code| &code == b"220 ");
            if !greets {
                std::thread::sleep(Duration::from_millis(100));
            }
            greets
        })
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files_in("mail/inbox/new")
    }

    fn files_in(&self, folder: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.join(folder));
        files.map(|files| files.map(|file| file.unwrap().path()).collect()).unwrap_or_default()
    }

    /// Postfix has answered 250 but delivers in its own time: waits until it has, and for nothing more.
    pub fn expect_mails(&self, least: usize) {
        self.expect_in("mail/inbox/new", least);
    }

    /// As `expect_mails`, of any folder of its own.
    pub fn expect_in(&self, folder: &str, least: usize) {
        for _ in 0..600 {
            if self.files_in(folder).len() >= least {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{} mails of {least} arrived", self.files_in(folder).len());
    }

    /// Until the queue is empty: nothing more can arrive.
    pub fn expect_empty_queue(&self) {
        let files = |queue: &str| {
            let folders = std::fs::read_dir(self.folder.join("spool").join(queue)).into_iter().flatten().flatten();
            folders.filter(|entry| entry.path().is_file()).count()
        };
        for _ in 0..600 {
            if ["incoming", "active", "deferred", "maildrop"].iter().all(|queue| files(queue) == 0) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the queue is never empty");
    }

    pub fn mails(&self) -> Vec<Mail> {
        let read = |path: &PathBuf| {
            let raw = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
            let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
            Mail {
                to: mail.to().unwrap().first().unwrap().address().unwrap().to_owned(),
                subject: mail.subject().unwrap().to_owned(),
                message_id: mail.message_id().unwrap().to_owned(),
                text: mail.body_text(0).unwrap().into_owned(),
                content: raw[raw.find("\nFrom:").or(raw.find("\nDate:")).unwrap()..].to_owned(),
            }
        };
        self.files().iter().map(read).collect()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let _ = Command::new("bash").arg(shared().join("tools/postfix.sh")).arg("stop").arg(&self.folder).output();
    }
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
