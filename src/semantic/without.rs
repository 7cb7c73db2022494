//! A Khyber that was built without `semantic`: no model can be opened.

use super::ModelError;
use std::path::Path;

/// There is none in this build.
#[derive(Debug)]
pub enum SentenceModel {}

impl SentenceModel {
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let reason =
            "this Khyber was built without sentence vectors; build it with `cargo build --release --features semantic`";
        Err(ModelError::new(folder, reason))
    }

    pub fn embed(&self, _texts: &[String]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
        match *self {}
    }
}
