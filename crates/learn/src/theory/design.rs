//! Data sets as theory sees them: by the second moments of their designs.

use faer::Mat;

use super::matrix::from_rows;

/// The inputs of a data set: how many records, and the Gram matrix G = X'X / n of their rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    pub(super) gram: Mat<f64>,
    pub(super) records: f64,
}

/// Real data whose labels are `x' truth` and normal noise.
#[derive(Debug, Clone, PartialEq)]
pub struct RealData {
    /// Its inputs.
    pub design: Design,
    /// Coefficients that its labels are drawn from, length d.
    pub truth: Vec<f64>,
    /// Standard deviation of the noise of a label.
    pub noise: f64,
    /// True if its labels are drawn anew for every training, the same for all who train on it at that time.
    pub fresh: bool,
}

/// What a model publishes every generation: labels that it predicts, with normal noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Its inputs, the same every generation.
    pub design: Design,
    /// Standard deviation of the noise of a label.
    pub noise: f64,
}

impl Design {
    /// Of a matrix X, given row by row; every row has `dimension` numbers. Without rows the Gram matrix is zero.
    pub fn of_rows<R: AsRef<[f64]>>(rows: &[R], dimension: usize) -> Self {
        let x = from_rows(rows, dimension);
        let records = rows.len() as f64;
        Self {
            gram: x.transpose() * &x * faer::Scale(1.0 / records.max(1.0)),
            records,
        }
    }

    /// Of one record, as it were, with this Gram matrix, given row by row.
    pub fn of_gram(gram: &[f64], dimension: usize) -> Self {
        Self {
            gram: Mat::from_fn(dimension, dimension, |i, j| gram[i * dimension + j]),
            records: 1.0,
        }
    }

    /// Of `records` rows whose Gram matrix is `scale` times the identity.
    pub fn isotropic(dimension: usize, scale: f64, records: f64) -> Self {
        Self {
            gram: Mat::<f64>::identity(dimension, dimension) * faer::Scale(scale),
            records,
        }
    }

    /// Number of records.
    pub fn records(&self) -> f64 {
        self.records
    }

    /// Covariance of the statistic X'y / n for labels with this standard deviation: sigma^2 G / n.
    pub(super) fn noise_covariance(&self, sigma: f64) -> Mat<f64> {
        &self.gram * faer::Scale(sigma * sigma / self.records.max(1.0))
    }
}
