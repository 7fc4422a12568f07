//! Root-mean-square norms (Zhang and Sennrich 2019): y = x g / sqrt(mean(x^2) + epsilon).

use crate::maths::{sum, sum3};
use crate::simd::wide;

/// What a norm was given and gave.
#[derive(Debug)]
pub(super) struct Norm<'a> {
    pub(super) gains: &'a [f32],
    pub(super) epsilon: f32,
}

impl Norm<'_> {
    /// Norms every row of `input`; `inverses` keeps 1 / sqrt(mean(x^2) + epsilon).
    pub(super) fn forward(&self, input: &[f32], output: &mut [f32], inverses: &mut [f32]) {
        let width = self.gains.len();
        let rows = input
            .chunks_exact(width)
            .zip(output.chunks_exact_mut(width));
        wide(
            #[inline(always)]
            || {
                for ((x, y), inverse) in rows.zip(inverses) {
                    let mean = sum(x, x, |a, b| a * b) / width as f32;
                    *inverse = 1.0 / (mean + self.epsilon).sqrt();
                    for ((y, &x), &gain) in y.iter_mut().zip(x).zip(self.gains) {
                        *y = x * *inverse * gain;
                    }
                }
            },
        );
    }

    /// Adds to `into.input` and `into.gains` what the gradient of the output, `output`, means for them.
    pub(super) fn backward(
        &self,
        input: &[f32],
        inverses: &[f32],
        output: &[f32],
        into: &mut Gradient<'_>,
    ) {
        let width = self.gains.len();
        let rows = input.chunks_exact(width).zip(output.chunks_exact(width));
        let into_rows = into.input.chunks_exact_mut(width);
        wide(
            #[inline(always)]
            || {
                for (((x, dy), dx), &inverse) in rows.zip(into_rows).zip(inverses) {
                    let along = sum3([x, dy, self.gains], |[x, dy, gain]| x * dy * gain);
                    let pull = along * inverse * inverse / width as f32;
                    let gains = self.gains.iter().zip(&mut *into.gains);
                    for (((dx, &x), &dy), (&gain, dgain)) in dx.iter_mut().zip(x).zip(dy).zip(gains)
                    {
                        *dx += inverse * (dy * gain - x * pull);
                        *dgain += dy * x * inverse;
                    }
                }
            },
        );
    }
}

/// Gradients that a norm adds to.
#[derive(Debug)]
pub(super) struct Gradient<'a> {
    pub(super) input: &'a mut [f32],
    pub(super) gains: &'a mut [f32],
}
