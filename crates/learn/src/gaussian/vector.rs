//! The normal distribution in several dimensions.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::Stream;

use super::Estimator;
use crate::cholesky::{log_determinant, lower, solve_lower};
use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::Truth;

/// Normal distributions in `dimension` dimensions with a full covariance matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaussianVector {
    /// Numbers a document.
    pub dimension: usize,
    /// How covariances are estimated.
    pub estimator: Estimator,
    /// True if numbers are published in single precision.
    pub single: bool,
}

/// Weighted count, mean and scatter matrix of vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorStatistic {
    documents: usize,
    weight: f64,
    weight_squares: f64,
    mean: Array1<f64>,
    scatter: Array2<f64>,
}

/// A fitted normal distribution: mean (d) and covariance (d x d).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VectorFit {
    /// Mean, length d.
    pub mean: Array1<f64>,
    /// Covariance, d x d, positive semidefinite.
    pub covariance: Array2<f64>,
}

/// The true distribution with the Cholesky factor of its covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorReference {
    fit: VectorFit,
    factor: Array2<f64>,
}

impl VectorStatistic {
    fn add_vector(&mut self, x: &ArrayView1<'_, f64>, weight: f64) {
        let total = self.weight + weight;
        let delta = x - &self.mean;
        self.mean.scaled_add(weight / total, &delta);
        outer(&mut self.scatter, &delta, weight * self.weight / total);
        self.weight = total;
        self.weight_squares += weight * weight;
        self.documents += 1;
    }

    fn add(&mut self, other: &Self, factor: f64) {
        let weight = other.weight * factor;
        if weight <= 0.0 {
            return;
        }
        let total = self.weight + weight;
        let delta = &other.mean - &self.mean;
        self.scatter.scaled_add(factor, &other.scatter);
        outer(&mut self.scatter, &delta, self.weight * weight / total);
        self.mean.scaled_add(weight / total, &delta);
        self.weight = total;
        self.weight_squares += other.weight_squares * factor * factor;
        self.documents += other.documents;
    }
}

/// Adds `weight * v v'` to `matrix`.
fn outer(matrix: &mut Array2<f64>, v: &Array1<f64>, weight: f64) {
    for ((i, j), entry) in matrix.indexed_iter_mut() {
        *entry += weight * v[i] * v[j];
    }
}

