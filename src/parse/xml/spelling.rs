//! Misspelt element names: `<descripton>`, `<pubDtae>`.

use super::Ns;
use super::names;
use super::structure;
use crate::parse::text::html;

const NAMES: [&str; 10] =
    ["title", "description", "pubDate", "entry", "content", "summary", "updated", "published", "author", "category"];

/// The name that was meant, if one slip of a finger leads there. Short names are left alone: too many others are near.
pub(super) fn meant(ns: Ns, name: &str) -> Option<&'static str> {
    let plain = ns == Ns::Core && !name.contains(':') && (4..=13).contains(&name.len());
    if !plain || structure::is_field(ns, name) || names::is_structure(name) || html::is_element(name) {
        return None;
    }
    let lower = name.to_lowercase();
    // Length and ends first: a document of nothing but unknown names must not cost a distance for each.
    let near = |known: &&str| known.len().abs_diff(name.len()) <= 1 && near_ends(known, name);
    let is_plural = |known: &str| lower.strip_suffix('s') == Some(known);
    NAMES.into_iter().filter(near).find(|known| {
        let known = known.to_lowercase();
        strsim::osa_distance(&known, &lower) == 1 && !is_plural(&known)
    })
}

/// One slip leaves the first letter or the last one in place.
fn near_ends(known: &str, name: &str) -> bool {
    let same = |a: Option<u8>, b: Option<u8>| {
        a.is_some() && a.map(|a| a.to_ascii_lowercase()) == b.map(|b| b.to_ascii_lowercase())
    };
    same(known.bytes().next(), name.bytes().next()) || same(known.bytes().last(), name.bytes().last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_only() {
        assert_eq!(meant(Ns::Core, "descripton"), Some("description"));
        assert_eq!(meant(Ns::Core, "pubDtae"), Some("pubDate"));
        for name in ["title", "titles", "items", "image", "tt", "dc:titel", "guidance"] {
            assert_eq!(meant(Ns::Core, name), None, "{name}");
        }
    }
}
