//! The parts of the bench kit: made news, a server for it, the contestants, what they cost, and the table.

pub mod contestants;
pub mod measure;
pub mod news;
pub mod server;
pub mod table;
