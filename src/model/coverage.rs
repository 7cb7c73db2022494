//! Coverage: what a desk follows. Entities with their aliases, contexts that mislead, and topics with their terms.

use super::{CrossingStatus, Lang, Scope, TopicId};
use serde::Deserialize;

/// A valid coverage file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coverage {
    pub id: String,
    pub topics: Vec<Topic>,
    pub entities: Vec<Entity>,
    pub contexts: Vec<Context>,
    pub homes: Vec<Home>,
    pub crossings: Vec<Crossing>,
    pub statuses: Vec<StatusWords>,
}

/// A crossing of the board.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    pub id: String,
    pub titles: Vec<(Lang, String)>,
    /// Words that mean the crossing and nothing else, in every language.
    pub names: Vec<String>,
}

/// What says how a crossing is.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusWords {
    /// `None`: words that make a sentence say nothing sure: `may`, `not`, `demands`.
    pub status: Option<CrossingStatus>,
    pub words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    pub id: TopicId,
    /// One title per digest language.
    pub titles: Vec<(Lang, String)>,
    pub terms: Vec<Term>,
}

/// Words that speak for a topic or a context; a last word ending in `*` stands for every word that begins so.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub phrase: String,
    pub weight: f64,
}

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    Country,
    Person,
    Office,
    Group,
    Place,
    Crossing,
    Agency,
}

/// Somebody or something that the desk follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub id: String,
    pub kind: EntityKind,
    /// Whose it is; `Bilateral` speaks for both countries at once.
    pub scope: Scope,
    /// How surely the name means the region: 1 is a country's own name.
    pub weight: f64,
    /// Other countries have an office of this name: it counts where none of them is named as its owner.
    pub shared: bool,
    /// In every language, without duplicates. All capitals (`ISI`) are matched in capitals only.
    pub aliases: Vec<String>,
}

/// What a context does to an entry in which its words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The words are a name's double ("swat team"): they are taken away before entities are looked for.
    Namesake,
    /// The entry is about sport.
    Sport,
    /// Rates, prayer times, weather, quizzes.
    Service,
    /// The entry is about another place that only mentions the region: veterans, diaspora, other countries' politics.
    Elsewhere,
    /// Another country, which may be the owner of a shared office.
    Owner,
}

/// Words that mislead.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    pub id: String,
    pub effect: Effect,
    pub terms: Vec<Term>,
}

/// A country of the coverage: publishers there often leave out its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Home {
    pub scope: Scope,
    /// ISO 3166-1 alpha-2, as in `[[feed]] country`.
    pub country: String,
    /// Hosts of its publishers, for entries without a feed.
    pub hosts: Vec<String>,
}

impl Coverage {
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|topic| &topic.id == id)
    }

    /// The country's side from a publisher's country or, failing that, its host.
    pub fn home(&self, country: &str, host: Option<&str>) -> Option<Scope> {
        let at = |home: &&Home| {
            home.country == country || host.is_some_and(|host| home.hosts.iter().any(|own| is_host_or_below(host, own)))
        };
        self.homes.iter().find(at).map(|home| home.scope)
    }
}

fn is_host_or_below(host: &str, own: &str) -> bool {
    host.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
