//! `[grouping]`: whether a language model helps to find reports of one event, and where it lies.

use super::GroupingConfig;
use super::section::Section;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What a model folder must hold.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
const WANTED: &str =
    "a sentence-transformers folder of a BERT model, with config.json, tokenizer.json and model.safetensors";
const DAMAGED: &str = "a fresh copy of the model's folder";
/// The safetensors format's own limit.
const MOST_TABLE: u64 = 100_000_000;
/// Parts of a sentence-transformers model that are understood.
const PARTS: [&str; 3] = ["Transformer", "Pooling", "Normalize"];

pub(super) fn read(top: &Section<'_>, base: &Path) -> GroupingConfig {
    let section = top.section("grouping");
    let model = section.get::<String>("model");
    if let Some(at) = &model {
        let problem = if cfg!(feature = "semantic") {
            misfit(&base.join(&at.value))
        } else {
            Some((
                "this Khyber was built without sentence vectors".to_owned(),
                "remove the key, or build with `cargo build --release --features semantic`".to_owned(),
            ))
        };
        if let Some((message, help)) = problem {
            section.report().error(&at.place, &at.key, message, Some(help));
        }
    }
    section.finish();
    GroupingConfig { model: model.map(|at| base.join(at.value)) }
}

/// Why a folder can't be used as a model, and what to do.
fn misfit(folder: &Path) -> Option<(String, String)> {
    if !folder.is_dir() {
        return Some((format!("the model folder {} is not there", folder.display()), WANTED.to_owned()));
    }
    if let Some(missing) = FILES.iter().find(|name| !folder.join(name).is_file()) {
        return Some((format!("{} is not there", folder.join(missing).display()), WANTED.to_owned()));
    }
    match read_folder(folder) {
        Ok(wrong) => wrong,
        Err((file, why)) => Some((format!("{} can't be read: {why}", file.display()), DAMAGED.to_owned())),
    }
}

/// What the files say of the model that Khyber has no use for; or the file that is damaged.
fn read_folder(folder: &Path) -> Result<Option<(String, String)>, (PathBuf, anyhow::Error)> {
    let read = |name: &str| {
        let file = folder.join(name);
        json(&file).map_err(|why| (file, why))
    };
    let config = read("config.json")?;
    let kind = config.get("model_type").and_then(|kind| kind.as_str()).unwrap_or("nothing");
    if kind != "bert" {
        let file = folder.join("config.json");
        let message = format!("{} says that the model is of type `{kind}`, not `bert`", file.display());
        let help = "MiniLM, BGE, E5-small and LaBSE are BERT models; XLM-RoBERTa, MPNet and DistilBERT are not";
        return Ok(Some((message, help.to_owned())));
    }
    read("tokenizer.json")?;
    let weights = folder.join("model.safetensors");
    whole(&weights).map_err(|why| (weights, why))?;
    let file = folder.join("modules.json");
    if !file.is_file() {
        return Ok(None);
    }
    let parts = read("modules.json")?;
    let kinds = parts.as_array().into_iter().flatten().filter_map(|part| part.get("type")?.as_str());
    let strange = kinds.filter_map(|kind| kind.rsplit('.').next()).find(|kind| !PARTS.contains(kind));
    Ok(strange.map(|strange| {
        let message = format!("{} names a part `{strange}`, which Khyber does not know", file.display());
        (message, format!("models that are made of {} only", PARTS.join(", ")))
    }))
}

/// A download that was cut short, or the few lines that Git LFS leaves in place of a large file, is told from weights: their file
/// begins with the length of a table in JSON, and the table says where the last number ends.
fn whole(file: &Path) -> anyhow::Result<()> {
    let mut input = std::fs::File::open(file)?;
    let size = input.metadata()?.len();
    let mut length = [0; 8];
    input.read_exact(&mut length).map_err(|_| anyhow::anyhow!("it is empty or cut short"))?;
    let length = u64::from_le_bytes(length);
    anyhow::ensure!(length <= size.saturating_sub(8).min(MOST_TABLE), "it is cut short, or holds no weights");
    let mut table = Vec::new();
    input.take(length).read_to_end(&mut table)?;
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&table)?;
    let ends = table.values().filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64());
    let end = ends.max().unwrap_or(0).saturating_add(8 + length);
    anyhow::ensure!(end == size, "it has {size} bytes, and should have {end}");
    Ok(())
}

fn json(file: &Path) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight bytes of length, the table, and the numbers it speaks of.
    fn weights(numbers: usize) -> Vec<u8> {
        let table = r#"{"__metadata__": {}, "x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#;
        [&(table.len() as u64).to_le_bytes()[..], table.as_bytes(), &vec![0; numbers]].concat()
    }

    #[test]
    fn a_folder_that_is_no_bert_model_is_told_from_one_that_is() {
        let bert = br#"{"model_type": "bert"}"#.to_vec();
        let files = [("config.json", bert), ("tokenizer.json", b"{}".to_vec()), ("model.safetensors", weights(8))];
        let told = |name: &str, content: Option<&[u8]>| {
            let dir = tempfile::tempdir().unwrap();
            files.iter().for_each(|(name, text)| std::fs::write(dir.path().join(name), text).unwrap());
            let file = dir.path().join(name);
            match content {
                Some(content) => std::fs::write(file, content).unwrap(),
                None => std::fs::remove_file(file).unwrap(),
            }
            misfit(dir.path()).map(|(message, _)| message).unwrap_or_default()
        };
        assert_eq!(told("modules.json", Some(br#"[{"type": "models.Pooling"}]"#)), "");
        assert!(told("modules.json", Some(br#"[{"type": "models.Dense"}]"#)).contains("a part `Dense`"));
        assert!(told("config.json", Some(br#"{"model_type": "mpnet"}"#)).ends_with("of type `mpnet`, not `bert`"));
        assert!(told("config.json", Some(b"{")).contains("config.json can't be read: EOF"));
        assert!(told("tokenizer.json", Some(b"version")).contains("tokenizer.json can't be read: expected"));
        for (name, _) in &files {
            assert!(told(name, None).ends_with(&format!("{name} is not there")), "{name}");
        }
        let pointer = b"version https://git-lfs.example/spec/v1\noid sha256:0\nsize 90868376\n";
        for damaged in [&weights(4)[..], &weights(0)[..20], &weights(9), b"", pointer] {
            let told = told("model.safetensors", Some(damaged));
            assert!(told.contains("model.safetensors can't be read: it "), "{told}");
        }
        assert!(
            misfit(Path::new("nowhere")).is_some_and(|(message, _)| message.ends_with("folder nowhere is not there"))
        );
    }
}
