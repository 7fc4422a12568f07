//! One layer: an attention and a gated block, each behind a norm and added to what came in.

use super::attention::{Attention, Heads};
use super::matrix::{Matrix, learn};
use super::norm::{Gradient, Norm};
use super::rotary::Rotary;
use super::{gated, tensors};
use crate::aligned::Aligned;
use crate::product::Packed;
use crate::{Parameters, Shape, Tensor};

/// The matrices of a layer. Queries, keys and values lie one after the other and are one matrix here, as are gates and
/// what they gate.
#[derive(Debug, Default)]
pub(super) struct Weights {
    heads: Matrix,
    output: Matrix,
    gates: Matrix,
    down: Matrix,
    attention_gains: Vec<f32>,
    block_gains: Vec<f32>,
}

impl Weights {
    pub(super) fn load(&mut self, shape: &Shape, layer: usize, from: &Parameters, learns: bool) {
        let [heads, output, gates, down] = tensors::matrices(shape, layer);
        let (width, values) = (shape.width, &from.values);
        self.heads.load(&values[heads], width, learns);
        self.output.load(&values[output], width, learns);
        self.gates.load(&values[gates], width, learns);
        self.down.load(&values[down], shape.hidden, learns);
        let gains = |tensor| from.tensor(shape, tensor).to_vec();
        self.attention_gains = gains(Tensor::AttentionNorm(layer));
        self.block_gains = gains(Tensor::BlockNorm(layer));
    }
}

/// What a layer computes on its way forward, and needs on its way back.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) input: Aligned,
    normed: Aligned,
    inverses: Aligned,
    /// Queries, keys and values.
    pub(super) heads: Aligned,
    shares: Aligned,
    /// What the heads say.
    pub(super) mixed: Aligned,
    middle: Aligned,
    block_normed: Aligned,
    block_inverses: Aligned,
    gates: Aligned,
    gated: Aligned,
}

/// What all layers share.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) heads: Heads,
    pub(super) rotary: &'a Rotary,
    pub(super) attention: &'a mut Attention,
    pub(super) packed: &'a mut Packed,
    /// Tokens of a row.
    pub(super) length: usize,
}

impl Layer {
    /// Makes room for so many tokens.
    pub(super) fn resize(&mut self, shape: &Shape, tokens: usize) {
        let width = shape.width;
        self.input.resize(tokens * width);
        self.normed.resize(tokens * width);
        self.inverses.resize(tokens);
        self.heads.resize(tokens * (width + 2 * shape.kv_width()));
        self.mixed.resize(tokens * width);
        self.middle.resize(tokens * width);
        self.block_normed.resize(tokens * width);
        self.block_inverses.resize(tokens);
        self.gates.resize(tokens * 2 * shape.hidden);
        self.gated.resize(tokens * shape.hidden);
    }

    /// From `input` to `output`, over whole rows of tokens.
    pub(super) fn forward(
        &mut self,
        weights: &Weights,
        shared: &mut Shared<'_>,
        output: &mut [f32],
    ) {
        let (shape, length) = (shared.heads.shape, shared.length);
        let rows = self.inverses.len() / length;
        self.project(weights, shared, (0..rows).flat_map(|_| 0..length));
        self.shares.resize(rows * shape.heads * length * length);
        let tokens = (&*self.heads, length);
        shared
            .attention
            .forward(&shared.heads, tokens, &mut self.shares, &mut self.mixed);
        self.finish(weights, &shared.heads, output);
    }

    /// From `input` to turned queries, keys and values.
    pub(super) fn project(
        &mut self,
        weights: &Weights,
        shared: &Shared<'_>,
        positions: impl Iterator<Item = usize>,
    ) {
        let Heads { shape, compute } = shared.heads;
        let norm = norm(&weights.attention_gains, &shape);
        norm.forward(&self.input, &mut self.normed, &mut self.inverses);
        weights
            .heads
            .forward(compute, &self.normed, &mut self.heads);
        shared
            .rotary
            .turn_rows(&mut self.heads, turned(&shape), positions, 1.0);
    }

