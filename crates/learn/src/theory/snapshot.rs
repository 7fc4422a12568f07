//! Mean and covariance of all models at one instant, and what is read off them.

use faer::Mat;

use super::matrix::{trace, trace_of_product};
use super::prediction::WHOLE_MAX;
use super::system::{System, Task};

/// First and second moments of theta at one generation, model by model.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// E theta_k.
    pub(super) mean: Vec<Vec<f64>>,
    /// Given the real labels.
    pub(super) given_real: Spread,
    /// Over the real labels too.
    pub(super) total: Spread,
}

/// Covariances: of each model, and of the sum over models.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    pub(super) own: Vec<Mat<f64>>,
    pub(super) of_sum: Mat<f64>,
}

/// Moments of one generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Expected coefficients of each model.
    pub mean: Vec<Vec<f64>>,
    /// Squared distance of the expected coefficients from the reference.
    pub bias_squared: Vec<f64>,
    /// Trace of each model's covariance given the labels of the real data.
    pub trace_given_real: Vec<f64>,
    /// Trace of each model's covariance.
    pub trace_total: Vec<f64>,
    /// Expected squared distance from the reference: `bias_squared + trace_total`.
    pub mean_squared_error: Vec<f64>,
    /// How far models are from each other; nothing for a lone model.
    pub disagreement: Option<Disagreement>,
    /// Risk of every model on every task; empty where these are too many to be told every generation.
    pub risks: Vec<Vec<f64>>,
}

/// Mean over pairs of models of E|theta_k - theta_l|^2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disagreement {
    /// Mean over pairs of |E theta_k - E theta_l|^2.
    pub mean_part: f64,
    /// All of it.
    pub total: f64,
    /// With the labels of the real data fixed at their means.
    pub given_real: f64,
}

impl Snapshot {
    pub(super) fn moments(&self, system: &System) -> Moments {
        let traces = |spread: &Spread| spread.own.iter().map(|own| trace(own.as_ref())).collect();
        let bias_squared: Vec<f64> = self
            .mean
            .iter()
            .zip(&system.reference)
            .map(|(mean, reference)| squared_distance(mean, reference))
            .collect();
        let trace_total: Vec<f64> = traces(&self.total);
        Moments {
            mean: self.mean.clone(),
            mean_squared_error: bias_squared
                .iter()
                .zip(&trace_total)
                .map(|(b, v)| b + v)
                .collect(),
            bias_squared,
            trace_given_real: traces(&self.given_real),
            trace_total,
            disagreement: self.disagreement(),
            risks: if system.has_few_risks() {
                self.risks(system)
            } else {
                Vec::new()
            },
        }
    }

    fn disagreement(&self) -> Option<Disagreement> {
        let models = self.mean.len() as f64;
        if models < 2.0 {
            return None;
        }
        let centre = centre(&self.mean);
        let squares: f64 = self
            .mean
            .iter()
            .map(|mean| squared_distance(mean, &centre))
            .sum();
        let mean_part = squares * 2.0 / (models - 1.0);
        let noise = |spread: &Spread| {
            let own: f64 = spread.own.iter().map(|own| trace(own.as_ref())).sum();
            (own - trace(spread.of_sum.as_ref()) / models) * 2.0 / (models - 1.0)
        };
        Some(Disagreement {
            mean_part,
            total: mean_part + noise(&self.total),
            given_real: mean_part + noise(&self.given_real),
        })
    }

    /// Entry (k, j): E (theta_k - truth_j)' G_j (theta_k - truth_j) for task j; empty where nobody could read them all.
    pub(super) fn risks(&self, system: &System) -> Vec<Vec<f64>> {
        if system.tasks.len() * system.models() > WHOLE_MAX * WHOLE_MAX {
            return Vec::new();
        }
        let models = self.mean.iter().zip(&self.total.own);
        models
            .map(|(mean, covariance)| {
                let risk = |task: &Task| {
                    let gram = &task.design.gram;
                    let error: Vec<f64> =
                        mean.iter().zip(&task.truth).map(|(a, b)| a - b).collect();
                    quadratic(gram, &error) + trace_of_product(gram.as_ref(), covariance.as_ref())
                };
                system.tasks.iter().map(risk).collect()
            })
            .collect()
    }
}

fn centre(points: &[Vec<f64>]) -> Vec<f64> {
    let count = points.len() as f64;
    let dimension = points.first().map_or(0, Vec::len);
    (0..dimension)
        .map(|i| points.iter().map(|point| point[i]).sum::<f64>() / count)
        .collect()
}

fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// x' A x.
fn quadratic(a: &Mat<f64>, x: &[f64]) -> f64 {
    let row = |i: usize| {
        x.iter()
            .enumerate()
            .map(|(j, x)| a[(i, j)] * x)
            .sum::<f64>()
    };
    x.iter().enumerate().map(|(i, x)| x * row(i)).sum()
}
