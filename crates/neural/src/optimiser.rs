//! AdamW.

use crate::maths::sum;
use crate::simd::wide;
use crate::{Parameters, Shape, Tensor};

/// Adam with decoupled decay of weights (Kingma and Ba 2015; Loshchilov and Hutter 2019) and gradients clipped by their
/// norm (Pascanu, Mikolov and Bengio 2013).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// How much of the mean gradient is kept from step to step.
    pub beta1: f64,
    /// How much of the mean squared gradient is kept.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// The share of a weight that is lost with each step, divided by the rate. The gains of norms do not decay.
    pub decay: f64,
    /// The greatest norm of all gradients together; longer ones are shortened to it.
    pub clip: f64,
}

impl Default for AdamW {
    /// As for Llama (Touvron et al. 2023).
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            decay: 0.1,
            clip: 1.0,
        }
    }
}

/// Where an optimiser stands: running means of gradients and of their squares.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

/// Factors of one step.
#[derive(Debug, Clone, Copy)]
struct Step {
    shorten: f32,
    betas: [f32; 2],
    /// The rate divided by the weight that all gradients have in the first mean.
    rate: f32,
    /// One over the root of the weight that all squares have in the second.
    root: f32,
    epsilon: f32,
    keep: f32,
}

impl Moments {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            first: vec![0.0; count],
            second: vec![0.0; count],
            steps: 0,
        }
    }

    /// Moves `parameters` against `gradients`.
    pub(crate) fn step(
        &mut self,
        (optimiser, rate): (&AdamW, f64),
        shape: &Shape,
        parameters: &mut Parameters,
        gradients: &Parameters,
    ) {
        self.steps += 1;
        let weight = |beta: f64| 1.0 - libm::pow(beta, f64::from(self.steps));
        let norm = norm(&gradients.values);
        let mut step = Step {
            shorten: if norm > optimiser.clip {
                (optimiser.clip / norm) as f32
            } else {
                1.0
            },
            betas: [optimiser.beta1 as f32, optimiser.beta2 as f32],
            rate: (rate / weight(optimiser.beta1)) as f32,
            root: (1.0 / libm::sqrt(weight(optimiser.beta2))) as f32,
            epsilon: optimiser.epsilon as f32,
            keep: 1.0,
        };
        for tensor in Tensor::all(shape) {
            let range = tensor.range(shape);
            let decay = if tensor.is_norm() {
                0.0
            } else {
                optimiser.decay
            };
            step.keep = (1.0 - rate * decay) as f32;
            let moments = [
                &mut self.first[range.clone()],
                &mut self.second[range.clone()],
            ];
            let values = &mut parameters.values[range.clone()];
            wide(
                #[inline(always)]
                || step.run(values, &gradients.values[range], moments),
            );
        }
    }
}

impl Step {
    #[inline(always)]
    fn run(&self, values: &mut [f32], gradients: &[f32], [first, second]: [&mut [f32]; 2]) {
        let moments = first.iter_mut().zip(second);
        for ((value, &gradient), (first, second)) in values.iter_mut().zip(gradients).zip(moments) {
            let gradient = gradient * self.shorten;
            *first = self.betas[0] * *first + (1.0 - self.betas[0]) * gradient;
            *second = self.betas[1] * *second + (1.0 - self.betas[1]) * gradient * gradient;
            let size = second.sqrt() * self.root + self.epsilon;
            *value = *value * self.keep - self.rate * *first / size;
        }
    }
}

/// The Euclidean norm, summed in double precision over short stretches.
fn norm(values: &[f32]) -> f64 {
    let squares = |stretch: &[f32]| {
        let squares = wide(
            #[inline(always)]
            || sum(stretch, stretch, |a, b| a * b),
        );
        f64::from(squares)
    };
    libm::sqrt(values.chunks(4096).map(squares).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference: torch.optim.AdamW of PyTorch 2.15 in double precision, gradients clipped by clip_grad_norm_, for one
    /// weight and one gain.
    #[test]
    fn steps_are_those_of_the_reference() {
        let shape = Shape {
            vocabulary: 1,
            context: 1,
            width: 2,
            layers: 0,
            heads: 1,
            kv_heads: 1,
            hidden: 1,
            rope_base: 1.0,
            norm_epsilon: 1.0,
        };
        let (mut parameters, mut gradients) = (Parameters::zero(&shape), Parameters::zero(&shape));
        let mut moments = Moments::new(parameters.values.len());
        // The first number of the embedding and of the last norm; the others have no gradient.
        (parameters.values[0], parameters.values[2]) = (0.5, 1.0);
        for ([weight, gain, rate], [new_weight, new_gain]) in [
            (
                [0.3, -0.2, 0.1],
                [0.395_000_003_333_333_2, 1.099_999_995_000_000_3],
            ),
            (
                [-0.1, 0.4, 0.1],
                [0.350_619_334_942_932_3, 1.063_662_601_092_617_8],
            ),
            (
                [2.0, 1.0, 0.05],
                [0.314_283_007_408_162_73, 1.031_389_166_790_105_6],
            ),
        ] {
            (gradients.values[0], gradients.values[2]) = (weight as f32, gain as f32);
            let step = (&AdamW::default(), rate);
            moments.step(step, &shape, &mut parameters, &gradients);
            let found = [parameters.values[0], parameters.values[2]].map(f64::from);
            assert!((found[0] - new_weight).abs() < 1e-6, "{found:?}");
            assert!((found[1] - new_gain).abs() < 1e-6, "{found:?}");
        }
        assert_eq!([parameters.values[1], parameters.values[3]], [0.0; 2]);
    }
}
