//! Tests that need a real server or the recorded news: skipped in plain sight where absent, failing there under CI=true.
#![allow(clippy::unwrap_used)] // also in helpers, which allow-unwrap-in-tests does not reach

mod answers;
mod bounce;
mod browser;
mod cluster;
mod deploy;
mod disk;
mod dkim;
mod editor;
mod faults;
mod feeds;
mod fleet;
mod https;
mod kills;
mod manners;
mod parse;
mod postfix;
mod postgres;
mod render;
mod replay;
#[cfg(feature = "semantic")]
mod semantic;
mod server_disk;
mod sink;
mod workers;

use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};

/// What a test needs besides Rust.
enum Need {
    /// A program on PATH.
    Program(&'static str),
    /// A file below the checkout that `.ci/run` makes.
    File(&'static str),
    /// The folder of recorded news and tools beside the checkout.
    Shared,
    /// The programs of a PostgreSQL server.
    Postgres,
    /// playwright-core and axe-core, as `.ci/run` installs them.
    Modules,
}

impl Need {
    fn met(&self) -> bool {
        match self {
            Need::Program(name) => {
                let path = std::env::var_os("PATH").unwrap_or_default();
                std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).any(|dir| dir.join(name).is_file())
            }
            Need::File(path) => Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file(),
            Need::Postgres => cluster::programs().is_some(),
            Need::Shared => shared().is_dir(),
            Need::Modules => {
                browser::modules().join("playwright-core").is_dir() && browser::modules().join("axe-core").is_dir()
            }
        }
    }
}

/// `../shared` beside the checkout.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")
}

/// A test that is shown as ignored where a need is not met, unless CI=true: there it runs, and fails.
fn needing(name: &str, needs: &[Need], run: fn()) -> Trial {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let absent = needs.iter().any(|need| !need.met());
    Trial::test(name, move || {
        run();
        Ok(())
    })
    .with_ignored_flag(absent && !ci)
}

fn main() {
    // This same program, started again in a name space of its own with a small disk.
    if let Some(folder) = std::env::var_os(disk::INSIDE) {
        return disk::inside(Path::new(&folder));
    }
    let arguments = Arguments::from_args();
    let tests = [
        // One a line: several people add theirs.
        answers::tests(),
        bounce::tests(),
        browser::tests(),
        deploy::tests(),
        disk::tests(),
        dkim::tests(),
        editor::tests(),
        faults::tests(),
        https::tests(),
        feeds::tests(),
        fleet::tests(),
        kills::tests(),
        manners::tests(),
        parse::tests(),
        postfix::tests(),
        postgres::tests(),
        render::tests(),
        replay::tests(),
        #[cfg(feature = "semantic")]
        semantic::tests(),
        server_disk::tests(),
        workers::tests(),
    ];
    let tests: Vec<Trial> = tests.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, tests).exit();
}
