//! Who wrote an entry: names out of the many ways to write a person.

use crate::parse::xml::{Node, NodeId, Tree};

/// The name of an author element: its `name`, else its text, else its mail address.
pub(super) fn author(tree: &Tree<'_>, id: NodeId) -> Option<String> {
    let child = |name: &str| {
        let found =
            tree.children(id).map(|child| tree.node(child)).find(|node| node.local().eq_ignore_ascii_case(name));
        found.map(Node::text).filter(|text| !text.is_empty())
    };
    let text = child("name")
        .or_else(|| Some(tree.node(id).text()).filter(|text| !text.is_empty()))
        .or_else(|| child("email"))?;
    Some(name(text)).filter(|name| !name.is_empty())
}

/// `desk@example.org (Zarghona Khan)` and `Zarghona Khan <desk@example.org>` → `Zarghona Khan`; a bare address stays.
pub(super) fn name(text: &str) -> String {
    let text = text.trim();
    let is_address = |word: &str| {
        let word = word.strip_prefix("mailto:").unwrap_or(word);
        word.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
    };
    let around =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '（' | '）' | '，' | ',' | ';');
    if !text.contains('@') {
        return text.to_owned();
    }
    let words: Vec<&str> = text.split(around).filter(|word| !word.is_empty() && !is_address(word)).collect();
    if !words.is_empty() {
        return words.join(" ");
    }
    text.split(around).find(|word| is_address(word)).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_without_addresses() {
        assert_eq!(name("desk@example.org (Zarghona Khan)"), "Zarghona Khan");
        assert_eq!(name("Zarghona Khan <desk@example.org>"), "Zarghona Khan");
        assert_eq!(name("张三（a@example.com）"), "张三");
        assert_eq!(name(" desk@example.org "), "desk@example.org");
        assert_eq!(name("AFP @ Kabul"), "AFP @ Kabul");
    }
}
