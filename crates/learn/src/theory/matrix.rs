//! What a linear-algebra library does not have a word for.

use faer::{Mat, MatRef, Scale, Side};

/// A matrix with these rows, each of `columns` numbers.
pub(super) fn from_rows<R: AsRef<[f64]>>(rows: &[R], columns: usize) -> Mat<f64> {
    Mat::from_fn(rows.len(), columns, |i, j| rows[i].as_ref()[j])
}

/// The rows of a matrix.
pub(super) fn to_rows(matrix: &Mat<f64>) -> Vec<Vec<f64>> {
    (0..matrix.nrows())
        .map(|i| matrix.row(i).iter().copied().collect())
        .collect()
}

/// tr(A B'), the sum of products of entries.
pub(super) fn trace_of_product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    (0..a.ncols())
        .map(|j| {
            a.col(j)
                .iter()
                .zip(b.col(j).iter())
                .map(|(a, b)| a * b)
                .sum::<f64>()
        })
        .sum()
}

/// The trace.
pub(super) fn trace(matrix: MatRef<'_, f64>) -> f64 {
    matrix.diagonal().column_vector().iter().sum()
}

/// A B A' for a symmetric matrix B.
pub(super) fn sandwich(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    if is_sparse(a) {
        return product(a, product(a, b).transpose());
    }
    (a * b) * a.transpose()
}

/// A B, entry by entry of A where few of them are not 0: who reads a handful of others costs no more than that.
pub(super) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    if !is_sparse(a) {
        return a * b;
    }
    let entries = |j: usize| {
        let column = a.col(j).iter().copied().enumerate();
        column.filter(|(_, x)| *x != 0.0).collect()
    };
    let columns: Vec<Vec<(usize, f64)>> = (0..a.ncols()).map(entries).collect();
    let mut c = Mat::zeros(a.nrows(), b.ncols());
    for j in 0..b.ncols() {
        for (column, factor) in columns.iter().zip(b.col(j).iter()) {
            for &(i, entry) in column {
                c[(i, j)] += entry * factor;
            }
        }
    }
    c
}

/// True if so few entries are not 0 that it pays to look for them.
pub(super) fn is_sparse(matrix: MatRef<'_, f64>) -> bool {
    let size = matrix.nrows() * matrix.ncols();
    let in_column = |j: usize| matrix.col(j).iter().filter(|x| **x != 0.0).count();
    size >= SPARSE_SIZE_MIN
        && (0..matrix.ncols()).map(in_column).sum::<usize>() <= size / SPARSE_ENTRIES_IN
}

/// Entries of the smallest matrix that is looked through.
const SPARSE_SIZE_MIN: usize = 4096;

/// One entry in so many may differ from 0 in a sparse matrix: a dense product is as much faster an entry.
const SPARSE_ENTRIES_IN: usize = 16;

/// B + B'.
pub(super) fn twice_symmetric(b: &Mat<f64>) -> Mat<f64> {
    b + b.transpose()
}

/// Adds `block` to the d x d block at block row `i` and block column `j`.
pub(super) fn add_block(matrix: &mut Mat<f64>, (i, j): (usize, usize), block: MatRef<'_, f64>) {
    let (rows, columns) = (block.nrows(), block.ncols());
    let mut target = matrix.submatrix_mut(i * rows, j * columns, rows, columns);
    target += block;
}

/// The block of `rows` x `columns` numbers at block row `i` and block column `j`.
pub(super) fn block(
    matrix: &Mat<f64>,
    (i, j): (usize, usize),
    (rows, columns): (usize, usize),
) -> MatRef<'_, f64> {
    matrix.submatrix(i * rows, j * columns, rows, columns)
}

/// Eigenvalues below this share of the largest one count as zero (as in the reference solution of theory and tests).
pub(super) const RANK_CUT_OFF: f64 = 1e-12;

/// The Moore-Penrose inverse of a symmetric positive semidefinite matrix (Penrose 1955).
pub(super) fn pseudo_inverse(matrix: &Mat<f64>) -> Mat<f64> {
    let d = matrix.nrows();
    let Ok(eigen) = matrix.self_adjoint_eigen(Side::Lower) else {
        return Mat::from_fn(d, d, |_, _| f64::NAN);
    };
    let values = eigen.S().column_vector();
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let inverse = |x: f64| {
        if x > RANK_CUT_OFF * largest {
            1.0 / x
        } else {
            0.0
        }
    };
    let vectors = eigen.U();
    let scaled = Mat::from_fn(d, d, |i, j| vectors[(i, j)] * inverse(values[j]));
    scaled * vectors.transpose()
}

