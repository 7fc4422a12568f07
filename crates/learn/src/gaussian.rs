//! The normal distribution in one dimension.
//!
//! Published numbers may be in single or double precision; statistics and fits are always in double.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::Stream;

use crate::density::{self, Density};
use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::Truth;

mod vector;

pub use vector::{GaussianVector, VectorFit, VectorReference, VectorStatistic};

/// How a variance is estimated from n documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimator {
    /// Maximum likelihood: the sum of squares over n.
    Mle,
    /// The sum of squares over n - 1; with weights w, over W - sum w^2 / W, where W = sum w.
    Unbiased,
}

/// Normal distributions in one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gaussian {
    /// How the variance is estimated.
    pub estimator: Estimator,
    /// True if numbers are published in single precision.
    pub single: bool,
}

/// Weighted count, mean and sum of squared deviations of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    documents: usize,
    weight: f64,
    weight_squares: f64,
    mean: f64,
    squares: f64,
}

/// A normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Normal {
    /// Mean.
    pub mean: f64,
    /// Variance, zero for a point mass.
    pub variance: f64,
}

/// What normal distributions are compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum NormalReference {
    /// Another one: distances have closed forms.
    Normal(Normal),
    /// Another density: distances are integrals.
    Line(Density),
}

impl Moments {
    /// Adds another set (Chan, Golub and LeVeque 1983).
    fn add(&mut self, other: &Self) {
        if other.weight <= 0.0 {
            return;
        }
        let (weight, delta) = (self.weight + other.weight, other.mean - self.mean);
        self.squares += other.squares + delta * delta * self.weight * other.weight / weight;
        self.mean += delta * other.weight / weight;
        self.weight = weight;
        self.weight_squares += other.weight_squares;
        self.documents += other.documents;
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            weight: self.weight * factor,
            weight_squares: self.weight_squares * factor * factor,
            squares: self.squares * factor,
            ..self
        }
    }

    /// Of numbers with one weight.
    #[inline]
    fn of<T: Copy + Into<f64>>(values: &[T], weight: f64) -> Self {
        let n = values.len() as f64;
        let (mean, squares) = pulp::Arch::new().dispatch(TwoPasses(values));
        Self {
            documents: values.len(),
            weight: n * weight,
            weight_squares: n * weight * weight,
            mean,
            squares: squares * weight,
        }
    }

    fn normal(&self, estimator: Estimator) -> Result<Normal, FitError> {
        let (required, denominator) = match estimator {
            Estimator::Mle => (1, self.weight),
            Estimator::Unbiased => (2, self.weight - self.weight_squares / self.weight),
        };
        if self.documents < required || denominator <= 0.0 {
            return Err(FitError::TooFewDocuments {
                actual: self.documents,
                required,
            });
        }
        Ok(Normal {
            mean: self.mean,
            variance: self.squares / denominator,
        })
    }
}

/// Mean and sum of squared deviations in two passes: deviations are taken from the mean, so nothing
/// cancels. A task that `pulp` compiles for every vector width; the order of additions is the same.
struct TwoPasses<'a, T>(&'a [T]);

impl<T: Copy + Into<f64>> pulp::NullaryFnOnce for TwoPasses<'_, T> {
    type Output = (f64, f64);

    #[inline(always)]
    fn call(self) -> (f64, f64) {
        let mean = sum(self.0, |x| x) / self.0.len() as f64;
        (mean, sum(self.0, |x| (x - mean) * (x - mean)))
    }
}

/// Partial sums side by side: enough that additions do not wait for one another.
const LANES: usize = 16;

/// The sum of `f` over `values`, in interleaved partial sums: an order that is fixed and that vectors
/// can follow.
#[inline(always)]
fn sum<T: Copy + Into<f64>>(values: &[T], f: impl Fn(f64) -> f64) -> f64 {
    let mut partial = [0.0; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for block in blocks {
        for (sum, &x) in partial.iter_mut().zip(block) {
            *sum += f(x.into());
        }
    }
    let tail: f64 = rest.iter().map(|&x| f(x.into())).sum();
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            partial[lane] += partial[lane + width];
        }
    }
    partial[0] + tail
}

impl Family for Gaussian {
    type Statistic = Moments;
    type Fitted = Normal;
    type Reference = Option<NormalReference>;

    fn kind(&self) -> ContentKind {
        if self.single {
            ContentKind::F32 { dimension: 1 }
        } else {
            ContentKind::F64 { dimension: 1 }
        }
    }

    fn statistic(&self) -> Moments {
        Moments::default()
    }

    #[inline]
    fn absorb(&self, statistic: &mut Moments, content: &Content, range: Range<usize>, weight: f64) {
        if range.is_empty() {
            return;
        }
        match content {
            Content::F32(numbers) => statistic.add(&Moments::of(&numbers.values[range], weight)),
            Content::F64(numbers) => statistic.add(&Moments::of(&numbers.values[range], weight)),
            Content::Symbols { .. } | Content::Text { .. } => {}
        }
    }

