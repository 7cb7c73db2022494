//! A desk over a real PostgreSQL server: the tests of SQLite a second time, a server that goes away, clear refusals, the move.

use super::cluster::{Cluster, PASSWORD};
use super::{Need, needing};
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Modules of tests/it whose desks have a store; those that speak of SQLite's file are named in `ABOUT_THE_FILE`.
const MODULES: [&str; 19] = [
    "inbox::",
    "discreet::",
    "store::",
    "outbox::",
    "sheets::",
    "choices::",
    "search::",
    "dispatch::",
    "daemon::",
    "clocks::",
    "notices::",
    "bounce::",
    "leave::",
    "manners::",
    "full_text::",
    "hostile::",
    "web_archive::",
    "web_operator::",
    "web_subscribe::",
];
/// Of these: what is promised of the file of SQLite, which is not there.
const ABOUT_THE_FILE: [&str; 7] = [
    // Over PostgreSQL the server's clock keeps the rate, which no test moves: tests/real/fleet.
    "dispatch::a_rate_holds_over_a_reload_and_a_restart_and_what_waits_is_not_leased",
    // Over PostgreSQL processes share a desk by their roles: tests/real/workers.rs.
    "daemon::two_processes_never_share_a_folder",
    "search::what_was_stored_before_there_was_an_index_is_taken_in",
    "store::erasing_a_reader_leaves_no_address_behind",
    "store::a_damaged_file_is_named",
    "web_subscribe::the_answer_comes_before_anything_is_looked_up",
    "web_subscribe::an_address_that_never_answers_is_asked_three_times_in_a_month_and_then_forgotten",
];

pub fn tests() -> Vec<Trial> {
    let needs = [Need::Postgres];
    vec![
        needing("postgres::the_tests_of_sqlite_hold_too", &needs, the_tests_of_sqlite_hold_too),
        needing("postgres::both_schemas_have_the_same_columns", &needs, both_schemas_have_the_same_columns),
        needing("postgres::what_is_wrong_is_said_clearly", &needs, what_is_wrong_is_said_clearly),
        needing("postgres::a_server_that_goes_away_is_waited_for", &needs, a_server_that_goes_away_is_waited_for),
        needing("postgres::a_desk_at_work_is_copied_over_by_nobody", &needs, a_desk_at_work_is_copied_over_by_nobody),
        needing("postgres::a_copy_that_differs_is_undone", &needs, a_copy_that_differs_is_undone),
        needing("postgres::a_desk_moves_over_whole", &needs, a_desk_moves_over_whole),
        needing("postgres::mails_that_wait_move_along", &needs, mails_that_wait_move_along),
    ]
}

fn the_tests_of_sqlite_hold_too() {
    let cluster = Cluster::start();
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--locked", "--test", "it"]);
    // The binary that is there already: with the same features.
    if cfg!(feature = "semantic") {
        command.args(["--features", "semantic"]);
    }
    command.args(["--", "--test-threads=4"]).args(MODULES);
    ABOUT_THE_FILE.iter().for_each(|name| {
        command.args(["--skip", name]);
    });
    let output = command.env("TEST_STORE_URL", cluster.url_with_password("postgres")).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    let schemas = cluster.sql("postgres", "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'desk\\_%'").len();
    assert!(schemas > 80, "{schemas} desks were on the server\n{said}");
}

/// A folder with a configuration, as an operator has it.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self::on("0 6 * * *")
    }

    /// A slot is due whenever one looks for the first time.
    pub fn every_minute() -> Self {
        Self::on("* * * * *")
    }

    fn on(schedule: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n\
             [[feed]]\nid = \"indus\"\nurl = \"http://127.0.0.1:9/feed\"\npublisher = \"Indus\"\n\
             [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"SCHEDULE\"\nwhen_empty = \"send\"\n\
             [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n";
        std::fs::write(folder.path().join("khyber.toml"), text.replace("SCHEDULE", schedule)).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, url: Option<&str>, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.env_clear().current_dir(self.path()).args(["-c", "khyber.toml"]).args(arguments).stdin(Stdio::null());
        if let Some(url) = url {
            command.env("KHYBER_STORE__URL", url).env("KHYBER_STORE__PASSWORD", PASSWORD);
        }
        command
    }

    pub fn run(&self, url: Option<&str>, arguments: &[&str]) -> (bool, String) {
        said(self.command(url, arguments).output().unwrap())
    }
}

