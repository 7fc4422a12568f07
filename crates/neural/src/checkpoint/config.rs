//! `config.json`: the shape of a network as Hugging Face's `transformers` has it.

use serde::{Deserialize, Serialize};

use super::CheckpointError;
use crate::Shape;

/// Fields of a Llama; those that are not read say what networks here always are.
#[derive(Serialize, Deserialize)]
struct Config {
    #[serde(default)]
    architectures: Vec<String>,
    model_type: String,
    vocab_size: usize,
    max_position_embeddings: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    #[serde(default)]
    num_key_value_heads: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head_dim: Option<usize>,
    intermediate_size: usize,
    hidden_act: String,
    #[serde(default)]
    rope_theta: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rope_parameters: Option<Rope>,
    #[serde(default)]
    rope_scaling: Option<serde_json::Value>,
    rms_norm_eps: f32,
    #[serde(default)]
    tie_word_embeddings: bool,
}

/// Where newer files have the base.
#[derive(Serialize, Deserialize)]
struct Rope {
    rope_theta: f32,
    rope_type: String,
}

pub(super) fn write(shape: &Shape) -> String {
    let config = Config {
        architectures: vec!["LlamaForCausalLM".to_owned()],
        model_type: "llama".to_owned(),
        vocab_size: shape.vocabulary,
        max_position_embeddings: shape.context,
        hidden_size: shape.width,
        num_hidden_layers: shape.layers,
        num_attention_heads: shape.heads,
        num_key_value_heads: Some(shape.kv_heads),
        head_dim: None,
        intermediate_size: shape.hidden,
        hidden_act: "silu".to_owned(),
        rope_theta: Some(shape.rope_base),
        rope_parameters: None,
        rope_scaling: None,
        rms_norm_eps: shape.norm_epsilon,
        tie_word_embeddings: true,
    };
    match serde_json::to_string(&config) {
        Ok(text) => text,
        Err(error) => unreachable!("texts and numbers can be written: {error}"),
    }
}

pub(super) fn read(text: &str) -> Result<Shape, CheckpointError> {
    let config: Config = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    config.check()?;
    let shape = Shape {
        vocabulary: config.vocab_size,
        context: config.max_position_embeddings,
        width: config.hidden_size,
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        kv_heads: config
            .num_key_value_heads
            .unwrap_or(config.num_attention_heads),
        hidden: config.intermediate_size,
        rope_base: config.rope_base(),
        norm_epsilon: config.rms_norm_eps,
    };
    check(&shape)?;
    let width = shape.head_width();
    if config.head_dim.is_some_and(|given| given != width) {
        return Err(wrong(format!(
            "head_dim is not hidden_size / num_attention_heads ({width})"
        )));
    }
    Ok(shape)
}

impl Config {
    fn rope_base(&self) -> f32 {
        let newer = self.rope_parameters.as_ref().map(|rope| rope.rope_theta);
        newer.or(self.rope_theta).unwrap_or(1e4)
    }

    fn check(&self) -> Result<(), CheckpointError> {
        let newer = self.rope_parameters.as_ref();
        let scaled =
            self.rope_scaling.is_some() || newer.is_some_and(|rope| rope.rope_type != "default");
        if self.model_type != "llama" {
            Err(wrong(format!(
                "model_type is {:?}, only \"llama\" can be read",
                self.model_type
            )))
        } else if self.hidden_act != "silu" {
            Err(wrong(format!(
                "hidden_act is {:?}, only \"silu\" can be read",
                self.hidden_act
            )))
        } else if scaled {
            Err(wrong("scaled rotary positions cannot be read"))
        } else {
            Ok(())
        }
    }
}

fn wrong(reason: impl Into<String>) -> CheckpointError {
    CheckpointError::Config {
        reason: reason.into(),
    }
}

/// Looks at the sizes before anything is allocated: products of those that pass stay far below the largest integer.
///
/// # Errors
///
/// The first size that no network can have.
pub(crate) fn check(shape: &Shape) -> Result<(), CheckpointError> {
    const SIZE: &str = "it has to be from 1 to 1048576";
    let size = |value: usize| (1..=1 << 20).contains(&value);
    let Shape {
        vocabulary,
        context,
        width,
        layers,
        heads,
        kv_heads,
        hidden,
        ..
    } = *shape;
    let (base, epsilon) = (shape.rope_base, shape.norm_epsilon);
    // Remainders only of what has been found to be above zero.
    let multiple = |value: usize, of: usize| of > 0 && value >= of && value.is_multiple_of(of);
    let text = |value: usize| value.to_string();
    let checks: [(&'static str, String, bool, &'static str); 9] = [
        ("the vocabulary", text(vocabulary), size(vocabulary), SIZE),
        (
            "the context",
            context.to_string(),
            (1..=1 << 30).contains(&context),
            "it has to be from 1 to 2^30",
        ),
        ("the width", text(width), size(width), SIZE),
        ("the inner width", text(hidden), size(hidden), SIZE),
        (
            "the number of layers",
            layers.to_string(),
            layers <= 4096,
            "it has to be at most 4096",
        ),
        (
            "the number of heads",
            heads.to_string(),
            multiple(width, heads) && width / heads % 2 == 0,
            "the width has to be an even multiple of it",
        ),
        (
            "the number of key-value heads",
            kv_heads.to_string(),
            multiple(heads, kv_heads),
            "the number of heads has to be a multiple of it",
        ),
        (
            "the rotary base",
            base.to_string(),
            base.is_finite() && base > 0.0,
            "it has to be above 0",
        ),
        (
            "the epsilon of norms",
            epsilon.to_string(),
            (0.0..1.0).contains(&epsilon),
            "it has to be from 0 to 1",
        ),
    ];
    match checks.into_iter().find(|check| !check.2) {
        Some((what, value, _, needed)) => Err(CheckpointError::Dimension {
            what,
            value,
            needed,
        }),
        None => Ok(()),
    }
}
