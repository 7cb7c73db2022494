//! What several capabilities lean on: servers that misbehave on purpose.

pub mod smtp;
pub mod web;
