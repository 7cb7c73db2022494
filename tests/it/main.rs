//! One integration binary; one file per capability. `cargo test` needs nothing but Rust; traffic stays on loopback.
#![allow(clippy::unwrap_used)] // also in helpers, which allow-unwrap-in-tests does not reach

mod architecture;
mod bounce;
mod canary;
mod cli;
mod clocks;
mod config;
mod daemon;
mod deliver;
mod demo;
mod digest;
mod dispatch;
mod editor;
mod editor_eval;
mod feeds;
mod fetch;
mod fetch_guard;
mod full_text;
mod hostile;
mod languages;
mod leave;
mod manners;
mod notices;
mod outbox;
mod parse;
mod parse_fuzz;
mod parse_gate;
mod render;
mod sender;
mod slots;
mod stop;
mod store;
mod support;
