//! Linear regression: documents are records of inputs and a label.
//!
//! A document is d + 1 numbers, the inputs x and the label y. Everything that least squares needs of a set of records is its
//! Gram matrix and its moments with the label, so a pool of any size is read once.

mod design;
mod solve;

use std::ops::Range;

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use types::content::{Content, ContentKind};
use types::random::Stream;

pub use self::design::{LinearDesign, LinearTask, LinearTruth};
use self::solve::least_squares;
use crate::family::{Family, FitError, Order};
use crate::measure::{Measure, Measured};
use crate::truth::Truth;

/// Linear models of `dimension` inputs, fitted by least squares: the coefficients theta that minimise the weighted mean of
/// (y - x' theta)^2, plus `ridge` |theta|^2; where many do, the shortest of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Inputs a record, d.
    pub dimension: usize,
    /// Weight of the penalty |theta|^2 beside the mean loss (Hoerl and Kennard 1970).
    pub ridge: f64,
    /// Standard deviation of the noise on labels that models publish.
    pub noise: f64,
    /// Inputs of what models publish.
    pub design: LinearDesign,
}

/// Sums over weighted records.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearStatistic {
    records: usize,
    weight: f64,
    /// Sum of w x x', d x d.
    gram: Array2<f64>,
    /// Sum of w x y, length d.
    moments: Array1<f64>,
}

/// Fitted coefficients, length d.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coefficients(pub Array1<f64>);

/// What linear models are compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearReference {
    truth: Option<Array1<f64>>,
    tasks: Vec<(Array2<f64>, Array1<f64>)>,
    oracle: Option<f64>,
}

impl Linear {
    fn record(&self, record: &[f64], weight: f64, statistic: &mut LinearStatistic) {
        let (x, y) = (&record[..self.dimension], record[self.dimension]);
        for (i, a) in x.iter().enumerate() {
            let scaled = weight * a;
            for (j, b) in x.iter().enumerate() {
                statistic.gram[(i, j)] += scaled * b;
            }
            statistic.moments[i] += scaled * y;
        }
        statistic.weight += weight;
        statistic.records += 1;
    }
}

impl Family for Linear {
    type Statistic = LinearStatistic;
    type Fitted = Coefficients;
    type Reference = LinearReference;

    fn kind(&self) -> ContentKind {
        ContentKind::F64 {
            dimension: self.dimension as u32 + 1,
        }
    }

    fn statistic(&self) -> LinearStatistic {
        LinearStatistic {
            records: 0,
            weight: 0.0,
            gram: Array2::zeros((self.dimension, self.dimension)),
            moments: Array1::zeros(self.dimension),
        }
    }

    fn absorb(
        &self,
        statistic: &mut LinearStatistic,
        content: &Content,
        range: Range<usize>,
        weight: f64,
    ) {
        let Content::F64(numbers) = content else {
            return;
        };
        let width = self.dimension + 1;
        let records = numbers.values[range.start * width..range.end * width].chunks_exact(width);
        records.for_each(|record| self.record(record, weight, statistic));
    }

    fn merge(&self, statistic: &mut LinearStatistic, other: &LinearStatistic, weight: f64) {
        statistic.gram.scaled_add(weight, &other.gram);
        statistic.moments.scaled_add(weight, &other.moments);
        statistic.weight += weight * other.weight;
        statistic.records += other.records;
    }

    fn fit(
        &self,
        statistic: &LinearStatistic,
        previous: Option<(&Coefficients, f64)>,
    ) -> Result<Coefficients, FitError> {
        if statistic.weight <= 0.0 {
            return Err(FitError::TooFewDocuments {
                actual: statistic.records,
                required: 1,
            });
        }
        let mut gram = &statistic.gram / statistic.weight;
        gram.diag_mut()
            .iter_mut()
            .for_each(|entry| *entry += self.ridge);
        let fitted = least_squares(&gram, &(&statistic.moments / statistic.weight));
        Ok(Coefficients(match previous {
            Some((old, rate)) => &old.0 * (1.0 - rate) + fitted * rate,
            None => fitted,
        }))
    }

    fn sample(&self, fitted: &Coefficients, order: &Order, rng: &mut Stream, out: &mut Content) {
        let Content::F64(numbers) = out else { return };
        let rows = self
            .design
            .rows(order.author, (order.documents, self.dimension), rng);
        let noise = self.noise * libm::sqrt(order.temperature);
        for x in rows.chunks_exact(self.dimension) {
            numbers.values.extend_from_slice(x);
            numbers.values.push(design::label(x, &fitted.0, noise, rng));
        }
    }

    fn reference(&self, truth: &Truth) -> LinearReference {
        let Truth::Linear { own, tasks, oracle } = truth else {
            return LinearReference {
                truth: None,
                tasks: Vec::new(),
                oracle: None,
            };
        };
        let prepared = |task: &LinearTask| {
            let square = (self.dimension, self.dimension);
            let gram = Array2::from_shape_vec(square, task.gram.clone()).ok()?;
            Some((gram, Array1::from(task.truth.clone())))
        };
        LinearReference {
            truth: Some(Array1::from(own.coefficients.clone())),
            oracle: *oracle,
            tasks: tasks.iter().filter_map(prepared).collect(),
        }
    }

    fn evaluate(
        &self,
        fitted: &Coefficients,
        reference: &LinearReference,
        _rng: &mut Stream,
        out: &mut Measured,
    ) {
        if out.wants(Measure::ExcessRisk) {
            for (task, (gram, truth)) in reference.tasks.iter().enumerate() {
                out.push(
                    Measure::ExcessRisk,
                    Some(task as u16),
                    risk(gram, &(&fitted.0 - truth)),
                );
            }
        }
        if out.wants(Measure::Coefficient) {
            for (i, x) in fitted.0.iter().enumerate() {
                let target = (reference.tasks.len() + i) as u16;
                out.push(Measure::Coefficient, Some(target), *x);
            }
        }
        out.measure(Measure::SquaredNorm, || squared_norm(&fitted.0));
        let Some(truth) = &reference.truth else {
            return;
        };
        let error = squared_norm(&(&fitted.0 - truth));
        out.measure(Measure::CoefficientError, || error);
        if let Some(oracle) = reference.oracle {
            out.measure(Measure::InverseEfficiency, || error / oracle);
        }
    }

    fn truth(&self, truth: &Truth) -> Option<Coefficients> {
        match truth {
            Truth::Linear { own, .. } => Some(Coefficients(Array1::from(own.coefficients.clone()))),
            _ => None,
        }
    }
}

/// e' G e.
fn risk(gram: &Array2<f64>, error: &Array1<f64>) -> f64 {
    let row = |i: usize| -> f64 {
        error
            .iter()
            .enumerate()
            .map(|(j, e)| gram[(i, j)] * e)
            .sum()
    };
    error.iter().enumerate().map(|(i, e)| e * row(i)).sum()
}

fn squared_norm(v: &Array1<f64>) -> f64 {
    v.iter().map(|x| x * x).sum()
}
