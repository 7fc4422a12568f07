//! What could be known if all real data were in one hand.

use faer::{Mat, Scale};

use super::design::RealData;
use super::matrix::{pseudo_inverse, sandwich, trace};

/// Mean squared error of record-weighted least squares on all real data, public and private; nothing without a common truth.
///
/// With N = sum n G the covariance is N^-1 ( sum n sigma^2 G ) N^-1. Where all data together do not determine the
/// coefficients, what they leave open counts as an error of its own: the oracle starts from zero, as everybody does.
pub fn oracle_mean_squared_error(real: &[RealData], reference: &[Vec<f64>]) -> Option<f64> {
    let truth = reference.first()?;
    let mut truths = real.iter().map(|data| &data.truth).chain(reference);
    if !truths.all(|other| other == truth) {
        return None;
    }
    let d = truth.len();
    let (mut information, mut noise) = (Mat::zeros(d, d), Mat::zeros(d, d));
    for data in real {
        let weighted = &data.design.gram * Scale(data.design.records);
        noise += &weighted * Scale(data.noise * data.noise);
        information += weighted;
    }
    let inverse = pseudo_inverse(&information);
    let truth = faer::ColRef::from_slice(truth);
    let bias = &inverse * (&information * truth) - truth;
    Some(trace(sandwich(inverse.as_ref(), noise.as_ref()).as_ref()) + bias.squared_norm_l2())
}
