//! The fields of one entry, from whichever elements carry them.

use super::dated::Dates;
use super::links::{Link, Links};
use super::{body, people};
use crate::parse::limits;
use crate::parse::read::{Format, Text};
use crate::parse::warning::{Oddity, ParseWarning};
use crate::parse::xml::{Node, NodeId, Ns, Tree, names};
use url::Url;

#[derive(Debug)]
pub(super) struct Fields {
    pub title: Option<Text>,
    pub links: Vec<Link>,
    pub id: Option<String>,
    pub dates: Dates,
    pub summary: Option<Text>,
    pub content: Option<Text>,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub lang: Option<String>,
    pub source: Option<String>,
}

impl Fields {
    pub(super) fn of(tree: &Tree<'_>, entry: NodeId, format: Format, url: &Url) -> Fields {
        let mut found = Found::new(tree, format, url);
        let node = tree.node(entry);
        let mut children: Vec<NodeId> = tree.children(entry).collect();
        let mut next = 0;
        while let Some(child) = children.get(next).copied() {
            found.take(child);
            // What a forgotten end tag swallowed belongs to the entry.
            if tree.node(child).unclosed {
                children.extend(tree.children(child));
            }
            next += 1;
        }
        // RSS 1.0 §5.5: the item's address is its identifier.
        if let Some(about) =
            node.attributes.iter().find(|(name, _)| name.ends_with(":about")).map(|(_, value)| value.trim())
        {
            found.id.offer(1, about.to_owned());
            found.links.add(about, found.base(node), "alternate", 6);
        }
        found.finish(node)
    }

    /// The dates that say none.
    pub(super) fn warnings(&self) -> impl Iterator<Item = ParseWarning> {
        self.dates.unreadable.iter().map(|date| ParseWarning::entry(&self.name(), Oddity::UnreadableDate(date.clone())))
    }

    /// How a warning names the entry.
    fn name(&self) -> String {
        let title = self.title.as_ref().map(|title| title.as_str().trim()).filter(|title| !title.is_empty());
        title.or(self.links.first().map(|link| link.href.as_str())).unwrap_or("without headline").to_owned()
    }
}

/// A value and how good its source is; the best wins, then the first.
#[derive(Debug)]
struct Best<T>(Option<(u8, T)>);

impl<T> Best<T> {
    fn offer(&mut self, rank: u8, value: T) {
        if self.0.as_ref().is_none_or(|(known, _)| rank < *known) {
            self.0 = Some((rank, value));
        }
    }

    /// Of two with one rank, the last.
    fn offer_last(&mut self, rank: u8, value: T) {
        if self.0.as_ref().is_none_or(|(known, _)| rank <= *known) {
            self.0 = Some((rank, value));
        }
    }

