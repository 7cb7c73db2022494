//! Which entries belong to the coverage, of which kind and topics, and by what evidence.
