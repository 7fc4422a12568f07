//! Rotary positions (Su et al. 2021): the pair of numbers 2i and 2i+1 of a head is turned by the angle
//! position * base^(-2i / head width).

use crate::Shape;
use crate::simd::wide;

/// Cosines and sines of all angles, a row of pairs for each position.
#[derive(Debug)]
pub(super) struct Rotary {
    cosines: Vec<f32>,
    sines: Vec<f32>,
    pairs: usize,
}

impl Rotary {
    pub(super) fn new(shape: &Shape) -> Self {
        let pairs = shape.head_width() / 2;
        let angle = |n: usize| {
            let exponent = -((n % pairs) as f64) / pairs as f64;
            (n / pairs) as f64 * libm::pow(f64::from(shape.rope_base), exponent)
        };
        let angles = || (0..shape.context * pairs).map(angle);
        Self {
            cosines: angles().map(|angle| libm::cos(angle) as f32).collect(),
            sines: angles().map(|angle| libm::sin(angle) as f32).collect(),
            pairs,
        }
    }

    /// Turns the heads of a token at `position`.
    #[inline(always)]
    fn turn(&self, heads: &mut [f32], position: usize, direction: f32) {
        let place = position * self.pairs..(position + 1) * self.pairs;
        let (cosines, sines) = (&self.cosines[place.clone()], &self.sines[place]);
        for head in heads.chunks_exact_mut(2 * self.pairs) {
            let (pairs, _) = head.as_chunks_mut::<2>();
            for ((pair, &cosine), &sine) in pairs.iter_mut().zip(cosines).zip(sines) {
                let sine = direction * sine;
                let [a, b] = *pair;
                *pair = [a * cosine - b * sine, a * sine + b * cosine];
            }
        }
    }

    /// Turns the first `turned` numbers of every row of `width` numbers, forward or (`direction` -1) back; the rows'
    /// positions are given.
    pub(super) fn turn_rows(
        &self,
        rows: &mut [f32],
        (width, turned): (usize, usize),
        positions: impl Iterator<Item = usize>,
        direction: f32,
    ) {
        wide(
            #[inline(always)]
            || {
                for (row, position) in rows.chunks_exact_mut(width).zip(positions) {
                    self.turn(&mut row[..turned], position, direction);
                }
            },
        );
    }
}
