//! Passes forward by one token, with keys and values of the tokens before it kept.
//!
//! Sums run in the order of the passes over whole rows, so that exact networks give the same bits either way.

use super::attention::Heads;
use super::{Network, Scratch, embed};
use crate::maths::{exponentials, greatest, scale};
use crate::simd::wide;
use crate::{Parameters, Shape, Tensor};

/// Numbers that are summed side by side.
const LANES: usize = 16;

/// Keys and values of some sequences.
#[derive(Debug)]
pub(crate) struct Cache {
    /// For each layer, slot and head of keys: a row of positions for each number of a key.
    keys: Vec<Vec<f32>>,
    /// For each layer, slot and head of values: a row for each position.
    values: Vec<Vec<f32>>,
    scores: Vec<f32>,
    /// Positions that there is room for, a multiple of the lanes.
    positions: usize,
}

/// A token that is read, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fed {
    /// The sequence's place in the cache.
    pub(crate) slot: usize,
    pub(crate) token: u32,
    pub(crate) position: usize,
}

impl Cache {
    /// Room for so many sequences.
    pub(crate) fn new(shape: &Shape, slots: usize) -> Self {
        let positions = shape.context.next_multiple_of(LANES);
        let size = slots * shape.kv_width() * positions;
        Self {
            keys: vec![vec![0.0; size]; shape.layers],
            values: vec![vec![0.0; size]; shape.layers],
            scores: vec![0.0; positions],
            positions,
        }
    }

    /// Keeps the key and the value of a token; `row` is its queries, keys and values.
    fn keep(&mut self, layer: usize, shape: &Shape, fed: Fed, row: &[f32]) {
        let (kv, head) = (shape.kv_width(), shape.head_width());
        let (keys, values) = row[shape.width..].split_at(kv);
        let start = fed.slot * kv * self.positions;
        for (number, &key) in keys.iter().enumerate() {
            self.keys[layer][start + number * self.positions + fed.position] = key;
        }
        for (group, value) in values.chunks_exact(head).enumerate() {
            let place = start + (group * self.positions + fed.position) * head;
            self.values[layer][place..place + head].copy_from_slice(value);
        }
    }

    /// What the heads say at a token.
    #[inline(always)]
    fn attend(&mut self, layer: usize, heads: &Heads, (fed, row): (Fed, &[f32]), said: &mut [f32]) {
        let (head, kv) = (heads.shape.head_width(), heads.shape.kv_width());
        let (size, seen) = (head * self.positions, fed.position + 1);
        let queries = row.chunks_exact(head).take(heads.shape.heads);
        for (number, (query, said)) in queries.zip(said.chunks_exact_mut(head)).enumerate() {
            let group = number * heads.shape.kv_heads / heads.shape.heads;
            let start = fed.slot * kv * self.positions + group * size;
            let keys = &self.keys[layer][start..start + size];
            let scores = &mut self.scores[..seen.next_multiple_of(LANES)];
            products(query, keys, self.positions, scores);
            let scores = &mut scores[..seen];
            let top = greatest(scores);
            let total = exponentials(scores, top, heads.scale());
            scale(scores, 1.0 / total);
            mix(scores, &self.values[layer][start..start + size], said);
        }
    }
}

/// Products of a query and keys that lie in rows of positions.
#[inline(always)]
fn products(query: &[f32], keys: &[f32], positions: usize, scores: &mut [f32]) {
    let (chunks, _) = scores.as_chunks_mut::<LANES>();
    for (number, chunk) in chunks.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for (row, &factor) in keys.chunks_exact(positions).zip(query) {
            let row = &row.as_chunks::<LANES>().0[number];
            for lane in 0..LANES {
                sums[lane] += factor * row[lane];
            }
        }
        *chunk = sums;
    }
}

/// The sum of the first rows of `values`, each times its weight.
#[inline(always)]
fn mix(weights: &[f32], values: &[f32], said: &mut [f32]) {
    let head = said.len();
    let (chunks, rest) = said.as_chunks_mut::<LANES>();
    let rest_start = chunks.len() * LANES;
    for (number, chunk) in chunks.iter_mut().enumerate() {
        let mut sums = [0.0; LANES];
        for (row, &weight) in values.chunks_exact(head).zip(weights) {
            let row = &row.as_chunks::<LANES>().0[number];
            for lane in 0..LANES {
                sums[lane] += weight * row[lane];
            }
        }
        *chunk = sums;
    }
    rest.fill(0.0);
    for (row, &weight) in values.chunks_exact(head).zip(weights) {
        for (sum, &value) in rest.iter_mut().zip(&row[rest_start..]) {
            *sum += weight * value;
        }
    }
}

impl Network {
    /// Takes the parameters of which [`Network::step`] makes use.
    pub(crate) fn prepare(&mut self, parameters: &Parameters) {
        self.load(parameters, false);
    }

    /// Reads one token of each sequence. Gives rows of logits for those of them that `asked` names, by their number in
    /// `fed`.
    pub(crate) fn step(
        &mut self,
        parameters: &Parameters,
        cache: &mut Cache,
        fed: &[Fed],
        asked: &[usize],
    ) -> &mut [f32] {
        let shape = self.shape;
        let embedding = parameters.tensor(&shape, Tensor::Embedding);
        let (weights, activations, shared) = self.split(1);
        let stream = &mut activations.stream;
        stream.resize(fed.len() * shape.width);
        embed(
            embedding,
            fed.iter().map(|fed| fed.token),
            shape.width,
            stream,
        );
        for (number, (layer, weights)) in activations.layers.iter_mut().zip(weights).enumerate() {
            layer.resize(&shape, fed.len());
            layer.input.copy_from_slice(stream);
            layer.project(weights, &shared, fed.iter().map(|fed| fed.position));
            layer.attend(cache, (number, fed), &shared.heads);
            layer.finish(weights, &shared.heads, stream);
        }
        let activations = &mut self.scratch.activations;
        activations.last_norm(&self.final_gains, shape.norm_epsilon);
        let Scratch {
            head, activations, ..
        } = &mut self.scratch;
        let normed = &activations.normed;
        head.logits(self.compute, &self.embedding, normed, asked.iter().copied())
    }
}

impl super::layer::Layer {
    fn attend(&mut self, cache: &mut Cache, (layer, fed): (usize, &[Fed]), heads: &Heads) {
        let (stride, width) = (self.heads.len() / fed.len(), heads.shape.width);
        for (&fed, row) in fed.iter().zip(self.heads.chunks_exact(stride)) {
            cache.keep(layer, &heads.shape, fed, row);
        }
        let rows = self
            .heads
            .chunks_exact(stride)
            .zip(self.mixed.chunks_exact_mut(width));
        wide(
            #[inline(always)]
            || {
                for (&fed, (row, said)) in fed.iter().zip(rows) {
                    cache.attend(layer, heads, (fed, row), said);
                }
            },
        );
    }
}