/// Eigenvectors that symmetric matrices have in common, a column each, if they commute but for `tolerance` relative to each:
/// those of a combination of all. Where two of its eigenvalues happen to be close their eigenvectors are not sharp, and another
/// combination is tried.
pub(super) fn common_eigenvectors(matrices: &[&Mat<f64>], tolerance: f64) -> Option<Mat<f64>> {
    let are_common = |vectors: &Mat<f64>| {
        let off = |matrix: &Mat<f64>| off_diagonal(&(vectors.transpose() * matrix * vectors));
        let is_diagonal = |matrix: &&Mat<f64>| off(matrix) <= tolerance * matrix.norm_max();
        matrices.iter().all(is_diagonal)
    };
    (0..COMBINATIONS).find_map(|number| {
        let eigen = combination(matrices, number)?.self_adjoint_eigen(Side::Lower);
        let vectors = eigen.ok()?.U().to_owned();
        are_common(&vectors).then_some(vectors)
    })
}

/// Combinations that are tried: each fails by coincidence once in a thousand times or less.
const COMBINATIONS: u32 = 8;

/// Matrices of size 1 with weights between 1/2 and 3/2 that no coincidence cancels: square roots of different primes would do;
/// the fractional parts of multiples of the golden ratio do in practice.
fn combination(matrices: &[&Mat<f64>], number: u32) -> Option<Mat<f64>> {
    let rows = matrices.first()?.nrows();
    let mut sum = Mat::<f64>::zeros(rows, rows);
    for (i, matrix) in matrices.iter().enumerate() {
        let multiple = (i as f64 + 1.0) * libm::sqrt(f64::from(number) + 0.618_033_988_749_894_9);
        let size = matrix.norm_max();
        if size > 0.0 {
            sum += *matrix * Scale((0.5 + multiple - multiple.floor()) / size);
        }
    }
    Some(sum)
}

/// The largest entry off the diagonal.
fn off_diagonal(matrix: &Mat<f64>) -> f64 {
    let all = (0..matrix.nrows()).flat_map(|i| (0..matrix.ncols()).map(move |j| (i, j)));
    all.filter(|(i, j)| i != j)
        .fold(0.0, |most: f64, at| most.max(matrix[at].abs()))
}

/// The inverse of I - `matrix`, applied to `right`.
pub(super) fn resolvent(matrix: &Mat<f64>, right: &Mat<f64>) -> Mat<f64> {
    use faer::linalg::solvers::Solve;
    let identity = Mat::<f64>::identity(matrix.nrows(), matrix.nrows());
    (identity - matrix).partial_piv_lu().solve(right)
}

/// The solution of C = T C T' + N for a matrix T with spectral radius below 1, by doubling: after k steps 2^k terms of the
/// series are summed (Smith 1968).
pub(super) fn lyapunov(t: &Mat<f64>, noise: &Mat<f64>) -> Mat<f64> {
    let (mut power, mut sum) = (t.clone(), noise.clone());
    for _ in 0..DOUBLINGS_MAX {
        let more = sandwich(power.as_ref(), sum.as_ref());
        sum += &more;
        if more.norm_max() <= f64::EPSILON * sum.norm_max() {
            break;
        }
        power = &power * &power;
    }
    sum
}

/// Enough for spectral radii up to 1 - 1e-15.
const DOUBLINGS_MAX: usize = 60;

/// E = (I - 2 s H)^m: what is left of an error after m gradient steps of size s on a mean squared residual.
pub(super) fn contraction(h: &Mat<f64>, steps: u32, size: f64) -> Mat<f64> {
    let d = h.nrows();
    let mut base = Mat::<f64>::identity(d, d) - h * Scale(2.0 * size);
    let (mut power, mut left) = (Mat::<f64>::identity(d, d), steps);
    while left > 0 {
        if left % 2 == 1 {
            power = &power * &base;
        }
        base = &base * &base;
        left /= 2;
    }
    power
}
