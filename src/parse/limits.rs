//! Caps that hold whatever a document says: size, depth, elements, entries, lengths.

/// Bytes of a document after its content coding is undone.
pub(crate) const DOCUMENT: usize = 10 << 20;
/// Entries of a document; the rest is left unread, with a warning.
pub(crate) const ENTRIES: usize = 2_000;
/// Elements kept of a document. 2,000 entries of 100 elements each are rare; a bomb of `<a/>` is not.
pub(crate) const ELEMENTS: usize = 300_000;
/// Open elements. feed-rs descends recursively (912 nested `media:group` abort it); it never sees more than five.
pub(crate) const DEPTH: usize = 100;
/// Bytes of one field of an entry, before markup is taken off.
pub(crate) const FIELD: usize = 1 << 20;
/// Bytes of a headline.
pub(crate) const HEADLINE: usize = 1_000;
/// Characters of a summary.
pub(crate) const SUMMARY: usize = 4_000;
/// Links, authors and categories kept of an entry, each.
pub(crate) const LIST: usize = 50;