    fn merge(&self, statistic: &mut Moments, other: &Moments, weight: f64) {
        statistic.add(&other.scaled(weight));
    }

    #[inline]
    fn fit(
        &self,
        statistic: &Moments,
        previous: Option<(&Normal, f64)>,
    ) -> Result<Normal, FitError> {
        let new = statistic.normal(self.estimator)?;
        Ok(previous.map_or(new, |(old, rate)| mix(*old, new, rate)))
    }

    #[inline]
    fn sample(&self, fitted: &Normal, order: &Order, rng: &mut Stream, out: &mut Content) {
        // p^(1/tau) of a normal density is normal with tau times the variance.
        let sd = libm::sqrt(fitted.variance * order.temperature);
        match out {
            Content::F32(numbers) => {
                rng.extend_normal_f32(
                    (fitted.mean as f32, sd as f32),
                    order.documents,
                    &mut numbers.values,
                );
            }
            Content::F64(numbers) => {
                numbers
                    .values
                    .extend((0..order.documents).map(|_| fitted.mean + sd * rng.normal()));
            }
            Content::Symbols { .. } | Content::Text { .. } => {}
        }
    }

    fn reference(&self, truth: &Truth) -> Option<NormalReference> {
        let closed = self.truth(truth).map(NormalReference::Normal);
        closed.or_else(|| Density::of(truth).map(NormalReference::Line))
    }

    fn evaluate(
        &self,
        fitted: &Normal,
        reference: &Option<NormalReference>,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        let sd = libm::sqrt(fitted.variance);
        out.measure(Measure::Mean, || fitted.mean);
        out.measure(Measure::Variance, || fitted.variance);
        out.measure(Measure::StandardDeviation, || sd);
        out.measure(Measure::Entropy, || {
            0.5 * libm::log(std::f64::consts::TAU * fitted.variance) + 0.5
        });
        match reference {
            Some(NormalReference::Normal(truth)) => {
                out.measure(Measure::KlDivergence, || kl(fitted, truth));
                out.measure(Measure::Wasserstein2, || {
                    libm::hypot(fitted.mean - truth.mean, sd - libm::sqrt(truth.variance))
                });
                out.measure(Measure::Hellinger, || hellinger(fitted, truth));
            }
            Some(NormalReference::Line(truth)) if sd > 0.0 => {
                density::distances(&Density::normal(fitted.mean, fitted.variance), truth, out);
            }
            Some(NormalReference::Line(_)) | None => {}
        }
    }

    fn centre(&self, fitted: &Normal) -> Option<Vec<f64>> {
        Some(vec![fitted.mean])
    }

