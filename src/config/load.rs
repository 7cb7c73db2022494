//! From files to a `Config`: main file, includes, sections, then what can only be seen over all of them.

use super::problem::{Problem, Problems, Severity};
#[cfg(test)]
use super::report::Asked;
use super::report::{At, Report};
use super::section::{Document, Env, Section};
use super::{Config, bounce, digests, dns, feeds, fetch, grouping, mail, notices, subscribers, theme, web};
use crate::model::{Coverage, DigestSpec, EmailAddress};
use std::path::{Path, PathBuf};

/// What came of reading a configuration: a `Config` if there are no errors, and all problems either way.
#[derive(Debug)]
pub struct Loaded {
    pub config: Option<Config>,
    pub problems: Problems,
    /// Where each subscriber stands.
    places: Vec<(EmailAddress, Problem)>,
    /// For the test of the shipped file.
    #[cfg(test)]
    pub(super) asked: Vec<Asked>,
}

impl Loaded {
    /// Points at a subscriber, for what only the store knows.
    pub fn warn_of(&mut self, address: &EmailAddress, message: String, help: String) {
        if let Some((_, place)) = self.places.iter().find(|(known, _)| known == address) {
            self.problems.add(Problem { message, help: Some(help), ..place.clone() });
        }
    }
}

/// Reads the configuration at `path`; `env` answers for environment variables.
/// The second value holds warnings.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<(Config, Vec<Problem>), Problems> {
    let loaded = examine(path, env);
    match loaded.config {
        Some(config) => Ok((config, loaded.problems.warnings())),
        None => Err(loaded.problems),
    }
}

/// As `load`, keeping the warnings' source lines: for `khyber check`.
pub fn examine(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Loaded {
    let report = Report::default();
    let mut texts = Vec::new();
    let mut places = Vec::new();
    let config = read_text(path, &report).and_then(|text| {
        texts.push((path.to_owned(), text.clone()));
        read(path, &text, env, &report, &mut texts, &mut places)
    });
    let (problems, _asked) = report.finish();
    let problems = Problems::new(problems, texts);
    let config = config.filter(|_| !problems.has_errors());
    Loaded {
        config,
        problems,
        places,
        #[cfg(test)]
        asked: _asked,
    }
}

/// What would be wrong with more subscribers: the index of each wrong `[[subscriber]]` in `text`, and why.
pub fn check_subscribers(text: &str, config: &Config) -> Vec<(usize, String)> {
    let report = Report::default();
    let document = Document::parse(Path::new(""), text, &report);
    let top = document.top(&report, None);
    let mut readers = subscribers::read(&top);
    let specs: Vec<&DigestSpec> = config.digests.iter().collect();
    subscribers::check(&mut readers, &specs, &config.coverage, &report);
    top.finish();
    let (problems, _) = report.finish();
    let described = problems.into_iter().map(|problem| {
        let index = problem.key.split(['[', ']']).nth(1).and_then(|index| index.parse().ok()).unwrap_or(0);
        let help = problem.help.map_or_else(String::new, |help| format!(" ({help})"));
        (index, problem.message + &help)
    });
    described.collect()
}

pub(super) fn read_text(path: &Path, report: &Report) -> Option<String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(why) => {
            report.file(Severity::Error, path, format!("{} can't be read: {why}", path.display()), None);
            return None;
        }
    };
    match String::from_utf8(bytes) {
        // Editors on Windows put a byte order mark in front; columns are counted without it.
        Ok(text) => Some(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned)),
        Err(why) => {
            let line = why.as_bytes()[..why.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            report.file(Severity::Error, path, format!("{} is not UTF-8 (line {line})", path.display()), None);
            None
        }
    }
}

type Texts = Vec<(PathBuf, String)>;
type Places = Vec<(EmailAddress, Problem)>;

