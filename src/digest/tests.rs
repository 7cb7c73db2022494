//! Unit tests of composing; the scenarios over several days are in tests/it/digest.rs.
