use super::*;
use crate::simd::{Simd, limit_simd};
use types::random::{Purpose, Seed, Stream};

/// Rows, depth and columns, around the edges of blocks, panels and tiles.
const SIZES: [[usize; 3]; 9] = [
    [1, 1, 1],
    [3, 5, 7],
    [8, 16, 32],
    [9, 17, 33],
    [13, 64, 48],
    [64, 20, 16],
    [67, 31, 95],
    [130, 3, 17],
    [2, 300, 100],
];
const LEVELS: [Simd; 3] = [Simd::Baseline, Simd::Avx2, Simd::Avx512];

fn stream() -> Stream {
    Seed(1).key(0, Purpose::Sample).stream(0, 0)
}

fn random(rng: &mut Stream, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.normal() as f32).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// `start + a * b`, term after term.
fn literal(a: &[f32], b: &[f32], [m, k, n]: [usize; 3], start: &[f32]) -> Vec<f32> {
    let mut out = start.to_vec();
    for i in 0..m {
        for j in 0..n {
            for p in 0..k {
                let product = a[i * k + p] * b[p * n + j];
                out[i * n + j] += product;
            }
        }
    }
    out
}

fn transpose(a: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns)
        .map(|n| a[n % rows * columns + n / rows])
        .collect()
}

/// Every kind of call, on every level: whatever the left or the right matrix is given as, added to or not.
#[test]
fn exact_products_have_the_bits_of_three_loops() {
    let mut rng = stream();
    for size @ [m, k, n] in SIZES {
        let (a, b) = (random(&mut rng, m * k), random(&mut rng, k * n));
        let (start, zero) = (random(&mut rng, m * n), vec![0.0; m * n]);
        let (turned_a, turned_b) = (transpose(&a, m, k), transpose(&b, k, n));
        let sums = [literal(&a, &b, size, &zero), literal(&a, &b, size, &start)];
        for level in LEVELS {
            limit_simd(level);
            let mut right = [Packed::default(), Packed::default()];
            right[0].pack(View::new(&b, k, n));
            right[1].pack_transposed(View::new(&turned_b, n, k));
            for right in &right {
                for left in [
                    Left::Plain(View::new(&a, m, k)),
                    Left::Transposed(View::new(&turned_a, k, m)),
                ] {
                    let mut out = [vec![f32::NAN; m * n], start.clone()];
                    let [new, sum] = &mut out;
                    Compute::Exact.multiply(left, &right.all(), &mut Target::new(new, n));
                    Compute::Exact.multiply(left, &right.all(), &mut Target::adding(sum, n));
                    for (out, sum) in out.iter().zip(&sums) {
                        assert_eq!(bits(out), bits(sum), "{size:?} {level:?}");
                    }
                }
            }
        }
    }
}

/// Rounding errors of a sum of k terms are below k epsilon times the sum of sizes; both ways make them.
#[test]
fn fast_products_are_close_to_exact_ones() {
    let mut rng = stream();
    for size @ [m, k, n] in SIZES {
        let (a, b) = (random(&mut rng, m * k), random(&mut rng, k * n));
        let sizes = |values: &[f32]| values.iter().map(|value| value.abs()).collect::<Vec<_>>();
        let zero = vec![0.0; m * n];
        let bound = literal(&sizes(&a), &sizes(&b), size, &zero);
        let exact = literal(&a, &b, size, &zero);
        let mut packed = Packed::default();
        packed.pack(View::new(&b, k, n));
        for level in LEVELS {
            limit_simd(level);
            let (mut out, left) = (zero.clone(), Left::Plain(View::new(&a, m, k)));
            Compute::Fast.multiply(left, &packed.all(), &mut Target::new(&mut out, n));
            for ((fast, exact), bound) in out.iter().zip(&exact).zip(&bound) {
                assert!((fast - exact).abs() <= 2.0 * k as f32 * f32::EPSILON * bound);
            }
        }
    }
}

/// Parts of matrices with gaps between rows leave all else alone.
#[test]
fn parts_of_matrices_are_multiplied() {
    let mut rng = stream();
    let (a, b) = (random(&mut rng, 10 * 12), random(&mut rng, 12 * 40));
    let mut packed = Packed::default();
    packed.pack(View::new(&b, 12, 40));
    let left = View::new(&a, 10, 12).rows(2..9).slice(3..8);
    let right = Right {
        packed: &packed,
        depth: 4..9,
        columns: 35,
    };
    let mut out = vec![0.5; 7 * 50];
    Compute::Exact.multiply(Left::Plain(left), &right, &mut Target::new(&mut out, 50));
    for (i, row) in out.chunks_exact(50).enumerate() {
        for (j, &number) in row.iter().enumerate() {
            let term = |p: usize| a[(i + 2) * 12 + p + 3] * b[(p + 4) * 40 + j];
            let expected = if j < 35 {
                (0..5).fold(0.0, |sum, p| sum + term(p))
            } else {
                0.5
            };
            assert_eq!(number.to_bits(), expected.to_bits(), "{i} {j}");
        }
    }
}
