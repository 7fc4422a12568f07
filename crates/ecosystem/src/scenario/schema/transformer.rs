//! Transformers and how they are trained.
//!
//! What a file of [`Transformer::pretrained`] decides cannot be said beside it; without one, the reader of scenarios fills in
//! what is not said ([`Transformer::settle`]), so that a resolved scenario is complete.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// A decoder-only transformer in the manner of Llama (Touvron et al. 2023).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transformer {
    /// File of a network that the first training starts from, relative to the folder of the scenario: a `.gguf` file as
    /// llama.cpp has it, or a `.safetensors` file of a Llama with `tokenizer.json` beside it, and with `config.json` if it does not
    /// say its own shape. The file decides on the tokenizer and on every size but the context, so that `width`, `layers`,
    /// `heads`, `kv_heads`, `hidden` and `tokenizer` are not allowed beside it. Each model has all numbers for itself once it
    /// has been trained, and so has each checkpoint: 4 bytes a number, 0.5 GB for 135 million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub pretrained: Option<String>,
    /// Numbers that stand for a token between layers, a multiple of twice the heads; by default 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 8_192))]
    pub width: Option<u32>,
    /// Layers; by default 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub layers: Option<u32>,
    /// Heads of attention; by default 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub heads: Option<u32>,
    /// Heads of keys and values, which groups of heads share (Ainslie et al. 2023); by default as many as heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub kv_heads: Option<u32>,
    /// Inner width of the gated block; by default 8/3 of the width, rounded up to a multiple of 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32_768))]
    pub hidden: Option<u32>,
    /// Tokens that it sees at once; at most as many as a pretrained network was made for.
    #[serde(default = "defaults::context")]
    #[schemars(range(min = 2, max = 8_192))]
    pub context: u32,
    /// What a token is; by default one of 2048 pieces of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<Tokenizer>,
    /// How products of matrices are computed.
    #[serde(default)]
    pub compute: Compute,
    /// Training from nothing, or from `pretrained`.
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

impl Transformer {
    /// Fills in what is not said and no file decides.
    pub(in crate::scenario) fn settle(&mut self) {
        if self.pretrained.is_some() {
            return;
        }
        self.width.get_or_insert_with(defaults::width);
        self.layers.get_or_insert_with(defaults::layers);
        self.heads.get_or_insert_with(defaults::heads);
        self.tokenizer.get_or_insert_default();
    }

    /// Width, layers and heads of a network that starts at random.
    pub(crate) fn sizes(&self) -> [u32; 3] {
        [
            self.width.unwrap_or_else(defaults::width),
            self.layers.unwrap_or_else(defaults::layers),
            self.heads.unwrap_or_else(defaults::heads),
        ]
    }
}

/// What a file of a network is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkFile {
    /// Of llama.cpp.
    Gguf,
    /// Of Hugging Face.
    Safetensors,
}

impl NetworkFile {
    /// None for other names.
    pub(crate) fn of(file: &str) -> Option<Self> {
        let (_, kind) = file.rsplit_once('.')?;
        if kind.eq_ignore_ascii_case("gguf") {
            return Some(Self::Gguf);
        }
        kind.eq_ignore_ascii_case("safetensors")
            .then_some(Self::Safetensors)
    }
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
