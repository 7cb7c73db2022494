//! Texts become vectors, on the processor: tokens, the network, and one vector of all its tokens' vectors.

use super::ModelError;
use super::folder::{self, Pooling};
use super::network::Bert;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use std::path::{Path, PathBuf};
use tokenizers::{Encoding, Tokenizer};

/// Texts that are read at once: more is not faster on a processor, and takes memory.
const BATCH: usize = 16;
/// A text with more unknown tokens than this is in a language that the model does not know.
const MOST_UNKNOWN: f64 = 0.1;
/// Nor does it know a language that it has to spell: English takes 4 to 5 characters a token, Urdu in a model without Urdu about 1.
const FEWEST_CHARS: f64 = 2.0;

/// A model in memory.
pub struct SentenceModel {
    place: PathBuf,
    bert: Bert,
    tokenizer: Tokenizer,
    pooling: Pooling,
    unknown: Option<u32>,
}

impl SentenceModel {
    /// Reads a sentence-transformers folder.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let shape = folder::shape(folder)?;
        let tokenizer = folder::tokenizer(folder, &shape)?;
        let pooling = folder::pooling(folder)?;
        let file = folder.join("model.safetensors");
        let failed = |why: &dyn std::fmt::Display| ModelError::new(&file, first_line(&why.to_string()));
        let weights = std::fs::read(&file).map_err(|why| failed(&why))?;
        let weights =
            VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).map_err(|why| failed(&why))?;
        let bert = Bert::load(weights, &shape).map_err(|why| failed(&why))?;
        let unknown = ["[UNK]", "<unk>"].iter().find_map(|token| tokenizer.token_to_id(token));
        Ok(Self { place: folder.to_owned(), bert, tokenizer, pooling, unknown })
    }

    /// A vector of length one for each text; `None` for a text in a language that the model does not know.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
        let tokens = self.tokenizer.encode_batch_char_offsets(texts.to_vec(), true);
        let tokens = tokens.map_err(|why| ModelError::new(&self.place, why))?;
        let mut readable: Vec<usize> = (0..tokens.len()).filter(|at| self.can_read(&tokens[*at])).collect();
        // Texts of one length need no padding.
        readable.sort_by_key(|at| (tokens[*at].len(), *at));
        let mut vectors = vec![None; texts.len()];
        for batch in readable.chunks(BATCH) {
            let read: Vec<&Encoding> = batch.iter().map(|at| &tokens[*at]).collect();
            let found = self.read(&read).map_err(|why| ModelError::new(&self.place, first_line(&why.to_string())))?;
            for (at, vector) in batch.iter().zip(found) {
                // A damaged model gives no numbers.
                vectors[*at] = vector.iter().all(|x| x.is_finite()).then_some(vector);
            }
        }
        Ok(vectors)
    }

    fn can_read(&self, tokens: &Encoding) -> bool {
        let own = tokens.get_special_tokens_mask().iter().filter(|special| **special == 0).count();
        let unknown = tokens.get_ids().iter().filter(|id| Some(**id) == self.unknown).count();
        let chars: usize = tokens.get_offsets().iter().map(|(from, to)| to.saturating_sub(*from)).sum();
        own > 0 && unknown as f64 <= MOST_UNKNOWN * own as f64 && chars as f64 >= FEWEST_CHARS * own as f64
    }

    fn read(&self, batch: &[&Encoding]) -> candle_core::Result<Vec<Vec<f32>>> {
        let longest = batch.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let padded = |of: fn(&Encoding) -> &[u32]| -> candle_core::Result<Tensor> {
            let mut all = Vec::with_capacity(batch.len() * longest);
            for tokens in batch {
                all.extend_from_slice(of(tokens));
                all.resize(all.len() + longest - tokens.len(), 0);
            }
            Tensor::from_vec(all, (batch.len(), longest), &Device::Cpu)
        };
        let (ids, mask) = (padded(Encoding::get_ids)?, padded(Encoding::get_attention_mask)?);
        let tokens = self.bert.read(&ids, &mask)?.to_vec3::<f32>()?;
        Ok(batch.iter().zip(tokens).map(|(text, tokens)| pool(&tokens[..text.len()], self.pooling)).collect())
    }
}

impl std::fmt::Debug for SentenceModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentenceModel").field("place", &self.place).finish_non_exhaustive()
    }
}

fn pool(tokens: &[Vec<f32>], pooling: Pooling) -> Vec<f32> {
    let Some((first, rest)) = tokens.split_first() else { return Vec::new() };
    let mut vector = first.clone();
    for token in rest {
        for (sum, x) in vector.iter_mut().zip(token) {
            match pooling {
                Pooling::Mean => *sum += x,
                Pooling::Max => *sum = sum.max(*x),
                Pooling::Cls => {}
            }
        }
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

/// candle's errors carry a backtrace.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
