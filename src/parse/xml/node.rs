//! An element of the tree, and its text.

use super::names::Ns;
use std::borrow::Cow;
use std::rc::Rc;
use url::Url;

pub(in crate::parse) type NodeId = u32;

#[derive(Debug)]
pub(in crate::parse) struct Node<'a> {
    /// As written, with its prefix.
    pub name: &'a str,
    pub ns: Ns,
    pub attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub parent: NodeId,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    pub next: Option<NodeId>,
    pub value: Value<'a>,
    /// Ended by the end of something around it: what it holds may be its siblings.
    pub unclosed: bool,
    /// From `xml:base` on the way down; `None` is the document's own address.
    pub base: Option<Rc<Url>>,
}

/// The text of an element, references decoded once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::parse) struct Value<'a> {
    pub text: Cow<'a, str>,
    /// Holds markup that stood in the document unescaped.
    pub markup: bool,
}

impl<'a> Node<'a> {
    pub(in crate::parse) fn local(&self) -> &'a str {
        super::names::local(self.name)
    }

    pub(in crate::parse) fn is(&self, ns: Ns, local: &str) -> bool {
        self.ns == ns && self.local().eq_ignore_ascii_case(local)
    }

    /// An attribute by its local name, whatever its prefix.
    pub(in crate::parse) fn attribute(&self, name: &str) -> Option<&str> {
        let exact = self.attributes.iter().find(|(known, _)| *known == name);
        let found = exact.or_else(|| {
            self.attributes
                .iter()
                .find(|(known, _)| !known.starts_with("xmlns") && super::names::local(known).eq_ignore_ascii_case(name))
        });
        found.map(|(_, value)| value.as_ref())
    }

    pub(in crate::parse) fn text(&self) -> &str {
        self.value.text.trim()
    }
}
