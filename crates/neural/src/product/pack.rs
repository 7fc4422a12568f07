//! Right matrices in the order in which a product reads them.

use super::{Right, View};
use crate::aligned::Aligned;
use crate::simd::wide;

/// Columns of a panel.
pub(super) const WIDE: usize = 32;
/// Columns of the last panel, where these are enough.
pub(super) const NARROW: usize = 16;

/// A matrix in panels of columns: row after row of [`WIDE`] columns, then the same of the next. The last panel may be
/// [`NARROW`]. Columns that are missing are zeros.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    data: Aligned,
    depth: usize,
    columns: usize,
}

impl Packed {
    /// Packs a matrix.
    pub(crate) fn pack(&mut self, matrix: View<'_>) -> &Self {
        self.reserve(matrix.rows, matrix.columns);
        wide(
            #[inline(always)]
            || self.copy(matrix),
        );
        self
    }

    /// Packs the transpose of a matrix.
    pub(crate) fn pack_transposed(&mut self, matrix: View<'_>) -> &Self {
        self.reserve(matrix.columns, matrix.rows);
        wide(
            #[inline(always)]
            || self.copy_transposed(matrix),
        );
        self
    }

    /// All of it.
    pub(crate) fn all(&self) -> Right<'_> {
        Right {
            packed: self,
            depth: 0..self.depth,
            columns: self.columns,
        }
    }

    fn reserve(&mut self, depth: usize, columns: usize) {
        (self.depth, self.columns) = (depth, columns);
        let last = columns % WIDE;
        let whole = columns - last;
        self.data
            .resize(depth * (whole + last.next_multiple_of(NARROW)));
    }

    /// The panel that starts at `column`, a multiple of [`WIDE`], and its width.
    #[inline(always)]
    pub(super) fn panel(&self, column: usize) -> (&[f32], usize) {
        let width = width_at(column, self.columns);
        (
            &self.data[column * self.depth..][..width * self.depth],
            width,
        )
    }

    #[inline(always)]
    fn copy(&mut self, matrix: View<'_>) {
        for column in (0..self.columns).step_by(WIDE) {
            let width = width_at(column, self.columns);
            let used = width.min(self.columns - column);
            let panel = &mut self.data[column * self.depth..][..width * self.depth];
            for (row, out) in panel.chunks_exact_mut(width).enumerate() {
                let source = &matrix.data[row * matrix.stride + column..][..used];
                if used == WIDE {
                    out[..WIDE].copy_from_slice(&source[..WIDE]);
                } else {
                    out[..used].copy_from_slice(source);
                    out[used..].fill(0.0);
                }
            }
        }
    }

    #[inline(always)]
    fn copy_transposed(&mut self, matrix: View<'_>) {
        for column in (0..self.columns).step_by(WIDE) {
            let width = width_at(column, self.columns);
            let used = width.min(self.columns - column);
            let panel = &mut self.data[column * self.depth..][..width * self.depth];
            if used < width {
                panel.fill(0.0);
            }
            for place in 0..used {
                let source = &matrix.data[(column + place) * matrix.stride..][..self.depth];
                for (out, &number) in panel[place..].iter_mut().step_by(width).zip(source) {
                    *out = number;
                }
            }
        }
    }
}

#[inline(always)]
fn width_at(column: usize, columns: usize) -> usize {
    if columns - column > NARROW {
        WIDE
    } else {
        NARROW
    }
}
