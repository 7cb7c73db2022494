//! The network of a BERT model as its folder describes it (Devlin et al. 2018), for reading only. candle-transformers has one too;
//! it brings a hundred other models along, and minutes of building.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear, ops::softmax};
use serde::Deserialize;

/// What `config.json` says.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Shape {
    pub model_type: Option<String>,
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: Activation,
    type_vocab_size: usize,
    layer_norm_eps: f64,
    /// Read so that other ways are refused.
    #[serde(default, rename = "position_embedding_type")]
    _positions: Positions,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Activation {
    Gelu,
    #[serde(alias = "gelu_pytorch_tanh")]
    GeluNew,
    Relu,
}

/// The older way of telling a token its place; the relative ones are not BERT's own.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Positions {
    #[default]
    Absolute,
}

pub(super) struct Bert {
    words: Embedding,
    positions: Embedding,
    kinds: Embedding,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: LayerNorm,
    wide: Linear,
    narrow: Linear,
    narrow_norm: LayerNorm,
    heads: usize,
    activation: Activation,
}

impl Bert {
    pub(super) fn load(weights: VarBuilder, shape: &Shape) -> Result<Self> {
        if shape.num_attention_heads == 0 || !shape.hidden_size.is_multiple_of(shape.num_attention_heads) {
            candle_core::bail!("{} heads for vectors of {}", shape.num_attention_heads, shape.hidden_size);
        }
        // Saved from a model with a task on top, all names begin with the network's.
        let inside = !weights.contains_tensor("embeddings.word_embeddings.weight");
        let weights = if inside { weights.pp("bert") } else { weights };
        let (from, width) = (weights.pp("embeddings"), shape.hidden_size);
        let layer = |at| Layer::load(weights.pp(format!("encoder.layer.{at}")), shape);
        Ok(Self {
            words: embedding(shape.vocab_size, width, from.pp("word_embeddings"))?,
            positions: embedding(shape.max_position_embeddings, width, from.pp("position_embeddings"))?,
            kinds: embedding(shape.type_vocab_size, width, from.pp("token_type_embeddings"))?,
            norm: layer_norm(width, shape.layer_norm_eps, from.pp("LayerNorm"))?,
            layers: (0..shape.num_hidden_layers).map(layer).collect::<Result<_>>()?,
        })
    }

    /// A vector for each token of each text; `mask` is 1 for tokens and 0 for padding.
    pub(super) fn read(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let length = ids.dim(1)? as u32;
        let positions = self.positions.forward(&Tensor::arange(0, length, &Device::Cpu)?)?;
        let kinds = self.kinds.forward(&ids.zeros_like()?)?;
        let mut tokens = self.norm.forward(&(self.words.forward(ids)? + kinds)?.broadcast_add(&positions)?)?;
        // Nothing looks at padding: its share of attention is e to this power.
        let mask = ((mask.to_dtype(DType::F32)?.unsqueeze(1)?.unsqueeze(1)? - 1.0)? * 1e9)?;
        for layer in &self.layers {
            tokens = layer.read(&tokens, &mask)?;
        }
        Ok(tokens)
    }
}

impl Layer {
    fn load(from: VarBuilder, shape: &Shape) -> Result<Self> {
        let (width, wide) = (shape.hidden_size, shape.intermediate_size);
        let norm = |name| layer_norm(width, shape.layer_norm_eps, from.pp(name));
        Ok(Self {
            query: linear(width, width, from.pp("attention.self.query"))?,
            key: linear(width, width, from.pp("attention.self.key"))?,
            value: linear(width, width, from.pp("attention.self.value"))?,
            attended: linear(width, width, from.pp("attention.output.dense"))?,
            attended_norm: norm("attention.output.LayerNorm")?,
            wide: linear(width, wide, from.pp("intermediate.dense"))?,
            narrow: linear(wide, width, from.pp("output.dense"))?,
            narrow_norm: norm("output.LayerNorm")?,
            heads: shape.num_attention_heads,
            activation: shape.hidden_act,
        })
    }

    fn read(&self, tokens: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (texts, length, width) = tokens.dims3()?;
        let head = width / self.heads;
        let by_head =
            |by: &Linear| by.forward(tokens)?.reshape((texts, length, self.heads, head))?.transpose(1, 2)?.contiguous();
        let (query, key, value) = (by_head(&self.query)?, by_head(&self.key)?, by_head(&self.value)?);
        let scores = (query.matmul(&key.t()?)? / (head as f64).sqrt())?.broadcast_add(mask)?;
        let seen = softmax(&scores, D::Minus1)?.matmul(&value)?.transpose(1, 2)?.reshape((texts, length, width))?;
        let tokens = self.attended_norm.forward(&(self.attended.forward(&seen)? + tokens)?)?;
        let wide = self.wide.forward(&tokens)?;
        let wide = match self.activation {
            Activation::Gelu => wide.gelu_erf()?,
            Activation::GeluNew => wide.gelu()?,
            Activation::Relu => wide.relu()?,
        };
        self.narrow_norm.forward(&(self.narrow.forward(&wide)? + tokens)?)
    }
}
