//! The tree of a document: an arena, so that depth costs neither stack nor recursion.

use super::names::{self, Ns};
use super::node::{Node, NodeId, Value};
use super::token::{Tag, Token, Tokens};
use super::{attributes, capture, doctype, spelling, structure};
use crate::parse::limits;
use crate::parse::text::references;
use crate::parse::warning::Oddity;
use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use url::Url;

pub(in crate::parse) struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
    pub oddities: Vec<Oddity>,
}

impl<'a> Tree<'a> {
    pub(in crate::parse) const ROOT: NodeId = 0;

    pub(in crate::parse) fn read(text: &'a str, url: &Url) -> Tree<'a> {
        let mut builder = Builder::new(url);
        // Sound markup has two `<` for an element; a vector of many that grows is copied each time.
        let elements = memchr::memchr_iter(b'<', text.as_bytes()).count() / 2;
        builder.tree.nodes.reserve(elements.min(limits::ELEMENTS));
        let mut tokens = Tokens::new(text);
        while !builder.full {
            let Some(token) = tokens.next() else { break };
            builder.take(token, &mut tokens);
        }
        if !builder.full && (tokens.cut || builder.open.iter().any(|open| names::is_structure(open.name))) {
            builder.tree.odd(Oddity::Truncated);
        }
        builder.pop_to(0);
        if tokens.shortened {
            builder.tree.odd(Oddity::LongField);
        }
        builder.tree
    }

    pub(in crate::parse) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    pub(in crate::parse) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.node(id).first, |child| self.node(*child).next)
    }

    fn odd(&mut self, oddity: Oddity) {
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    fn add(&mut self, node: Node<'a>) -> NodeId {
        let parent = node.parent;
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        self.nodes.push(node);
        let siblings = &mut self.nodes[parent as usize];
        let before = siblings.last.replace(id);
        match before {
            Some(before) => self.nodes[before as usize].next = Some(id),
            None => siblings.first = Some(id),
        }
        id
    }
}

struct Open<'a> {
    id: NodeId,
    name: &'a str,
    ns: Ns,
    /// How many namespace bindings were in force outside.
    bindings: usize,
}

struct Builder<'a> {
    tree: Tree<'a>,
    open: Vec<Open<'a>>,
    bindings: Vec<(&'a str, Ns)>,
    entities: HashMap<&'a str, &'a str>,
    url: Rc<Url>,
    entries: usize,
    full: bool,
}

impl<'a> Builder<'a> {
    fn new(url: &Url) -> Self {
        let root = Node {
            name: "",
            ns: Ns::Other,
            attributes: vec![],
            parent: 0,
            first: None,
            last: None,
            next: None,
            value: Value::default(),
            unclosed: false,
            base: None,
        };
        Self {
            tree: Tree { nodes: vec![root], oddities: Vec::new() },
            open: Vec::new(),
            bindings: Vec::new(),
            entities: HashMap::new(),
            url: Rc::new(url.clone()),
            entries: 0,
            full: false,
        }
    }

    fn take(&mut self, token: Token<'a>, tokens: &mut Tokens<'a>) {
        match token {
            Token::Doctype(text) => self.entities = doctype::entities(text),
            Token::Text(text) => {
                if let Some(parent) = self.open.last().map(|open| open.id).filter(|_| !text.trim().is_empty()) {
                    let text = references::decode_with(text, |name| self.entities.get(name).copied());
                    self.append(parent, text);
                }
            }
            Token::CData(text) => {
                if let Some(parent) = self.open.last().map(|open| open.id) {
                    self.append(parent, capture::without_sections(text));
                }
            }
            Token::End(name) => self.close(name),
            Token::Start(tag) => self.start(tag, tokens),
        }
    }

    fn append(&mut self, id: NodeId, text: Cow<'a, str>) {
        let value = &mut self.tree.nodes[id as usize].value.text;
        if value.is_empty() {
            *value = text;
        } else if value.len() < limits::FIELD {
            value.to_mut().push_str(&text);
        }
    }

