//! The reqwest client, the guard against private addresses, conditional requests and back-off.
