//! XML as it comes: a tokenizer that never fails, and a tree whose gaps are closed on the way.

pub(super) mod attributes;
mod capture;
pub(super) mod doctype;
pub(super) mod names;
mod node;
mod spelling;
mod structure;
pub(super) mod token;
mod tree;

pub(super) use names::Ns;
pub(super) use node::{Node, NodeId};
pub(super) use tree::Tree;
