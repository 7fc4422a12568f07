//! Which inputs records have.

use std::sync::Arc;

use types::random::{Stream, StreamKey};

/// A rule that gives every holder of a data set its inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum LinearDesign {
    /// Standard normal rows, drawn once for each holder: the same in every generation and every replicate.
    Gaussian {
        /// Where they are drawn from.
        key: StreamKey,
        /// Whose: tells designs of one seed apart.
        id: u32,
    },
    /// Standard normal rows, drawn once for each holder and replicate: the same in every generation.
    GaussianPerReplicate {
        /// Where they are drawn from; [`LinearDesign::in_replicate`] gives the key of another replicate.
        key: StreamKey,
        /// Which: designs with one number are one design.
        id: u32,
    },
    /// Standard normal rows, drawn anew for every data set.
    GaussianFresh,
    /// Multiples of unit vectors in turn, sqrt(d) e_1, sqrt(d) e_2, ...: the Gram matrix of full turns is the identity.
    Orthogonal,
    /// Multiples of so many unit vectors in turn, which differ between holders: holder k has the k-th block of directions, and
    /// after the last comes the first again.
    Block(usize),
    /// These rows in turn.
    Rows(Arc<Vec<Vec<f64>>>),
}

/// Something that linear models are tested on: the risk of theta is (theta - truth)' G (theta - truth).
#[derive(Debug, Clone, PartialEq)]
pub struct LinearTask {
    /// What it is called.
    pub name: String,
    /// Its Gram matrix G, row by row, d x d.
    pub gram: Vec<f64>,
    /// Its true coefficients, length d.
    pub truth: Vec<f64>,
}

/// A linear truth: y = x' coefficients + noise.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearTruth {
    /// The true coefficients, length d.
    pub coefficients: Vec<f64>,
    /// Standard deviation of the noise of a label.
    pub noise: f64,
    /// Inputs of its records.
    pub design: LinearDesign,
    /// Records of a data set.
    pub records: usize,
}

impl LinearDesign {
    /// `records` rows of `dimension` inputs for a holder (`None`: everybody), one after the other.
    pub fn rows(
        &self,
        holder: Option<u32>,
        (records, dimension): (usize, usize),
        rng: &mut Stream,
    ) -> Vec<f64> {
        let mut rows = vec![0.0; records * dimension];
        let mut in_turn = |entry: &dyn Fn(usize) -> (usize, f64)| {
            for (record, row) in rows.chunks_exact_mut(dimension).enumerate() {
                let (direction, length) = entry(record);
                row[direction] = length;
            }
        };
        match self {
            Self::Gaussian { key, id } | Self::GaussianPerReplicate { key, id } => {
                // Everybody's rows come first, so no holder shares them.
                let mut own = key.stream(*id, holder.map_or(0, |holder| holder.wrapping_add(1)));
                for x in &mut rows {
                    *x = own.normal();
                }
            }
            Self::GaussianFresh => {
                for x in &mut rows {
                    *x = rng.normal();
                }
            }
            Self::Orthogonal => {
                let length = libm::sqrt(dimension as f64);
                in_turn(&|record| (record % dimension, length));
            }
            Self::Block(directions) => {
                let first = Self::block(*directions, dimension, holder);
                let length = libm::sqrt(*directions as f64);
                in_turn(&|record| (first + record % directions, length));
            }
            Self::Rows(given) => {
                for (record, row) in rows.chunks_exact_mut(dimension).enumerate() {
                    row.copy_from_slice(&given[record % given.len()]);
                }
            }
        }
        rows
    }

    /// The first direction of a holder's block.
    fn block(directions: usize, dimension: usize, holder: Option<u32>) -> usize {
        let blocks = (dimension / directions).max(1);
        holder.map_or(0, |holder| holder as usize % blocks) * directions
    }

    /// True if a data set has the same inputs in every generation and replicate.
    pub fn is_fixed(&self) -> bool {
        !matches!(
            self,
            Self::GaussianFresh | Self::GaussianPerReplicate { .. }
        )
    }

    /// The same design in the replicate that `key` belongs to.
    #[must_use]
    pub fn in_replicate(&self, key: StreamKey) -> Self {
        match self {
            Self::GaussianPerReplicate { id, .. } => Self::GaussianPerReplicate { key, id: *id },
            _ => self.clone(),
        }
    }
}

impl LinearTruth {
    /// A data set of `records` records, each its inputs and its label, one after the other.
    pub fn sample(&self, records: usize, holder: Option<u32>, rng: &mut Stream) -> Vec<f64> {
        let d = self.coefficients.len();
        let rows = self.design.rows(holder, (records, d), rng);
        let mut values = Vec::with_capacity(records * (d + 1));
        for x in rows.chunks_exact(d) {
            values.extend_from_slice(x);
            values.push(label(x, &self.coefficients, self.noise, rng));
        }
        values
    }
}

/// x' theta + noise.
pub(super) fn label<'a>(
    x: &[f64],
    theta: impl IntoIterator<Item = &'a f64>,
    noise: f64,
    rng: &mut Stream,
) -> f64 {
    let mean: f64 = x.iter().zip(theta).map(|(x, theta)| x * theta).sum();
    mean + noise * rng.normal()
}
