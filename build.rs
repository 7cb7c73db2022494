//! Links the program so that it is smaller (two megabytes of its relocations say nothing but "moved by the load address") and a daemon
//! with nothing to do holds less of it in memory: the kernel maps 64 KiB around each page that is touched, so what such a daemon never
//! calls lies apart from what it does.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// glibc reads relocations packed (DT_RELR) since then; an older one refuses such a program.
const PACKED_SINCE: (u32, u32) = (2, 36);

/// What an idle daemon does not call, crates and modules. One that is missing or wrong costs a little memory, no more.
const APART: &str = "
    aho_corasick askama axum::handler core::fmt::Debug core::slice::sort css_inline dom_query dom_smoothie encoding_rs feed_rs
    gjson h2 hickory_net hickory_proto hickory_resolver html5ever hyper hyper_util mail_auth mail_parser nom opml quick_xml
    regex_automata regex_syntax rustls selectors serde_core::ser serde_json sqlx_postgres toml_edit khyber::cli::check_online
    khyber::cli::feeds_test khyber::daemon::claims khyber::demo khyber::digest khyber::fetch khyber::group khyber::parse
    khyber::render khyber::store::copy khyber::store::editions khyber::web::answer
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    let gnu = set("CARGO_CFG_TARGET_OS") == "linux" && set("CARGO_CFG_TARGET_ENV") == "gnu";
    if gnu && set("HOST") == set("TARGET") && glibc().is_some_and(|here| here >= PACKED_SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // Those that rustc brings and GNU's read such a script; one that somebody has chosen may not (mold).
    let chosen = !set("RUSTC_LINKER").is_empty() || set("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if gnu && set("PROFILE") == "release" && !chosen {
        let script = PathBuf::from(set("OUT_DIR")).join("apart.ld");
        std::fs::write(&script, apart()).expect("OUT_DIR can be written");
        println!("cargo::rustc-link-arg-bins=-T{}", script.display());
    }
}

/// A linker script that adds a section and leaves the others as they are.
fn apart() -> String {
    let mut script = "SECTIONS {\n  .text.apart : {\n".to_owned();
    for path in APART.split_whitespace() {
        // In a mangled name a path is `6khyber5parse`, and `khyber..parse` between `<` and `>`.
        let plain: String = path.split("::").map(|name| format!("{}{name}", name.len())).collect();
        let _ = writeln!(script, "    *(.text.*{plain}* .text.*{}[.$]*)", path.replace("::", ".."));
    }
    script + "  }\n}\nINSERT AFTER .text;\n"
}

fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?.stdout;
    let said = String::from_utf8(said).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}
