//! What a GGUF file says about the network and its tokenizer.

use std::collections::BTreeMap;

use super::file::Value;
use crate::checkpoint::config::check;
use crate::tokenizer::{Digits, Spelling};
use crate::{CheckpointError, Shape, Tokenizer};

/// Entries by name.
pub(super) struct Metadata<'a>(pub(super) &'a BTreeMap<&'a str, Value<'a>>);

/// The type of tokens that stand for text; others are marks.
const NORMAL: i64 = 1;

impl<'a> Metadata<'a> {
    pub(super) fn shape(&self) -> Result<Shape, CheckpointError> {
        let architecture = self.text("general.architecture")?;
        if architecture != "llama" {
            return Err(wrong(format!(
                "architecture {architecture:?}, only \"llama\" can be read"
            )));
        }
        if self.0.keys().any(|key| key.starts_with("llama.rope.scal")) {
            return Err(wrong("scaled rotary positions cannot be read"));
        }
        let heads = self.size("llama.attention.head_count")?;
        let shape = Shape {
            vocabulary: self.texts("tokenizer.ggml.tokens")?.len(),
            context: self.size("llama.context_length")?,
            width: self.size("llama.embedding_length")?,
            layers: self.size("llama.block_count")?,
            heads,
            kv_heads: self
                .optional("llama.attention.head_count_kv", Self::size)?
                .unwrap_or(heads),
            hidden: self.size("llama.feed_forward_length")?,
            rope_base: self
                .optional("llama.rope.freq_base", Self::float)?
                .unwrap_or(1e4),
            norm_epsilon: self.float("llama.attention.layer_norm_rms_epsilon")?,
        };
        check(&shape)?;
        self.check_heads(shape.head_width())?;
        Ok(shape)
    }

    /// Heads have to be as wide as the shape says, and to be turned whole.
    fn check_heads(&self, width: usize) -> Result<(), CheckpointError> {
        for key in [
            "llama.rope.dimension_count",
            "llama.attention.key_length",
            "llama.attention.value_length",
        ] {
            let given = self.optional(key, Self::size)?;
            if given.is_some_and(|given| given != width) {
                return Err(wrong(format!(
                    "{key} is not the width over the heads ({width})"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn tokenizer(&self) -> Result<Tokenizer, CheckpointError> {
        let model = self.text("tokenizer.ggml.model")?;
        if model != "gpt2" {
            return Err(wrong(format!(
                "tokenizer {model:?}, only \"gpt2\" can be read"
            )));
        }
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let tokens = self.texts("tokenizer.ggml.tokens")?;
        let spelling = Spelling {
            tokens: owned(tokens),
            marks: self.marks(tokens.len())?,
            merges: owned(self.texts("tokenizer.ggml.merges")?),
            beginning: self.token("tokenizer.ggml.bos_token_id")?,
            end: self.token("tokenizer.ggml.eos_token_id")?,
            unknown: self.token("tokenizer.ggml.unknown_token_id")?,
            digits: self.digits()?,
        };
        Ok(spelling.read()?)
    }

    fn digits(&self) -> Result<Digits, CheckpointError> {
        match self.text("tokenizer.ggml.pre")? {
            "gpt-2" => Ok(Digits::Runs),
            "smollm" => Ok(Digits::Single),
            other => Err(wrong(format!(
                "words of {other:?}, only \"gpt-2\" and \"smollm\" can be read"
            ))),
        }
    }

    /// Numbers of the tokens that no text gives.
    fn marks(&self, tokens: usize) -> Result<Vec<u32>, CheckpointError> {
        const KEY: &str = "tokenizer.ggml.token_type";
        let kinds = match self.get(KEY)? {
            Value::Integers(kinds) if kinds.len() == tokens => kinds,
            _ => return Err(wrong(format!("{KEY} is no list of {tokens} integers"))),
        };
        let marks = (0..).zip(kinds).filter(|(_, kind)| **kind != NORMAL);
        Ok(marks.map(|(number, _)| number).collect())
    }

    fn token(&self, key: &str) -> Result<Option<u32>, CheckpointError> {
        let token = self.optional(key, Self::size)?;
        let tokens = self.texts("tokenizer.ggml.tokens")?.len();
        match token.filter(|token| *token >= tokens) {
            Some(token) => Err(wrong(format!("{key} is {token}, of {tokens} tokens"))),
            None => Ok(token.map(|token| token as u32)),
        }
    }

    fn get(&self, key: &str) -> Result<&'a Value<'a>, CheckpointError> {
        self.0
            .get(key)
            .ok_or_else(|| wrong(format!("{key} is missing")))
    }

    fn optional<T>(
        &self,
        key: &str,
        read: fn(&Self, &str) -> Result<T, CheckpointError>,
    ) -> Result<Option<T>, CheckpointError> {
        self.0
            .contains_key(key)
            .then(|| read(self, key))
            .transpose()
    }

    fn size(&self, key: &str) -> Result<usize, CheckpointError> {
        let size = match self.get(key)? {
            Value::Integer(size) => usize::try_from(*size).ok(),
            _ => None,
        };
        size.ok_or_else(|| wrong(format!("{key} is no size")))
    }

    fn float(&self, key: &str) -> Result<f32, CheckpointError> {
        match self.get(key)? {
            Value::Float(value) => Ok(*value as f32),
            _ => Err(wrong(format!("{key} is no number with a fraction"))),
        }
    }

    fn text(&self, key: &str) -> Result<&'a str, CheckpointError> {
        match self.get(key)? {
            Value::Text(text) => Ok(text),
            _ => Err(wrong(format!("{key} is no text"))),
        }
    }

    fn texts(&self, key: &str) -> Result<&'a [&'a str], CheckpointError> {
        match self.get(key)? {
            Value::Texts(texts) => Ok(texts),
            _ => Err(wrong(format!("{key} is no list of texts"))),
        }
    }
}

fn wrong(reason: impl Into<String>) -> CheckpointError {
    CheckpointError::Config {
        reason: reason.into(),
    }
}
