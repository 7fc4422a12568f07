//! The inner loops: blocks of a few rows and a few vectors of columns, whose sums stay in registers.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::pack::WIDE;
use super::{Left, Right, Target, View};

/// Rows that are worked through with one panel before the next panel is taken.
const TILE: usize = 64;

/// The task of [`super::Compute::multiply`]; `FUSED` allows to round once instead of twice.
pub(super) struct Product<'a, 'b, const FUSED: bool> {
    pub(super) left: Left<'a>,
    pub(super) right: &'a Right<'a>,
    pub(super) out: &'a mut Target<'b>,
}

impl<const FUSED: bool> WithSimd for Product<'_, '_, FUSED> {
    type Output = ();

    /// Blocks are as large as the registers allow: rows, vectors of a wide and of a narrow panel, vectors at a time.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.sweep::<S, 8, 2, 1, 2, 1>(simd),
            8 => self.sweep::<S, 4, 4, 2, 2, 2>(simd),
            _ => self.sweep::<S, 4, 8, 4, 2, 2>(simd),
        }
    }
}

impl<const FUSED: bool> Product<'_, '_, FUSED> {
    #[inline(always)]
    fn sweep<
        S: Simd,
        const ROWS: usize,
        const WIDE_VECTORS: usize,
        const NARROW_VECTORS: usize,
        const WIDE_STEP: usize,
        const NARROW_STEP: usize,
    >(
        self,
        simd: S,
    ) {
        let rows = match self.left {
            Left::Plain(view) => view.rows,
            Left::Transposed(view) => view.columns,
        };
        for tile in (0..rows).step_by(TILE) {
            let tile = tile..rows.min(tile + TILE);
            for column in (0..self.right.columns).step_by(WIDE) {
                let (panel, width) = self.right.packed.panel(column);
                let depth = &self.right.depth;
                let mut strip = Strip::<FUSED> {
                    left: self.left,
                    panel: &panel[depth.start * width..depth.end * width],
                    out: &mut *self.out,
                    column,
                    columns: width.min(self.right.columns - column),
                };
                if width == WIDE {
                    strip.sweep::<S, ROWS, WIDE_VECTORS, WIDE_STEP>(simd, tile.clone());
                } else {
                    strip.sweep::<S, ROWS, NARROW_VECTORS, NARROW_STEP>(simd, tile.clone());
                }
            }
        }
    }
}

/// What one panel adds to the result.
struct Strip<'a, 'b, const FUSED: bool> {
    left: Left<'a>,
    panel: &'a [f32],
    out: &'a mut Target<'b>,
    column: usize,
    columns: usize,
}

impl<const FUSED: bool> Strip<'_, '_, FUSED> {
    #[inline(always)]
    fn sweep<S: Simd, const ROWS: usize, const VECTORS: usize, const STEP: usize>(
        &mut self,
        simd: S,
        tile: Range<usize>,
    ) {
        let mut row = tile.start;
        while row + ROWS <= tile.end {
            self.rows::<S, ROWS, VECTORS, STEP>(simd, row);
            row += ROWS;
        }
        while row < tile.end {
            self.rows::<S, 1, VECTORS, STEP>(simd, row);
            row += 1;
        }
    }

    #[inline(always)]
    fn rows<S: Simd, const ROWS: usize, const VECTORS: usize, const STEP: usize>(
        &mut self,
        simd: S,
        row: usize,
    ) {
        let (vectors, _) = S::as_simd_f32s(self.panel);
        let (depth, _) = vectors.as_chunks::<VECTORS>();
        for step in 0..VECTORS / STEP {
            let first = step * STEP * S::F32_LANES;
            if first >= self.columns {
                break;
            }
            let mut sums = [[simd.splat_f32s(0.0); STEP]; ROWS];
            if self.out.adds {
                self.load(simd, row, first, &mut sums);
            }
            match self.left {
                Left::Plain(view) => {
                    let plain = Plain::<ROWS>::new(view, row, depth.len());
                    accumulate::<S, ROWS, VECTORS, STEP, FUSED>(
                        simd,
                        |p| plain.at(p),
                        depth,
                        step,
                        &mut sums,
                    );
                }
                Left::Transposed(view) => {
                    let at = |p: usize| transposed::<ROWS>(view, row, p);
                    accumulate::<S, ROWS, VECTORS, STEP, FUSED>(simd, at, depth, step, &mut sums);
                }
            }
            self.store(simd, row, first, &sums);
        }
    }

