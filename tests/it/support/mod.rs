//! What several capabilities lean on: sites and servers on loopback, some that misbehave on purpose.

pub mod crowd;
pub mod daemon;
pub mod database;
pub mod dns;
pub mod imap;
pub mod pages;
pub mod site;
pub mod smtp;
pub mod web;
