//! `KHYBER_…` variables that nothing reads: a misspelt one would change nothing in silence.

use super::problem::{Problem, Severity};
use super::report::closest;
use super::{Loaded, starter};
use std::path::PathBuf;

const PREFIX: &str = "KHYBER_";
/// Read by the program itself, not by the configuration. The last is for tests.
const OWN: [&str; 3] = ["KHYBER_CONFIG", "KHYBER_LOG", "KHYBER_FAIL_POINT"];

impl Loaded {
    /// Points out those of the environment's variables that look like ours and are not.
    pub fn warn_of_variables(&mut self, names: impl Iterator<Item = String>) {
        let known = known();
        let mut unknown: Vec<String> = names.filter(|name| name.starts_with(PREFIX) && !known.contains(name)).collect();
        unknown.sort();
        for name in unknown {
            let help = closest(&name, known.iter().map(String::as_str)).map_or_else(
                || "a key of [section] is KHYBER_SECTION__KEY".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            self.problems.add(Problem {
                severity: Severity::Warning,
                file: PathBuf::new(),
                span: None,
                key: name,
                message: "is read by nothing".to_owned(),
                help: Some(help),
            });
        }
    }
}

/// The shipped file shows every key (a test holds it to that); those of [[…]] have no variable.
fn known() -> Vec<String> {
    let mut known: Vec<String> = OWN.map(str::to_owned).to_vec();
    let mut section = Some(String::new());
    for line in starter::KHYBER.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if line.starts_with("[[") {
            section = None;
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = Some(format!("{}__", name.to_uppercase()));
        } else if let (Some(section), Some((key, _))) = (&section, line.split_once(" = "))
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            known.push(format!("{PREFIX}{section}{}", key.to_uppercase()));
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_variables_are_those_of_the_shipped_file() {
        let known = known();
        for name in ["KHYBER_DATA_DIR", "KHYBER_SMTP__PASSWORD", "KHYBER_FETCH__PAGES_PER_POLL", "KHYBER_LOG"] {
            assert!(known.iter().any(|known| known == name), "{name}: {known:?}");
        }
        assert!(!known.iter().any(|known| known.contains("FULL_TEXT") || known.contains("PUBLISHER")), "{known:?}");
    }
}
