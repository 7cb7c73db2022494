//! One integration binary; one file per capability. `cargo test` needs nothing but Rust; traffic stays on loopback.

mod architecture;
mod demo;
mod digest;
mod render;
