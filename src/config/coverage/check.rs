//! What a coverage file must hold to be one; every mistake is kept, with its place.

use super::names::folded;
use super::{RawContext, RawEntity, RawHome, RawTerms, RawTopic, Texts};
use crate::config::problem::{Problem, Severity};
use crate::model::coverage::{Context, Effect, Entity, Home, Term};
use crate::model::{Lang, Scope, Topic, TopicId};
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

pub(super) struct Check<'a> {
    file: &'a Path,
    pub problems: Vec<Problem>,
    /// The first entity whose name other countries share: its key and where that is said.
    shared: Option<(String, Range<usize>)>,
}

impl<'a> Check<'a> {
    pub fn new(file: &'a Path) -> Self {
        Self { file, problems: Vec::new(), shared: None }
    }

    pub fn error(&mut self, span: Option<Range<usize>>, key: &str, message: String, help: Option<&str>) {
        let (file, key, help) = (self.file.to_owned(), key.to_owned(), help.map(str::to_owned));
        self.problems.push(Problem { severity: Severity::Error, file, span, key, message, help });
    }

    fn weight(&mut self, key: &str, weight: &Spanned<f64>) -> f64 {
        let value = *weight.get_ref();
        if !(value > 0.0 && value <= 5.0) {
            let message = format!("a weight of {value} is out of range");
            self.error(Some(weight.span()), key, message, Some("use a number above 0 and at most 5"));
        }
        value
    }

    pub fn homes(&mut self, raw: Vec<RawHome>) -> Vec<Home> {
        let mut known: HashMap<String, usize> = HashMap::new();
        raw.into_iter().enumerate().map(|(at, home)| self.home(at, home, &mut known)).collect()
    }