fn read(
    path: &Path,
    text: &str,
    env: Env<'_>,
    report: &Report,
    texts: &mut Texts,
    places: &mut Places,
) -> Option<Config> {
    let base = path.parent().unwrap_or(Path::new(""));
    let main = Document::parse(path, text, report);
    let top = main.top(report, Some(env));
    let included: Texts = includes(&top, base, path);
    texts.extend(included.iter().cloned());

    let data_dir = base.join(top.or("data_dir", "data".to_owned()));
    let operator = top.get::<EmailAddress>("operator").map(|at| at.value);
    let coverage = coverage(&top, base, texts);
    let fetch = fetch::fetch(&top, operator.as_ref());
    let retention = fetch::retention(&top);
    let notices = notices::read(&top, operator.as_ref(), base);
    let grouping = grouping::read(&top, base);
    let bounce = bounce::read(&top, base);
    let mail = mail::read(&top, bounce.as_ref().map(|bounce| &bounce.address), &data_dir, base);
    let web = web::read(&top);
    let dns = dns::read(&top);
    let theme = theme::read(&top, base, texts);

    let others: Vec<Document<'_>> = included.iter().map(|(file, text)| Document::parse(file, text, report)).collect();
    let mut lists = Lists::default();
    lists.take(&top);
    top.finish();
    for other in &others {
        let top = other.top(report, None);
        for name in MAIN_ONLY {
            top.refuse(
                name,
                &format!("`{name}` belongs in {}", path.display()),
                "an included file holds [[feed]], [[digest]] and [[subscriber]]",
            );
        }
        lists.take(&top);
        top.finish();
    }
    lists.check(&coverage, &fetch, report);
    lists.check_presence(web.as_ref(), path, report);
    places.extend(
        lists.subscribers.iter().map(|reader| (reader.subscriber.value.email.clone(), reader.subscriber.here())),
    );
    Some(Config {
        file: path.to_owned(),
        data_dir,
        operator,
        fetch,
        mail: mail?,
        web,
        dns,
        retention,
        notices,
        bounce,
        grouping,
        theme,
        coverage,
        feeds: lists.feeds.into_iter().map(|at| at.value).collect(),
        digests: lists.digests.into_iter().map(|digest| digest.spec.value).collect(),
        subscribers: lists.subscribers.into_iter().map(|reader| reader.subscriber.value).collect(),
    })
}

const MAIN_ONLY: [&str; 16] = [
    "data_dir",
    "include",
    "coverage",
    "operator",
    "fetch",
    "mail",
    "smtp",
    "dkim",
    "web",
    "dns",
    "retention",
    "notices",
    "bounce",
    "grouping",
    "templates",
    "imap",
];

/// What every file may hold.
#[derive(Default)]
struct Lists {
    feeds: Vec<At<crate::model::Feed>>,
    digests: Vec<digests::Written>,
    subscribers: Vec<subscribers::Reader>,
}

impl Lists {
    fn take(&mut self, top: &Section<'_>) {
        self.feeds.extend(feeds::read(top));
        self.digests.extend(digests::read(top));
        self.subscribers.extend(subscribers::read(top));
    }

    fn check(&mut self, coverage: &Coverage, fetch: &super::FetchConfig, report: &Report) {
        feeds::check(&self.feeds, fetch, report);
        digests::check(&self.digests, coverage, report);
        let specs: Vec<&DigestSpec> = self.digests.iter().map(|digest| &digest.spec.value).collect();
        subscribers::check(&mut self.subscribers, &specs, coverage, report);
        for digest in self.digests.iter().filter(|digest| digest.spec.value.id.as_str() == "confirm") {
            let help = Some("any other id will do".to_owned());
            let message = "`confirm` is the name of the mails that confirm a subscription";
            report.error(&digest.spec.place, &digest.spec.key, message, help);
        }
    }

    fn check_presence(&self, web: Option<&super::WebConfig>, main: &Path, report: &Report) {
        let by_form = web.is_some_and(|web| web.subscribe == super::Subscribing::Open);
        let absent = [
            (self.feeds.is_empty(), "there is no [[feed]]: nothing will be polled"),
            (self.digests.is_empty(), "there is no [[digest]]: nothing will be published"),
            (self.subscribers.is_empty() && !by_form, "there is no [[subscriber]]: nobody will get mail"),
        ];
        for (_, message) in absent.iter().filter(|(absent, _)| *absent) {
            report.file(Severity::Warning, main, (*message).to_owned(), None);
        }
    }
}

