//! Walking one TOML table: each key is asked for once, what was not asked for is unknown, and every mistake has its place.

use super::report::{At, Place, Report};
use super::setting::{Setting, Wrong};
use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One configuration file, read into a tree that knows where everything stands.
pub(super) struct Document<'t> {
    pub file: PathBuf,
    root: Spanned<DeTable<'t>>,
    /// Places of syntax errors: a value recovered there was reported already.
    broken: Vec<Range<usize>>,
}

impl<'t> Document<'t> {
    /// Syntax errors go to the report; what could be read besides is read.
    pub fn parse(file: &Path, text: &'t str, report: &Report) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut broken = Vec::new();
        for error in errors {
            let place = Place::File { file: file.to_owned(), span: error.span() };
            report.error(&place, "", format!("not TOML: {}", error.message()), None);
            broken.extend(error.span());
        }
        Self { file: file.to_owned(), root, broken }
    }

    /// The top level.
    pub fn top<'a>(&'a self, report: &'a Report, env: Option<Env<'a>>) -> Section<'a> {
        let heading = Place::File { file: self.file.clone(), span: None };
        Section {
            document: self,
            report,
            path: String::new(),
            heading,
            table: Some(self.root.get_ref()),
            env,
            asked: RefCell::default(),
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place::File { file: self.file.clone(), span: Some(span) }
    }

    fn is_broken(&self, span: &Range<usize>) -> bool {
        span.is_empty() || self.broken.iter().any(|bad| bad.start >= span.start && bad.start <= span.end)
    }

    /// Whether something is missing because it could not be read.
    pub fn has_syntax_errors(&self) -> bool {
        !self.broken.is_empty()
    }
}

/// The environment, as overrides see it.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A table under a name.
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    report: &'a Report,
    /// Empty at the top level; `smtp`, `digest[2]`.
    path: String,
    heading: Place,
    table: Option<&'a DeTable<'a>>,
    env: Option<Env<'a>>,
    asked: RefCell<Vec<&'static str>>,
}

enum Found<'a> {
    Toml(&'a Spanned<DeValue<'a>>),
    Env(String, String),
}

