//! Eigenvalues of small symmetric matrices, bounded from below.

use ndarray::Array2;

use crate::cholesky::lower;

/// The matrix with every eigenvalue that is below `floor` lifted to it. Of all covariances with such eigenvalues it is the one
/// of maximum likelihood, given `matrix` as the scatter of the documents.
pub(crate) fn at_least(matrix: Array2<f64>, floor: f64) -> Array2<f64> {
    let d = matrix.nrows();
    let mut above = matrix.clone();
    above.diag_mut().mapv_inplace(|entry| entry - floor);
    // Mostly nothing needs to be lifted, and a factor shows it at a fraction of the cost.
    if lower(&above).diag().iter().all(|&pivot| pivot > 0.0) {
        return matrix;
    }
    let (values, vectors) = symmetric(matrix);
    let mut lifted = Array2::zeros((d, d));
    for k in 0..d {
        let value = values[k].max(floor);
        for ((i, j), entry) in lifted.indexed_iter_mut() {
            *entry += value * vectors[(i, k)] * vectors[(j, k)];
        }
    }
    lifted
}

/// Eigenvalues, and eigenvectors as columns, by cyclic rotations (Jacobi 1846; Golub and Van Loan 2013, section 8.5).
pub(crate) fn symmetric(mut matrix: Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let d = matrix.nrows();
    let mut vectors = Array2::eye(d);
    for _ in 0..SWEEPS_MAX {
        let mut moved = false;
        for p in 0..d {
            for q in p + 1..d {
                moved |= rotate(&mut matrix, &mut vectors, (p, q));
            }
        }
        if !moved {
            break;
        }
    }
    (matrix.diag().to_vec(), vectors)
}

/// Convergence is quadratic: some ten sweeps reach rounding at any size that occurs here.
const SWEEPS_MAX: usize = 50;

/// Turns entry (p, q) to zero; false if it is nothing beside the diagonal already.
fn rotate(matrix: &mut Array2<f64>, vectors: &mut Array2<f64>, (p, q): (usize, usize)) -> bool {
    let off = matrix[(p, q)];
    let scale = matrix[(p, p)].abs() + matrix[(q, q)].abs();
    if off.abs() <= f64::EPSILON * scale {
        return false;
    }
    let theta = (matrix[(q, q)] - matrix[(p, p)]) / (2.0 * off);
    let tangent = 1.0_f64.copysign(theta) / (theta.abs() + libm::hypot(theta, 1.0));
    let cosine = 1.0 / libm::hypot(tangent, 1.0);
    let sine = tangent * cosine;
    let turn = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
    for k in 0..matrix.nrows() {
        (matrix[(k, p)], matrix[(k, q)]) = turn(matrix[(k, p)], matrix[(k, q)]);
        (vectors[(k, p)], vectors[(k, q)]) = turn(vectors[(k, p)], vectors[(k, q)]);
    }
    for k in 0..matrix.nrows() {
        (matrix[(p, k)], matrix[(q, k)]) = turn(matrix[(p, k)], matrix[(q, k)]);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_enough_stays() {
        let matrix = ndarray::arr2(&[[2.0, 0.5], [0.5, 1.0]]);
        assert_eq!(at_least(matrix.clone(), 0.1), matrix);
    }

    /// Eigenvalues 0 and 5 along (2, -1) and (1, 2): the first becomes 1.
    #[test]
    fn a_flat_direction_is_lifted() {
        let lifted = at_least(ndarray::arr2(&[[1.0, 2.0], [2.0, 4.0]]), 1.0);
        let expected = ndarray::arr2(&[[1.8, 1.6], [1.6, 4.2]]);
        assert!((&lifted - &expected).iter().all(|x: &f64| x.abs() < 1e-12));
    }

    #[test]
    fn rotations_give_back_the_matrix() {
        let matrix = ndarray::arr2(&[[4.0, 2.0, 0.4], [2.0, -5.0, 1.0], [0.4, 1.0, 3.0]]);
        let (values, vectors) = symmetric(matrix.clone());
        for ((i, j), entry) in matrix.indexed_iter() {
            let term = |k: usize| values[k] * vectors[(i, k)] * vectors[(j, k)];
            let sum: f64 = (0..3).map(term).sum();
            assert!((sum - entry).abs() < 1e-13);
        }
    }
}
