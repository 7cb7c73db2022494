//! Folding copies: the same text under another URL.
