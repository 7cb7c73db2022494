//! The program as a person or a script meets it: names, exit codes, what it says, and the daemon's signals.

use super::support::daemon::Daemon;
use super::support::site::Site;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn khyber(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khyber"));
    command.current_dir(folder).env_clear().args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn configure(folder: &Path, more: &str) {
    let text = format!(
        "data_dir = \"data\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\n[mail]\nfrom = \"khyber@desk.test\"\n{more}\n\
         [[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"* * * * *\"\ntimezone = \"UTC\"\n\
         [[subscriber]]\nemail = \"reader@x.test\"\ndigest = \"daily\"\n"
    );
    std::fs::write(folder.join("khyber.toml"), text).unwrap();
}

#[test]
fn what_init_writes_is_what_check_likes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(khyber(folder, &["check"]).status.code(), Some(3), "no configuration yet");
    let made = khyber(folder, &["init"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let checked = khyber(folder, &["check"]);
    assert_eq!(checked.status.code(), Some(0), "{}{}", text(&checked.stdout), text(&checked.stderr));
    assert_ne!(khyber(folder, &["init"]).status.code(), Some(0), "never overwrites");
    for list in [&["feeds", "list"][..], &["subscribers", "list"], &["editions", "list"], &["outbox", "list"]] {
        let listed = khyber(folder, &[list, &["--json"]].concat());
        assert_eq!(listed.status.code(), Some(0), "{list:?}: {}", text(&listed.stderr));
        serde_json::from_slice::<Vec<serde_json::Value>>(&listed.stdout).unwrap();
    }
}

#[test]
fn every_subcommand_has_its_name_and_usage_errors_exit_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&khyber(folder.path(), &["--help"]).stdout);
    let names = "demo init check run poll publish dispatch stories explain preview dkim send editions outbox feeds subscribers status db \
                 parse eval completions man";
    for name in names.split_whitespace() {
        assert!(help.lines().any(|line| line.trim_start().starts_with(name)), "{name}");
        assert_eq!(khyber(folder.path(), &[name, "--help"]).status.code(), Some(0), "{name}");
    }
    assert_eq!(khyber(folder.path(), &["frobnicate"]).status.code(), Some(2));
    assert_eq!(khyber(folder.path(), &["run", "--at", "tomorrow"]).status.code(), Some(2));
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&khyber(folder.path(), &["completions", shell]).stdout).contains("khyber"), "{shell}");
    }
    assert_eq!(khyber(folder.path(), &["man", "pages"]).status.code(), Some(0));
    assert!(std::fs::read_to_string(folder.path().join("pages/khyber.1")).unwrap().contains(".TH"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_fails_in_part_says_which_and_exits_with_4() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    site.set_feed(
        "good",
        &[("1", "Pakistan and Afghanistan reopen Torkham", "Trucks moved.", "Sun, 01 Mar 2026 03:00:00 +0000")],
    );
    let feed = |id: &str| format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\npublisher = \"{id}\"\n", site.url(id));
    configure(folder, &(feed("good") + &feed("missing")));
    let polled = khyber(folder, &["poll", "--at", "2026-03-01T06:00:00Z"]);
    assert_eq!(polled.status.code(), Some(4), "{}", text(&polled.stderr));
    assert!(text(&polled.stdout).contains("missing: "), "{}", text(&polled.stdout));
    assert_eq!(khyber(folder, &["poll", "nobody"]).status.code(), Some(1));

    let stories = khyber(folder, &["stories", "--at", "2026-03-01T07:00:00Z", "--json"]);
    let stories: serde_json::Value = serde_json::from_slice(&stories.stdout).unwrap();
    assert_eq!(stories[0]["headline"], "Pakistan and Afghanistan reopen Torkham");
    let link = stories[0]["reports"][0]["url"].as_str().unwrap();
    let explained = text(&khyber(folder, &["explain", link, "--at", "2026-03-01T07:00:00Z"]).stdout);
    assert!(explained.contains("scope bilateral") && explained.contains("torkham"), "{explained}");

    for format in ["html", "text", "eml"] {
        let shown = khyber(folder, &["preview", "--format", format, "--at", "2026-03-01T07:00:00Z"]);
        assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
        assert!(text(&shown.stdout).contains("Torkham"), "{format}");
    }
    let editions = khyber(folder, &["editions", "list", "--json"]).stdout;
    assert_eq!(text(&editions).trim(), "[]", "a preview publishes nothing");
    assert!(!folder.join("data/outbox").exists(), "and mails nothing");
    let paused = khyber(folder, &["feeds", "pause", "missing"]);
    assert_eq!(paused.status.code(), Some(0));
    let polled = khyber(folder, &["poll", "--at", "2026-03-02T06:00:00Z"]);
    assert_eq!(polled.status.code(), Some(0), "a paused feed is not asked: {}", text(&polled.stdout));
}

/// Starts the daemon, reloads it with a broken configuration, with another store and with a good one, and stops it: told by its own log.
#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_reloads_what_is_valid_and_stops_when_told() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Site::start().await);
    let folder = folder.path();
    let feed = format!("[[feed]]\nid = \"good\"\nurl = \"{}\"\npublisher = \"Good\"\n", site.url("good"));
    configure(folder, &feed);
    let mut daemon = Daemon::start(&mut command(folder, &["run"]));
    daemon.until("running");
    let second = khyber(folder, &["run", "--once"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains(&format!("process {}", daemon.id())), "{}", text(&second.stderr));

    std::fs::write(folder.join("khyber.toml"), "data_dir = [").unwrap();
    daemon.signal("HUP");
    daemon.until("the old configuration stays");
    // Nobody listens at this address: the daemon must not go there either.
    configure(folder, &format!("{feed}[store]\nurl = \"postgres://khyber@127.0.0.1:9/desk\"\n"));
    daemon.signal("HUP");
    daemon.until("the old configuration stays: `[store]` can't change while running; restart instead");
    configure(folder, &feed);
    daemon.signal("HUP");
    daemon.until("configuration reloaded");
    daemon.signal("TERM");
    daemon.until("stopped");
    daemon.ends();
}
