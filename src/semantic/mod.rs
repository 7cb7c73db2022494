//! Sentence vectors from a local model folder: what of an entry is read, and whether a vector of it is known already.

#[cfg(feature = "semantic")]
mod bert;
#[cfg(feature = "semantic")]
mod folder;
#[cfg(feature = "semantic")]
mod network;
#[cfg(not(feature = "semantic"))]
mod without;

#[cfg(feature = "semantic")]
pub use bert::SentenceModel;
#[cfg(not(feature = "semantic"))]
pub use without::SentenceModel;

use crate::model::Entry;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Characters of an entry that are read: more than the 128 to 512 tokens that such models take.
const MOST_CHARS: usize = 2_000;
/// What tells one model from another.
const FILES: [&str; 5] =
    ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json", "sentence_bert_config.json"];

/// Why a model can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", place.display())]
pub struct ModelError {
    pub place: PathBuf,
    pub reason: String,
}

impl ModelError {
    fn new(place: &Path, reason: impl ToString) -> Self {
        Self { place: place.to_owned(), reason: reason.to_string() }
    }
}

/// What of an entry is read: the headline and the start of the lead.
pub fn text(entry: &Entry) -> String {
    let lead = entry.summary.trim();
    let between = if lead.is_empty() { "" } else { ". " };
    entry.headline.trim().chars().chain(between.chars()).chain(lead.chars()).take(MOST_CHARS).collect()
}

/// Tells texts apart: a vector is kept under the text that it was made of.
pub fn text_hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..16])
}

/// Tells models apart by the content of their files. Reads the whole folder: not for async threads.
pub fn fingerprint(folder: &Path) -> Result<String, ModelError> {
    let mut hash = Sha256::new();
    for name in FILES {
        let file = folder.join(name);
        let optional = name.contains('/') || name.starts_with("sentence");
        match std::fs::read(&file) {
            Ok(bytes) => {
                hash.update(name.as_bytes());
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
            Err(why) if optional && why.kind() == std::io::ErrorKind::NotFound => {}
            Err(why) => return Err(ModelError::new(&file, format!("can't be read: {why}"))),
        }
    }
    Ok(hex::encode(&hash.finalize()[..16]))
}
