//! The systemd unit that `deploy/` ships: known to systemd, and a small surface.

use super::{Need, needing};
use libtest_mimic::Trial;
use std::path::Path;
use std::process::Command;

pub fn tests() -> Vec<Trial> {
    let systemd = [Need::Program("systemd-analyze")];
    vec![
        needing("deploy::systemd_knows_every_line_of_the_unit", &systemd, systemd_knows_every_line_of_the_unit),
        needing("deploy::the_units_exposure_is_at_most_1_5", &systemd, the_units_exposure_is_at_most_1_5),
    ]
}

fn unit() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/khyber.service")).unwrap()
}

/// `systemd-analyze` with the unit as last argument, in a folder of its own; the unit's program and page are not installed here.
fn analyze(arguments: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("khyber.service");
    let text = unit().replace("/usr/local/bin/khyber", "/bin/true").replace("Documentation=man:khyber(1)\n", "");
    std::fs::write(&file, text).unwrap();
    let output = Command::new("systemd-analyze").args(arguments).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

fn systemd_knows_every_line_of_the_unit() {
    let (fine, said) = analyze(&["verify", "--man=no"]);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("khyber.service")).collect();
    assert!(fine && ours.is_empty(), "{said}");
}

fn the_units_exposure_is_at_most_1_5() {
    // `--threshold` counts in tenths.
    let (fine, said) = analyze(&["security", "--offline=true", "--threshold=15"]);
    assert!(fine, "{said}");
}
