//! One data folder under kills: the program as an operator runs it, and what its store says after each death.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// No round takes this long on any machine: one that does hangs, is shown, and is killed as any other.
const LIMIT: Duration = Duration::from_secs(120);
/// Rounds that did.
pub static HUNG: AtomicUsize = AtomicUsize::new(0);

/// How a run is ended.
#[derive(Debug, Clone)]
pub enum Death {
    /// At a fail-point, the nth time it is reached.
    Point(&'static str, u32),
    /// By `kill -9` after this long.
    Moment(Duration),
    /// Not at all.
    None,
}

/// A delivery as the store knows it.
#[derive(Debug, Clone)]
pub struct Known {
    pub message_id: String,
    pub subscriber: String,
    pub status: String,
    pub stage: Option<String>,
    pub crashes: i64,
}

/// Where a case happens.
pub struct Desk {
    folder: tempfile::TempDir,
    config: PathBuf,
}

impl Desk {
    /// In memory where that is possible: a process that is killed loses nothing it wrote, and no disk has to keep up.
    pub fn new(template: &Path, config: &Path) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::copy(template.join("khyber.db"), folder.path().join("data/khyber.db")).unwrap();
        let desk = Self { config: folder.path().join("khyber.toml"), folder };
        std::fs::copy(config, &desk.config).unwrap();
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
        command.env_clear().current_dir(self.folder.path()).args(["-c", "khyber.toml"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn ended(&self, child: &mut Child, death: &Death) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if begun.elapsed() > LIMIT {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                println!("a round hangs after {death:?}: {:?}\n{log}", self.rows());
                HUNG.fetch_add(1, Ordering::SeqCst);
                child.kill().unwrap();
                return child.wait().unwrap();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// One round at `at`; `true` if the process died of `death`.
    pub fn round(&self, at: &str, death: &Death) -> bool {
        use std::os::unix::process::ExitStatusExt;
        let mut command = self.command(&["run", "--once", "--at", at]);
        command.stderr(std::fs::File::create(self.log()).unwrap());
        if let Death::Point(name, nth) = death {
            command.env("KHYBER_FAIL_POINT", format!("{name}:{nth}"));
        }
        let mut child = command.spawn().unwrap();
        if let Death::Moment(moment) = death {
            std::thread::sleep(*moment);
            let _ = child.kill();
        }
        let status = self.ended(&mut child, death);
        assert!(status.signal().is_some() || matches!(status.code(), Some(0 | 1 | 4)), "{death:?}: {status}");
        status.signal().is_some()
    }

    pub fn release_quarantined(&self, ids: &[i64]) {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        let arguments: Vec<&str> =
            ["-q", "--yes", "outbox", "retry"].into_iter().chain(ids.iter().map(String::as_str)).collect();
        assert!(self.command(&arguments).status().unwrap().success());
    }

    fn sql<T>(&self, ask: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
        let asked = async {
            let options = SqliteConnectOptions::new().filename(self.folder.path().join("data/khyber.db"));
            let mut connection = options.busy_timeout(Duration::from_secs(20)).connect().await.unwrap();
            let answer = ask(&mut connection).await;
            connection.close().await.unwrap();
            answer
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async { tokio::time::timeout(LIMIT, asked).await.expect("the database answers") })
    }

    /// Another installation: other Message-IDs.
    pub fn salt(&self, salt: &str) {
        let sql = "UPDATE installation SET salt = $1";
        self.sql(async |db| sqlx::query(sql).bind(salt.to_owned()).execute(db).await.unwrap());
    }

    pub fn rows(&self) -> Vec<(i64, Known)> {
        let read = async |db: &mut SqliteConnection| {
            let rows =
                sqlx::query("SELECT id, message_id, subscriber, status, stage, crashes FROM deliveries ORDER BY id");
            rows.fetch_all(db).await.unwrap()
        };
        let row = |row: &sqlx::sqlite::SqliteRow| Known {
            message_id: row.get("message_id"),
            subscriber: row.get("subscriber"),
            status: row.get("status"),
            stage: row.get("stage"),
            crashes: row.get("crashes"),
        };
        self.sql(read).iter().map(|one| (one.get("id"), row(one))).collect()
    }

    pub fn damage(&self) -> Vec<String> {
        let check = async |db: &mut SqliteConnection| {
            sqlx::query_scalar::<_, String>("PRAGMA integrity_check").fetch_all(db).await.unwrap()
        };
        self.sql(check).into_iter().filter(|line| line != "ok").collect()
    }
}