fn visit(content: &Content, range: Range<usize>, mut each: impl FnMut(&ArrayView1<'_, f64>)) {
    let mut buffer = Vec::new();
    for index in range {
        buffer.clear();
        match content {
            Content::F32(numbers) => {
                let d = numbers.dimension as usize;
                buffer.extend(
                    numbers.values[index * d..(index + 1) * d]
                        .iter()
                        .map(|&x| f64::from(x)),
                );
            }
            Content::F64(numbers) => {
                let d = numbers.dimension as usize;
                buffer.extend_from_slice(&numbers.values[index * d..(index + 1) * d]);
            }
            Content::Symbols { .. } | Content::Text { .. } => return,
        }
        each(&ArrayView1::from(&buffer));
    }
}

impl Family for GaussianVector {
    type Statistic = VectorStatistic;
    type Fitted = VectorFit;
    type Reference = Option<VectorReference>;

    fn kind(&self) -> ContentKind {
        let dimension = self.dimension as u32;
        if self.single {
            ContentKind::F32 { dimension }
        } else {
            ContentKind::F64 { dimension }
        }
    }

    fn statistic(&self) -> VectorStatistic {
        let d = self.dimension;
        VectorStatistic {
            documents: 0,
            weight: 0.0,
            weight_squares: 0.0,
            mean: Array1::zeros(d),
            scatter: Array2::zeros((d, d)),
        }
    }

    fn absorb(
        &self,
        statistic: &mut VectorStatistic,
        content: &Content,
        range: Range<usize>,
        weight: f64,
    ) {
        visit(content, range, |x| statistic.add_vector(x, weight));
    }

    fn merge(&self, statistic: &mut VectorStatistic, other: &VectorStatistic, weight: f64) {
        statistic.add(other, weight);
    }

    fn fit(
        &self,
        s: &VectorStatistic,
        previous: Option<(&VectorFit, f64)>,
    ) -> Result<VectorFit, FitError> {
        let (required, denominator) = match self.estimator {
            Estimator::Mle => (1, s.weight),
            Estimator::Unbiased => (2, s.weight - s.weight_squares / s.weight),
        };
        if s.documents < required || denominator <= 0.0 {
            return Err(FitError::TooFewDocuments {
                actual: s.documents,
                required,
            });
        }
        let new = VectorFit {
            mean: s.mean.clone(),
            covariance: &s.scatter / denominator,
        };
        Ok(previous.map_or_else(|| new.clone(), |(old, rate)| mix(old, &new, rate)))
    }

    fn sample(&self, fitted: &VectorFit, order: &Order, rng: &mut Stream, out: &mut Content) {
        let factor = lower(&(&fitted.covariance * order.temperature));
        for _ in 0..order.documents {
            let z: Array1<f64> = (0..self.dimension).map(|_| rng.normal()).collect();
            let x = &fitted.mean + &product(&factor, &z);
            match out {
                Content::F32(numbers) => numbers.values.extend(x.iter().map(|&x| x as f32)),
                Content::F64(numbers) => numbers.values.extend(x.iter()),
                Content::Symbols { .. } | Content::Text { .. } => {}
            }
        }
    }

    fn reference(&self, truth: &Truth) -> Option<VectorReference> {
        let fit = self.truth(truth)?;
        Some(VectorReference {
            factor: lower(&fit.covariance),
            fit,
        })
    }

    fn evaluate(
        &self,
        fitted: &VectorFit,
        reference: &Option<VectorReference>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        let d = self.dimension as f64;
        let variance = fitted.covariance.diag().iter().sum::<f64>() / d;
        out.measure(Measure::Mean, || fitted.mean.iter().sum::<f64>() / d);
        out.measure(Measure::Variance, || variance);
        out.measure(Measure::StandardDeviation, || libm::sqrt(variance));
        if !out.wants_any(&[Measure::Entropy, Measure::KlDivergence, Measure::Hellinger]) {
            return;
        }
        let log_det = log_determinant(&lower(&fitted.covariance));
        out.measure(Measure::Entropy, || {
            0.5 * (d * (1.0 + libm::log(std::f64::consts::TAU)) + log_det)
        });
        if let Some(truth) = reference {
            out.measure(Measure::KlDivergence, || kl(fitted, truth, log_det));
            out.measure(Measure::Hellinger, || hellinger(fitted, truth, log_det));
        }
    }

    fn centre(&self, fitted: &VectorFit) -> Option<Vec<f64>> {
        Some(fitted.mean.to_vec())
    }

    fn truth(&self, truth: &Truth) -> Option<VectorFit> {
        match truth {
            Truth::Gaussian { mean, variance } => Some(VectorFit {
                mean: Array1::from(mean.clone()),
                covariance: Array2::from_diag(&Array1::from(variance.clone())),
            }),
            Truth::Sample { content } => {
                let mut statistic = self.statistic();
                self.absorb(&mut statistic, content, 0..content.len(), 1.0);
                Self {
                    estimator: Estimator::Mle,
                    ..*self
                }
                .fit(&statistic, None)
                .ok()
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

/// Row by row in order, so that the bits do not depend on a library's blocking.
fn product(matrix: &Array2<f64>, v: &Array1<f64>) -> Array1<f64> {
    matrix
        .rows()
        .into_iter()
        .map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
        .collect()
}

fn mix(old: &VectorFit, new: &VectorFit, rate: f64) -> VectorFit {
    let delta = &new.mean - &old.mean;
    let mut covariance = &old.covariance * (1.0 - rate) + &new.covariance * rate;
    outer(&mut covariance, &delta, rate * (1.0 - rate));
    VectorFit {
        mean: &old.mean + &(&delta * rate),
        covariance,
    }
}

/// KL(m || p) = (tr(P^-1 M) + (mu_p - mu_m)' P^-1 (mu_p - mu_m) - d + ln |P| - ln |M|) / 2.
fn kl(m: &VectorFit, p: &VectorReference, log_det_m: f64) -> f64 {
    let d = m.mean.len();
    let trace: f64 = squared_solution(&p.factor, &lower(&m.covariance));
    let delta = (&p.fit.mean - &m.mean).insert_axis(ndarray::Axis(1));
    let distance = squared_solution(&p.factor, &delta);
    0.5 * (trace + distance - d as f64 + log_determinant(&p.factor) - log_det_m)
}

/// The sum of squares of L^-1 B.
fn squared_solution(factor: &Array2<f64>, b: &Array2<f64>) -> f64 {
    b.columns()
        .into_iter()
        .map(|column| {
            solve_lower(factor, &column)
                .iter()
                .map(|x| x * x)
                .sum::<f64>()
        })
        .sum()
}

/// sqrt(1 - BC) with ln BC = (ln|M| + ln|P|) / 4 - ln|S| / 2 - (mu_m - mu_p)' S^-1 (mu_m - mu_p) / 8, S = (M + P) / 2.
fn hellinger(m: &VectorFit, p: &VectorReference, log_det_m: f64) -> f64 {
    let factor = lower(&((&m.covariance + &p.fit.covariance) * 0.5));
    let delta = (&p.fit.mean - &m.mean).insert_axis(ndarray::Axis(1));
    let log_overlap = 0.25 * (log_det_m + log_determinant(&p.factor))
        - 0.5 * log_determinant(&factor)
        - 0.125 * squared_solution(&factor, &delta);
    libm::sqrt((1.0 - libm::exp(log_overlap)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::random::{Purpose, Seed};

    const PLANE: GaussianVector = GaussianVector {
        dimension: 2,
        estimator: Estimator::Mle,
        single: false,
    };

    fn correlated() -> VectorFit {
        VectorFit {
            mean: ndarray::arr1(&[1.0, -2.0]),
            covariance: ndarray::arr2(&[[4.0, 1.5], [1.5, 1.0]]),
        }
    }

    /// Entries of a covariance of n draws have standard errors below sqrt(2 s_ii s_jj / n); the bound is five of the largest.
    #[test]
    fn sampling_and_fitting_are_inverse() {
        let mut rng = Seed(8).key(0, Purpose::Sample).stream(0, 0);
        let mut content = Content::empty(PLANE.kind());
        PLANE.sample(
            &correlated(),
            &Order {
                documents: 40_000,
                ..Order::default()
            },
            &mut rng,
            &mut content,
        );
        let mut statistic = PLANE.statistic();
        PLANE.absorb(&mut statistic, &content, 0..content.len(), 1.0);
        let fitted = PLANE.fit(&statistic, None).unwrap();
        let bound = 5.0 * 4.0 * (2.0 / 4e4_f64).sqrt();
        assert!(
            (&fitted.mean - &correlated().mean)
                .iter()
                .all(|x| x.abs() < bound)
        );
        assert!(
            (&fitted.covariance - &correlated().covariance)
                .iter()
                .all(|x| x.abs() < bound)
        );
    }

    #[test]
    fn merged_halves_equal_the_whole() {
        let mut rng = Seed(9).key(0, Purpose::Sample).stream(0, 0);
        let mut content = Content::empty(PLANE.kind());
        PLANE.sample(
            &correlated(),
            &Order {
                documents: 9,
                ..Order::default()
            },
            &mut rng,
            &mut content,
        );
        let of = |range: Range<usize>| {
            let mut statistic = PLANE.statistic();
            PLANE.absorb(&mut statistic, &content, range, 1.0);
            statistic
        };
        let mut halves = of(0..4);
        PLANE.merge(&mut halves, &of(4..9), 1.0);
        let (a, b) = (
            PLANE.fit(&halves, None).unwrap(),
            PLANE.fit(&of(0..9), None).unwrap(),
        );
        assert!(
            (&a.covariance - &b.covariance)
                .iter()
                .all(|x| x.abs() < 1e-12)
        );
    }

    #[test]
    fn distances_vanish_at_the_truth() {
        let truth = Truth::Gaussian {
            mean: vec![0.0, 1.0],
            variance: vec![2.0, 3.0],
        };
        let (reference, at) = (PLANE.reference(&truth), PLANE.truth(&truth).unwrap());
        let wanted = [Measure::KlDivergence, Measure::Hellinger]
            .into_iter()
            .collect();
        let mut rng = Seed(1).key(0, Purpose::Observe).stream(0, 0);
        let mut out = Measured::new(wanted);
        PLANE.evaluate(&at, &reference, &mut rng, &mut out);
        assert!(
            out.values.iter().all(|value| value.2.abs() < 1e-7),
            "{out:?}"
        );
    }
}
