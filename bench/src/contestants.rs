//! Who polls: Khyber, the bare trial of its parts, and the peers that are installed.

use crate::measure::{self, Cost};
use anyhow::Context;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Trial,
    Khyber,
    Rss2email,
    Reader,
    Newsboat,
    Sfeed,
}

impl Who {
    pub const ALL: [Who; 6] = [Who::Trial, Who::Khyber, Who::Rss2email, Who::Reader, Who::Newsboat, Who::Sfeed];

    pub fn name(self) -> &'static str {
        match self {
            Who::Trial => "bare trial",
            Who::Khyber => "Khyber",
            Who::Rss2email => "rss2email",
            Who::Reader => "reader, 16 workers",
            Who::Newsboat => "newsboat, 100 threads",
            Who::Sfeed => "sfeed, 16 jobs, with ETags",
        }
    }

    /// Peers store the entries of a poll, and so does Khyber; the trial does too.
    pub fn program(self, peers: &Path) -> PathBuf {
        match self {
            Who::Trial => std::env::current_exe().map(|own| own.with_file_name("trial")).unwrap_or_default(),
            Who::Khyber => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/khyber"),
            Who::Rss2email => peers.join("rss2email/bin/r2e"),
            Who::Reader => peers.join("reader/bin/python"),
            Who::Newsboat => "/usr/bin/newsboat".into(),
            Who::Sfeed => "/usr/bin/sfeed_update".into(),
        }
    }
}

/// One of them with a folder of its own.
pub struct Contestant {
    pub who: Who,
    program: PathBuf,
    folder: PathBuf,
    concurrency: usize,
}

impl Contestant {
    /// Before its first poll of `urls`, so many at once if it lets itself be told.
    pub fn new(who: Who, program: PathBuf, folder: &Path, urls: &[String], concurrency: usize) -> anyhow::Result<Self> {
        let made = Self { who, program, folder: folder.to_owned(), concurrency };
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("urls"), urls.join("\n") + "\n")?;
        match who {
            Who::Trial => {}
            Who::Khyber => made.write("khyber.toml", &khyber_config(urls, concurrency))?,
            Who::Rss2email => made.write("config", &rss2email_config(urls))?,
            Who::Reader => {
                let mut add = made.command();
                anyhow::ensure!(add.args(["-c", READER_ADD]).status()?.success(), "reader takes no feeds");
            }
            Who::Newsboat => {
                let text = "reload-threads 100\nmax-items 0\nauto-reload no\n";
                made.write("config", text)?;
            }
            Who::Sfeed => made.write("sfeedrc", &sfeed_config(folder, urls))?,
        }
        Ok(made)
    }

    /// One poll of everything, `days` after the first, in fractions for one on the same day.
    pub fn poll(&self, days: f64) -> anyhow::Result<Cost> {
        let mut command = self.command();
        match self.who {
            Who::Trial => command.args(["urls", "trial.db"]).arg(self.concurrency.to_string()),
            Who::Khyber => command.args(["-c", "khyber.toml", "-q", "poll", "--at"]).arg(at(days)),
            Who::Rss2email => command.args(["-c", "config", "-d", "data.json", "run", "--no-send"]),
            Who::Reader => command.args(["-c", READER_UPDATE]),
            Who::Newsboat => command.args(["-x", "reload", "-u", "urls", "-c", "cache.db", "-C", "config"]),
            Who::Sfeed => command.arg("sfeedrc"),
        };
        measure::run(&mut command)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env("HOME", &self.folder).env("LANG", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        std::fs::write(self.folder.join(name), text).with_context(|| format!("{name} can't be written"))
    }
}

fn at(days: f64) -> String {
    // Noon of day 0, when all of it has been published.
    let seconds = crate::news::BASE + 43_200 + (days * 86_400.0) as u64;
    let (days, rest) = ((seconds - crate::news::BASE) / 86_400, (seconds - crate::news::BASE) % 86_400);
    format!("2026-03-{:02}T{:02}:{:02}:00Z", 1 + days, rest / 3_600, rest / 60 % 60)
}

fn khyber_config(urls: &[String], concurrency: usize) -> String {
    let mut text = format!(
        "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[fetch]\nconcurrency = {concurrency}\nallow_private = [\"127.0.0.1\"]\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 * * *\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    for (number, url) in urls.iter().enumerate() {
        let _ = write!(text, "[[feed]]\nid = \"wire-{number}\"\nurl = \"{url}\"\npublisher = \"Wire {number}\"\n");
    }
    text
}

fn rss2email_config(urls: &[String]) -> String {
    let mut text =
        "[DEFAULT]\nfrom = bot@desk.test\nto = reader@x.test\nemail-protocol = smtp\nsmtp-server = 127.0.0.1\n"
            .to_owned();
    for (number, url) in urls.iter().enumerate() {
        let _ = write!(text, "\n[feed.wire{number}]\nurl = {url}\n");
    }
    text
}

const READER_ADD: &str =
    "import reader\nr = reader.make_reader('reader.db')\n[r.add_feed(u.strip()) for u in open('urls')]\n";
const READER_UPDATE: &str =
    "import reader\nr = reader.make_reader('reader.db')\nr.update_feeds(workers=16, scheduled=False)\n";

/// With the conditional fetch that its README shows.
fn sfeed_config(folder: &Path, urls: &[String]) -> String {
    let folder = folder.display();
    let mut text = format!(
        "sfeedpath=\"{folder}/feeds\"\nmaxjobs=16\nmkdir -p {folder}/etags\nfetch() {{\n\
         e=\"{folder}/etags/$(basename \"$3\")\"\n\
         curl -L --max-redirs 0 -H \"User-Agent:\" -f -s -m 15 --etag-save \"$e.new\" --etag-compare \"$e\" \"$2\" 2>/dev/null &&\n\
         mv \"$e.new\" \"$e\" 2>/dev/null\n}}\nfeeds() {{\n"
    );
    for (number, url) in urls.iter().enumerate() {
        let _ = writeln!(text, "feed \"wire{number}\" \"{url}\"");
    }
    text.push_str("}\n");
    text
}
