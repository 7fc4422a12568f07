//! Kernel density estimates with normal kernels.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::{Cumulative, Stream};

use crate::density::{self, Bell, Density};
use crate::family::{Family, FitError, Order};
use crate::measure::Measured;
use crate::points::{self, Points};
use crate::truth::Truth;

/// How wide kernels are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bandwidth {
    /// This wide, whatever the data.
    Fixed(f64),
    /// The rule of thumb for normal data, h = s (4 / ((d + 2) n))^(1 / (d + 4)) (Silverman 1986, equation 4.14; in one
    /// dimension 1.06 s n^(-1/5), equation 3.28). s^2 is the mean over dimensions of the variance (divided by n), and n the
    /// effective number of points, (sum w)^2 / sum w^2.
    Silverman,
}

/// Kernel density estimates: a round normal kernel of one width on every point of the training set (Rosenblatt 1956; Parzen
/// 1962).
///
/// A fitted model holds its training points, 8 (d + 1) bytes each: memory grows with the training set and, under a regime that
/// keeps everything, with time.
///
/// There is no warm start: a share of an earlier model could be kept only together with all of its points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kde {
    /// Numbers a document.
    pub dimension: usize,
    /// How wide kernels are.
    pub bandwidth: Bandwidth,
    /// True if numbers are published in single precision.
    pub single: bool,
}

/// A fitted kernel density estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    /// The points of the training set.
    pub points: Points,
    /// Standard deviation of the kernel in each dimension.
    pub bandwidth: f64,
}

impl Bandwidth {
    fn of(self, points: &Points) -> f64 {
        match self {
            Self::Fixed(bandwidth) => bandwidth,
            Self::Silverman => {
                let d = points.dimension as f64;
                let variance = points.moments().1.iter().sum::<f64>() / d;
                let count = points.effective_count();
                libm::sqrt(variance) * libm::pow(4.0 / ((d + 2.0) * count), 1.0 / (d + 4.0))
            }
        }
    }
}

impl Kernels {
    /// Mean, and variance with the kernel's, v + h^2, averaged over dimensions.
    fn moments(&self) -> (f64, f64) {
        let d = self.points.dimension as f64;
        let (mean, variance) = self.points.moments();
        let average = |values: &[f64]| values.iter().sum::<f64>() / d;
        let width = self.bandwidth * self.bandwidth;
        (average(&mean), average(&variance) + width)
    }

    /// The density, if there is one on the line.
    fn density(&self) -> Option<Density> {
        if self.points.dimension != 1 || self.bandwidth <= 0.0 {
            return None;
        }
        let total = self.points.total();
        let bell = |(point, weight): (&[f64], f64)| Bell {
            weight: weight / total,
            mean: point[0],
            sd: self.bandwidth,
        };
        let mut bells: Vec<Bell> = self.points.iter().map(bell).collect();
        if bells.len() > BELLS_MAX {
            bells = binned(bells, self.bandwidth / BINS_A_BANDWIDTH);
        }
        Some(Density::Normals(bells))
    }
}

/// More kernels than this are binned before anything is integrated.
const BELLS_MAX: usize = 512;

/// Bins in a bandwidth. A bin is replaced by the normal distribution of its mean and variance, so that only its third moment
/// is lost: relative to the kernel that is of the order of (1/16)^3.
const BINS_A_BANDWIDTH: f64 = 8.0;

/// One normal distribution for all that stand in one bin of this width (binned kernel estimates: Silverman 1982).
fn binned(mut bells: Vec<Bell>, width: f64) -> Vec<Bell> {
    bells.sort_by(|a, b| a.mean.total_cmp(&b.mean));
    let bin = |bell: &Bell| libm::floor(bell.mean / width);
    bells
        .chunk_by(|a, b| bin(a).to_bits() == bin(b).to_bits())
        .map(|bells| {
            let weight = bells.iter().map(|bell| bell.weight).sum();
            let (mean, variance) = Density::Normals(bells.to_vec()).moments();
            Bell {
                weight,
                mean,
                sd: libm::sqrt(variance),
            }
        })
        .collect()
}

impl Family for Kde {
    type Statistic = Points;
    type Fitted = Kernels;
    type Reference = Option<Density>;

    fn kind(&self) -> ContentKind {
        points::kind(self.dimension, self.single)
    }

    fn statistic(&self) -> Points {
        Points::new(self.dimension)
    }

    fn absorb(&self, statistic: &mut Points, content: &Content, range: Range<usize>, weight: f64) {
        statistic.absorb(content, range, weight);
    }

    fn merge(&self, statistic: &mut Points, other: &Points, weight: f64) {
        statistic.merge(other, weight);
    }

    fn fit(
        &self,
        statistic: &Points,
        previous: Option<(&Kernels, f64)>,
    ) -> Result<Kernels, FitError> {
        if previous.is_some_and(|(_, rate)| rate < 1.0) {
            return Err(FitError::ColdOnly);
        }
        statistic.at_least(1)?;
        Ok(Kernels {
            bandwidth: self.bandwidth.of(statistic),
            points: statistic.clone(),
        })
    }

    /// Chooses a point by weight and adds h times a normal vector to it. A temperature multiplies the variance of the kernel:
    /// it spreads or narrows the estimate around its points, which for several kernels is not quite its density to the power
    /// 1 / temperature.
    fn sample(&self, fitted: &Kernels, order: &Order, rng: &mut Stream, out: &mut Content) {
        let Some(choice) = Cumulative::new(fitted.points.weights.iter().copied()) else {
            return;
        };
        let width = fitted.bandwidth * libm::sqrt(order.temperature);
        for _ in 0..order.documents {
            let start = choice.draw(rng) * self.dimension;
            let point = &fitted.points.values[start..start + self.dimension];
            points::write(out, point.iter().map(|x| x + width * rng.normal()));
        }
    }

    fn reference(&self, truth: &Truth) -> Option<Density> {
        Density::of(truth).or_else(|| self.truth(truth)?.density())
    }

    fn evaluate(
        &self,
        fitted: &Kernels,
        reference: &Option<Density>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        density::measure(
            fitted.moments(),
            || fitted.density(),
            reference.as_ref(),
            out,
        );
    }

    fn centre(&self, fitted: &Kernels) -> Option<Vec<f64>> {
        Some(fitted.points.moments().0)
    }

    /// A normal distribution is one kernel, if its dimensions have one variance; a sample is what is fitted to it.
    fn truth(&self, truth: &Truth) -> Option<Kernels> {
        match truth {
            Truth::Gaussian { mean, variance } => {
                let round = variance
                    .iter()
                    .all(|other| other.to_bits() == variance[0].to_bits());
                round.then(|| Kernels {
                    points: Points {
                        dimension: mean.len(),
                        values: mean.clone(),
                        weights: vec![1.0],
                    },
                    bandwidth: libm::sqrt(variance[0]),
                })
            }
            Truth::Sample { content } => {
                let mut statistic = self.statistic();
                statistic.absorb(content, 0..content.len(), 1.0);
                self.fit(&statistic, None).ok()
            }
            Truth::Line { .. }
            | Truth::Categorical { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Linear { .. }
            | Truth::Tasks { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
