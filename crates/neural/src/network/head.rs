//! From the last norm to probabilities of tokens, block by block, so that logits never lie in memory all at once.

use super::matrix::{Matrix, learn};
use crate::aligned::Aligned;
use crate::maths::{exponentials, greatest, scale};
use crate::product::{Compute, Packed};
use crate::simd::wide;

/// Positions whose logits are computed together.
const BLOCK: usize = 64;

/// What is asked of a position: which token comes next, and how much it matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) position: usize,
    pub(super) target: u32,
    pub(super) weight: f32,
}

/// Memory for a block of positions.
#[derive(Debug, Default)]
pub(super) struct Head {
    rows: Aligned,
    logits: Aligned,
    changes: Aligned,
}

impl Head {
    /// Gives `told` the logarithm of the probability of every target.
    pub(super) fn forward(
        &mut self,
        (compute, embedding): (Compute, &Matrix),
        (normed, asks): (&[f32], &[Ask]),
        mut told: impl FnMut(&Ask, f64),
    ) {
        for asks in asks.chunks(BLOCK) {
            let vocabulary = self.logits_of(compute, embedding, normed, asks);
            for (ask, row) in asks.iter().zip(self.logits.chunks_exact_mut(vocabulary)) {
                told(ask, probabilities(row, ask.target).0);
            }
        }
    }

    /// The same; adds to the gradients of the embedding and writes that of the normed vectors. Weights are divided by
    /// `total`.
    pub(super) fn backward(
        &mut self,
        (compute, embedding, packed): (Compute, &Matrix, &mut Packed),
        (normed, asks, total): (&[f32], &[Ask], f64),
        (gradient, change): (&mut [f32], &mut [f32]),
        mut told: impl FnMut(&Ask, f64),
    ) {
        let width = embedding.inputs();
        change.fill(0.0);
        for asks in asks.chunks(BLOCK) {
            let vocabulary = self.logits_of(compute, embedding, normed, asks);
            for (ask, row) in asks.iter().zip(self.logits.chunks_exact_mut(vocabulary)) {
                let weight = (f64::from(ask.weight) / total) as f32;
                told(ask, loss_backward(row, ask.target, weight));
            }
            self.changes.resize(asks.len() * width);
            embedding.backward(compute, &self.logits, &mut self.changes);
            learn((compute, packed), &self.logits, &self.rows, width, gradient);
            for (ask, row) in asks.iter().zip(self.changes.chunks_exact(width)) {
                change[ask.position * width..][..width].copy_from_slice(row);
            }
        }
    }

    /// Logits of a block of positions; gives the number of those of one.
    fn logits_of(
        &mut self,
        compute: Compute,
        embedding: &Matrix,
        normed: &[f32],
        asks: &[Ask],
    ) -> usize {
        let positions = asks.iter().map(|ask| ask.position);
        self.logits(compute, embedding, normed, positions).len() / asks.len()
    }

    /// Rows of logits, for some of the normed vectors.
    pub(super) fn logits(
        &mut self,
        compute: Compute,
        embedding: &Matrix,
        normed: &[f32],
        positions: impl ExactSizeIterator<Item = usize>,
    ) -> &mut [f32] {
        let width = embedding.inputs();
        self.logits.resize(positions.len() * embedding.outputs());
        self.rows.resize(positions.len() * width);
        for (position, row) in positions.zip(self.rows.chunks_exact_mut(width)) {
            row.copy_from_slice(&normed[position * width..][..width]);
        }
        embedding.forward(compute, &self.rows, &mut self.logits);
        &mut self.logits
    }
}

/// Replaces logits by e^(logit - greatest); gives the logarithm of the target's probability and one over the sum.
fn probabilities(row: &mut [f32], target: u32) -> (f64, f32) {
    let logit = row[target as usize];
    let (top, total) = wide(
        #[inline(always)]
        || {
            let top = greatest(row);
            (top, exponentials(row, top, 1.0))
        },
    );
    let logarithm = f64::from(logit - top) - libm::log(f64::from(total));
    (logarithm, 1.0 / total)
}

/// Replaces logits by the gradient of the weighted loss: weight (p - 1 at the target).
fn loss_backward(row: &mut [f32], target: u32, weight: f32) -> f64 {
    let (logarithm, inverse) = probabilities(row, target);
    wide(
        #[inline(always)]
        || scale(row, inverse * weight),
    );
    row[target as usize] -= weight;
    logarithm
}
