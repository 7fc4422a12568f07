//! The numbers of a network.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::random::Stream;

use crate::Shape;

/// One matrix or vector of a network. Matrices are row-major, a row for each output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tensor {
    /// Tokens to vectors and, transposed, vectors to logits: `vocabulary` x `width`.
    Embedding,
    /// Gains of the norm before the attention of a layer: `width`.
    AttentionNorm(usize),
    /// Queries of a layer: `width` x `width`.
    Query(usize),
    /// Keys: `kv_width` x `width`.
    Key(usize),
    /// Values: `kv_width` x `width`.
    Value(usize),
    /// What heads say together: `width` x `width`.
    Output(usize),
    /// Gains of the norm before the gated block: `width`.
    BlockNorm(usize),
    /// Gates: `hidden` x `width`.
    Gate(usize),
    /// What is gated: `hidden` x `width`.
    Up(usize),
    /// Back to the width: `width` x `hidden`.
    Down(usize),
    /// Gains of the last norm: `width`.
    FinalNorm,
}

impl Tensor {
    /// All tensors of a network, in the order in which [`Parameters`] keeps them.
    pub fn all(shape: &Shape) -> Vec<Self> {
        let layer = |l| {
            [
                Self::AttentionNorm(l),
                Self::Query(l),
                Self::Key(l),
                Self::Value(l),
                Self::Output(l),
                Self::BlockNorm(l),
                Self::Gate(l),
                Self::Up(l),
                Self::Down(l),
            ]
        };
        let mut all = vec![Self::Embedding];
        all.extend((0..shape.layers).flat_map(layer));
        all.push(Self::FinalNorm);
        all
    }

    /// Rows and columns; a vector is one row.
    pub fn size(self, shape: &Shape) -> [usize; 2] {
        let (width, kv, hidden) = (shape.width, shape.kv_width(), shape.hidden);
        match self {
            Self::Embedding => [shape.vocabulary, width],
            Self::AttentionNorm(_) | Self::BlockNorm(_) | Self::FinalNorm => [1, width],
            Self::Query(_) | Self::Output(_) => [width, width],
            Self::Key(_) | Self::Value(_) => [kv, width],
            Self::Gate(_) | Self::Up(_) => [hidden, width],
            Self::Down(_) => [width, hidden],
        }
    }

    /// Where it lies among all numbers.
    pub fn range(self, shape: &Shape) -> Range<usize> {
        let length = |tensor: Self| tensor.size(shape).iter().product::<usize>();
        let (width, kv, hidden) = (shape.width, shape.kv_width(), shape.hidden);
        let layer = 2 * width + 2 * width * width + 2 * kv * width + 3 * hidden * width;
        let first = shape.vocabulary * width;
        let within = |l: usize, before: usize| first + l * layer + before;
        let norm = width;
        let square = width * width;
        let start = match self {
            Self::Embedding => 0,
            Self::AttentionNorm(l) => within(l, 0),
            Self::Query(l) => within(l, norm),
            Self::Key(l) => within(l, norm + square),
            Self::Value(l) => within(l, norm + square + kv * width),
            Self::Output(l) => within(l, norm + square + 2 * kv * width),
            Self::BlockNorm(l) => within(l, norm + 2 * square + 2 * kv * width),
            Self::Gate(l) => within(l, 2 * norm + 2 * square + 2 * kv * width),
            Self::Up(l) => within(l, 2 * norm + 2 * square + (2 * kv + hidden) * width),
            Self::Down(l) => within(l, 2 * norm + 2 * square + (2 * kv + 2 * hidden) * width),
            Self::FinalNorm => within(shape.layers, 0),
        };
        start..start + length(self)
    }

    /// True for the gains of norms.
    pub fn is_norm(self) -> bool {
        matches!(
            self,
            Self::AttentionNorm(_) | Self::BlockNorm(_) | Self::FinalNorm
        )
    }
}

/// All numbers of a network, or of a gradient, tensor after tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// The numbers, in the order of [`Tensor::all`].
    pub values: Vec<f32>,
}

impl Parameters {
    /// How many numbers a network of this shape has.
    pub fn count(shape: &Shape) -> usize {
        Tensor::FinalNorm.range(shape).end
    }

    /// Zeros.
    pub fn zero(shape: &Shape) -> Self {
        Self {
            values: vec![0.0; Self::count(shape)],
        }
    }

    /// Where training from nothing starts: normal numbers with standard deviation 0.02, those that end a block divided
    /// by sqrt(2 layers) (Radford et al. 2019), and gains of one.
    pub fn random(shape: &Shape, rng: &mut Stream) -> Self {
        let mut parameters = Self::zero(shape);
        let last = 0.02 / libm::sqrt(2.0 * shape.layers as f64);
        for tensor in Tensor::all(shape) {
            let deviation = match tensor {
                Tensor::Output(_) | Tensor::Down(_) => last,
                _ => 0.02,
            };
            let values = &mut parameters.values[tensor.range(shape)];
            if tensor.is_norm() {
                values.fill(1.0);
            } else {
                values.fill_with(|| (deviation * rng.normal()) as f32);
            }
        }
        parameters
    }

    /// Goes only a part of the way from `old`: (1 - rate) of it and rate of these.
    pub fn approach(&mut self, old: &Self, rate: f32) {
        for (new, old) in self.values.iter_mut().zip(&old.values) {
            *new = (1.0 - rate) * old + rate * *new;
        }
    }

    /// The numbers of one tensor.
    pub fn tensor(&self, shape: &Shape, tensor: Tensor) -> &[f32] {
        &self.values[tensor.range(shape)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_lie_one_after_the_other() {
        let shape = Shape {
            vocabulary: 11,
            context: 8,
            width: 12,
            layers: 3,
            heads: 3,
            kv_heads: 1,
            hidden: 20,
            rope_base: 1e4,
            norm_epsilon: 1e-5,
        };
        let mut end = 0;
        for tensor in Tensor::all(&shape) {
            let range = tensor.range(&shape);
            assert_eq!(range.start, end, "{tensor:?}");
            assert_eq!(range.len(), tensor.size(&shape).iter().product::<usize>());
            end = range.end;
        }
        assert_eq!(end, Parameters::count(&shape));
    }
}