/// The included files that can be read, in the order of `include`, each once.
fn includes(top: &Section<'_>, base: &Path, main: &Path) -> Texts {
    let report = top.report();
    top.list_or::<String>("include", &[]);
    let mut texts: Texts = Vec::new();
    for pattern in top.list_again::<String>("include") {
        let has_wildcard = pattern.value.contains(['*', '?', '[']);
        for file in matching(base, has_wildcard, &pattern, report) {
            let known = file == main || texts.iter().any(|(other, _)| *other == file);
            if !known && let Some(text) = read_text(&file, report) {
                texts.push((file, text));
            }
        }
    }
    texts
}

fn matching(base: &Path, has_wildcard: bool, pattern: &At<String>, report: &Report) -> Vec<PathBuf> {
    let path = &base.join(&pattern.value);
    if !has_wildcard {
        if path.is_file() {
            return vec![path.to_owned()];
        }
        let message = format!("the included file {} is not there", path.display());
        report.error(&pattern.place, &pattern.key, message, similar_file(path));
        return Vec::new();
    }
    // The folder's own name may hold brackets, which mean nothing.
    let escaped = PathBuf::from(glob::Pattern::escape(&base.to_string_lossy())).join(&pattern.value);
    match glob::glob(&escaped.to_string_lossy()) {
        Ok(paths) => {
            let files: Vec<PathBuf> = paths.filter_map(Result::ok).filter(|path| path.is_file()).collect();
            if files.is_empty() {
                let message = format!("`{}` matches no file", pattern.value);
                report.warning(&pattern.place, &pattern.key, message, Some(format!("looked for {}", path.display())));
            }
            files
        }
        Err(why) => {
            report.error(
                &pattern.place,
                &pattern.key,
                format!("`{}` is not a file pattern: {}", pattern.value, why.msg),
                None,
            );
            Vec::new()
        }
    }
}

/// A file beside the missing one with a name much like it.
fn similar_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let entries = std::fs::read_dir(path.parent()?).ok()?;
    let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let near = super::report::closest(wanted, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{near}`?"))
}

/// The coverage that the configuration names, or the built-in one.
fn coverage(top: &Section<'_>, base: &Path, texts: &mut Texts) -> Coverage {
    let Some(named) = top.get::<String>("coverage") else { return builtin_coverage() };
    let file = base.join(&named.value);
    if !file.is_file() {
        let message = format!("the coverage file {} is not there", file.display());
        top.report().error(&named.place, &named.key, message, similar_file(&file));
        return Coverage::default();
    }
    let Some(text) = read_text(&file, top.report()) else { return Coverage::default() };
    let (coverage, problems) = super::coverage::read(&text, &file);
    top.report().extend(problems);
    texts.push((file, text));
    coverage.unwrap_or_default()
}

fn builtin_coverage() -> Coverage {
    let file = Path::new(super::coverage::DEFAULT_FILE);
    super::coverage::read(super::coverage::DEFAULT, file).0.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_useful_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("khyber.toml");
        let text = "[[feed]]\nid = 'a'\nurl = 'https://example.org/feed'\npublisher = 'A'\n\
                    [[digest]]\nid = 'daily'\ntitle = 'Daily'\nschedule = '0 6 * * *'\nlanguage = 'ur'\n\
                    [[subscriber]]\nemail = 'reader@example.org'\n";
        std::fs::write(&file, text).unwrap();
        let (config, warnings) = load(&file, &|_| None).unwrap();
        assert_eq!(warnings, []);
        assert_eq!(config.data_dir, dir.path().join("data"));
        assert_eq!(config.feeds[0].country, "INT");
        assert_eq!(config.subscribers[0].digests, [config.digests[0].id.clone()]);
        assert_eq!(config.subscribers[0].lang, crate::model::Lang::Ur);
    }
}
