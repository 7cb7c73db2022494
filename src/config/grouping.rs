//! `[grouping]`: whether a language model helps to find reports of one event, and where it lies.

use super::GroupingConfig;
use super::section::Section;
use std::path::Path;

/// What a model folder must hold.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
const WANTED: &str =
    "a sentence-transformers folder of a BERT model, with config.json, tokenizer.json and model.safetensors";
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
    let file = folder.join("config.json");
    let kind = match json(&file) {
        Ok(config) => config.get("model_type").and_then(|kind| kind.as_str()).unwrap_or("nothing").to_owned(),
        Err(why) => return Some((format!("{} can't be read: {why}", file.display()), WANTED.to_owned())),
    };
    if kind != "bert" {
        let message = format!("{} says that the model is of type `{kind}`, not `bert`", file.display());
        return Some((
            message,
            "MiniLM, BGE, E5-small and LaBSE are BERT models; XLM-RoBERTa, MPNet and DistilBERT are not".to_owned(),
        ));
    }
    let file = folder.join("modules.json");
    if !file.is_file() {
        return None;
    }
    let parts = match json(&file) {
        Ok(parts) => parts,
        Err(why) => return Some((format!("{} can't be read: {why}", file.display()), WANTED.to_owned())),
    };
    let kinds = parts.as_array().into_iter().flatten().filter_map(|part| part.get("type")?.as_str());
    let strange = kinds.filter_map(|kind| kind.rsplit('.').next()).find(|kind| !PARTS.contains(kind))?.to_owned();
    let message = format!("{} names a part `{strange}`, which Khyber does not know", file.display());
    Some((message, format!("models that are made of {} only", PARTS.join(", "))))
}

fn json(file: &Path) -> anyhow::Result<serde_json::Value> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(dir.path().join(name), text).unwrap());
        dir
    }

    #[test]
    fn a_folder_that_is_no_bert_model_is_told_from_one_that_is() {
        let whole = [("config.json", r#"{"model_type": "bert"}"#), ("tokenizer.json", "{}"), ("model.safetensors", "")];
        assert_eq!(misfit(folder(&whole).path()), None);
        let told = |changed: &[(&str, &str)]| {
            let files: Vec<_> = whole.iter().chain(changed).copied().collect();
            misfit(folder(&files).path()).map(|(message, _)| message).unwrap_or_default()
        };
        assert!(told(&[("config.json", r#"{"model_type": "mpnet"}"#)]).ends_with("of type `mpnet`, not `bert`"));
        assert!(told(&[("config.json", "{")]).contains("config.json can't be read: EOF"));
        assert!(told(&[("modules.json", r#"[{"type": "models.Dense"}]"#)]).contains("a part `Dense`"));
        assert_eq!(told(&[("modules.json", r#"[{"type": "models.Pooling"}]"#)]), "");
        assert!(
            misfit(folder(&whole[..2]).path())
                .is_some_and(|(message, _)| message.contains("model.safetensors is not there"))
        );
        assert!(
            misfit(Path::new("nowhere"))
                .is_some_and(|(message, _)| message.contains("the model folder nowhere is not"))
        );
    }
}
