//! Mixtures of normal distributions, fitted by expectation maximisation.

use std::ops::Range;

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::{Cumulative, Stream};

use crate::cholesky::lower;
use crate::density::{self, Bell, Density};
use crate::family::{Family, FitError, Order};
use crate::measure::Measured;
use crate::points::{self, Points};
use crate::truth::Truth;

mod em;
mod start;
#[cfg(test)]
mod tests;

/// What shape components may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covariance {
    /// Any.
    Full,
    /// Independent dimensions.
    Diagonal,
}

/// Mixtures of normal distributions, fitted by expectation maximisation (Dempster, Laird and Rubin 1977).
///
/// A fit from nothing begins at the centres of k-means++ (Arthur and Vassilvitskii 2007), drawn from a stream of constants: the
/// same points in the same order give the same bits. It ends when a round gains less than 1e-9 nats a document, or after
/// [`iterations_max`](Self::iterations_max) rounds.
///
/// A warm start begins at the previous components, and the new mean parameters of each (weight, first and second moments) are
/// mixed with its old ones: one step of online expectation maximisation with a batch for the new part (Cappé and Moulines
/// 2009). With a rate of 1 it is a fit that begins there.
///
/// *Collapse of a component.* Its likelihood has no bound as it closes in on one point, so no eigenvalue of a covariance falls
/// below [`variance_floor`](Self::variance_floor) times the mean variance of the data; rounds maximise under this bound, so that
/// the likelihood still never falls. A component of which less than 1e-12 of the documents is left is dropped, and does not
/// come back at a warm start. Where there are fewer distinct points than components, there are as many components as points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gmm {
    /// Numbers a document.
    pub dimension: usize,
    /// Components, at most.
    pub components: usize,
    /// What shape they may have.
    pub covariance: Covariance,
    /// Least eigenvalue of a covariance, relative to the variance of the data.
    pub variance_floor: f64,
    /// Rounds of a fit, at most.
    pub iterations_max: usize,
    /// True if numbers are published in single precision.
    pub single: bool,
}

/// A component of a mixture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Its share of the mixture.
    pub weight: f64,
    /// Mean, length d.
    pub mean: Array1<f64>,
    /// Covariance, d x d.
    pub covariance: Array2<f64>,
}

/// A fitted mixture: components whose weights sum to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// In the order in which their centres were found.
    pub parts: Vec<Component>,
}

impl Components {
    /// Mean of the mixture, dimension by dimension.
    fn mean(&self) -> Array1<f64> {
        let d = self.parts.first().map_or(1, |part| part.mean.len());
        let mut mean = Array1::zeros(d);
        for part in &self.parts {
            mean.scaled_add(part.weight, &part.mean);
        }
        mean
    }

    /// Mean and variance of the mixture, averaged over dimensions.
    fn moments(&self) -> (f64, f64) {
        let mean = self.mean();
        let d = mean.len() as f64;
        let spread = |part: &Component| {
            let axis = |(mean, (own, variance)): (&f64, (&f64, &f64))| {
                variance + (own - mean) * (own - mean)
            };
            let own = part.mean.iter().zip(part.covariance.diag());
            part.weight * mean.iter().zip(own).map(axis).sum::<f64>()
        };
        let variance = self.parts.iter().map(spread).sum::<f64>() / d;
        (mean.iter().sum::<f64>() / d, variance)
    }

    /// The density, if it is one on the line.
    fn density(&self) -> Option<Density> {
        let bell = |part: &Component| {
            let (mean, variance) = (part.mean[0], part.covariance[(0, 0)]);
            let line = part.mean.len() == 1 && variance > 0.0;
            line.then(|| Bell {
                weight: part.weight,
                mean,
                sd: libm::sqrt(variance),
            })
        };
        let bells: Option<Vec<Bell>> = self.parts.iter().map(bell).collect();
        bells.map(Density::Normals)
    }
}

impl Family for Gmm {
    type Statistic = Points;
    type Fitted = Components;
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
        previous: Option<(&Components, f64)>,
    ) -> Result<Components, FitError> {
        statistic.at_least(1)?;
        let em = em::Em::new(self, statistic);
        let parts = match previous {
            None => em.run(start::centres(statistic, self.components, em.floor)),
            Some((old, rate)) => em::mixed(&old.parts, em.run(old.parts.clone()), rate),
        };
        let parts: Vec<_> = parts.into_iter().filter(|part| part.weight > 0.0).collect();
        Ok(Components { parts })
    }

    /// Chooses a component by weight and draws from it. A temperature multiplies its covariance: for several components that
    /// is not quite the density to the power 1 / temperature.
    fn sample(&self, fitted: &Components, order: &Order, rng: &mut Stream, out: &mut Content) {
        let parts = &fitted.parts;
        let Some(choice) = Cumulative::new(parts.iter().map(|part| part.weight)) else {
            return;
        };
        let factor = |part: &Component| lower(&(&part.covariance * order.temperature));
        let factors: Vec<Array2<f64>> = parts.iter().map(factor).collect();
        let mut z = vec![0.0; self.dimension];
        for _ in 0..order.documents {
            let number = choice.draw(rng);
            z.fill_with(|| rng.normal());
            let axis = |(mean, row): (&f64, ndarray::ArrayView1<'_, f64>)| {
                mean + row.iter().zip(&z).map(|(a, b)| a * b).sum::<f64>()
            };
            let rows = factors[number].rows();
            points::write(out, parts[number].mean.iter().zip(rows).map(axis));
        }
    }

    fn reference(&self, truth: &Truth) -> Option<Density> {
        Density::of(truth).or_else(|| self.truth(truth)?.density())
    }

    fn evaluate(
        &self,
        fitted: &Components,
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

    fn centre(&self, fitted: &Components) -> Option<Vec<f64>> {
        Some(fitted.mean().to_vec())
    }

    /// A normal distribution is one component, a mixture is itself, and a sample is what is fitted to it.
    fn truth(&self, truth: &Truth) -> Option<Components> {
        let parts = match truth {
            Truth::Gaussian { mean, variance } => vec![Component {
                weight: 1.0,
                mean: Array1::from(mean.clone()),
                covariance: Array2::from_diag(&Array1::from(variance.clone())),
            }],
            Truth::Line {
                density: Density::Normals(bells),
            } => bells.iter().map(Component::of).collect(),
            Truth::Sample { content } => {
                let mut statistic = self.statistic();
                statistic.absorb(content, 0..content.len(), 1.0);
                return self.fit(&statistic, None).ok();
            }
            Truth::Line { .. }
            | Truth::Categorical { .. }
            | Truth::Captioned { .. }
            | Truth::Classes { .. }
            | Truth::Templates { .. }
            | Truth::Markov { .. }
            | Truth::Linear { .. }
            | Truth::Tasks { .. } => return None,
        };
        Some(Components { parts })
    }
}

impl Component {
    fn of(bell: &Bell) -> Self {
        Self {
            weight: bell.weight,
            mean: Array1::from(vec![bell.mean]),
            covariance: Array2::from_elem((1, 1), bell.sd * bell.sd),
        }
    }
}