    fn get(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

struct Found<'t, 'a> {
    tree: &'t Tree<'a>,
    format: Format,
    url: &'t Url,
    title: Best<Text>,
    summary: Best<Text>,
    content: Best<Text>,
    id: Best<String>,
    links: Links,
    dates: Dates,
    authors: Vec<String>,
    categories: Vec<String>,
    lang: Option<String>,
    source: Option<String>,
}

impl<'t, 'a> Found<'t, 'a> {
    fn new(tree: &'t Tree<'a>, format: Format, url: &'t Url) -> Self {
        let (authors, categories) = (Vec::new(), Vec::new());
        let none = || Best(None);
        let (title, summary, content) = (none(), none(), none());
        let (id, links, dates) = (Best(None), Links::default(), Dates::default());
        Found {
            tree,
            format,
            url,
            title,
            summary,
            content,
            id,
            links,
            dates,
            authors,
            categories,
            lang: None,
            source: None,
        }
    }

    fn base<'n>(&self, node: &'n Node<'_>) -> &'n Url
    where
        't: 'n,
    {
        node.base.as_deref().unwrap_or(self.url)
    }

    fn take(&mut self, id: NodeId) {
        let node = self.tree.node(id);
        let name = names::lower(node.local());
        if self.dates.take(node, &name) {
            return;
        }
        match node.ns {
            Ns::Core => self.core(id, node, &name),
            Ns::Content | Ns::Xhtml => self.text(Slot::Content, 0, node),
            Ns::DublinCore | Ns::Terms => self.dublin(node, &name),
            Ns::Media => self.media(id, node, &name),
            Ns::Itunes => self.itunes(node, &name),
            Ns::Other if name == "origlink" => self.links.add(node.text(), self.base(node), "alternate", 5),
            Ns::Other if name == "encoded" => self.text(Slot::Content, 1, node),
            Ns::Rdf | Ns::Xml | Ns::Other => {}
        }
    }

    fn core(&mut self, id: NodeId, node: &Node<'_>, name: &str) {
        match name {
            "title" => self.text(Slot::Title, 0, node),
            "headline" => self.text(Slot::Title, 5, node),
            "description" | "desc" => self.text(Slot::Summary, 0, node),
            "summary" => self.text(Slot::Summary, 1, node),
            "abstract" => self.text(Slot::Summary, 3, node),
            "content" => self.content_element(node),
            "encoded" | "fullitem" | "fulltext" | "body" | "div" => self.text(Slot::Content, 2, node),
            "link" => self.link(node),
            "guid" => self.guid(node),
            "id" => self.identifier(0, node),
            "author" => self.authors.extend(people::author(self.tree, id)),
            "category" => self.category(node),
            "enclosure" => {
                if let Some(href) = node.attribute("url") {
                    self.links.add(href, self.base(node), "enclosure", 9);
                }
            }
            "source" => self.source(id, node),
            "language" => self.lang = Some(node.text().to_owned()),
            _ => {}
        }
    }

    fn dublin(&mut self, node: &Node<'_>, name: &str) {
        match name {
            "title" => self.text(Slot::Title, 1, node),
            "description" | "abstract" => self.text(Slot::Summary, 2, node),
            "creator" | "author" => self.authors.push(people::name(node.text())),
            "subject" => self.categories.push(node.text().to_owned()),
            "identifier" => self.identifier(2, node),
            "language" => self.lang = Some(node.text().to_owned()),
            _ => {}
        }
    }

    fn media(&mut self, id: NodeId, node: &Node<'_>, name: &str) {
        match name {
            "title" => self.text(Slot::Title, 2, node),
            "description" => self.text(Slot::Summary, 5, node),
            "group" | "content" => {
                // `media:group` > `media:content` > `media:title`, no deeper.
                let inner: Vec<NodeId> = self.tree.children(id).take(limits::LIST).collect();
                let innermost =
                    inner.iter().take(limits::LIST).flat_map(|id| self.tree.children(*id).take(limits::LIST));
                for child in inner.iter().copied().chain(innermost).map(|id| self.tree.node(id)) {
                    match &*names::lower(child.local()) {
                        "title" => self.text(Slot::Title, 3, child),
                        "description" => self.text(Slot::Summary, 6, child),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn itunes(&mut self, node: &Node<'_>, name: &str) {
        match name {
            "title" => self.text(Slot::Title, 3, node),
            "summary" => self.text(Slot::Summary, 4, node),
            "subtitle" => self.text(Slot::Summary, 7, node),
            "author" => self.authors.push(people::name(node.text())),
            _ => {}
        }
    }

    fn text(&mut self, slot: Slot, rank: u8, node: &Node<'_>) {
        let Some(text) = body::text(node, self.format).filter(|text| !text.as_str().trim().is_empty()) else { return };
        match slot {
            Slot::Title => self.title.offer(rank, text),
            Slot::Summary => self.summary.offer(rank, text),
            Slot::Content => self.content.offer(rank, text),
        }
    }

    fn content_element(&mut self, node: &Node<'_>) {
        if let Some(src) = node.attribute("src").or_else(|| node.attribute("url")) {
            self.links.add(src, self.base(node), "related", 8);
        }
        self.text(Slot::Content, 1, node);
    }

    /// RSS puts the address into the text, Atom into `href`.
    fn link(&mut self, node: &Node<'_>) {
        let text = node.text();
        let rel = node.attribute("rel").map_or("alternate", str::trim).to_ascii_lowercase();
        if let Some(href) = node.attribute("href") {
            let kind = node.attribute("type").unwrap_or("text/html");
            let rank = if rel != "alternate" {
                7
            } else if kind.contains("html") {
                1
            } else {
                2
            };
            self.links.add(href, self.base(node), &rel, rank);
        } else if !text.is_empty() {
            self.links.add(text, self.base(node), "alternate", 0);
        } else if let Some(resource) = node.attribute("resource") {
            self.links.add(resource, self.base(node), "alternate", 4);
        }
    }

    /// A guid is a link unless it says otherwise (RSS 2.0); many that say nothing are none.
    fn guid(&mut self, node: &Node<'_>) {
        self.identifier(0, node);
        let permanent = node.attribute("isPermaLink").is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"));
        let text = node.text();
        if permanent && (text.starts_with("http://") || text.starts_with("https://")) {
            self.links.add(text, self.base(node), "alternate", 5);
        }
    }

    fn identifier(&mut self, rank: u8, node: &Node<'_>) {
        if !node.text().is_empty() {
            self.id.offer_last(rank, node.text().to_owned());
        }
    }

    fn category(&mut self, node: &Node<'_>) {
        let term = node.attribute("label").or_else(|| node.attribute("term")).unwrap_or_else(|| node.text());
        self.categories.push(term.trim().to_owned());
    }

    fn source(&mut self, id: NodeId, node: &Node<'_>) {
        let title = self.tree.children(id).map(|child| self.tree.node(child)).find(|child| child.is(Ns::Core, "title"));
        let text = title.map_or_else(|| node.text(), Node::text);
        if !text.is_empty() {
            self.source = Some(text.to_owned());
        }
    }

    fn finish(self, entry: &Node<'_>) -> Fields {
        let some = |mut list: Vec<String>| {
            list.retain(|value| !value.is_empty());
            list.truncate(limits::LIST);
            list
        };
        Fields {
            title: self.title.get(),
            links: self.links.sorted(),
            id: self.id.get(),
            dates: self.dates,
            summary: self.summary.get(),
            content: self.content.get(),
            authors: some(self.authors),
            categories: some(self.categories),
            lang: self
                .lang
                .or_else(|| entry.attribute("lang").map(str::to_owned))
                .filter(|lang| !lang.trim().is_empty()),
            source: self.source,
        }
    }
}

#[derive(Clone, Copy)]
enum Slot {
    Title,
    Summary,
    Content,
}
