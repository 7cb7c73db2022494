//! A PostgreSQL server of a test's own: a new cluster on loopback, with a password, gone when the test ends.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub const PASSWORD: &str = "open-sesame-7731";
/// Debian keeps the server's programs off PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

pub struct Cluster {
    folder: tempfile::TempDir,
    bin: PathBuf,
    pub port: u16,
}

/// Where `initdb` and `pg_ctl` are: in the folder that KHYBER_POSTGRES names, for another version; else the newest of Debian's.
pub fn programs() -> Option<PathBuf> {
    if let Some(bin) = std::env::var_os("KHYBER_POSTGRES") {
        return Some(bin.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions =
        std::fs::read_dir(DEBIAN).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let mut versions: Vec<PathBuf> = versions.collect();
    versions.sort_by_key(|bin| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok());
    versions.reverse();
    versions.into_iter().chain(std::env::split_paths(&path)).find(|bin| bin.join("initdb").is_file())
}

impl Cluster {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, bin: programs().expect("PostgreSQL's server programs"), port };
        let mut password = std::fs::File::create(cluster.folder.path().join("password")).unwrap();
        writeln!(password, "{PASSWORD}").unwrap();
        if rustix::process::getuid().is_root() {
            // PostgreSQL refuses to run as root; its Debian package brings a user.
            assert!(
                Command::new("chown").args(["-R", "postgres"]).arg(cluster.folder.path()).status().unwrap().success()
            );
        }
        let data = cluster.data();
        let new =
            ["-U", "khyber", "-A", "scram-sha-256", "--pwfile=password", "-E", "UTF8", "--locale=C.UTF-8", "-D", &data];
        fine(cluster.command("initdb", &new));
        cluster.go();
        cluster
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.bin.join(program);
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server would keep a pipe open for as long as it lives.
        let said = std::fs::File::create(self.folder.path().join("said")).unwrap();
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(said.try_clone().unwrap()).stderr(said);
        let mut output = command.output().unwrap();
        output.stdout = std::fs::read(self.folder.path().join("said")).unwrap();
        output
    }

    /// Starts a server that was stopped.
    pub fn go(&self) {
        fine(self.started());
    }

    fn started(&self) -> Output {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=", self.port);
        self.command("pg_ctl", &["-D", &self.data(), "-w", "-l", "log", "-o", &options, "start"])
    }

    /// As a power cut would, but for the disk's own memory.
    pub fn stop(&self) {
        fine(self.command("pg_ctl", &["-D", &self.data(), "-w", "-m", "immediate", "stop"]));
    }

    /// As the kernel would that is short of memory: the server and what it started. It comes back once the last of them has gone.
    pub fn kill_and_go(&self) {
        let file = self.folder.path().join("data/postmaster.pid");
        let pid: i32 = std::fs::read_to_string(file).unwrap().lines().next().unwrap().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        let began = std::time::Instant::now();
        while !self.started().status.success() {
            assert!(began.elapsed().as_secs() < 120, "the server does not come back");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// With the password in it, for programs that take no other way.
    pub fn url_with_password(&self, database: &str) -> String {
        format!("postgres://khyber:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Statements of the superuser.
    pub fn sql(&self, database: &str, statements: &str) -> Vec<String> {
        let url = self.url_with_password(database);
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            use sqlx::{Connection, Row};
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let rows =
                sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).fetch_all(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl", &["-D", &self.data(), "-w", "-m", "immediate", "stop"]);
    }
}

fn fine(output: Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
