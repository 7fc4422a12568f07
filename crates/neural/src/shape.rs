//! How large a network is.

use serde::{Deserialize, Serialize};

/// The size of a decoder-only transformer in the manner of Llama (Touvron et al. 2023): root-mean-square norms before
/// each block, rotary positions, gated linear units with SiLU, grouped queries, and one matrix for embedding and output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Tokens of the vocabulary.
    pub vocabulary: usize,
    /// Tokens that a model sees at once, at most.
    pub context: usize,
    /// Numbers that stand for a token between layers.
    pub width: usize,
    /// Layers, each an attention and a gated block.
    pub layers: usize,
    /// Heads of attention; `width` is a multiple of it, and the quotient is even.
    pub heads: usize,
    /// Heads of keys and values, shared by groups of heads; `heads` is a multiple of it (Ainslie et al. 2023).
    pub kv_heads: usize,
    /// Inner width of the gated block.
    pub hidden: usize,
    /// Base of the rotary wavelengths (Su et al. 2021).
    pub rope_base: f32,
    /// What is added to a mean square before its root is taken.
    pub norm_epsilon: f32,
}

impl Shape {
    /// Numbers of one head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Numbers of all keys of a token; of all its values too.
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_width()
    }
}
