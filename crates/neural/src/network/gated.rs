//! Gated linear units with SiLU (Shazeer 2020): silu(gate) * up, with silu(x) = x logistic(x).

use crate::maths::logistic;
use crate::simd::wide;

/// Rows of `hidden` gates and then `hidden` numbers that are gated become rows of `hidden`.
pub(super) fn forward(gates: &[f32], hidden: usize, gated: &mut [f32]) {
    let rows = gates
        .chunks_exact(2 * hidden)
        .zip(gated.chunks_exact_mut(hidden));
    wide(
        #[inline(always)]
        || {
            for (row, gated) in rows {
                let (gate, up) = row.split_at(hidden);
                for ((out, &gate), &up) in gated.iter_mut().zip(gate).zip(up) {
                    *out = gate * logistic(gate) * up;
                }
            }
        },
    );
}

/// Replaces gates and what they gate by their gradients, given that of the result.
pub(super) fn backward(gates: &mut [f32], hidden: usize, gated: &[f32]) {
    let rows = gates
        .chunks_exact_mut(2 * hidden)
        .zip(gated.chunks_exact(hidden));
    wide(
        #[inline(always)]
        || {
            for (row, gated) in rows {
                let (gate, up) = row.split_at_mut(hidden);
                for ((gate, up), &change) in gate.iter_mut().zip(up).zip(gated) {
                    let (x, share) = (*gate, logistic(*gate));
                    *gate = change * *up * share * (1.0 + x * (1.0 - share));
                    *up = change * x * share;
                }
            }
        },
    );
}