    fn start(&mut self, tag: Tag<'a>, tokens: &mut Tokens<'a>) {
        let attributes = attributes::read(tag.attributes);
        let bindings = self.bindings.len();
        self.bind(&attributes);
        self.bind_root(tag.name);
        let ns = self.namespace(names::split(tag.name).0);
        let tag = Tag { name: spelling::meant(ns, tag.name).unwrap_or(tag.name), ..tag };
        let local = names::local(tag.name);
        self.make_room(ns, local);
        if names::is_entry(ns, local) {
            if self.entries == limits::ENTRIES {
                self.full = true;
                return self.tree.odd(Oddity::TooManyEntries);
            }
            self.entries += 1;
        }
        if self.tree.nodes.len() >= limits::ELEMENTS {
            self.full = true;
            return self.tree.odd(Oddity::TooManyElements);
        }
        let captured = capture::is_captured(ns, &tag) && self.captures(ns, local);
        let value = if captured { capture::capture(tokens, tag.name, &self.entities) } else { Value::default() };
        if self.open.len() >= limits::DEPTH {
            self.bindings.truncate(bindings);
            return self.tree.odd(Oddity::TooDeep);
        }
        let parent = self.open.last().map_or(Tree::ROOT, |open| open.id);
        let base = self.base(parent, &attributes);
        let id = self.tree.add(Node {
            name: tag.name,
            ns,
            attributes,
            parent,
            first: None,
            last: None,
            next: None,
            value,
            unclosed: false,
            base,
        });
        if captured || tag.empty {
            self.bindings.truncate(bindings);
        } else {
            self.open.push(Open { id, name: tag.name, ns, bindings });
        }
    }

    /// `body` and `div` are fields only within an entry; elsewhere they are somebody's page.
    fn captures(&self, ns: Ns, local: &str) -> bool {
        let page = local.eq_ignore_ascii_case("body") || local.eq_ignore_ascii_case("div");
        let in_entry = || self.open.iter().any(|open| names::is_entry(open.ns, names::local(open.name)));
        (!page && ns != Ns::Xhtml) || in_entry()
    }

    /// Namespaces that the tag declares. More than a document has use for are an attack on the lookups.
    fn bind(&mut self, attributes: &[(&'a str, Cow<'a, str>)]) {
        for (name, value) in attributes {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            if self.bindings.len() < 200 {
                self.bindings.push((prefix, names::by_address(value)));
            }
        }
    }

    /// A root such as `<x:rss>` whose prefix nobody declares: its prefix is the feed's.
    fn bind_root(&mut self, name: &'a str) {
        let (prefix, local) = names::split(name);
        let is_root = ["rss", "feed", "channel"].iter().any(|root| root.eq_ignore_ascii_case(local));
        if is_root && self.open.is_empty() && !self.bindings.iter().any(|(known, _)| *known == prefix) {
            self.bindings.push((prefix, Ns::Core));
        }
    }

    fn namespace(&self, prefix: &str) -> Ns {
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix).map(|(_, ns)| *ns);
        // A known prefix with an address nobody knows: a misspelt address. A default namespace that nobody knows must not hide a feed.
        bound.filter(|ns| *ns != Ns::Other).unwrap_or_else(|| names::by_prefix(prefix))
    }

    /// Closes what can't hold the new element: an entry in an entry, a field in a field.
    fn make_room(&mut self, ns: Ns, local: &str) {
        let is_entry = |open: &Open<'_>| names::is_entry(open.ns, names::local(open.name));
        if names::is_entry(ns, local)
            && let Some(at) = self.open.iter().position(is_entry)
        {
            self.pop_to(at);
        }
        while self.open.last().is_some_and(|open| structure::is_leaf(open.ns, names::local(open.name)))
            && structure::is_field(ns, local)
        {
            self.pop_to(self.open.len() - 1);
        }
    }

    fn base(&self, parent: NodeId, attributes: &[(&'a str, Cow<'a, str>)]) -> Option<Rc<Url>> {
        let outer = self.tree.node(parent).base.clone();
        let own = attributes.iter().find(|(name, _)| *name == "xml:base").map(|(_, value)| value.trim());
        match own {
            Some(own) if !own.is_empty() => {
                let base = outer.as_ref().unwrap_or(&self.url);
                base.join(own).ok().filter(|url| !url.cannot_be_a_base()).map(Rc::new).or(outer)
            }
            _ => outer,
        }
    }

    fn close(&mut self, name: &str) {
        let by = |name: &str| self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name));
        let by_name = by(name).or_else(|| spelling::meant(Ns::Core, name).and_then(by));
        let Some(at) = by_name else { return };
        let in_entry = self.open.iter().position(|open| names::is_entry(open.ns, names::local(open.name)));
        // A stray `</channel>` in an entry ends nothing: where it is right, the entries that follow are found anyway.
        if in_entry.is_some_and(|entry| at < entry) {
            return;
        }
        self.pop_to(at);
    }

    fn pop_to(&mut self, at: usize) {
        if let Some(first) = self.open.get(at) {
            self.bindings.truncate(first.bindings);
            for inner in self.open.drain(at..).skip(1) {
                self.tree.nodes[inner.id as usize].unclosed = true;
            }
        }
    }
}
