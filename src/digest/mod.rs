//! Composing an edition: sections, ranking, and what changed since the last one.