    fn home(&mut self, at: usize, home: RawHome, known: &mut HashMap<String, usize>) -> Home {
        if !matches!(home.scope.get_ref(), Scope::Pk | Scope::Af) {
            let key = format!("home[{at}].scope");
            self.error(Some(home.scope.span()), &key, "a home is `pk` or `af`".to_owned(), None);
        }
        let (key, span) = (format!("home[{at}].country"), Some(home.country.span()));
        let country = home.country.into_inner().to_uppercase();
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let message = format!("`{country}` is not a country");
            self.error(span, &key, message, Some("use its two letters of ISO 3166-1, such as PK"));
        } else if known.insert(country.clone(), at).is_some() {
            self.error(span, &key, format!("`{country}` already has a home"), Some("add the hosts to that one"));
        }
        Home { scope: home.scope.into_inner(), country, hosts: home.hosts }
    }

    pub fn entities(&mut self, raw: Vec<RawEntity>) -> Vec<Entity> {
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
            let named = entity.names.values().any(|names| !names.is_empty());
            let aliases = self.aliases(&key, &id, entity.names, &mut owners);
            if !named {
                let message = format!("entity `{id}` has no name");
                let help = Some("add names = { en = [\"…\"] }");
                self.error(Some(entity.id.span()), &format!("{key}.names"), message, help);
            }
            let shared = entity.shared.filter(|shared| *shared.get_ref());
            if let Some(said) = shared.as_ref().filter(|_| self.shared.is_none()) {
                self.shared = Some((format!("{key}.shared"), said.span()));
            }
            let (kind, scope) = (entity.kind, entity.scope.into_inner());
            out.push(Entity { id, kind, scope, weight, shared: shared.is_some(), aliases });
        }
        out
    }

    /// One name must not mean two entities; the same spelling in two languages of one entity is fine.
    fn aliases(&mut self, key: &str, id: &str, names: Texts, owners: &mut HashMap<String, String>) -> Vec<String> {
        let mut out = Vec::new();
        for (lang, aliases) in names {
            let key = format!("{key}.names.{}", lang.get_ref());
            self.lang(&key, lang.span(), lang.get_ref());
            let mut own: HashMap<String, ()> = HashMap::new();
            for alias in aliases {
                let Some(name) = self.usable(&key, &alias) else { continue };
                if own.insert(name.clone(), ()).is_some() {
                    let message = format!("`{}` stands twice in this list", alias.get_ref());
                    self.error(Some(alias.span()), &key, message, Some("spellings that fold to one are one name"));
                    continue;
                }
                match owners.insert(name, id.to_owned()) {
                    Some(owner) if owner != id => {
                        let message = format!("`{}` is already a name of `{owner}`", alias.get_ref());
                        let help = Some("one name, one entity: take it from one of the two");
                        self.error(Some(alias.span()), &key, message, help);
                    }
                    Some(_) => {}
                    None => out.push(alias.into_inner()),
                }
            }
        }
        out
    }

    /// The phrase as it is compared, where a text can match it and not every text does.
    fn usable(&mut self, key: &str, phrase: &Spanned<String>) -> Option<String> {
        match folded(phrase.get_ref()) {
            Ok(folded) => Some(folded),
            Err(unusable) => {
                let message = unusable.message(phrase.get_ref());
                self.error(Some(phrase.span()), key, message, Some(unusable.help()));
                None
            }
        }
    }

    fn lang(&mut self, key: &str, span: Range<usize>, code: &str) -> Lang {
        let lang = Lang::from_tag(code);
        if lang == Lang::Other {
            let message = format!("`{code}` is not a language of digests");
            self.error(Some(span), key, message, Some("use en, ur, ps or fa"));
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

    pub fn contexts(&mut self, raw: Vec<RawContext>) -> Vec<Context> {
        let mut ids = HashMap::new();
        let mut out = Vec::new();
        for (at, context) in raw.into_iter().enumerate() {
            let key = format!("context[{at}]");
            let id = self.unique_id(&mut ids, &format!("{key}.id"), at, &context.id);
            let terms = self.terms(&key, context.terms);
            if terms.is_empty() {
                let message = format!("context `{id}` has no terms that could be found");
                self.error(Some(context.id.span()), &format!("{key}.terms"), message, None);
            }
            out.push(Context { id, effect: context.effect, terms });
        }
        let owned = out.iter().any(|context| context.effect == Effect::Owner);
        if let Some((key, span)) = self.shared.take().filter(|_| !owned) {
            let message = "nothing says which countries share the name".to_owned();
            self.error(Some(span), &key, message, Some("add a [[context]] with effect = \"owner\" and their names"));
        }
        out
    }

    pub fn topics(&mut self, raw: Vec<RawTopic>) -> Vec<Topic> {
        let mut ids = HashMap::new();
        let mut out = Vec::new();
        for (at, topic) in raw.into_iter().enumerate() {
            let key = format!("topic[{at}]");
            let id = self.unique_id(&mut ids, &format!("{key}.id"), at, &topic.id);
            let terms = self.terms(&key, topic.terms);
            if terms.is_empty() {
                let message = format!("nothing can match topic `{id}`: it has no terms that could be found");
                self.error(Some(topic.id.span()), &format!("{key}.terms"), message, Some("add [[topic.terms]]"));
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

    /// A term weighs once in its topic, whatever the languages that share it.
    fn terms(&mut self, key: &str, raw: Vec<RawTerms>) -> Vec<Term> {
        let mut weights: HashMap<String, f64> = HashMap::new();
        let mut out = Vec::new();
        for (at, terms) in raw.into_iter().enumerate() {
            let key = format!("{key}.terms[{at}]");
            let weight = self.weight(&format!("{key}.weight"), &terms.weight);
            for (lang, phrases) in [("en", terms.en), ("ur", terms.ur), ("ps", terms.ps), ("fa", terms.fa)] {
                let key = format!("{key}.{lang}");
                for phrase in phrases {
                    let Some(folded) = self.usable(&key, &phrase) else { continue };
                    match weights.insert(folded, weight) {
                        Some(other) if other.total_cmp(&weight).is_ne() => {
                            let message = format!("`{}` already weighs {other} here", phrase.get_ref());
                            self.error(Some(phrase.span()), &key, message, Some("leave it in one of the two lists"));
                        }
                        Some(_) => {}
                        None => out.push(Term { phrase: phrase.into_inner(), weight }),
                    }
                }
            }
        }
        out
    }
}
