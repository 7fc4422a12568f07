//! Densities on the real line: what one-dimensional models and truths without closed forms are compared by.

use serde::{Deserialize, Serialize};

use crate::truth::Truth;

mod draw;
mod measures;
mod quadrature;
mod quantile;
mod special;
mod student;
#[cfg(test)]
mod tests;

pub(crate) use measures::{distances, measure};
pub use special::normal_cdf;
use special::normal_tails;
pub use student::StudentT;

/// A density on the real line.
#[derive(Debug, Clone, PartialEq)]
pub enum Density {
    /// A mixture of normal distributions; one of them is a mixture too, and so is a kernel estimate.
    Normals(Vec<Bell>),
    /// Student's t distribution.
    StudentT(StudentT),
}

/// A weighted normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bell {
    /// Its share of the mixture.
    pub weight: f64,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// Half of ln(2 pi).
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;

impl Bell {
    fn standardised(&self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }

    fn ln(&self, x: f64) -> f64 {
        let z = self.standardised(x);
        libm::log(self.weight / self.sd) - HALF_LOG_TAU - 0.5 * z * z
    }
}

impl Density {
    /// One normal distribution.
    pub fn normal(mean: f64, variance: f64) -> Self {
        let sd = libm::sqrt(variance);
        let weight = 1.0;
        Self::Normals(vec![Bell { weight, mean, sd }])
    }

    /// The density of a truth about single numbers; of a sample there is none.
    pub fn of(truth: &Truth) -> Option<Self> {
        match truth {
            Truth::Gaussian { mean, variance } if mean.len() == 1 => {
                Some(Self::normal(mean[0], variance[0]))
            }
            Truth::Line { density } => Some(density.clone()),
            Truth::Gaussian { .. }
            | Truth::Categorical { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Linear { .. }
            | Truth::Tasks { .. }
            | Truth::Sample { .. } => None,
        }
    }

    /// The logarithm of the density at `x`: of the sum over a mixture, taken relative to its largest term, so that it
    /// underflows nowhere.
    pub fn ln(&self, x: f64) -> f64 {
        match self {
            Self::Normals(bells) => {
                let largest = bells
                    .iter()
                    .map(|bell| bell.ln(x))
                    .fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = bells
                    .iter()
                    .map(|bell| libm::exp(bell.ln(x) - largest))
                    .sum();
                largest + libm::log(sum)
            }
            Self::StudentT(student) => student.ln(x),
        }
    }

    /// Probability below and above `x`. Both are given, because either loses its digits where the other is near 1.
    pub fn tails(&self, x: f64) -> (f64, f64) {
        match self {
            Self::Normals(bells) => bells.iter().fold((0.0, 0.0), |(below, above), bell| {
                let tails = normal_tails(bell.standardised(x));
                (below + bell.weight * tails.0, above + bell.weight * tails.1)
            }),
            Self::StudentT(student) => student.tails(x),
        }
    }

    /// Mean and variance; of a mixture sum w m and sum w (s^2 + (m - mean)^2).
    pub fn moments(&self) -> (f64, f64) {
        match self {
            Self::Normals(bells) => {
                let total: f64 = bells.iter().map(|bell| bell.weight).sum();
                let mean = bells.iter().map(|b| b.weight * b.mean).sum::<f64>() / total;
                let square = |b: &Bell| b.sd * b.sd + (b.mean - mean) * (b.mean - mean);
                let variance = bells.iter().map(|b| b.weight * square(b)).sum::<f64>() / total;
                (mean, variance)
            }
            Self::StudentT(student) => (student.location, student.variance()),
        }
    }
}
