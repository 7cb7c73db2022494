//! `[[crossing]]` and `[status]`: which crossings the board shows, and the words that say how one is.

use super::Texts;
use super::check::Check;
use crate::model::coverage::{Crossing, StatusWords};
use crate::model::{CrossingStatus, Lang};
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCrossing {
    id: Spanned<String>,
    titles: BTreeMap<Spanned<String>, String>,
    names: Texts,
}

type Words = BTreeMap<Lang, Vec<String>>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawStatuses {
    open: Words,
    closed: Words,
    limited: Words,
    unsure: Words,
}

impl RawStatuses {
    pub fn words(self) -> Vec<StatusWords> {
        let all = [
            (Some(CrossingStatus::Open), self.open),
            (Some(CrossingStatus::Closed), self.closed),
            (Some(CrossingStatus::Limited), self.limited),
            (None, self.unsure),
        ];
        let words = |words: Words| words.into_values().flatten().collect();
        all.into_iter().map(|(status, of)| StatusWords { status, words: words(of) }).collect()
    }
}

impl Check<'_> {
    pub fn crossings(&mut self, raw: Vec<RawCrossing>) -> Vec<Crossing> {
        let mut ids = HashSet::new();
        raw.into_iter()
            .map(|crossing| {
                let id = crossing.id.get_ref().clone();
                if !ids.insert(id.clone()) {
                    self.error(Some(crossing.id.span()), "crossing", format!("two crossings have the id `{id}`"), None);
                }
                let mut titles = Vec::new();
                for (code, title) in crossing.titles {
                    match Lang::DIGEST.into_iter().find(|lang| lang.code() == code.get_ref()) {
                        Some(lang) => titles.push((lang, title)),
                        None => {
                            let help = Some("titles are in en, ur, ps and fa");
                            let message = format!("`{}` is no language of a digest", code.get_ref());
                            self.error(Some(code.span()), "crossing.titles", message, help);
                        }
                    }
                }
                let names = crossing.names.into_values().flatten().map(Spanned::into_inner).collect();
                Crossing { id, titles, names }
            })
            .collect()
    }
}
