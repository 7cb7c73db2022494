//! The coverage file: its raw TOML shape, and the checks that make it a `Coverage`.

use super::problem::{Problem, Severity};
use crate::model::coverage::{Context, Effect, Entity, EntityKind, Home, Term};
use crate::model::words::words;
use crate::model::{Coverage, Lang, Scope, Topic, TopicId};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// The coverage that Khyber brings along.
pub const DEFAULT: &str = include_str!("../../config/coverage/pakistan-afghanistan.toml");
/// Where `DEFAULT` stands in the repository.
pub const DEFAULT_FILE: &str = "config/coverage/pakistan-afghanistan.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    #[serde(default)]
    home: Vec<RawHome>,
    #[serde(default)]
    entity: Vec<RawEntity>,
    #[serde(default)]
    context: Vec<RawContext>,
    #[serde(default)]
    topic: Vec<RawTopic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHome {
    scope: Spanned<Scope>,
    country: String,
    #[serde(default)]
    hosts: Vec<String>,
}

type Texts = BTreeMap<Spanned<String>, Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntity {
    id: Spanned<String>,
    kind: EntityKind,
    scope: Spanned<Scope>,
    weight: Option<Spanned<f64>>,
    #[serde(default)]
    names: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContext {
    id: Spanned<String>,
    effect: Effect,
    #[serde(default)]
    terms: Vec<RawTerms>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTopic {
    id: Spanned<String>,
    titles: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    terms: Vec<RawTerms>,
}

/// Terms of one weight, by language.
#[derive(Deserialize)]
struct RawTerms {
    weight: Spanned<f64>,
    #[serde(flatten)]
    by_lang: BTreeMap<String, Vec<String>>,
}

/// Reads a coverage file; `None` when an error leaves no use in going on. Problems come in the order of the file.
pub fn read(text: &str, file: &Path) -> (Option<Coverage>, Vec<Problem>) {
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let mut check = Check { file, problems: Vec::new() };
            check.error(error.span(), "", error.message().to_owned(), None);
            return (None, check.problems);
        }
    };
    let mut check = Check { file, problems: Vec::new() };
    let coverage = Coverage {
        id: raw.id,
        homes: raw.home.into_iter().enumerate().map(|(at, home)| check.home(at, home)).collect(),
        entities: check.entities(raw.entity),
        contexts: raw.context.into_iter().enumerate().map(|(at, context)| check.context(at, context)).collect(),
        topics: check.topics(raw.topic),
    };
    let sound = check.problems.iter().all(|problem| problem.severity != Severity::Error);
    (sound.then_some(coverage), check.problems)
}

