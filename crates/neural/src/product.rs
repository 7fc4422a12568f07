//! Products of matrices.
//!
//! The right matrix is packed into panels of columns ([`Packed`]); the left one is read as it lies. Every number of the
//! result is one sum along the depth, from its first term to its last, whatever the sizes, the blocks or the vectors:
//! vectors lie along the columns of the result.

mod kernel;
mod pack;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(crate) use self::pack::Packed;
use crate::simd::dispatch;

/// How products of matrices are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compute {
    /// Multiplication and addition are rounded one after the other: the same bits on every processor.
    #[default]
    Exact,
    /// Fused where the processor can: faster, the same bits on processors with the same instructions.
    Fast,
}

/// A matrix in row-major order, its rows `stride` numbers apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) stride: usize,
}

impl<'a> View<'a> {
    /// A matrix without gaps.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        debug_assert!(data.len() >= rows * columns);
        Self {
            data,
            rows,
            columns,
            stride: columns,
        }
    }

    /// Columns `range` of the same rows.
    pub(crate) fn slice(self, range: Range<usize>) -> Self {
        debug_assert!(range.end <= self.columns);
        Self {
            data: &self.data[range.start..],
            columns: range.len(),
            ..self
        }
    }

    /// Rows `range` with the same columns.
    pub(crate) fn rows(self, range: Range<usize>) -> Self {
        debug_assert!(range.end <= self.rows);
        Self {
            data: &self.data[(range.start * self.stride).min(self.data.len())..],
            rows: range.len(),
            ..self
        }
    }
}

/// The left matrix of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Left<'a> {
    /// As it is.
    Plain(View<'a>),
    /// Transposed.
    Transposed(View<'a>),
}

/// The right matrix of a product: rows `depth` and the first `columns` of what was packed.
#[derive(Debug, Clone)]
pub(crate) struct Right<'a> {
    pub(crate) packed: &'a Packed,
    pub(crate) depth: Range<usize>,
    pub(crate) columns: usize,
}

/// Where a product goes.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) data: &'a mut [f32],
    pub(crate) stride: usize,
    /// The product is added to what is there: sums start from it.
    pub(crate) adds: bool,
}

impl<'a> Target<'a> {
    /// A matrix of rows `stride` numbers apart that is written over.
    pub(crate) fn new(data: &'a mut [f32], stride: usize) -> Self {
        Self {
            data,
            stride,
            adds: false,
        }
    }

    /// The same, added to.
    pub(crate) fn adding(data: &'a mut [f32], stride: usize) -> Self {
        Self {
            data,
            stride,
            adds: true,
        }
    }
}

impl Compute {
    /// `out = left * right`, or `out += left * right`.
    pub(crate) fn multiply(self, left: Left<'_>, right: &Right<'_>, out: &mut Target<'_>) {
        match self {
            Self::Exact => dispatch(kernel::Product::<false> { left, right, out }),
            Self::Fast => dispatch(kernel::Product::<true> { left, right, out }),
        }
    }
}
