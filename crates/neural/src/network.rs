//! Passes forward and backward through a network.

mod attention;
mod cache;
mod gated;
mod head;
mod layer;
mod matrix;
mod norm;
mod rotary;
mod tensors;
#[cfg(test)]
mod tests;

use self::attention::{Attention, Heads};
pub(crate) use self::cache::{Cache, Fed};
use self::head::{Ask, Head};
use self::layer::{Layer, Shared, Weights};
use self::matrix::Matrix;
use self::norm::{Gradient, Norm};
use self::rotary::Rotary;
use crate::aligned::Aligned;
use crate::product::Packed;
use crate::{Compute, Parameters, Shape, Tensor};

/// Tokens that go through the network together, about. It bounds the memory of activations; no result depends on it.
const TOKENS: usize = 512;

/// Rows of tokens, each with what comes next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// How many rows.
    pub rows: usize,
    /// Tokens of a row, at most the context of the network.
    pub length: usize,
    /// Row after row of tokens, all below the vocabulary.
    pub tokens: Vec<u32>,
    /// The token that comes next at every position.
    pub targets: Vec<u32>,
    /// How much each target matters: nothing is computed for 0.
    pub weights: Vec<f32>,
}

/// Evaluates networks of one shape, with memory that is used again.
#[derive(Debug)]
pub struct Network {
    shape: Shape,
    compute: Compute,
    rotary: Rotary,
    embedding: Matrix,
    final_gains: Vec<f32>,
    weights: Vec<Weights>,
    scratch: Scratch,
}

/// Memory for a few rows of tokens.
#[derive(Debug, Default)]
struct Scratch {
    activations: Activations,
    attention: Attention,
    packed: Packed,
    head: Head,
}

/// What a pass forward leaves for the pass backward, and the gradient that goes back.
#[derive(Debug, Default)]
struct Activations {
    layers: Vec<Layer>,
    /// Vectors of the tokens, from layer to layer.
    stream: Aligned,
    normed: Aligned,
    inverses: Aligned,
    change: Aligned,
}

impl Network {
    /// A network without parameters: those are given to each pass.
    pub fn new(shape: Shape, compute: Compute) -> Self {
        Self {
            shape,
            compute,
            rotary: Rotary::new(&shape),
            embedding: Matrix::default(),
            final_gains: Vec::new(),
            weights: (0..shape.layers).map(|_| Weights::default()).collect(),
            scratch: Scratch {
                activations: Activations {
                    layers: (0..shape.layers).map(|_| Layer::default()).collect(),
                    ..Activations::default()
                },
                ..Scratch::default()
            },
        }
    }

    /// How large it is.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How products of matrices are computed.
    pub fn compute(&self) -> Compute {
        self.compute
    }

    /// The mean of -ln p(target) over a batch, by weight, in nats (0 where all weights are 0), and its gradient, which
    /// is written over `gradients`.
    ///
    /// # Panics
    /// If the batch has tokens past the vocabulary, rows longer than the context or vectors of other lengths.
    pub fn gradients(
        &mut self,
        parameters: &Parameters,
        batch: &Batch,
        gradients: &mut Parameters,
    ) -> f64 {
        self.load(parameters, true);
        gradients.values.fill(0.0);
        let total: f64 = batch.weights.iter().map(|&weight| f64::from(weight)).sum();
        if total <= 0.0 {
            return 0.0;
        }
        let mut loss = 0.0;
        for part in parts(batch) {
            let asks = part.asks();
            if asks.is_empty() {
                continue;
            }
            self.forward(parameters, &part);
            let told = |ask: &Ask, logarithm: f64| loss -= f64::from(ask.weight) * logarithm;
            self.head_backward((&asks, total), gradients, told);
            self.backward(&part, gradients);
        }
        loss / total
    }

    /// ln p(target) at every position of a batch; 0 where the weight is 0.
    ///
    /// # Panics
    /// As [`Network::gradients`].
    pub fn log_probabilities(&mut self, parameters: &Parameters, batch: &Batch) -> Vec<f32> {
        self.load(parameters, false);
        let mut all = vec![0.0; batch.tokens.len()];
        for part in parts(batch) {
            let asks = part.asks();
            if asks.is_empty() {
                continue;
            }
            self.forward(parameters, &part);
            let told =
                |ask: &Ask, logarithm: f64| all[part.start + ask.position] = logarithm as f32;
            let Scratch {
                head, activations, ..
            } = &mut self.scratch;
            let normed = (&*activations.normed, &*asks);
            head.forward((self.compute, &self.embedding), normed, told);
        }
        all
    }

    /// Packs the matrices; those for the way back only where the network `learns`.
    fn load(&mut self, parameters: &Parameters, learns: bool) {
        let shape = &self.shape;
        let embedding = parameters.tensor(shape, Tensor::Embedding);
        self.embedding.load(embedding, shape.width, learns);
        self.final_gains = parameters.tensor(shape, Tensor::FinalNorm).to_vec();
        for (layer, weights) in self.weights.iter_mut().enumerate() {
            weights.load(shape, layer, parameters, learns);
        }
    }

