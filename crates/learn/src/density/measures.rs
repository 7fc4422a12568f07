//! Measures of a model with a density on the real line.

use super::Density;
use super::quadrature::nodes;
use crate::measure::{Measure, Measured};

/// Measures a model on the line by its moments and its density, and against the truth's, where there is one. Only what is
/// wanted is computed, the density too.
///
/// Entropy, Kullback-Leibler divergence, Hellinger and Wasserstein distance are integrals over a grid, right to nine digits
/// (see the module `quadrature`). A model that has no density, such as one that has collapsed to a point, has none of them.
pub(crate) fn measure(
    (mean, variance): (f64, f64),
    density: impl FnOnce() -> Option<Density>,
    truth: Option<&Density>,
    out: &mut Measured,
) {
    out.measure(Measure::Mean, || mean);
    out.measure(Measure::Variance, || variance);
    out.measure(Measure::StandardDeviation, || libm::sqrt(variance));
    if !out.wants_any(&INTEGRALS) {
        return;
    }
    let Some(model) = density() else { return };
    out.measure(Measure::Entropy, || entropy(&model));
    if let Some(truth) = truth {
        distances(&model, truth, out);
    }
}

/// Measures how far a model is from the truth.
pub(crate) fn distances(model: &Density, truth: &Density, out: &mut Measured) {
    out.measure(Measure::KlDivergence, || kl(model, truth));
    out.measure(Measure::Wasserstein2, || wasserstein(model, truth));
    out.measure(Measure::Hellinger, || hellinger(model, truth));
}

/// What takes an integral.
const INTEGRALS: [Measure; 4] = [
    Measure::Entropy,
    Measure::KlDivergence,
    Measure::Wasserstein2,
    Measure::Hellinger,
];

/// The mean under `model` of `f(x, ln m(x))`.
fn expectation(model: &Density, f: impl Fn(f64, f64) -> f64) -> f64 {
    let terms = nodes(&[model]).into_iter().map(|(x, weight)| {
        let ln = model.ln(x);
        // Where there is nothing, zero times an infinite value counts as zero.
        if ln < LN_NOTHING {
            0.0
        } else {
            weight * libm::exp(ln) * f(x, ln)
        }
    });
    terms.sum()
}

/// The logarithm of a density below which there is nothing.
const LN_NOTHING: f64 = -700.0;

fn entropy(model: &Density) -> f64 {
    -expectation(model, |_, ln| ln)
}

pub(super) fn kl(model: &Density, truth: &Density) -> f64 {
    expectation(model, |x, ln| ln - truth.ln(x)).max(0.0)
}

pub(super) fn hellinger(model: &Density, truth: &Density) -> f64 {
    // Half the squared difference of the roots is 1 - BC, but nothing cancels where the densities are alike.
    let terms = nodes(&[model, truth]).into_iter().map(|(x, weight)| {
        let root = |density: &Density| libm::exp(0.5 * density.ln(x));
        let difference = root(model) - root(truth);
        0.5 * weight * difference * difference
    });
    libm::sqrt(terms.sum::<f64>().min(1.0))
}

/// On the line the best transport keeps the order, T = `F_p^-1(F_m)` (Villani 2003, theorem 2.18): W2^2 is the mean of
/// (T(x) - x)^2 under the model.
pub(super) fn wasserstein(model: &Density, truth: &Density) -> f64 {
    let square = expectation(model, |x, _| {
        let distance = truth.quantile(model.tails(x)) - x;
        distance * distance
    });
    libm::sqrt(square)
}
