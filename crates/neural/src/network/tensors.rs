//! Tensors that lie one after the other and are multiplied as one matrix.

use std::ops::Range;

use crate::{Shape, Tensor};

/// Where a layer's matrices lie: queries, keys and values; outputs; gates and what they gate; the way down.
pub(super) fn matrices(shape: &Shape, layer: usize) -> [Range<usize>; 4] {
    let span = |first: Tensor, last: Tensor| first.range(shape).start..last.range(shape).end;
    [
        span(Tensor::Query(layer), Tensor::Value(layer)),
        Tensor::Output(layer).range(shape),
        span(Tensor::Gate(layer), Tensor::Up(layer)),
        Tensor::Down(layer).range(shape),
    ]
}
