//! Transformers and how they are trained.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// A decoder-only transformer in the manner of Llama (Touvron et al. 2023).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transformer {
    /// Numbers that stand for a token between layers: a multiple of twice the heads.
    #[serde(default = "defaults::width")]
    #[schemars(range(min = 2, max = 8_192))]
    pub width: u32,
    /// Layers.
    #[serde(default = "defaults::layers")]
    #[schemars(range(min = 1, max = 128))]
    pub layers: u32,
    /// Heads of attention.
    #[serde(default = "defaults::heads")]
    #[schemars(range(min = 1, max = 128))]
    pub heads: u32,
    /// Heads of keys and values, which groups of heads share (Ainslie et al. 2023); by default as many as heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub kv_heads: Option<u32>,
    /// Inner width of the gated block; by default 8/3 of the width, rounded up to a multiple of 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32_768))]
    pub hidden: Option<u32>,
    /// Tokens that it sees at once.
    #[serde(default = "defaults::context")]
    #[schemars(range(min = 2, max = 8_192))]
    pub context: u32,
    /// What a token is.
    #[serde(default)]
    pub tokenizer: Tokenizer,
    /// How products of matrices are computed.
    #[serde(default)]
    pub compute: Compute,
    /// Training from nothing.
    #[serde(default = "defaults::first_course")]
    pub first: Course,
    /// Training that goes on from a previous model, with an optimiser that starts afresh.
    #[serde(default = "defaults::later_course")]
    pub later: Course,
    /// Rows of `context` tokens a step.
    #[serde(default = "defaults::batch")]
    #[schemars(range(min = 1, max = 65_536))]
    pub batch: u32,
    /// Weight decay of AdamW (Loshchilov and Hutter 2019); not of the gains of norms.
    #[serde(default = "defaults::weight_decay")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight_decay: f64,
}

/// What a token is to a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tokenizer {
    /// A byte.
    Byte,
    /// One of so many pieces of words, found by byte-pair encoding (Sennrich et al. 2016) on the training documents of all
    /// text corpora of the scenario; a beginning and an end among them.
    Bpe(#[schemars(range(min = 258, max = 65_536))] u32),
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self::Bpe(2_048)
    }
}

/// How products of matrices are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// In one order, never fused: the same bits on every processor.
    #[default]
    Exact,
    /// As fast as the processor can: the same bits on processors of one type.
    Fast,
}

/// How long and how fast a training is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// How long.
    pub length: Length,
    /// Largest learning rate.
    #[schemars(range(min = 0.0, max = 1e3))]
    pub rate: f64,
    /// Share of the steps in which the rate rises to it.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub warmup: f64,
    /// How it falls after that.
    #[serde(default)]
    pub decay: Decay,
}

/// How long a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// So many steps, whatever there is to read.
    Steps(#[schemars(range(min = 1, max = 10_000_000))] u32),
    /// So many times through the training set.
    Epochs(#[schemars(range(min = 1, max = 1_000_000))] u32),
}

/// How a learning rate falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// Not at all.
    Constant,
    /// Along half a cosine to nothing (Loshchilov and Hutter 2017).
    #[default]
    Cosine,
}
