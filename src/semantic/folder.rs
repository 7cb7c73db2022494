//! What a sentence-transformers folder says of itself: the network's shape, how tokens become one vector, how long a text may be.

use super::ModelError;
use super::network::Shape;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use tokenizers::{Tokenizer, TruncationParams};

/// How the vectors of tokens become one of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    Mean,
    Max,
    /// The first token's.
    Cls,
}

/// `1_Pooling/config.json`; several at once would be joined into a longer vector.
#[derive(Deserialize, Default)]
#[serde(default)]
struct PoolingFile {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
    pooling_mode_max_tokens: bool,
    /// The mean at another length, and all lengths become one.
    pooling_mode_mean_sqrt_len_tokens: bool,
    pooling_mode_weightedmean_tokens: bool,
    pooling_mode_lasttoken: bool,
}

/// `sentence_bert_config.json`
#[derive(Deserialize, Default)]
struct LengthFile {
    max_seq_length: Option<usize>,
}

pub(super) fn shape(folder: &Path) -> Result<Shape, ModelError> {
    let file = folder.join("config.json");
    let shape: Shape = json(&file)?.ok_or_else(|| ModelError::new(&file, "is not there"))?;
    match shape.model_type.as_deref() {
        Some("bert") | None => Ok(shape),
        Some(other) => Err(ModelError::new(&file, format!("a model of type `{other}`; only `bert` can be used"))),
    }
}

pub(super) fn pooling(folder: &Path) -> Result<Pooling, ModelError> {
    let file = folder.join("1_Pooling/config.json");
    let Some(said) = json::<PoolingFile>(&file)? else { return Ok(Pooling::Mean) };
    let mean = said.pooling_mode_mean_tokens || said.pooling_mode_mean_sqrt_len_tokens;
    let other = said.pooling_mode_weightedmean_tokens || said.pooling_mode_lasttoken;
    match (mean, said.pooling_mode_max_tokens, said.pooling_mode_cls_token, other) {
        (true, false, false, false) => Ok(Pooling::Mean),
        (false, true, false, false) => Ok(Pooling::Max),
        (false, false, true, false) => Ok(Pooling::Cls),
        _ => Err(ModelError::new(&file, "wants a pooling other than one of mean, max and cls")),
    }
}

/// Cuts texts at what the model takes; adds no padding.
pub(super) fn tokenizer(folder: &Path, shape: &Shape) -> Result<Tokenizer, ModelError> {
    let file = folder.join("tokenizer.json");
    let mut tokenizer = Tokenizer::from_file(&file).map_err(|why| ModelError::new(&file, why))?;
    let words = tokenizer.get_vocab_size(true);
    if words > shape.vocab_size {
        let reason = format!("has {words} words, and the model {}: they don't belong together", shape.vocab_size);
        return Err(ModelError::new(&file, reason));
    }
    let said: LengthFile = json(&folder.join("sentence_bert_config.json"))?.unwrap_or_default();
    let own = tokenizer.get_truncation().map(|own| own.max_length);
    let max_length = said.max_seq_length.or(own).unwrap_or(usize::MAX).min(shape.max_position_embeddings).max(8);
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams { max_length, ..TruncationParams::default() }))
        .map_err(|why| ModelError::new(&file, why))?;
    Ok(tokenizer)
}

fn json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, ModelError> {
    match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|why| ModelError::new(file, why)),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(ModelError::new(file, why)),
    }
}
