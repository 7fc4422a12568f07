//! One weight matrix, ready for products.

use crate::product::{Compute, Left, Packed, Target, View};

/// A matrix of `outputs` x `inputs` weights, packed for both directions.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    forward: Packed,
    backward: Packed,
    outputs: usize,
    inputs: usize,
}

impl Matrix {
    /// Takes the weights; those for the way back only where `learns`.
    pub(super) fn load(&mut self, weights: &[f32], inputs: usize, learns: bool) {
        (self.outputs, self.inputs) = (weights.len() / inputs, inputs);
        let view = View::new(weights, self.outputs, inputs);
        self.forward.pack_transposed(view);
        if learns {
            self.backward.pack(view);
        }
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// `output = input * weights^T`, row by row.
    pub(super) fn forward(&self, compute: Compute, input: &[f32], output: &mut [f32]) {
        let mut target = Target::new(output, self.outputs);
        compute.multiply(self.left(input), &self.forward.all(), &mut target);
    }

    /// `output += input * weights^T`.
    pub(super) fn forward_adding(&self, compute: Compute, input: &[f32], output: &mut [f32]) {
        let mut target = Target::adding(output, self.outputs);
        compute.multiply(self.left(input), &self.forward.all(), &mut target);
    }

    /// The gradient of the input, from that of the output: `input = output * weights`.
    pub(super) fn backward(&self, compute: Compute, output: &[f32], input: &mut [f32]) {
        let view = View::new(output, output.len() / self.outputs, self.outputs);
        let mut target = Target::new(input, self.inputs);
        compute.multiply(Left::Plain(view), &self.backward.all(), &mut target);
    }

    fn left<'a>(&self, input: &'a [f32]) -> Left<'a> {
        Left::Plain(View::new(input, input.len() / self.inputs, self.inputs))
    }
}

/// Adds to the gradient of a matrix: `gradient += output^T * input`, where `output` is the gradient of the output.
pub(super) fn learn(
    (compute, packed): (Compute, &mut Packed),
    output: &[f32],
    input: &[f32],
    inputs: usize,
    gradient: &mut [f32],
) {
    let (rows, outputs) = (input.len() / inputs, gradient.len() / inputs);
    packed.pack(View::new(input, rows, inputs));
    let left = Left::Transposed(View::new(output, rows, outputs));
    let mut target = Target::adding(gradient, inputs);
    compute.multiply(left, &packed.all(), &mut target);
}
