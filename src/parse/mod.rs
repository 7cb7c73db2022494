//! Bytes of a feed to entries: decoding, tolerance, the feed-rs adapter, canonical URLs, dates, text.