    /// From tokens to the last norm.
    fn forward(&mut self, parameters: &Parameters, part: &Part<'_>) {
        let (shape, tokens) = (self.shape, part.tokens.len());
        let embedding = parameters.tensor(&shape, Tensor::Embedding);
        let (weights, scratch, mut shared) = self.split(part.length);
        scratch.stream.resize(tokens * shape.width);
        let tokens_read = part.tokens.iter().copied();
        embed(embedding, tokens_read, shape.width, &mut scratch.stream);
        for (layer, weights) in scratch.layers.iter_mut().zip(weights) {
            layer.resize(&shape, tokens);
            layer.input.copy_from_slice(&scratch.stream);
            layer.forward(weights, &mut shared, &mut scratch.stream);
        }
        self.scratch
            .activations
            .last_norm(&self.final_gains, shape.norm_epsilon);
    }

    /// From the last norm to tokens.
    fn backward(&mut self, part: &Part<'_>, gradients: &mut Parameters) {
        let shape = self.shape;
        let gains = Tensor::FinalNorm.range(&shape);
        let activations = &mut self.scratch.activations;
        let last = &mut gradients.values[gains];
        activations.last_norm_backward(&self.final_gains, shape.norm_epsilon, last);
        let (weights, scratch, mut shared) = self.split(part.length);
        for (number, layer) in scratch.layers.iter_mut().enumerate().rev() {
            let weights = (number, &weights[number]);
            layer.backward(weights, &mut shared, &mut scratch.change, gradients);
        }
        let embedding = &mut gradients.values[Tensor::Embedding.range(&shape)];
        for (&token, change) in part
            .tokens
            .iter()
            .zip(scratch.change.chunks_exact(shape.width))
        {
            let row = &mut embedding[token as usize * shape.width..][..shape.width];
            row.iter_mut()
                .zip(change)
                .for_each(|(sum, &change)| *sum += change);
        }
    }

    /// The loss and its gradient at the last norm.
    fn head_backward(
        &mut self,
        (asks, total): (&[Ask], f64),
        gradients: &mut Parameters,
        told: impl FnMut(&Ask, f64),
    ) {
        let Scratch {
            head,
            packed,
            activations,
            ..
        } = &mut self.scratch;
        let Activations { normed, change, .. } = activations;
        let gradient = &mut gradients.values[Tensor::Embedding.range(&self.shape)];
        change.resize(normed.len());
        let tools = (self.compute, &self.embedding, packed);
        head.backward(tools, (normed, asks, total), (gradient, change), told);
    }

    /// What layers need, apart.
    fn split(&mut self, length: usize) -> (&[Weights], &mut Activations, Shared<'_>) {
        let Scratch {
            activations,
            attention,
            packed,
            ..
        } = &mut self.scratch;
        let shared = Shared {
            heads: Heads {
                shape: self.shape,
                compute: self.compute,
            },
            rotary: &self.rotary,
            attention,
            packed,
            length,
        };
        (&self.weights, activations, shared)
    }
}

impl Activations {
    fn last_norm(&mut self, gains: &[f32], epsilon: f32) {
        self.normed.resize(self.stream.len());
        self.inverses.resize(self.stream.len() / gains.len());
        Norm { gains, epsilon }.forward(&self.stream, &mut self.normed, &mut self.inverses);
    }

    /// Replaces the gradient of the normed vectors by that of the vectors.
    fn last_norm_backward(&mut self, gains: &[f32], epsilon: f32, into: &mut [f32]) {
        // What was normed is no longer needed.
        std::mem::swap(&mut self.normed, &mut self.change);
        self.change.fill(0.0);
        let into = &mut Gradient {
            input: &mut self.change,
            gains: into,
        };
        Norm { gains, epsilon }.backward(&self.stream, &self.inverses, &self.normed, into);
    }
}

/// Writes the vector of every token.
fn embed(embedding: &[f32], tokens: impl Iterator<Item = u32>, width: usize, stream: &mut [f32]) {
    for (row, token) in stream.chunks_exact_mut(width).zip(tokens) {
        row.copy_from_slice(&embedding[token as usize * width..][..width]);
    }
}

/// Some rows of a batch.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    /// The first position within the batch.
    start: usize,
    length: usize,
    tokens: &'a [u32],
    targets: &'a [u32],
    weights: &'a [f32],
}

/// A batch, a few rows at a time.
fn parts(batch: &Batch) -> impl Iterator<Item = Part<'_>> {
    let (length, size) = (batch.length, batch.rows * batch.length);
    let step = (TOKENS / length.max(1)).max(1) * length.max(1);
    (0..size).step_by(step).map(move |start| {
        let range = start..size.min(start + step);
        Part {
            start,
            length,
            tokens: &batch.tokens[range.clone()],
            targets: &batch.targets[range.clone()],
            weights: &batch.weights[range],
        }
    })
}

impl Part<'_> {
    /// The positions that matter.
    fn asks(&self) -> Vec<Ask> {
        let all = self.targets.iter().zip(self.weights).enumerate();
        let matter = all.filter(|(_, (_, weight))| **weight != 0.0);
        matter
            .map(|(position, (&target, &weight))| Ask {
                position,
                target,
                weight,
            })
            .collect()
    }
}
