//! What several capabilities lean on: servers that misbehave on purpose.

pub mod smtp;
