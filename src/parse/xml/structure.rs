//! Which elements are open, and which of them a tag closes without saying so.

use super::names::{self, Ns};

/// Elements that hold only text or nothing: another field's start tag ends them.
pub(super) fn is_leaf(ns: Ns, local: &str) -> bool {
    const CORE: [&str; 22] = [
        "link",
        "guid",
        "pubdate",
        "id",
        "published",
        "updated",
        "issued",
        "modified",
        "created",
        "category",
        "comments",
        "author-name",
        "enclosure",
        "language",
        "lastbuilddate",
        "ttl",
        "url",
        "name",
        "email",
        "uri",
        "generator",
        "webmaster",
    ];
    match ns {
        Ns::Core => CORE.iter().any(|known| known.eq_ignore_ascii_case(local)),
        Ns::DublinCore | Ns::Terms => true,
        _ => false,
    }
}

/// Elements whose start says that a field of an entry has begun.
pub(super) fn is_field(ns: Ns, local: &str) -> bool {
    is_leaf(ns, local)
        || names::is_text(ns, local)
        || names::is_entry(ns, local)
        || local.eq_ignore_ascii_case("author")
}

/// Fields that no text for readers contains: met inside one, they end it.
pub(super) fn is_unmistakable(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "pubdate",
        "guid",
        "lastbuilddate",
        "content:encoded",
        "dc:creator",
        "dc:date",
        "published",
        "dc:subject",
        "wfw:commentrss",
    ];
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
