//! The demo: sample feeds, a loopback feed server and a loopback mail sink, so that the main job runs without a network.

pub mod day;
pub mod received;
pub mod samples;
pub mod server;
pub mod settings;
pub mod sink;
pub mod template;
pub mod tour;

pub use day::Day;
pub use received::Received;
pub use samples::{SAMPLES, Sample};
pub use server::FeedServer;
