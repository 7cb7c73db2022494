//! The coverage file: its raw TOML shape, and the checks that make it a `Coverage`.

mod check;
mod crossings;
mod names;

use super::problem::{Problem, Severity};
use crate::model::coverage::{Effect, EntityKind};
use crate::model::{Coverage, Scope};
use check::Check;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// The coverage that Khyber brings along.
pub const DEFAULT: &str = include_str!("../../../config/coverage/pakistan-afghanistan.toml");
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
    #[serde(default)]
    crossing: Vec<crossings::RawCrossing>,
    #[serde(default)]
    status: crossings::RawStatuses,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHome {
    scope: Spanned<Scope>,
    country: Spanned<String>,
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
    shared: Option<Spanned<bool>>,
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
#[serde(deny_unknown_fields)]
struct RawTerms {
    weight: Spanned<f64>,
    #[serde(default)]
    en: Vec<Spanned<String>>,
    #[serde(default)]
    ur: Vec<Spanned<String>>,
    #[serde(default)]
    ps: Vec<Spanned<String>>,
    #[serde(default)]
    fa: Vec<Spanned<String>>,
}

/// Reads a coverage file; `None` when an error leaves no use in going on. Problems come in the order of the file.
pub fn read(text: &str, file: &Path) -> (Option<Coverage>, Vec<Problem>) {
    let mut check = Check::new(file);
    let raw: Raw = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            check.error(error.span(), "", error.message().to_owned(), None);
            return (None, check.problems);
        }
    };
    let coverage = Coverage {
        id: raw.id,
        homes: check.homes(raw.home),
        entities: check.entities(raw.entity),
        contexts: check.contexts(raw.context),
        topics: check.topics(raw.topic),
        crossings: check.crossings(raw.crossing),
        statuses: raw.status.words(),
    };
    let sound = check.problems.iter().all(|problem| problem.severity != Severity::Error);
    (sound.then_some(coverage), check.problems)
}

#[cfg(test)]
mod tests;
