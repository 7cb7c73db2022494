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
    NAMES
        .into_iter()
        .find(|known| strsim::osa_distance(&known.to_lowercase(), &lower) == 1 && lower != format!("{known}s"))
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