    #[inline(always)]
    fn load<S: Simd, const ROWS: usize, const STEP: usize>(
        &self,
        simd: S,
        row: usize,
        first: usize,
        sums: &mut [[S::f32s; STEP]; ROWS],
    ) {
        for (number, sums) in sums.iter_mut().enumerate() {
            let start = (row + number) * self.out.stride + self.column;
            let line = &self.out.data[start + first..start + self.columns];
            for (chunk, sum) in line.chunks(S::F32_LANES).zip(sums) {
                *sum = match S::as_simd_f32s(chunk).0 {
                    [whole] => *whole,
                    _ => simd.partial_load_f32s(chunk),
                };
            }
        }
    }

    #[inline(always)]
    fn store<S: Simd, const ROWS: usize, const STEP: usize>(
        &mut self,
        simd: S,
        row: usize,
        first: usize,
        sums: &[[S::f32s; STEP]; ROWS],
    ) {
        for (number, sums) in sums.iter().enumerate() {
            let start = (row + number) * self.out.stride + self.column;
            let line = &mut self.out.data[start + first..start + self.columns];
            for (chunk, sum) in line.chunks_mut(S::F32_LANES).zip(sums) {
                match S::as_mut_simd_f32s(chunk).0 {
                    [whole] => *whole = *sum,
                    _ => simd.partial_store_f32s(chunk, *sum),
                }
            }
        }
    }
}

/// Rows of a left matrix.
struct Plain<'a, const ROWS: usize>([&'a [f32]; ROWS]);

impl<'a, const ROWS: usize> Plain<'a, ROWS> {
    #[inline(always)]
    fn new(view: View<'a>, row: usize, depth: usize) -> Self {
        let mut rows: [&[f32]; ROWS] = [&[]; ROWS];
        for (number, slice) in rows.iter_mut().enumerate() {
            *slice = &view.data[(row + number) * view.stride..][..depth];
        }
        Self(rows)
    }

    #[inline(always)]
    fn at(&self, place: usize) -> [f32; ROWS] {
        let mut column = [0.0; ROWS];
        for (number, row) in column.iter_mut().zip(&self.0) {
            *number = row[place];
        }
        column
    }
}

/// Columns of a left matrix that is read transposed.
#[inline(always)]
fn transposed<const ROWS: usize>(view: View<'_>, row: usize, place: usize) -> [f32; ROWS] {
    let mut line = [0.0; ROWS];
    line.copy_from_slice(&view.data[place * view.stride + row..][..ROWS]);
    line
}

/// Adds one product after the other to each sum.
#[inline(always)]
fn accumulate<
    S: Simd,
    const ROWS: usize,
    const VECTORS: usize,
    const STEP: usize,
    const FUSED: bool,
>(
    simd: S,
    at: impl Fn(usize) -> [f32; ROWS],
    depth: &[[S::f32s; VECTORS]],
    step: usize,
    sums: &mut [[S::f32s; STEP]; ROWS],
) {
    let mut local = *sums;
    for (place, vectors) in depth.iter().enumerate() {
        let mut columns = [simd.splat_f32s(0.0); STEP];
        columns.copy_from_slice(&vectors[step * STEP..][..STEP]);
        let left = at(place);
        for row in 0..ROWS {
            let number = simd.splat_f32s(left[row]);
            for column in 0..STEP {
                let sum = &mut local[row][column];
                *sum = if FUSED && S::F32_LANES > 4 {
                    simd.mul_add_f32s(number, columns[column], *sum)
                } else {
                    simd.add_f32s(*sum, simd.mul_f32s(number, columns[column]))
                };
            }
        }
    }
    *sums = local;
}
