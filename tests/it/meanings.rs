//! `[grouping] model`: what `khyber check` says of it, with sentence vectors in the build and without.

use std::path::Path;
use std::process::Command;

fn check(folder: &Path) -> (Option<i32>, String) {
    let config =
        "[grouping]\nmodel = \"small\"\n[[digest]]\nid = \"daily\"\ntitle = \"Daily\"\nschedule = \"@daily\"\n";
    std::fs::write(folder.join("khyber.toml"), config).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_khyber")).current_dir(folder).arg("check").output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[cfg(not(feature = "semantic"))]
#[test]
fn a_build_without_them_says_how_to_get_them() {
    let folder = tempfile::tempdir().unwrap();
    let (code, told) = check(folder.path());
    assert_eq!(code, Some(3), "{told}");
    for part in ["khyber.toml:2:", "grouping.model", "built without sentence vectors", "--features semantic"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[cfg(feature = "semantic")]
#[test]
fn a_folder_that_is_no_model_is_named_with_file_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let (model, bert) = (folder.path().join("small"), r#"{"model_type": "bert"}"#);
    let told = |part: &str| {
        let (code, told) = check(folder.path());
        assert_eq!(code, Some(3), "{told}");
        for part in ["khyber.toml:2:", "grouping.model", part] {
            assert!(told.contains(part), "{part}: {told}");
        }
    };
    told("small is not there");
    std::fs::create_dir(&model).unwrap();
    told("small/config.json is not there");
    for (name, content) in [("config.json", "{"), ("tokenizer.json", "{}"), ("model.safetensors", "cut short")] {
        std::fs::write(model.join(name), content).unwrap();
    }
    told("small/config.json can't be read");
    std::fs::write(model.join("config.json"), bert.replace("bert", "xlm-roberta")).unwrap();
    told("of type `xlm-roberta`, not `bert`");
    std::fs::write(model.join("config.json"), bert).unwrap();
    told("small/model.safetensors can't be read");
}