impl<'a> Section<'a> {
    pub fn report(&self) -> &'a Report {
        self.report
    }

    /// Where to point when something is missing.
    pub fn heading(&self) -> &Place {
        &self.heading
    }

    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// `digest[2]` is `digest` here.
    fn name(&self) -> &str {
        self.path.split('[').next().unwrap_or("")
    }

    /// The table is written in the file.
    pub fn is_written(&self) -> bool {
        self.table.is_some()
    }

    /// The section is there: written, or made by the environment variable of its main key.
    pub fn is_used(&self, main: &str) -> bool {
        self.is_written() || self.environment(&self.variable(main)).is_some()
    }

    /// A key is written, whether or not its value could be read.
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key)) || self.environment(&self.variable(key)).is_some()
    }

    /// An array is written, and nothing is in it.
    pub fn is_empty_list(&self, key: &str) -> bool {
        let written = self.table.and_then(|table| table.get(key)).and_then(|value| value.get_ref().as_array());
        written.is_some_and(|items| items.is_empty())
    }

    /// Where a key is written, or else the section's heading.
    pub fn key_place(&self, key: &str) -> Place {
        let written = self.table.and_then(|table| table.get(key));
        written.map_or_else(|| self.heading.clone(), |value| self.document.place(value.span()))
    }

    pub fn environment(&self, variable: &str) -> Option<String> {
        self.env.and_then(|env| env(variable))
    }

    /// Tells the shipped file's test what an absent key means.
    pub fn default_is<T: Setting>(&self, key: &'static str, default: &T) {
        self.report.asked(self.name(), key, Some(default.to_toml()));
    }

    fn variable(&self, key: &str) -> String {
        let section = if self.path.is_empty() { String::new() } else { format!("{}__", self.path.to_uppercase()) };
        format!("KHYBER_{section}{}", key.to_uppercase())
    }

    fn find(&self, key: &'static str) -> Option<Found<'a>> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        self.report.asked(self.name(), key, None);
        if let Some(env) = self.env {
            let variable = self.variable(key);
            if let Some(word) = env(&variable) {
                return Some(Found::Env(variable, word));
            }
        }
        self.table?.get(key).map(Found::Toml)
    }

    /// The value of a key; `None` when it is absent, and when it is wrong, which is then reported.
    pub fn get<T: Setting>(&self, key: &'static str) -> Option<At<T>> {
        let found = self.find(key)?;
        self.take(key, found, T::from_value, T::from_word)
    }

    fn take<T>(
        &self,
        key: &str,
        found: Found<'a>,
        from_value: impl Fn(&DeValue<'_>) -> Result<T, Wrong>,
        from_word: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<At<T>> {
        let (read, place) = match found {
            Found::Env(variable, word) => (from_word(&word), Place::Env { variable }),
            Found::Toml(value) if self.document.is_broken(&value.span()) => return None,
            Found::Toml(value) => (from_value(value.get_ref()), self.document.place(value.span())),
        };
        let path = self.path_of(key);
        match read {
            Ok(value) => Some(At { value, place, key: path }),
            Err(wrong) => {
                self.report.error(&place, &path, sentence(key, &wrong.message), wrong.help);
                None
            }
        }
    }

    /// The value of a key that must be there.
    pub fn required<T: Setting>(&self, key: &'static str, help: &str) -> Option<At<T>> {
        if let Some(found) = self.find(key) {
            return self.take(key, found, T::from_value, T::from_word);
        }
        if !self.document.has_syntax_errors() {
            let message = format!("`{key}` is missing: {}", T::WANTS);
            self.report.error(&self.heading, &self.path_of(key), message, Some(help.to_owned()));
        }
        None
    }

    /// The value of a key, or its default.
    pub fn or<T: Setting>(&self, key: &'static str, default: T) -> T {
        self.report.asked(self.name(), key, Some(default.to_toml()));
        self.get(key).map_or(default, |at| at.value)
    }

    /// The value of a key within limits, or its default.
    pub fn within<T: Setting + PartialOrd>(&self, key: &'static str, default: T, limits: RangeInclusive<T>) -> T {
        self.report.asked(self.name(), key, Some(default.to_toml()));
        self.get(key).and_then(|at| self.inside(at, &limits)).unwrap_or(default)
    }

    /// As `within`, for a key without a default of its own.
    pub fn within_if_set<T: Setting + PartialOrd>(
        &self,
        key: &'static str,
        limits: RangeInclusive<T>,
    ) -> Option<At<T>> {
        let at = self.get(key)?;
        let (place, path) = (at.place.clone(), at.key.clone());
        self.inside(at, &limits).map(|value| At { value, place, key: path })
    }

    fn inside<T: Setting + PartialOrd>(&self, at: At<T>, limits: &RangeInclusive<T>) -> Option<T> {
        if limits.contains(&at.value) {
            return Some(at.value);
        }
        let key = at.key.rsplit('.').next().unwrap_or("");
        let message = format!("`{key}` = {} is out of range", at.value.to_toml());
        let help = format!("from {} to {}", limits.start().to_toml(), limits.end().to_toml());
        self.report.error(&at.place, &at.key, message, Some(help));
        None
    }

    /// An array; wrong members are reported one by one and left out.
    pub fn list<T: Setting>(&self, key: &'static str) -> Option<Vec<At<T>>> {
        match self.find(key)? {
            Found::Env(variable, words) => Some(self.words(key, &variable, &words)),
            Found::Toml(value) if self.document.is_broken(&value.span()) => None,
            Found::Toml(value) => match value.get_ref() {
                DeValue::Array(items) => {
                    let read = |item| self.take(key, Found::Toml(item), T::from_value, T::from_word);
                    Some(items.iter().filter_map(read).collect())
                }
                other => {
                    let message =
                        format!("`{key}` wants an array of {}, not a single {}", plural(T::WANTS), other.type_str());
                    let help = other.as_str().map(|word| format!("write {key} = [{word:?}]"));
                    self.report.error(&self.document.place(value.span()), &self.path_of(key), message, help);
                    None
                }
            },
        }
    }

    /// In the environment a list is separated by commas.
    fn words<T: Setting>(&self, key: &'static str, variable: &str, words: &str) -> Vec<At<T>> {
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        let found = |word: &str| Found::Env(variable.to_owned(), word.to_owned());
        words.filter_map(|word| self.take(key, found(word), T::from_value, T::from_word)).collect()
    }

    /// A list that was reported on already, with the places of its members.
    pub fn list_again<T: Setting>(&self, key: &'static str) -> Vec<At<T>> {
        let Some(found) = self.find(key) else { return Vec::new() };
        let quiet = |place: Place, value: T| At { value, place, key: self.path_of(key) };
        match found {
            Found::Env(variable, words) => {
                let place = Place::Env { variable };
                words
                    .split(',')
                    .filter_map(|word| Some(quiet(place.clone(), T::from_word(word.trim()).ok()?)))
                    .collect()
            }
            Found::Toml(value) => {
                let items = value.get_ref().as_array().into_iter().flat_map(|items| items.iter());
                items
                    .filter_map(|item| {
                        Some(quiet(self.document.place(item.span()), T::from_value(item.get_ref()).ok()?))
                    })
                    .collect()
            }
        }
    }

    /// As `list`, with the default that the shipped file shows.
    pub fn list_or<T: Setting + Clone>(&self, key: &'static str, default: &[T]) -> Vec<T> {
        let shown: Vec<String> = default.iter().map(Setting::to_toml).collect();
        self.report.asked(self.name(), key, Some(format!("[{}]", shown.join(", "))));
        let written = self.table.and_then(|table| table.get(key)).and_then(|value| value.get_ref().as_array());
        match self.list(key) {
            // Every member was wrong and is reported; that it leaves an empty list is no mistake of its own.
            Some(items) if items.is_empty() && written.is_some_and(|items| !items.is_empty()) => default.to_vec(),
            Some(items) => items.into_iter().map(|at| at.value).collect(),
            None => default.to_vec(),
        }
    }

    /// A table inside this one; its scalars can be overridden by `KHYBER_NAME__KEY`.
    pub fn section(&self, name: &'static str) -> Section<'a> {
        self.asked.borrow_mut().push(name);
        let found = self.table.and_then(|table| table.get(name));
        let table = found.and_then(|value| {
            let table = value.get_ref().as_table();
            if table.is_none() {
                self.not_a_table(name, value, "a table", &format!("write it as a section: [{name}]"));
            }
            table
        });
        let heading = found.map_or(self.heading.clone(), |value| self.document.place(value.span()));
        self.child(self.path_of(name), heading, table, self.env)
    }

    /// `[[name]]` tables, in order.
    pub fn tables(&self, name: &'static str) -> Vec<Section<'a>> {
        self.asked.borrow_mut().push(name);
        let Some(value) = self.table.and_then(|table| table.get(name)) else { return Vec::new() };
        let help = format!("each one is a table of its own under [[{name}]], with two brackets");
        let Some(items) = value.get_ref().as_array() else {
            self.not_a_table(name, value, "an array of tables", &help);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => {
                    let heading = self.document.place(item.span());
                    sections.push(self.child(format!("{name}[{at}]"), heading, Some(table), None));
                }
                None => self.not_a_table(name, item, "tables only", &help),
            }
        }
        sections
    }

    fn child(&self, path: String, heading: Place, table: Option<&'a DeTable<'a>>, env: Option<Env<'a>>) -> Section<'a> {
        Section { document: self.document, report: self.report, path, heading, table, env, asked: RefCell::default() }
    }

    fn not_a_table(&self, name: &str, value: &Spanned<DeValue<'_>>, wants: &str, help: &str) {
        if self.document.is_broken(&value.span()) {
            return;
        }
        let message = format!("`{name}` wants {wants}, not a value of type {}", value.get_ref().type_str());
        self.report.error(&self.document.place(value.span()), &self.path_of(name), message, Some(help.to_owned()));
    }

    /// A key of this table that belongs elsewhere: reported as `message`, and not again as unknown.
    pub fn refuse(&self, name: &'static str, message: &str, help: &str) {
        if let Some((key, _)) = self.table.and_then(|table| table.get_key_value(name)) {
            self.asked.borrow_mut().push(name);
            self.report.error(&self.document.place(key.span()), &self.path_of(name), message, Some(help.to_owned()));
        }
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.take();
        for (key, _) in self.table.into_iter().flatten() {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                let place = self.document.place(key.span());
                self.report.unknown(place, self.name(), &self.path, name, asked.clone());
            }
        }
    }
}

/// `interval`: 5 has no unit; `from` is not a mail address.
fn sentence(key: &str, message: &str) -> String {
    let between = if message.starts_with(|c: char| c == '`' || c.is_ascii_digit()) { ": " } else { " " };
    format!("`{key}`{between}{message}")
}

fn plural(wants: &str) -> String {
    let bare = wants.trim_start_matches("a ").trim_start_matches("an ");
    let (noun, rest) = bare.split_once(" such as").map_or((bare, ""), |(noun, _)| (noun, ""));
    if noun.contains(' ') { format!("values ({bare})") } else { format!("{noun}s{rest}") }
}
