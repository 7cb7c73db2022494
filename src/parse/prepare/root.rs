//! Where the feed is in the document, which format it is, and what it says of itself.

use super::body;
use crate::model::Skips;
use crate::parse::read::{Format, Text};
use crate::parse::xml::names;
use crate::parse::xml::{Node, NodeId, Ns, Tree};
use chrono::Weekday;
use std::time::Duration;

pub(super) struct Root {
    pub id: NodeId,
    pub format: Format,
}

/// The first element that is a feed's, whatever junk stands before it; a page that merely contains one is none.
pub(super) fn find(tree: &Tree<'_>) -> Option<Root> {
    let mut ids = 1..NodeId::try_from(tree.nodes.len()).unwrap_or(NodeId::MAX);
    let id = ids.find(|id| {
        let node = tree.node(*id);
        let name = node.local();
        is_root(name) || name.eq_ignore_ascii_case("html") || name.eq_ignore_ascii_case("opml")
    })?;
    let node = tree.node(id);
    is_root(node.local()).then(|| Root { id, format: format(node) })
}

fn is_root(name: &str) -> bool {
    ["rss", "rdf", "feed", "channel", "entry", "item"].iter().any(|root| root.eq_ignore_ascii_case(name))
}

fn format(root: &Node<'_>) -> Format {
    let version = root.attribute("version").unwrap_or("").trim();
    match &*names::lower(root.local()) {
        "rdf" => Format::Rdf,
        "feed" | "entry" => {
            let old = root
                .attributes
                .iter()
                .any(|(name, value)| name.starts_with("xmlns") && value.contains("purl.org/atom"));
            if old || version.starts_with("0.") { Format::Atom03 } else { Format::Atom }
        }
        _ if version.starts_with("0.9") => Format::Rss0,
        _ => Format::Rss2,
    }
}

impl Root {
    /// Entries wherever they stand: in the channel, beside it, in the root.
    pub(super) fn entries<'t>(&self, tree: &'t Tree<'_>) -> impl Iterator<Item = NodeId> + use<'t> {
        let from = self.id;
        let all = from..NodeId::try_from(tree.nodes.len()).unwrap_or(NodeId::MAX);
        all.filter(|id| {
            let node = tree.node(*id);
            names::is_entry(node.ns, node.local())
        })
    }

    pub(super) fn title(&self, tree: &Tree<'_>) -> Option<Text> {
        let node = self.about(tree).find(|node| node.is(Ns::Core, "title") || node.is(Ns::DublinCore, "title"))?;
        body::text(node, self.format).filter(|title| !title.as_str().trim().is_empty())
    }

    pub(super) fn lang<'t>(&self, tree: &'t Tree<'_>) -> Option<&'t str> {
        let own = tree.node(self.id).attribute("lang");
        let named = || self.about(tree).find(|node| node.local().eq_ignore_ascii_case("language")).map(Node::text);
        own.or_else(named).map(str::trim).filter(|lang| !lang.is_empty())
    }

    /// RSS `ttl` is in minutes.
    pub(super) fn ttl(&self, tree: &Tree<'_>) -> Option<Duration> {
        let minutes: u64 = self.about(tree).find(|node| node.is(Ns::Core, "ttl"))?.text().parse().ok()?;
        (1..=7 * 24 * 60).contains(&minutes).then(|| Duration::from_secs(minutes * 60))
    }

    /// RSS 2.0 `skipHours` and `skipDays`, in UTC; hour 24 is another name for 0 (RSS 0.91 counted from 1).
    pub(super) fn skips(&self, tree: &Tree<'_>) -> Skips {
        let hours = self.listed(tree, "skipHours", "hour").filter_map(|hour| hour.parse::<u32>().ok());
        let hours = hours.filter(|hour| *hour <= 24).fold(0, |bits, hour| bits | 1 << (hour % 24));
        let days = self.listed(tree, "skipDays", "day").filter_map(|day| day.parse::<Weekday>().ok());
        let days = days.fold(0, |bits, day| bits | 1 << day.num_days_from_monday());
        // A feed that is never to be read says nothing.
        Skips { hours: if hours == 0xff_ffff { 0 } else { hours }, days: if days == 0x7f { 0 } else { days } }
    }

    /// The texts of the elements in a list of the feed's.
    fn listed<'t>(&self, tree: &'t Tree<'_>, list: &'static str, name: &'static str) -> impl Iterator<Item = &'t str> {
        let root = self.id;
        let is_list = move |id: NodeId| {
            let parent = tree.node(id).parent;
            tree.node(id).is(Ns::Core, list) && (parent == root || tree.node(parent).is(Ns::Core, "channel"))
        };
        let nodes = tree.nodes.iter().skip(1);
        nodes.filter(move |node| node.is(Ns::Core, name) && is_list(node.parent)).map(|node| node.text().trim())
    }

    /// Elements that speak of the feed: children of the root and of its channel.
    fn about<'t, 'a>(&self, tree: &'t Tree<'a>) -> impl Iterator<Item = &'t Node<'a>> + use<'t, 'a> {
        let root = self.id;
        let is_channel = move |id: NodeId| id == root || tree.node(id).is(Ns::Core, "channel");
        tree.nodes.iter().skip(1).filter(move |node| is_channel(node.parent))
    }
}
