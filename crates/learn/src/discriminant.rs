//! Labelled documents: two classes, told apart by where their features lie.

mod group;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind, Numbers};
use types::random::Stream;

pub use self::group::Group;
use crate::density::normal_cdf;
use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::Truth;

/// Linear discriminant analysis with a spherical covariance (Fisher 1936), as a model that both writes labelled documents and
/// labels others'.
///
/// A document is a label, 0 or 1, and `dimension` features. The model is the share of each label, the mean features of each
/// class, and one variance that all features of both classes have, by maximum likelihood. A temperature multiplies the variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Discriminant {
    /// Features a document.
    pub dimension: usize,
}

/// Two classes with normal features of one variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classes {
    /// Share of each label, summing to 1.
    pub shares: [f64; 2],
    /// Mean features of each class.
    pub means: [Vec<f64>; 2],
    /// Variance of every feature within a class.
    pub variance: f64,
}

impl Classes {
    /// Classes of equal size and variance 1, whose means are `separation` from the origin on either side, along the diagonal.
    pub fn around_origin(dimension: usize, separation: f64) -> Self {
        let along = separation / libm::sqrt(dimension as f64);
        Self {
            shares: [0.5; 2],
            means: [vec![-along; dimension], vec![along; dimension]],
            variance: 1.0,
        }
    }

    /// Documents drawn from the classes, number by number.
    pub fn sample(&self, documents: usize, temperature: f64, rng: &mut Stream) -> Vec<f64> {
        let width = self.means[0].len() + 1;
        let deviation = libm::sqrt(self.variance * temperature);
        let mut values = Vec::with_capacity(width * documents);
        for _ in 0..documents {
            let label = usize::from(rng.uniform() >= self.shares[0]);
            values.push(label as f64);
            values.extend(
                self.means[label]
                    .iter()
                    .map(|mean| mean + deviation * rng.normal()),
            );
        }
        values
    }

    /// The share of documents drawn from `truth` to which these classes give the right label, the more probable one.
    ///
    /// The log-odds of label 1 are linear in the features, so that they are normal within each true class.
    pub fn accuracy(&self, truth: &Self) -> f64 {
        let pairs = || self.means[0].iter().zip(&self.means[1]);
        let width = libm::sqrt(pairs().map(|(a, b)| (b - a) * (b - a)).sum());
        let ahead = libm::log(self.shares[1] / self.shares[0]);
        let spread = width * libm::sqrt(truth.variance) / self.variance;
        let right = |label: usize| {
            let features = pairs().zip(&truth.means[label]);
            let along = features.map(|((a, b), x)| (b - a) * (x - 0.5 * (a + b)));
            let odds = along.sum::<f64>() / self.variance + ahead;
            let towards = if label == 1 { odds } else { -odds };
            // Where all documents look alike, the larger class takes them all.
            let z = if spread > 0.0 {
                towards / spread
            } else {
                towards * f64::INFINITY
            };
            if z.is_nan() { 0.5 } else { normal_cdf(z) }
        };
        truth.shares[0] * right(0) + truth.shares[1] * right(1)
    }
}

impl Family for Discriminant {
    type Statistic = [Group; 2];
    type Fitted = Classes;
    type Reference = Option<Classes>;

    fn kind(&self) -> ContentKind {
        ContentKind::F64 {
            dimension: self.dimension as u32 + 1,
        }
    }

    fn statistic(&self) -> [Group; 2] {
        [Group::new(self.dimension), Group::new(self.dimension)]
    }

    fn absorb(&self, groups: &mut [Group; 2], content: &Content, range: Range<usize>, weight: f64) {
        let Content::F64(Numbers { values, .. }) = content else {
            return;
        };
        let width = self.dimension + 1;
        for document in values[width * range.start..width * range.end].chunks_exact(width) {
            groups[usize::from(document[0] > 0.5)].add_point(&document[1..], weight);
        }
    }

    fn merge(&self, groups: &mut [Group; 2], others: &[Group; 2], weight: f64) {
        for (group, other) in groups.iter_mut().zip(others) {
            group.add(other, weight);
        }
    }

    fn fit(
        &self,
        groups: &[Group; 2],
        previous: Option<(&Classes, f64)>,
    ) -> Result<Classes, FitError> {
        if previous.is_some_and(|(_, rate)| rate < 1.0) {
            return Err(FitError::ColdOnly);
        }
        let total = groups[0].weight + groups[1].weight;
        let scatter = groups[0].scatter + groups[1].scatter;
        if groups.iter().any(|group| group.weight <= 0.0) || scatter <= 0.0 {
            return Err(FitError::TooFewDocuments {
                actual: groups.iter().filter(|group| group.weight > 0.0).count(),
                required: 3,
            });
        }
        Ok(Classes {
            shares: groups.each_ref().map(|group| group.weight / total),
            means: groups.each_ref().map(|group| group.mean.clone()),
            variance: scatter / (total * self.dimension as f64),
        })
    }

    fn sample(&self, fitted: &Classes, order: &Order, rng: &mut Stream, out: &mut Content) {
        if let Content::F64(Numbers { values, .. }) = out {
            values.extend(fitted.sample(order.documents, order.temperature, rng));
        }
    }

    fn reference(&self, truth: &Truth) -> Option<Classes> {
        self.truth(truth)
    }

    fn evaluate(
        &self,
        fitted: &Classes,
        reference: &Option<Classes>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        out.measure(Measure::Variance, || fitted.variance);
        if let Some(truth) = reference {
            out.measure(Measure::Accuracy, || fitted.accuracy(truth));
        }
    }

    fn truth(&self, truth: &Truth) -> Option<Classes> {
        match truth {
            Truth::Classes { own } => Some(own.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