fn said(output: Output) -> (bool, String) {
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn both_schemas_have_the_same_columns() {
    let (cluster, desk) = (Cluster::start(), Desk::new());
    let url = cluster.url("khyber", "postgres");
    for url in [None, Some(url.as_str())] {
        let (fine, said) = desk.run(url, &["status"]);
        assert!(said.contains("reader") || fine, "{said}");
    }
    let there = cluster.sql(
        "postgres",
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'",
    );
    let here = sqlite(
        &desk.path().join("data/khyber.db"),
        "SELECT t.name || '.' || c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
         WHERE t.schema = 'main' AND t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    );
    let own = |name: &&String| {
        !name.starts_with("_sqlx")
            && !name.starts_with("entries_text")
            && !name.starts_with("told_text")
            && !name.ends_with(".rowid")
    };
    let (mut there, mut here): (Vec<_>, Vec<_>) =
        (there.iter().filter(own).collect(), here.iter().filter(own).collect());
    there.sort();
    here.sort();
    assert!(here.len() > 90, "{here:?}");
    assert_eq!(there, here);
}

fn sqlite(file: &Path, select: &str) -> Vec<String> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        use sqlx::ConnectOptions;
        let mut connection = options.connect().await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(select.to_owned())).fetch_all(&mut connection).await.unwrap()
    })
}

fn what_is_wrong_is_said_clearly() {
    let (cluster, desk) = (Cluster::start(), Desk::new());
    cluster.sql("postgres", &format!("CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'"));
    cluster.sql("postgres", "CREATE DATABASE newer");
    cluster.sql("postgres", "CREATE DATABASE careless");
    cluster.sql("postgres", "ALTER DATABASE careless SET synchronous_commit = off");
    assert!(desk.run(Some(&cluster.url("khyber", "newer")), &["outbox", "list"]).0);
    cluster.sql(
        "newer",
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    );
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cases = [
        (cluster.url("khyber", "absent"), "make the database: createdb"),
        (cluster.url("nobody", "postgres"), "is the user right, and the password"),
        (cluster.url("guest", "postgres"), "GRANT USAGE, CREATE ON SCHEMA public"),
        (cluster.url("khyber", "newer"), "was made by a newer Khyber"),
        (cluster.url("khyber", "careless"), "synchronous_commit is off"),
        (format!("postgres://khyber@127.0.0.1:{silent}/postgres"), "the database server can't be reached"),
        (format!("postgres://khyber:{PASSWORD}@127.0.0.1:{}", cluster.port), "names no database"),
    ];
    for (url, wanted) in cases {
        let (fine, said) = desk.run(Some(&url), &["-vvv", "outbox", "list"]);
        assert!(!fine && said.contains(wanted), "{url}: {said}");
        assert!(!said.contains(PASSWORD), "the password of {url} is shown: {said}");
    }
    for command in [["db", "check"].as_slice(), &["db", "backup", "copy.db"]] {
        let (fine, said) = desk.run(Some(&cluster.url("khyber", "postgres")), command);
        assert!(!fine && (said.contains("pg_dump") || said.contains("pg_amcheck")), "{said}");
    }
}

/// A daemon, and the lines of its log as they come.
pub struct Daemon {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: Vec<String>,
}

impl Daemon {
    pub fn start(desk: &Desk, url: &str) -> Self {
        Self::in_roles(desk, url, "poll,publish,dispatch,web")
    }

    pub fn in_roles(desk: &Desk, url: &str, roles: &str) -> Self {
        Self::with(desk, url, roles, &[])
    }

    pub fn with(desk: &Desk, url: &str, roles: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = desk.command(Some(url), &["run", "--roles", roles]);
        command.envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let log = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, lines, said: Vec::new() }
    }

    /// The next line that holds `part`; there is no haste.
    pub fn until(&mut self, part: &str) {
        loop {
            match self.lines.recv_timeout(Duration::from_secs(120)) {
                Ok(line) => {
                    self.said.push(line);
                    if self.said.last().is_some_and(|line| line.contains(part)) {
                        return;
                    }
                }
                Err(_) => panic!("never said: {part}\n{}", self.said.join("\n")),
            }
        }
    }

    /// As a crash would end it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn stop(mut self) -> Vec<String> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.until("stopped");
        assert!(self.child.wait().unwrap().success());
        std::mem::take(&mut self.said)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn a_server_that_goes_away_is_waited_for() {
    let (cluster, desk) = (Cluster::start(), Desk::new());
    let url = cluster.url("khyber", "postgres");
    cluster.stop();
    let mut daemon = Daemon::start(&desk, &url);
    daemon.until("waiting for the database");
    cluster.go();
    daemon.until("running");
    cluster.stop();
    daemon.until("the database server can't be reached");
    cluster.go();
    // Another round reaches it: only then is a command's change seen by nobody but it.
    let (fine, said) = desk.run(Some(&url), &["suppressions", "add", "reader@x.test", "--reason", "test", "--yes"]);
    assert!(fine, "{said}");
    let said = daemon.stop();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for line in said.iter().filter(|line| line.contains("database")) {
        let what = line.split_once("ERROR").map_or(line.as_str(), |(_, what)| what);
        *times.entry(what).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "each loop says it once: {times:#?}");
    assert!(!said.join("\n").contains(PASSWORD));
}

