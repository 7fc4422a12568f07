//! Cholesky factors of small matrices, row by row in a fixed order of summation.

use ndarray::{Array1, Array2, ArrayView1};

/// The lower factor L with L L' = `matrix`. A pivot that is not positive gives a zero column: the factor of a semidefinite
/// matrix, which is what a collapsing covariance becomes.
pub(crate) fn lower(matrix: &Array2<f64>) -> Array2<f64> {
    let d = matrix.nrows();
    let mut factor = Array2::zeros((d, d));
    for j in 0..d {
        let pivot = matrix[(j, j)] - dot(&factor, (j, j), j);
        if pivot <= 0.0 {
            continue;
        }
        factor[(j, j)] = libm::sqrt(pivot);
        for i in j + 1..d {
            factor[(i, j)] = (matrix[(i, j)] - dot(&factor, (i, j), j)) / factor[(j, j)];
        }
    }
    factor
}

/// Sum over the first `len` columns of row i times row j.
fn dot(factor: &Array2<f64>, (i, j): (usize, usize), len: usize) -> f64 {
    (0..len).map(|k| factor[(i, k)] * factor[(j, k)]).sum()
}

/// ln |L L'|; minus infinity for a singular matrix.
pub(crate) fn log_determinant(factor: &Array2<f64>) -> f64 {
    2.0 * factor.diag().iter().map(|&x| libm::log(x)).sum::<f64>()
}

/// The solution x of L x = b.
pub(crate) fn solve_lower(factor: &Array2<f64>, b: &ArrayView1<'_, f64>) -> Array1<f64> {
    let mut x = b.to_owned();
    for i in 0..x.len() {
        let known: f64 = (0..i).map(|k| factor[(i, k)] * x[k]).sum();
        x[i] = (x[i] - known) / factor[(i, i)];
    }
    x
}

/// The solution x of L' x = b.
pub(crate) fn solve_upper(factor: &Array2<f64>, b: &ArrayView1<'_, f64>) -> Array1<f64> {
    let mut x = b.to_owned();
    for i in (0..x.len()).rev() {
        let known: f64 = (i + 1..x.len()).map(|k| factor[(k, i)] * x[k]).sum();
        x[i] = (x[i] - known) / factor[(i, i)];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_gives_back_the_matrix() {
        let matrix = ndarray::arr2(&[[4.0, 2.0, 0.4], [2.0, 5.0, 1.0], [0.4, 1.0, 3.0]]);
        let factor = lower(&matrix);
        for ((i, j), entry) in matrix.indexed_iter() {
            assert!((dot(&factor, (i, j), 3) - entry).abs() < 1e-14);
        }
        let x = solve_lower(&factor, &ndarray::arr1(&[1.0, 2.0, 3.0]).view());
        assert!((factor[(0, 0)] * x[0] - 1.0).abs() < 1e-14);
    }

    #[test]
    fn a_semidefinite_matrix_has_a_factor_with_a_zero_column() {
        let factor = lower(&ndarray::arr2(&[[1.0, 2.0], [2.0, 4.0]]));
        assert_eq!(factor, ndarray::arr2(&[[1.0, 0.0], [2.0, 0.0]]));
        assert_eq!(log_determinant(&factor), f64::NEG_INFINITY);
    }
}