struct Check<'a> {
    file: &'a Path,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn error(&mut self, span: Option<Range<usize>>, key: &str, message: String, help: Option<String>) {
        let file = self.file.to_owned();
        let key = key.to_owned();
        self.problems.push(Problem { severity: Severity::Error, file, span, key, message, help });
    }

    fn weight(&mut self, key: &str, weight: &Spanned<f64>) -> f64 {
        let value = *weight.get_ref();
        if !(value > 0.0 && value <= 5.0) {
            let message = format!("a weight of {value} is out of range");
            self.error(Some(weight.span()), key, message, Some("use a number above 0 and at most 5".to_owned()));
        }
        value
    }

    fn home(&mut self, at: usize, home: RawHome) -> Home {
        if !matches!(home.scope.get_ref(), Scope::Pk | Scope::Af) {
            let key = format!("home[{at}].scope");
            self.error(Some(home.scope.span()), &key, "a home is `pk` or `af`".to_owned(), None);
        }
        Home { scope: home.scope.into_inner(), country: home.country.to_uppercase(), hosts: home.hosts }
    }

    fn entities(&mut self, raw: Vec<RawEntity>) -> Vec<Entity> {
        let mut ids: HashMap<String, usize> = HashMap::new();
        let mut owners: HashMap<String, String> = HashMap::new();
        let mut out = Vec::new();
        for (at, entity) in raw.into_iter().enumerate() {
            let key = format!("entity[{at}]");
            let id = self.unique_id(&mut ids, &format!("{key}.id"), at, &entity.id);
            if *entity.scope.get_ref() == Scope::None {
                let message = "an entity is `pk`, `af` or `bilateral`".to_owned();
                self.error(Some(entity.scope.span()), &format!("{key}.scope"), message, None);
            }
            let weight = entity.weight.as_ref().map_or(1.0, |weight| self.weight(&format!("{key}.weight"), weight));
            let aliases = self.aliases(&key, &id, entity.names, &mut owners);
            if aliases.is_empty() {
                let message = format!("entity `{id}` has no name");
                let help = Some("add names = { en = [\"…\"] }".to_owned());
                self.error(Some(entity.id.span()), &format!("{key}.names"), message, help);
            }
            out.push(Entity { id, kind: entity.kind, scope: entity.scope.into_inner(), weight, aliases });
        }
        out
    }

    /// One name must not mean two entities; the same spelling in two languages of one entity is fine.
    fn aliases(&mut self, key: &str, id: &str, names: Texts, owners: &mut HashMap<String, String>) -> Vec<String> {
        let mut out = Vec::new();
        for (lang, aliases) in names {
            let key = format!("{key}.names.{}", lang.get_ref());
            self.lang(&key, lang.span(), lang.get_ref());
            for alias in aliases {
                let found = words(alias.get_ref());
                let folded: Vec<String> =
                    found.iter().map(|w| if w.capitals { w.text.to_uppercase() } else { w.text.clone() }).collect();
                if folded.is_empty() {
                    self.error(Some(alias.span()), &key, "a name without a letter".to_owned(), None);
                    continue;
                }
                match owners.insert(folded.join(" "), id.to_owned()) {
                    Some(owner) if owner != id => {
                        let message = format!("`{}` is already a name of `{owner}`", alias.get_ref());
                        let help = Some("one name, one entity: take it from one of the two".to_owned());
                        self.error(Some(alias.span()), &key, message, help);
                    }
                    Some(_) => {}
                    None => out.push(alias.into_inner()),
                }
            }
        }
        out
    }

    fn lang(&mut self, key: &str, span: Range<usize>, code: &str) -> Lang {
        let lang = Lang::from_tag(code);
        if lang == Lang::Other {
            let message = format!("`{code}` is not a language of digests");
            self.error(Some(span), key, message, Some("use en, ur, ps or fa".to_owned()));
        }
        lang
    }

    fn unique_id(&mut self, ids: &mut HashMap<String, usize>, key: &str, at: usize, id: &Spanned<String>) -> String {
        if let Some(first) = ids.insert(id.get_ref().clone(), at) {
            let message = format!("`{}` is already the id of number {} in this list", id.get_ref(), first + 1);
            self.error(Some(id.span()), key, message, None);
        }
        id.get_ref().clone()
    }

    fn context(&mut self, at: usize, raw: RawContext) -> Context {
        let key = format!("context[{at}]");
        let terms = self.terms(&key, raw.terms);
        if terms.is_empty() {
            let message = format!("context `{}` has no terms", raw.id.get_ref());
            self.error(Some(raw.id.span()), &format!("{key}.terms"), message, None);
        }
        Context { id: raw.id.into_inner(), effect: raw.effect, terms }
    }

    fn topics(&mut self, raw: Vec<RawTopic>) -> Vec<Topic> {
        let mut ids = HashMap::new();
        let mut out = Vec::new();
        for (at, topic) in raw.into_iter().enumerate() {
            let key = format!("topic[{at}]");
            let id = self.unique_id(&mut ids, &format!("{key}.id"), at, &topic.id);
            let terms = self.terms(&key, topic.terms);
            if terms.is_empty() {
                let message = format!("nothing can match topic `{id}`: it has no terms");
                self.error(Some(topic.id.span()), &format!("{key}.terms"), message, None);
            }
            let titles = topic
                .titles
                .into_iter()
                .map(|(lang, title)| (self.lang(&format!("{key}.titles"), lang.span(), lang.get_ref()), title))
                .collect();
            match id.parse::<TopicId>() {
                Ok(id) => out.push(Topic { id, titles, terms }),
                Err(bad) => self.error(Some(topic.id.span()), &format!("{key}.id"), bad.to_string(), None),
            }
        }
        out
    }

    fn terms(&mut self, key: &str, raw: Vec<RawTerms>) -> Vec<Term> {
        let mut out = Vec::new();
        for (at, terms) in raw.into_iter().enumerate() {
            let key = format!("{key}.terms[{at}]");
            let weight = self.weight(&format!("{key}.weight"), &terms.weight);
            for (lang, phrases) in terms.by_lang {
                self.lang(&format!("{key}.{lang}"), terms.weight.span(), &lang);
                out.extend(phrases.into_iter().map(|phrase| Term { phrase, weight }));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let (coverage, problems) = read(text, Path::new("c.toml"));
        assert_eq!(coverage.is_some(), problems.is_empty());
        problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    #[test]
    fn the_default_is_sound() {
        let (coverage, problems) = read(DEFAULT, Path::new(DEFAULT_FILE));
        assert_eq!(problems, []);
        let coverage = coverage.unwrap();
        assert_eq!(coverage.topics.len(), 8);
        assert!(coverage.topics.iter().all(|topic| topic.titles.len() == 4));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = r#"
id = "x"
[[entity]]
id = "one"
kind = "place"
scope = "pk"
names = { en = ["Chaman"] }
[[entity]]
id = "two"
kind = "place"
scope = "pk"
weight = 9.0
names = { en = ["chaman"], xx = ["y"] }
[[entity]]
id = "two"
kind = "place"
scope = "none"
[[topic]]
id = "empty"
titles = { en = "Empty" }
"#;
        let found = problems(text);
        for part in [
            "entity[1].weight",
            "`chaman` is already a name of `one`",
            "`xx` is not a language",
            "`two` is already the id",
            "entity[2].scope",
            "entity `two` has no name",
            "nothing can match topic `empty`",
        ] {
            assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:#?}");
        }
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let (coverage, problems) = read("id = \"x\"\nentity = 3\n", Path::new("c.toml"));
        assert!(coverage.is_none());
        assert!(problems[0].span.is_some());
    }
}
