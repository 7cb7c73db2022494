//! How problems read on a terminal: place, source line with a caret, help. Secrets and addresses in the line are dotted out.

use super::problem::{Problem, Problems, Severity};
use std::fmt;

/// Characters of a source line shown at most; a long line is cut around the caret.
const WIDTH: usize = 110;

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.iter() {
            self.one(f, problem)?;
            writeln!(f)?;
        }
        let count = |severity: Severity| {
            let number = self.count(severity);
            format!("{number} {}{}", severity.name(), if number == 1 { "" } else { "s" })
        };
        write!(f, "{}, {}", count(Severity::Error), count(Severity::Warning))
    }
}

impl Problems {
    fn one(&self, f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
        writeln!(f, "{}: {}", problem.severity.name(), problem.message)?;
        let margin = match (self.position(problem), self.text(&problem.file)) {
            (Some((line, column)), Some(text)) => {
                let margin = line.to_string().len();
                writeln!(f, "{:margin$}--> {}:{line}:{column}", "", problem.file.display())?;
                writeln!(f, "{:margin$} |", "")?;
                let (shown, caret) = excerpt(text, line, column, problem);
                writeln!(f, "{line} | {shown}")?;
                writeln!(f, "{:margin$} | {caret}", "")?;
                margin
            }
            _ if problem.file.as_os_str().is_empty() => {
                writeln!(f, " --> environment variable {}", problem.key)?;
                1
            }
            _ => {
                writeln!(f, " --> {}", problem.file.display())?;
                1
            }
        };
        // A list of many lines, or the third `[[entity]]`, does not show whose value it is.
        if problem.key.contains('.') && !problem.file.as_os_str().is_empty() {
            writeln!(f, "{:margin$} = key: {}", "", dotted(&problem.key))?;
        }
        match &problem.help {
            Some(help) => writeln!(f, "{:margin$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

/// The source line, and the carets that stand under the span.
fn excerpt(text: &str, line: usize, column: usize, problem: &Problem) -> (String, String) {
    let source = text.lines().nth(line - 1).unwrap_or("");
    let shown: Vec<char> = dotted(source).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let span = problem.span.clone().unwrap_or(0..0);
    let marked = text.get(span).unwrap_or("").lines().next().unwrap_or("").chars().count().max(1);
    let from = column - 1;
    let marked = marked.min(shown.len().saturating_sub(from).max(1));
    let cut = if shown.len() > WIDTH && from > WIDTH / 2 { from - WIDTH / 2 } else { 0 };
    let mut visible: String = shown.iter().skip(cut).take(WIDTH).collect();
    let mut indent = from - cut;
    if cut > 0 {
        visible.insert(0, '…');
        indent += 1;
    }
    if shown.len() > cut + WIDTH {
        visible.push('…');
    }
    let carets = marked.min((WIDTH + 1).saturating_sub(indent).max(1));
    (visible.trim_end().to_owned(), format!("{}{}", " ".repeat(indent), "^".repeat(carets)))
}

/// A source line fit for a log: as long as before, with passwords, `user:password@` of URLs and mailboxes dotted out.
/// The length must not change, or the caret would point elsewhere.
fn dotted(line: &str) -> String {
    let mut shown: Vec<char> = line.chars().collect();
    dot_password(&mut shown);
    dot_at_signs(&mut shown);
    shown.into_iter().collect()
}

/// Everything after `password =`, or after a key that looks like one mistyped: an inline table may follow on the same
/// line, and the cautious end is the line's end.
fn dot_password(shown: &mut [char]) {
    let assigned = (0..shown.len()).filter(|&at| shown[at] == '=');
    let secret = assigned.into_iter().find(|&at| {
        let before: String = shown[..at].iter().collect();
        let key = before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
        let start = key.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').map_or(0, |at| at + 1);
        is_secret(key.get(start..).unwrap_or("").to_lowercase().as_str())
    });
    let Some(from) = secret else { return };
    for c in shown.iter_mut().skip(from + 1).filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')) {
        *c = '•';
    }
}

fn is_secret(key: &str) -> bool {
    !matches!(key, "password_file" | "key_file" | "allow_private" | "space_private")
        && (matches!(key, "key" | "pem")
            || ["pass", "pwd", "secret", "token", "webhook", "private"].iter().any(|part| key.contains(part))
            || ["password", "webhook"].iter().any(|known| strsim::damerau_levenshtein(key, known) <= 3))
}

/// A message that may quote what somebody wrote in the wrong place.
pub(super) fn without_addresses(message: &str) -> String {
    let mut shown: Vec<char> = message.chars().collect();
    dot_at_signs(&mut shown);
    shown.into_iter().collect()
}

fn dot_at_signs(shown: &mut [char]) {
    let ends = |c: char| c.is_whitespace() || "\"'`<>,;[](){}".contains(c);
    let places: Vec<usize> = (0..shown.len()).filter(|&at| shown[at] == '@').collect();
    for at in places {
        let start = (0..at).rev().find(|&i| ends(shown[i])).map_or(0, |i| i + 1);
        let token: String = shown[start..at].iter().collect();
        match token.find("://") {
            // Only what stands before the first `/` of a URL can be user and password.
            Some(scheme) if token[scheme + 3..].contains('/') => {}
            Some(scheme) => {
                let from = start + token[..scheme].chars().count() + 3;
                shown[from..at].fill('•');
            }
            None if at > start + 1 => shown[start + 1..at].fill('•'),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn problem(text: &str, part: &str) -> Problem {
        let start = text.find(part).unwrap();
        Problem {
            severity: Severity::Error,
            file: PathBuf::from("khyber.toml"),
            span: Some(start..start + part.len()),
            key: "x".to_owned(),
            message: "no".to_owned(),
            help: Some("did you mean `y`?".to_owned()),
        }
    }

    #[test]
    fn caret_under_the_span() {
        let text = "a = 1\nنام = \"ب\" # x\n";
        let problems = Problems::new(vec![problem(text, "\"ب\"")], vec![("khyber.toml".into(), text.to_owned())]);
        let shown = problems.to_string();
        assert!(shown.contains("error: no\n --> khyber.toml:2:7\n"), "{shown}");
        assert!(shown.contains("\n2 | نام = \"ب\" # x\n  |       ^^^\n  = help: did you mean `y`?\n"), "{shown}");
        assert!(shown.ends_with("1 error, 0 warnings"), "{shown}");
    }

    #[test]
    fn a_key_in_a_table_is_told() {
        let text = "[[entity]]\nnames.en = [\n  \"the\",\n]\n";
        let problem = Problem { key: "entity[0].names.en".to_owned(), ..problem(text, "\"the\"") };
        let shown = Problems::new(vec![problem], vec![("khyber.toml".into(), text.to_owned())]).to_string();
        assert!(
            shown.contains("--> khyber.toml:3:3\n") && shown.contains("\n  = key: entity[0].names.en\n"),
            "{shown}"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_caret() {
        let text = format!("x = \"{}MARK{}\"\n", "a".repeat(400), "b".repeat(400));
        let problems = Problems::new(vec![problem(&text, "MARK")], vec![("khyber.toml".into(), text.clone())]);
        let shown = problems.to_string();
        let lines: Vec<&str> = shown.lines().collect();
        let caret = lines[4].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[3].chars().skip(caret).take(4).collect::<String>(), "MARK", "{shown}");
        assert!(lines[3].chars().count() < 130);
    }

    #[test]
    fn nothing_secret_is_shown() {
        let cases = [
            (r#"password = "hunter2""#, r#"password = "•••••••""#),
            (r#"smtp = { "password" = 'hunter2', port = 25 }"#, r#"smtp = { "password" = '•••••••'"#),
            (r#"passwrod = "hunter2""#, r#"passwrod = "•••••••""#),
            (r#"smtp_pass='hunter2'"#, r#"smtp_pass='•••••••'"#),
            (r#"webhok = "hunter2""#, r#"webhok = "•••••••""#),
            (r#"key = "hunter2""#, r#"key = "•••••••""#),
            (r#"private_key = "hunter2""#, r#"private_key = "•••••••""#),
            (r#"key_file = "/run/key""#, r#"key_file = "/run/key""#),
            (r#"allow_private = true"#, r#"allow_private = true"#),
            (r#"space_private = true"#, r#"space_private = true"#),
            (r#"password_file = "/run/secret""#, r#"password_file = "/run/secret""#),
            (r#"email = "reader@example.org""#, r#"email = "r•••••@example.org""#),
            (r#"url = "https://me:pw@example.org/@x""#, r#"url = "https://•••••@example.org/@x""#),
            (r#"url = "https://medium.com/@x""#, r#"url = "https://medium.com/@x""#),
        ];
        for (line, want) in cases {
            let shown = dotted(line);
            assert!(shown.starts_with(want), "{shown}");
            assert_eq!(shown.chars().count(), line.chars().count());
            assert!(!shown.contains("hunter2"));
        }
    }
}
