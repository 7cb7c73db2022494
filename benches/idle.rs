//! `cargo bench --bench idle`: the daemon with nothing to do, over a database of a million entries (KHYBER_ENTRIES for another
//! number), in the environment of the service: how soon it is ready, what it holds, how often it wakes. Linux, as it reads `/proc`.

#[allow(dead_code)]
mod made_news;
mod service;

use anyhow::Context;
use chrono::TimeDelta;
use khyber::model::{FeedHealth, FeedState, NewEntry, Timestamp};
use khyber::store::Store;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const AT_ONCE: usize = 2_000;
const STARTS: usize = 5;
const SETTLING: Duration = Duration::from_secs(20);
/// It looks around once a minute.
const WATCHED: Duration = Duration::from_secs(120);

fn main() -> anyhow::Result<()> {
    let wanted = std::env::var("KHYBER_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(fill(folder.path(), wanted))?;
    let size = std::fs::metadata(folder.path().join("data/khyber.db"))?.len();
    println!("database         {:>8.0} MiB, {wanted} entries", mebibytes(size));
    println!("binary           {:>8.1} MiB", mebibytes(std::fs::metadata(env!("CARGO_BIN_EXE_khyber"))?.len()));
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let (mut daemon, took) = start(folder.path())?;
        starts.push(took.as_secs_f64() * 1e3);
        end(&mut daemon)?;
    }
    starts.sort_by(f64::total_cmp);
    println!(
        "start to ready   {:>8.0} ms, the median of {STARTS}; at most {:.0}",
        starts[STARTS / 2],
        starts[STARTS - 1]
    );
    let (mut daemon, _) = start(folder.path())?;
    std::thread::sleep(SETTLING);
    let (woken, used) = (wakes(daemon.id())?, processor(daemon.id())?);
    std::thread::sleep(WATCHED);
    let seconds = WATCHED.as_secs_f64();
    println!("memory           {:>8.1} MiB resident", resident(daemon.id())?);
    println!("wakes            {:>8.2} a second, all threads", (wakes(daemon.id())? - woken) as f64 / seconds);
    println!("processor        {:>8.0} ms a minute", (processor(daemon.id())? - used) * 60e3 / seconds);
    end(&mut daemon)
}

async fn fill(folder: &Path, wanted: usize) -> anyhow::Result<()> {
    let text = "data_dir = \"data\"\n[mail]\nfrom = \"khyber@desk.test\"\n[retention]\nentries = \"3650d\"\n\
         [[feed]]\nid = \"made\"\nurl = \"http://127.0.0.1:9/feed\"\npublisher = \"Made\"\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"0 6 1 1 *\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n";
    std::fs::write(folder.join("khyber.toml"), text)?;
    std::fs::create_dir(folder.join("data"))?;
    let store = Store::open(&folder.join("data")).await?;
    let (feed, now): (_, Timestamp) = ("made".parse()?, khyber::daemon::clock::now());
    for first in (0..wanted).step_by(AT_ONCE) {
        let seen = now - TimeDelta::minutes(i64::try_from(wanted - first)? * 43 / 60);
        let made = made_news::entries(i64::try_from(first)?, AT_ONCE.min(wanted - first), seen, 24);
        let made: Vec<NewEntry> = made.into_iter().map(made_news::as_read).collect();
        let state = |_: &_| FeedState { health: FeedHealth::Ok, last_ok_at: Some(seen), ..FeedState::default() };
        store.ingest(&feed, &made, seen, state).await?;
    }
    // Or the daemon would be at that while it is watched.
    store.take_in_new().await?;
    store.close().await;
    Ok(())
}

/// Ready is what the daemon tells its supervisor.
fn start(folder: &Path) -> anyhow::Result<(Child, Duration)> {
    let socket = folder.join("notify");
    let _ = std::fs::remove_file(&socket);
    let told = UnixDatagram::bind(&socket)?;
    told.set_read_timeout(Some(Duration::from_secs(60)))?;
    let began = Instant::now();
    let daemon = Command::new(env!("CARGO_BIN_EXE_khyber"))
        .args(["-c", "khyber.toml", "-q", "run"])
        .current_dir(folder)
        .env_clear()
        .envs(service::environment())
        .env("NOTIFY_SOCKET", &socket)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let mut said = [0; 512];
    loop {
        let length = told.recv(&mut said).context("the daemon does not say that it is ready")?;
        if said[..length].starts_with(b"READY=1") {
            return Ok((daemon, began.elapsed()));
        }
    }
}

fn end(daemon: &mut Child) -> anyhow::Result<()> {
    let pid = rustix::process::Pid::from_child(daemon);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    anyhow::ensure!(daemon.wait()?.success(), "the daemon ended badly");
    Ok(())
}

fn status_line(file: &Path, key: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)).with_context(|| format!("no {key}"))?;
    Ok(line.split_whitespace().next().context("no number")?.parse()?)
}

fn resident(pid: u32) -> anyhow::Result<f64> {
    Ok(status_line(Path::new(&format!("/proc/{pid}/status")), "VmRSS:")? as f64 / 1024.0)
}

/// How often any of its threads has given up the processor and come back.
fn wakes(pid: u32) -> anyhow::Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        sum += status_line(&task?.path().join("status"), "voluntary_ctxt_switches:")?;
    }
    Ok(sum)
}

/// Seconds of the processor so far (proc_pid_stat(5): fields 14 and 15, in hundredths).
fn processor(pid: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.get(11..13).context("short")?.iter().map(|field| field.parse().unwrap_or(0)).sum();
    Ok(ticks as f64 / 100.0)
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