fn a_desk_at_work_is_copied_over_by_nobody() {
    let (cluster, desk, (_folder, file)) = (Cluster::start(), Desk::new(), used_desk());
    let url = cluster.url("khyber", "postgres");
    let mut daemon = Daemon::start(&desk, &url);
    daemon.until("running");
    let copy = ["db", "copy", "--from", &format!("sqlite:{}", file.display()), "--to", &url];
    let (fine, said) = desk.run(Some(&url), &copy);
    assert!(!fine && said.contains("another Khyber is at work on this database"), "{said}");
    let (fine, said) = desk.run(Some(&url), &["outbox", "list"]);
    assert!(fine, "looking is possible beside it: {said}");
    // However it ends: the server sees that its connection is gone.
    daemon.kill();
    let (_, said) = desk.run(Some(&url), &copy);
    assert!(!said.contains("another Khyber"), "{said}");
}

/// The data folder of a desk that polled, published and sent.
fn used_desk() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let tour = folder.path().join("tour");
    let (fine, said) = said(
        Command::new(env!("CARGO_BIN_EXE_khyber"))
            .args(["demo", "--days", "2", "--keep"])
            .arg(&tour)
            .stdin(Stdio::null())
            .output()
            .unwrap(),
    );
    assert!(fine, "{said}");
    (folder, tour.join("data/khyber.db"))
}

fn a_copy_that_differs_is_undone() {
    let (cluster, desk, (_folder, file)) = (Cluster::start(), Desk::new(), used_desk());
    let to = cluster.url("khyber", "postgres");
    assert!(desk.run(Some(&to), &["outbox", "list"]).0);
    cluster.sql(
        "postgres",
        "DELETE FROM feeds;
         CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN NEW.headline := upper(NEW.headline); RETURN NEW; END';
         CREATE TRIGGER shout BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION shout()",
    );
    let (fine, said) =
        desk.run(Some(&to), &["db", "copy", "--from", &format!("sqlite:{}", file.display()), "--to", &to]);
    assert!(!fine && said.contains("`entries` differs after the copy"), "{said}");
    let left = cluster.sql(
        "postgres",
        "SELECT count(*) || '' FROM (SELECT id FROM feeds UNION ALL SELECT key FROM entries) AS all_of_it",
    );
    assert_eq!(left, ["0"]);
}

fn a_desk_moves_over_whole() {
    let (cluster, desk, (_folder, file)) = (Cluster::start(), Desk::new(), used_desk());
    let from = format!("sqlite://{}", file.display());
    let to = cluster.url("khyber", "postgres");
    let copy = ["db", "copy", "--from", &from, "--to", &to];
    let (fine, said) = desk.run(Some(&to), &copy);
    assert!(fine && said.contains("every checksum agrees"), "{said}");
    for table in ["entries", "editions", "deliveries", "attempts", "edition_entries"] {
        let count = format!("SELECT count(*) || '' FROM {table}");
        let (here, there) = (sqlite(&file, &count), cluster.sql("postgres", &count));
        assert!(here == there && here[0] != "0", "{table}: {here:?} and {there:?}");
    }
    let salt = "SELECT salt FROM installation";
    assert_eq!(sqlite(&file, salt), cluster.sql("postgres", salt), "links in mails that were sent still work");
    // The index of words is made anew, and a number that was used is not used again.
    let words = cluster.sql("postgres", "SELECT count(*) || '' FROM entries_text");
    assert_eq!(words, sqlite(&file, "SELECT count(*) || '' FROM entries"));
    let next = cluster.sql("postgres", "SELECT nextval(pg_get_serial_sequence('entries', 'id')) || ''");
    assert_eq!(next, sqlite(&file, "SELECT (seq + 1) || '' FROM sqlite_sequence WHERE name = 'entries'"));
    let (fine, said) = desk.run(Some(&to), &copy);
    assert!(!fine && said.contains("the target is no empty desk"), "{said}");
}

/// What was published over SQLite is sent out of PostgreSQL byte for byte.
fn mails_that_wait_move_along() {
    let (cluster, desk) = (Cluster::start(), Desk::every_minute());
    let (to, from) =
        (cluster.url("khyber", "postgres"), format!("sqlite:{}", desk.path().join("data/khyber.db").display()));
    let (fine, said) = desk.run(None, &["publish"]);
    assert!(fine, "{said}");
    let (fine, said) = desk.run(Some(&to), &["db", "copy", "--from", &from, "--to", &to]);
    assert!(fine, "{said}");
    let sent = |url: Option<&str>| {
        let (fine, said) = desk.run(url, &["dispatch"]);
        assert!(fine, "{said}");
        let mails = glob::glob(&desk.path().join("data/**/*.eml").to_string_lossy()).unwrap();
        let mails: Vec<PathBuf> = mails.map(Result::unwrap).collect();
        let [mail] = &mails[..] else { panic!("{mails:?}\n{said}") };
        let bytes = std::fs::read(mail).unwrap();
        std::fs::remove_file(mail).unwrap();
        bytes
    };
    let moved = sent(Some(&to));
    assert!(moved == sent(None), "{}", String::from_utf8_lossy(&moved));
}