    /// From what the heads say to `output`.
    pub(super) fn finish(&mut self, weights: &Weights, heads: &Heads, output: &mut [f32]) {
        let Heads { shape, compute } = *heads;
        self.middle.copy_from_slice(&self.input);
        weights
            .output
            .forward_adding(compute, &self.mixed, &mut self.middle);
        let norm = norm(&weights.block_gains, &shape);
        norm.forward(
            &self.middle,
            &mut self.block_normed,
            &mut self.block_inverses,
        );
        weights
            .gates
            .forward(compute, &self.block_normed, &mut self.gates);
        gated::forward(&self.gates, shape.hidden, &mut self.gated);
        output.copy_from_slice(&self.middle);
        weights.down.forward_adding(compute, &self.gated, output);
    }

    /// Adds to the gradients of the layer's tensors; replaces the gradient of the output, `change`, by that of the input.
    pub(super) fn backward(
        &mut self,
        (layer, weights): (usize, &Weights),
        shared: &mut Shared<'_>,
        change: &mut [f32],
        gradients: &mut Parameters,
    ) {
        self.block_backward((layer, weights), shared, change, gradients);
        let Heads { shape, compute } = shared.heads;
        let [heads, output, _, _] = tensors::matrices(&shape, layer);
        let (width, values) = (shape.width, &mut gradients.values);
        learn(
            (compute, shared.packed),
            change,
            &self.mixed,
            width,
            &mut values[output],
        );
        // What the heads said is no longer needed.
        weights.output.backward(compute, change, &mut self.mixed);
        let Self { gates: spare, .. } = self;
        spare.resize(self.heads.len());
        let tokens = (&*self.heads, shared.length);
        shared
            .attention
            .backward(&shared.heads, tokens, (&self.shares, &self.mixed), spare);
        let rows = self.inverses.len() / shared.length;
        let positions = (0..rows).flat_map(|_| 0..shared.length);
        shared
            .rotary
            .turn_rows(spare, turned(&shape), positions, -1.0);
        learn(
            (compute, shared.packed),
            spare,
            &self.normed,
            width,
            &mut values[heads],
        );
        weights.heads.backward(compute, spare, &mut self.normed);
        let into = &mut Gradient {
            input: change,
            gains: &mut values[Tensor::AttentionNorm(layer).range(&shape)],
        };
        let norm = norm(&weights.attention_gains, &shape);
        norm.backward(&self.input, &self.inverses, &self.normed, into);
    }

    fn block_backward(
        &mut self,
        (layer, weights): (usize, &Weights),
        shared: &mut Shared<'_>,
        change: &mut [f32],
        gradients: &mut Parameters,
    ) {
        let Heads { shape, compute } = shared.heads;
        let [_, _, gates, down] = tensors::matrices(&shape, layer);
        let values = &mut gradients.values;
        learn(
            (compute, shared.packed),
            change,
            &self.gated,
            shape.hidden,
            &mut values[down],
        );
        // Gradients take the place of what they belong to.
        weights.down.backward(compute, change, &mut self.gated);
        gated::backward(&mut self.gates, shape.hidden, &self.gated);
        let inputs = &self.block_normed;
        learn(
            (compute, shared.packed),
            &self.gates,
            inputs,
            shape.width,
            &mut values[gates],
        );
        weights
            .gates
            .backward(compute, &self.gates, &mut self.block_normed);
        let into = &mut Gradient {
            input: change,
            gains: &mut values[Tensor::BlockNorm(layer).range(&shape)],
        };
        let norm = norm(&weights.block_gains, &shape);
        norm.backward(&self.middle, &self.block_inverses, &self.block_normed, into);
    }
}

fn norm<'a>(gains: &'a [f32], shape: &Shape) -> Norm<'a> {
    Norm {
        gains,
        epsilon: shape.norm_epsilon,
    }
}

/// Numbers of a token's queries, keys and values, and how many of them, queries and keys, are turned.
fn turned(shape: &Shape) -> (usize, usize) {
    let kv = shape.kv_width();
    (shape.width + 2 * kv, shape.width + kv)
}
