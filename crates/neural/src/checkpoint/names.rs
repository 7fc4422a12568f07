//! What tensors are called in Hugging Face's Llama.

use std::collections::BTreeSet;

use super::CheckpointError;
use crate::{Shape, Tensor};

/// The output, if it is written beside the embedding.
pub(super) const OUTPUT: &str = "lm_head.weight";

/// The name of a tensor.
pub(super) fn of(tensor: Tensor) -> String {
    let layer = |layer: usize, what: &str| format!("model.layers.{layer}.{what}.weight");
    match tensor {
        Tensor::Embedding => "model.embed_tokens.weight".to_owned(),
        Tensor::AttentionNorm(l) => layer(l, "input_layernorm"),
        Tensor::Query(l) => layer(l, "self_attn.q_proj"),
        Tensor::Key(l) => layer(l, "self_attn.k_proj"),
        Tensor::Value(l) => layer(l, "self_attn.v_proj"),
        Tensor::Output(l) => layer(l, "self_attn.o_proj"),
        Tensor::BlockNorm(l) => layer(l, "post_attention_layernorm"),
        Tensor::Gate(l) => layer(l, "mlp.gate_proj"),
        Tensor::Up(l) => layer(l, "mlp.up_proj"),
        Tensor::Down(l) => layer(l, "mlp.down_proj"),
        Tensor::FinalNorm => "model.norm.weight".to_owned(),
    }
}

/// Looks for tensors that would be left out, such as biases. Tables of rotary frequencies follow from the base.
pub(super) fn check(shape: &Shape, mut names: Vec<&str>) -> Result<(), CheckpointError> {
    let known: BTreeSet<String> = Tensor::all(shape).into_iter().map(of).collect();
    let derived = |name: &str| name == OUTPUT || name.ends_with(".rotary_emb.inv_freq");
    names.sort_unstable();
    match names
        .iter()
        .find(|name| !known.contains(**name) && !derived(name))
    {
        Some(name) => Err(CheckpointError::Unexpected {
            tensor: (*name).to_owned(),
        }),
        None => Ok(()),
    }
}
