//! Eigenvalues of updates, and what they say of the long run.

use faer::{Mat, c64};

use super::system::Retention;

/// The long run of a system, or of some directions of it.
#[derive(Debug, Clone)]
pub(super) struct LongRun {
    /// Eigenvalues of B.
    pub(super) eigenvalues: Vec<c64>,
    /// True if B has others, which are 0.
    pub(super) others: bool,
    /// Factor by which a deviation of the mean changes a generation; nothing where it is slower than any factor.
    pub(super) factor: Option<f64>,
}

impl LongRun {
    pub(super) fn largest_real_part(&self) -> f64 {
        let least = if self.others { 0.0 } else { f64::NEG_INFINITY };
        let parts = self.eigenvalues.iter().map(|z| z.re);
        parts.fold(least, f64::max)
    }

    /// True if deviations of the mean die out.
    pub(super) fn converges(&self) -> bool {
        self.factor.unwrap_or_else(|| self.largest_real_part()) < 1.0 - CLOSE_TO_ONE
    }

    /// Of directions that know nothing of each other.
    pub(super) fn together(parts: &[Self]) -> Self {
        let factors = parts.iter().filter_map(|part| part.factor);
        Self {
            eigenvalues: parts
                .iter()
                .flat_map(|part| part.eigenvalues.clone())
                .collect(),
            others: parts.iter().any(|part| part.others),
            factor: factors.reduce(f64::max),
        }
    }
}

/// Eigenvalues of a general real matrix; none if they could not be found.
pub(super) fn eigenvalues(matrix: &Mat<f64>) -> Option<Vec<c64>> {
    if matrix.nrows() == 0 {
        return Some(Vec::new());
    }
    // The library asserts that what it is given is finite.
    if !matrix.is_all_finite() {
        return None;
    }
    matrix.eigenvalues().ok()
}

/// The largest modulus.
pub(super) fn radius(eigenvalues: &[c64]) -> f64 {
    eigenvalues
        .iter()
        .fold(0.0, |most, z| most.max(libm::hypot(z.re, z.im)))
}

/// The factor by which a deviation changes a generation in the long run, mode by mode, under a retention; nothing for
/// accumulation, which is slower than any factor.
pub(super) fn retained(eigenvalues: &[c64], retention: Retention) -> Option<f64> {
    match retention {
        Retention::Replace => Some(radius(eigenvalues)),
        Retention::Accumulate => None,
        Retention::Discount(gamma) => {
            let damped =
                |z: &c64| c64::new(1.0 - (1.0 - gamma) * (1.0 - z.re), (1.0 - gamma) * z.im);
            let damped: Vec<c64> = eigenvalues.iter().map(damped).collect();
            Some(radius(&damped))
        }
        Retention::Window(width) => {
            let modes = eigenvalues.iter().map(|z| window_radius(*z, width));
            Some(modes.fold(0.0, f64::max))
        }
    }
}

/// Largest modulus of a root of z^w = (lambda / w) (1 + z + ... + z^(w - 1)): eigenvalues of the companion matrix.
fn window_radius(lambda: c64, width: usize) -> f64 {
    let share = c64::new(lambda.re / width as f64, lambda.im / width as f64);
    let companion = Mat::from_fn(width, width, |i, j| {
        if i == 0 {
            share
        } else {
            c64::new(f64::from(u8::from(j + 1 == i)), 0.0)
        }
    });
    companion
        .eigenvalues()
        .map_or(f64::NAN, |roots| radius(&roots))
}

/// A radius this close to 1 counts as 1: rounding cannot tell them apart.
const CLOSE_TO_ONE: f64 = 1e-10;
