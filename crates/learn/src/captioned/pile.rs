//! What fitting needs to know of the images under one caption.

use super::Image;

/// Weight, mean and scatter of some points in the plane. Sums of squares are about the mean, so that nothing cancels
/// (Chan, Golub and LeVeque 1983).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pile {
    /// Weight of the points.
    pub weight: f64,
    mean: [f64; 2],
    /// Sums of squares across, of products, and of squares up.
    scatter: [f64; 3],
}

impl Pile {
    /// One point.
    pub(super) fn of(mean: [f64; 2], weight: f64) -> Self {
        Self {
            weight,
            mean,
            scatter: [0.0; 3],
        }
    }

    /// Adds other points, their weights multiplied by `factor`.
    pub(super) fn add(&mut self, other: &Self, factor: f64) {
        let more = factor * other.weight;
        let total = self.weight + more;
        if more <= 0.0 {
            return;
        }
        let step = [other.mean[0] - self.mean[0], other.mean[1] - self.mean[1]];
        let between = self.weight * more / total;
        let products = [step[0] * step[0], step[0] * step[1], step[1] * step[1]];
        for (axis, product) in products.into_iter().enumerate() {
            self.scatter[axis] += factor * other.scatter[axis] + between * product;
        }
        self.mean[0] += step[0] * more / total;
        self.mean[1] += step[1] * more / total;
        self.weight = total;
    }

    /// The normal distribution of maximum likelihood; a point at the origin if there is nothing.
    pub(super) fn image(&self) -> Image {
        let share = |sum: f64| {
            if self.weight > 0.0 {
                sum / self.weight
            } else {
                0.0
            }
        };
        Image {
            mean: self.mean,
            covariance: self.scatter.map(share),
        }
    }
}
