//! Student's t distribution with location and scale.

use serde::{Deserialize, Serialize};

use super::special::incomplete_beta;

/// Student's t distribution with location and scale (Student 1908).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StudentT {
    /// Degrees of freedom; the variance is finite above 2.
    pub dof: f64,
    /// Where the density is largest.
    pub location: f64,
    /// Spread: the variance is scale^2 dof / (dof - 2).
    pub scale: f64,
}

impl StudentT {
    /// scale^2 dof / (dof - 2); infinite for at most two degrees of freedom.
    pub fn variance(&self) -> f64 {
        if self.dof <= 2.0 {
            return f64::INFINITY;
        }
        self.scale * self.scale * self.dof / (self.dof - 2.0)
    }

    pub(super) fn ln(&self, x: f64) -> f64 {
        let (nu, z) = (self.dof, (x - self.location) / self.scale);
        libm::lgamma(0.5 * (nu + 1.0))
            - libm::lgamma(0.5 * nu)
            - 0.5 * libm::log(nu * std::f64::consts::PI)
            - libm::log(self.scale)
            - 0.5 * (nu + 1.0) * libm::log1p(z * z / nu)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let z = (x - self.location) / self.scale;
        let far = 0.5 * incomplete_beta((0.5 * self.dof, 0.5), self.dof / (self.dof + z * z));
        if z < 0.0 {
            (far, 1.0 - far)
        } else {
            (1.0 - far, far)
        }
    }
}
