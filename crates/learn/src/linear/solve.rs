//! The solution of least squares from sufficient statistics.

use ndarray::{Array1, Array2};

use crate::cholesky::{lower, solve_lower, solve_upper};
use crate::eigen::symmetric;

/// The shortest theta that minimises theta' G theta / 2 - b' theta.
///
/// A well-conditioned G is factored here, in an order of summation that is ours. Eigenvalues below 1e-12 of the largest count as
/// zero, which is the pseudo-inverse of a rank-deficient design (Penrose 1955).
pub(super) fn least_squares(gram: &Array2<f64>, moments: &Array1<f64>) -> Array1<f64> {
    let factor = lower(gram);
    let largest = gram.diag().iter().fold(0.0_f64, |most, x| most.max(*x));
    let worst = factor
        .diag()
        .iter()
        .fold(f64::INFINITY, |least, x| least.min(x * x));
    if worst > WELL_CONDITIONED * largest {
        return solve_upper(&factor, &solve_lower(&factor, &moments.view()).view());
    }
    if gram.iter().chain(moments).all(|x| x.is_finite()) {
        return pseudo_solution(gram, moments);
    }
    Array1::from_elem(moments.len(), f64::NAN)
}

/// A pivot above this share of the largest entry leaves no doubt about the rank.
const WELL_CONDITIONED: f64 = 1e-8;

/// Eigenvalues below this share of the largest one count as zero.
const RANK_CUT_OFF: f64 = 1e-12;

fn pseudo_solution(gram: &Array2<f64>, moments: &Array1<f64>) -> Array1<f64> {
    let d = moments.len();
    let (values, vectors) = symmetric(gram.clone());
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let mut solution = Array1::zeros(d);
    for k in (0..d).filter(|&k| values[k] > RANK_CUT_OFF * largest) {
        let along: f64 = (0..d).map(|i| vectors[(i, k)] * moments[i]).sum();
        for i in 0..d {
            solution[i] += vectors[(i, k)] * (along / values[k]);
        }
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residual(gram: &Array2<f64>, theta: &Array1<f64>, moments: &Array1<f64>) -> f64 {
        (gram.dot(theta) - moments)
            .iter()
            .fold(0.0, |most, x| most.max(x.abs()))
    }

    #[test]
    fn both_ways_solve_the_normal_equations() {
        let gram = ndarray::arr2(&[[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]]);
        let moments = ndarray::arr1(&[1.0, -2.0, 0.3]);
        let (a, b) = (
            least_squares(&gram, &moments),
            pseudo_solution(&gram, &moments),
        );
        assert!(residual(&gram, &a, &moments) < 1e-14);
        assert!((a - b).iter().all(|x| x.abs() < 1e-14));
    }

    /// Of all solutions of x + y = 2 the shortest is (1, 1).
    #[test]
    fn what_is_not_seen_stays_at_zero() {
        let gram = ndarray::arr2(&[[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]);
        let theta = least_squares(&gram, &ndarray::arr1(&[2.0, 2.0, 0.0]));
        assert!(
            (theta - ndarray::arr1(&[1.0, 1.0, 0.0]))
                .iter()
                .all(|x| x.abs() < 1e-12)
        );
    }
}