    fn truth(&self, truth: &Truth) -> Option<Normal> {
        match truth {
            Truth::Gaussian { mean, variance } => Some(Normal {
                mean: *mean.first()?,
                variance: *variance.first()?,
            }),
            Truth::Sample { content } => {
                let mut moments = Moments::default();
                self.absorb(&mut moments, content, 0..content.len(), 1.0);
                moments.normal(Estimator::Mle).ok()
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

/// The normal distribution with the mixture's mean and variance.
fn mix(old: Normal, new: Normal, rate: f64) -> Normal {
    let delta = new.mean - old.mean;
    Normal {
        mean: old.mean + rate * delta,
        variance: (1.0 - rate) * old.variance
            + rate * new.variance
            + rate * (1.0 - rate) * delta * delta,
    }
}

/// KL(m || p) = ln(s_p / s_m) + (s_m^2 + (mu_m - mu_p)^2) / (2 s_p^2) - 1/2.
fn kl(m: &Normal, p: &Normal) -> f64 {
    let delta = m.mean - p.mean;
    0.5 * (libm::log(p.variance / m.variance) + (m.variance + delta * delta) / p.variance - 1.0)
}

/// sqrt(1 - BC), BC = sqrt(2 s_m s_p / (s_m^2 + s_p^2)) exp(-(mu_m - mu_p)^2 / (4 (s_m^2 + s_p^2))).
fn hellinger(m: &Normal, p: &Normal) -> f64 {
    let (total, delta) = (m.variance + p.variance, m.mean - p.mean);
    let overlap = libm::sqrt(2.0 * libm::sqrt(m.variance * p.variance) / total);
    libm::sqrt((1.0 - overlap * libm::exp(-delta * delta / (4.0 * total))).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::content::Numbers;
    use types::random::{Purpose, Seed};

    const MLE: Gaussian = Gaussian {
        estimator: Estimator::Mle,
        single: false,
    };
    const UNBIASED: Gaussian = Gaussian {
        estimator: Estimator::Unbiased,
        single: false,
    };

    fn numbers(values: &[f64]) -> Content {
        Content::F64(Numbers {
            dimension: 1,
            values: values.to_vec(),
        })
    }

    fn fit(family: Gaussian, parts: &[(&[f64], f64)]) -> Result<Normal, FitError> {
        let mut statistic = family.statistic();
        for (values, weight) in parts {
            family.absorb(&mut statistic, &numbers(values), 0..values.len(), *weight);
        }
        family.fit(&statistic, None)
    }

    #[test]
    fn both_estimators_divide_as_they_say() {
        let values: &[f64] = &[1.0, 2.0, 3.0, 4.0, 10.0];
        assert_eq!(
            fit(MLE, &[(values, 1.0)]),
            Ok(Normal {
                mean: 4.0,
                variance: 10.0
            })
        );
        assert_eq!(
            fit(UNBIASED, &[(values, 1.0)]),
            Ok(Normal {
                mean: 4.0,
                variance: 12.5
            })
        );
        assert!(fit(UNBIASED, &[(&[1.0], 1.0)]).is_err());
        assert!(fit(MLE, &[]).is_err());
    }

    #[test]
    fn a_weight_of_two_is_two_documents_to_maximum_likelihood() {
        let twice = fit(MLE, &[(&[1.0, 5.0], 2.0), (&[9.0], 1.0)]).unwrap();
        let copies = fit(MLE, &[(&[1.0, 5.0, 1.0, 5.0, 9.0], 1.0)]).unwrap();
        assert!(
            (twice.mean - copies.mean).abs() < 1e-12
                && (twice.variance - copies.variance).abs() < 1e-12
        );
    }

    #[test]
    fn merging_equals_absorbing() {
        let (a, b): (&[f64], &[f64]) = (&[1e6, 1e6 + 1.0], &[1e6 + 2.0, 1e6 + 7.0, 1e6 - 4.0]);
        let mut merged = MLE.statistic();
        for part in [a, b] {
            let mut statistic = MLE.statistic();
            MLE.absorb(&mut statistic, &numbers(part), 0..part.len(), 1.0);
            MLE.merge(&mut merged, &statistic, 3.0);
        }
        let once = fit(MLE, &[(a, 1.0), (b, 1.0)]).unwrap();
        let merged = MLE.fit(&merged, None).unwrap();
        assert!(
            (merged.mean - once.mean).abs() < 1e-9
                && (merged.variance - once.variance).abs() < 1e-6
        );
    }

    #[test]
    fn a_warm_start_moves_part_of_the_way() {
        let old = Normal {
            mean: 0.0,
            variance: 1.0,
        };
        let mut statistic = MLE.statistic();
        MLE.absorb(&mut statistic, &numbers(&[4.0, 4.0]), 0..2, 1.0);
        let new = MLE.fit(&statistic, Some((&old, 0.25))).unwrap();
        assert_eq!(
            new,
            Normal {
                mean: 1.0,
                variance: 0.75 + 0.1875 * 16.0
            }
        );
        assert_eq!(MLE.fit(&statistic, Some((&old, 1.0))).unwrap().mean, 4.0);
    }

    #[test]
    fn distances_vanish_at_the_truth_only() {
        let (p, m) = (
            Normal {
                mean: 1.0,
                variance: 4.0,
            },
            Normal {
                mean: 0.0,
                variance: 1.0,
            },
        );
        assert_eq!((kl(&p, &p), hellinger(&p, &p)), (0.0, 0.0));
        assert!((kl(&m, &p) - (2.0_f64.ln() + 2.0 / 8.0 - 0.5)).abs() < 1e-12);
        assert!(hellinger(&m, &p) > 0.3 && hellinger(&m, &p) < 1.0);
        assert_eq!(
            hellinger(
                &Normal {
                    mean: 0.0,
                    variance: 0.0
                },
                &p
            ),
            1.0
        );
    }

    /// A sample's variance has standard error sqrt(2/n); the bound is five of them.
    #[test]
    fn temperature_multiplies_the_variance() {
        let mut rng = Seed(2).key(0, Purpose::Sample).stream(0, 0);
        let mut content = Content::empty(MLE.kind());
        let order = Order {
            documents: 50_000,
            temperature: 0.8,
            ..Order::default()
        };
        MLE.sample(
            &Normal {
                mean: 3.0,
                variance: 4.0,
            },
            &order,
            &mut rng,
            &mut content,
        );
        let mut statistic = MLE.statistic();
        MLE.absorb(&mut statistic, &content, 0..content.len(), 1.0);
        let seen = MLE.fit(&statistic, None).unwrap().variance / 3.2;
        assert!((seen - 1.0).abs() < 5.0 * (2.0 / 5e4_f64).sqrt());
    }
}
