//! Namespaces by what they mean: known addresses in all their spellings, known prefixes where none is declared.

use super::token::starts_with_ignore_case;
use std::borrow::Cow;

/// The vocabularies that carry something of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Ns {
    /// RSS of any version, Atom of any version, or no namespace: the names decide.
    Core,
    Content,
    DublinCore,
    Terms,
    Media,
    Itunes,
    Xhtml,
    Rdf,
    Xml,
    Other,
}

/// By address, without regard to case, scheme, `www.`, and a slash or mark at the end.
pub(in crate::parse) fn by_address(address: &str) -> Ns {
    let address = address.trim().to_ascii_lowercase();
    let bare = address.trim_start_matches("http://").trim_start_matches("https://").trim_start_matches("www.");
    let bare = bare.trim_end_matches(['/', '#']);
    const CORE: [&str; 9] = [
        "w3.org/2005/atom",
        "purl.org/atom",
        "purl.org/rss",
        "my.netscape.com",
        "backend.userland.com",
        "blogs.law.harvard.edu",
        "channel.netscape.com",
        "cyber.law.harvard.edu",
        "rssboard.org",
    ];
    match bare {
        "" => Ns::Core,
        _ if bare.starts_with("purl.org/rss/1.0/modules/content") => Ns::Content,
        _ if bare.starts_with("purl.org/rss/1.0/modules") => Ns::Other,
        _ if bare.starts_with("purl.org/dc/elements") || bare == "purl.org/metadata/dublin_core" => Ns::DublinCore,
        _ if bare.starts_with("purl.org/dc/terms") || bare.starts_with("dublincore.org/documents/dcmi-terms") => {
            Ns::Terms
        }
        _ if bare.starts_with("search.yahoo.com/mrss") || bare.contains("tools.search.yahoo.com/mrss") => Ns::Media,
        _ if bare.starts_with("itunes.com/dtds/podcast") => Ns::Itunes,
        "w3.org/1999/xhtml" => Ns::Xhtml,
        "w3.org/xml/1998/namespace" => Ns::Xml,
        _ if bare.starts_with("w3.org/1999/02/22-rdf-syntax-ns") => Ns::Rdf,
        _ if CORE.iter().any(|core| bare.starts_with(core)) => Ns::Core,
        _ => Ns::Other,
    }
}

/// By prefix, where the document declares nothing.
pub(in crate::parse) fn by_prefix(prefix: &str) -> Ns {
    match &*lower(prefix) {
        "" | "atom" | "atom03" | "atom10" | "a10" | "rss" | "rss1" | "rss2" | "ns0" => Ns::Core,
        "content" => Ns::Content,
        "dc" => Ns::DublinCore,
        "dcterms" | "dct" => Ns::Terms,
        "media" => Ns::Media,
        "itunes" => Ns::Itunes,
        "xhtml" => Ns::Xhtml,
        "rdf" => Ns::Rdf,
        "xml" => Ns::Xml,
        _ => Ns::Other,
    }
}

/// `dc:title` → (`dc`, `title`).
pub(in crate::parse) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// Without a copy where it is so already.
pub(in crate::parse) fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

pub(in crate::parse) fn local(name: &str) -> &str {
    split(name).1
}

/// Elements whose content is text for readers, markup included.
pub(in crate::parse) fn is_text(ns: Ns, name: &str) -> bool {
    const CORE: [&str; 17] = [
        "title",
        "description",
        "summary",
        "content",
        "subtitle",
        "tagline",
        "info",
        "copyright",
        "rights",
        "abstract",
        "fullitem",
        "fulltext",
        "body",
        "headline",
        "desc",
        "encoded",
        "div",
    ];
    const EXTENSION: [&str; 7] = ["title", "description", "summary", "subtitle", "encoded", "abstract", "rights"];
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    match ns {
        Ns::Core => is_one_of(&CORE),
        Ns::Xhtml => name.eq_ignore_ascii_case("body") || name.eq_ignore_ascii_case("div"),
        Ns::Rdf | Ns::Xml | Ns::Other => name.eq_ignore_ascii_case("encoded"),
        _ => is_one_of(&EXTENSION),
    }
}

/// Elements that hold entries or are one.
pub(in crate::parse) fn is_structure(name: &str) -> bool {
    ["item", "entry", "channel", "rss", "feed", "rdf:RDF"].iter().any(|known| known.eq_ignore_ascii_case(name))
        || (starts_with_ignore_case(name, "rss")
            && ["rss:item", "rss:channel"].iter().any(|known| known.eq_ignore_ascii_case(name)))
        || ["atom:entry", "atom:feed"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

pub(in crate::parse) fn is_entry(ns: Ns, name: &str) -> bool {
    ns == Ns::Core && (name.eq_ignore_ascii_case("item") || name.eq_ignore_ascii_case("entry"))
}
