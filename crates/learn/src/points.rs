//! Weighted points: the statistic of families for which nothing smaller is sufficient.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind, Numbers};

use crate::family::FitError;

/// Points in the order in which they were absorbed, each with a weight.
///
/// Nothing is summed up, so memory grows with the documents: 8 (d + 1) bytes for each point of dimension d.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// Numbers a point, at least one.
    pub dimension: usize,
    /// The numbers of all points, point by point.
    pub values: Vec<f64>,
    /// One weight a point.
    pub weights: Vec<f64>,
}

impl Points {
    /// No points of this dimension.
    pub fn new(dimension: usize) -> Self {
        Self {
            dimension,
            values: Vec::new(),
            weights: Vec::new(),
        }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// True if there is no point.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The points in their order, each with its weight.
    pub fn iter(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.values
            .chunks_exact(self.dimension)
            .zip(self.weights.iter().copied())
    }

    /// Adds documents `range` of `content`, each with `weight`; documents of weight zero are left out.
    pub(crate) fn absorb(&mut self, content: &Content, range: Range<usize>, weight: f64) {
        if weight <= 0.0 {
            return;
        }
        let d = self.dimension;
        let (numbers, count) = (range.start * d..range.end * d, range.len());
        match content {
            Content::F32(Numbers { values, .. }) => {
                self.values
                    .extend(values[numbers].iter().map(|&x| f64::from(x)));
            }
            Content::F64(Numbers { values, .. }) => self.values.extend_from_slice(&values[numbers]),
            Content::Symbols { .. } | Content::Text { .. } => return,
        }
        self.weights.extend(std::iter::repeat_n(weight, count));
    }

    /// Adds other points, each weight multiplied by `factor`.
    pub(crate) fn merge(&mut self, other: &Self, factor: f64) {
        if factor <= 0.0 {
            return;
        }
        self.values.extend_from_slice(&other.values);
        self.weights
            .extend(other.weights.iter().map(|weight| factor * weight));
    }

    /// The sum of the weights.
    pub fn total(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// An error if the points are fewer than `required`.
    pub(crate) fn at_least(&self, required: usize) -> Result<(), FitError> {
        let actual = self.len();
        if actual >= required {
            return Ok(());
        }
        Err(FitError::TooFewDocuments { actual, required })
    }

    /// (sum w)^2 / sum w^2: how many points of equal weight are worth as much (Kish 1965).
    pub fn effective_count(&self) -> f64 {
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        self.total() * self.total() / squares
    }

    /// Weighted mean and variance (sum of squares over the sum of weights) of each dimension, in two passes.
    pub fn moments(&self) -> (Vec<f64>, Vec<f64>) {
        let total = self.total();
        let average = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            let mut sums = vec![0.0; self.dimension];
            for (point, weight) in self.iter() {
                for (axis, (sum, &x)) in sums.iter_mut().zip(point).enumerate() {
                    *sum += weight * f(axis, x);
                }
            }
            sums.into_iter().map(|sum| sum / total).collect()
        };
        let mean = average(&|_, x| x);
        let variance = average(&|axis, x| (x - mean[axis]) * (x - mean[axis]));
        (mean, variance)
    }
}

/// The kind of content of points of this dimension.
pub(crate) fn kind(dimension: usize, single: bool) -> ContentKind {
    let dimension = dimension as u32;
    if single {
        ContentKind::F32 { dimension }
    } else {
        ContentKind::F64 { dimension }
    }
}

/// Appends one document of numbers, in the precision of the batch.
pub(crate) fn write(out: &mut Content, values: impl Iterator<Item = f64>) {
    match out {
        Content::F32(numbers) => numbers.values.extend(values.map(|x| x as f32)),
        Content::F64(numbers) => numbers.values.extend(values),
        Content::Symbols { .. } | Content::Text { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_two_is_two_points() {
        let mut twice = Points::new(2);
        let content = Content::F64(Numbers {
            dimension: 2,
            values: vec![9.0, 9.0, 0.0, 1.0, 4.0, 1.0],
        });
        twice.absorb(&content, 1..2, 2.0);
        twice.absorb(&content, 2..3, 2.0);
        twice.absorb(&content, 0..1, 0.0);
        let mut copies = Points::new(2);
        for _ in 0..2 {
            copies.absorb(&content, 1..3, 1.0);
        }
        assert_eq!(twice.moments(), (vec![2.0, 1.0], vec![4.0, 0.0]));
        assert_eq!(twice.moments(), copies.moments());
        assert_eq!(
            (twice.effective_count(), copies.effective_count()),
            (2.0, 4.0)
        );
    }
}
