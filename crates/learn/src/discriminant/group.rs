//! What fitting needs to know of the documents of one class.

/// Weight, mean and scatter of some points. The sum of squares is about the mean, so that nothing cancels (Chan, Golub and
/// LeVeque 1983).
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Weight of the points.
    pub weight: f64,
    pub(super) mean: Vec<f64>,
    /// Sum of squared distances from the mean, over all features.
    pub(super) scatter: f64,
}

impl Group {
    /// No points, of so many features.
    pub(super) fn new(dimension: usize) -> Self {
        Self {
            weight: 0.0,
            mean: vec![0.0; dimension],
            scatter: 0.0,
        }
    }

    /// Adds one point.
    pub(super) fn add_point(&mut self, features: &[f64], weight: f64) {
        self.join((features, weight), 0.0);
    }

    /// Adds other points, their weights multiplied by `factor`.
    pub(super) fn add(&mut self, other: &Self, factor: f64) {
        self.join((&other.mean, factor * other.weight), factor * other.scatter);
    }

    fn join(&mut self, (mean, weight): (&[f64], f64), scatter: f64) {
        let total = self.weight + weight;
        if weight <= 0.0 {
            return;
        }
        let mut squares = 0.0;
        for (own, other) in self.mean.iter_mut().zip(mean) {
            let step = other - *own;
            squares += step * step;
            *own += step * weight / total;
        }
        self.scatter += scatter + squares * self.weight * weight / total;
        self.weight = total;
    }
}
