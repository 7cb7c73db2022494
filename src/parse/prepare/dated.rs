//! The dates of an entry: which element means published, which updated.

use crate::model::Timestamp;
use crate::parse::dates;
use crate::parse::xml::{Node, Ns};

#[derive(Debug, Default)]
pub(super) struct Dates {
    published: Option<(u8, Timestamp)>,
    updated: Option<(u8, Timestamp)>,
    /// Texts in place of a date that say none.
    pub unreadable: Vec<String>,
}

enum Means {
    Published,
    Updated,
}

impl Dates {
    /// Takes the element, whose local name in small letters is `name`, if it is a date; the better name wins, then the last.
    pub(super) fn take(&mut self, node: &Node<'_>, name: &str) -> bool {
        let Some((means, rank)) = meaning(node.ns, name) else { return false };
        let text = node.text();
        if text.is_empty() {
            return true;
        }
        let Some(date) = dates::parse(text) else {
            self.unreadable.push(text.chars().take(60).collect());
            return true;
        };
        let place = match means {
            Means::Published => &mut self.published,
            Means::Updated => &mut self.updated,
        };
        if place.is_none_or(|(known, _)| rank <= known) {
            *place = Some((rank, date));
        }
        true
    }

    pub(super) fn published(&self) -> Option<Timestamp> {
        self.published.map(|(_, date)| date)
    }

    pub(super) fn updated(&self) -> Option<Timestamp> {
        self.updated.map(|(_, date)| date)
    }
}

fn meaning(ns: Ns, name: &str) -> Option<(Means, u8)> {
    match (ns, name) {
        (Ns::Core, "pubdate" | "published") => Some((Means::Published, 0)),
        (Ns::Core | Ns::Terms, "issued") => Some((Means::Published, 1)),
        (Ns::Core | Ns::Terms, "created") => Some((Means::Published, 4)),
        (Ns::Terms, "available" | "dateaccepted" | "valid") => Some((Means::Published, 5)),
        (Ns::Core, "updated") => Some((Means::Updated, 0)),
        (Ns::Core | Ns::Terms, "modified") => Some((Means::Updated, 1)),
        (Ns::DublinCore, "date") => Some((Means::Updated, 2)),
        (Ns::Core | Ns::Terms, "date" | "lastbuilddate" | "lastmod") => Some((Means::Updated, 3)),
        _ => None,
    }
}
