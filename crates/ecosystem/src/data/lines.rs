//! Distributions of single numbers that have a density.

use learn::{Bell, Density, StudentT, Truth};

use crate::scenario::schema::Distribution;

/// The truth of a distribution on the line other than a normal one; `None` for every other distribution.
pub(super) fn truth(distribution: &Distribution) -> Option<Truth> {
    let density = match distribution {
        Distribution::StudentT {
            dof,
            location,
            scale,
        } => Density::StudentT(StudentT {
            dof: *dof,
            location: *location,
            scale: *scale,
        }),
        Distribution::Mixture {
            weights,
            means,
            variances,
        } => {
            let total: f64 = weights.iter().sum();
            let moments = means.iter().zip(variances);
            let bell = |(weight, (mean, variance)): (&f64, (&f64, &f64))| Bell {
                weight: weight / total,
                mean: *mean,
                sd: libm::sqrt(*variance),
            };
            let parts = weights.iter().zip(moments).map(bell);
            Density::Normals(parts.filter(|bell| bell.weight > 0.0).collect())
        }
        _ => return None,
    };
    Some(Truth::Line { density })
}
