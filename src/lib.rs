//! Khyber reads the feeds that cover Pakistan and Afghanistan and mails each subscriber one digest at their hour.
//!
//! Three short cycles meet only in the store:
//!
//! ```text
//! POLL      Feed ─fetch→ Document ─parse→ ParsedFeed ─store→ entries            every due feed
//! PUBLISH   entries ─relevance→ ─dedup→ ─group→ ─digest→ Digest ─render, deliver::message→ Edition + Deliveries ─store→
//! DISPATCH  leased Delivery ─deliver→ outcome ─store→                           whenever something is queued
//! ```
//!
//! Modules in the order of the pipeline. Pure stages (`parse`, `relevance`, `dedup`, `group`, `digest`, `render`)
//! import only `model`; `fetch`, `store` and `deliver` do the I/O; only `daemon` knows the order; `cli` and `web` sit on top.
//! `tests/it/architecture.rs` holds this table to the source.

pub mod failpoint;
pub mod model;

pub mod config;

pub mod fetch;
pub mod parse;
pub mod store;

pub mod dedup;
pub mod digest;
pub mod group;
pub mod relevance;
pub mod render;
pub mod semantic;

pub mod deliver;

pub mod cli;
pub mod daemon;
pub mod demo;
pub mod web;
