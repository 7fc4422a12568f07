//! Predictions in the form of the metric table.

use std::sync::Arc;

use learn::theory::{Limit, Moments, Prediction, STATE_MAX, Spread, System};
use learn::{Measure, theory::TheoryError};
use types::metric::Row;

use super::samples::{self, resampling};
use super::systems::system;
use super::{NoTheory, because};
use crate::Data;
use crate::build::Blueprint;
use crate::metrics::DISAGREEMENT;
use crate::scenario::schema::{Family, Population, Scenario, Span};

/// What theory says of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Expected values over replicates, row by row as a run has them; the replicate is always 0.
    pub rows: Vec<Row>,
    /// The long run, where it has a closed form.
    pub limit: Option<Limit>,
    /// Mean squared error of least squares on all real data in one hand, where there is a common truth.
    pub oracle: Option<f64>,
}

/// Predicts the metrics of a scenario.
///
/// # Errors
/// Why there is no prediction. With `cheap`, that it would take seconds is a reason too.
pub fn expectation(scenario: &Scenario, data: &Data, cheap: bool) -> Result<Expectation, NoTheory> {
    let blueprint = Blueprint::new(scenario, data, 0);
    let generations = generations(scenario)?;
    if samples::is_for(&blueprint) {
        let first = usize::from(samples::begins_as_truth(scenario));
        let theory = resampling(&blueprint, generations + first)?;
        if cheap && theory.work(generations) > CHEAP {
            return Err(because("it takes long: `echosphere theory` computes it"));
        }
        let spreads = theory.predict(generations + first);
        return Ok(Expectation {
            rows: spread_rows(&blueprint, &spreads[first..]),
            limit: None,
            oracle: None,
        });
    }
    let system = system(&blueprint)?;
    if cheap && Prediction::work(&system, generations) > CHEAP {
        return Err(because("it takes long: `echosphere theory` computes it"));
    }
    let prediction = Prediction::of(&system, generations).map_err(|error| match error {
        TheoryError::TooLarge { size } => because(format!(
            "its theory has a state of {size} numbers, and at most {STATE_MAX} are computed with (fewer models that read \
             differently, or designs that all have the same eigenvectors, make it smaller)"
        )),
        error => because(error.to_string()),
    })?;
    let table = Table {
        blueprint: &blueprint,
        system: &system,
        targets: blueprint.targets().into_iter().map(Arc::from).collect(),
        observed: blueprint.observed_models(),
        oracle: prediction.oracle,
    };
    let mut rows = Vec::new();
    for (t, moments) in prediction.generations.iter().enumerate() {
        table.rows(t, moments, &mut rows);
    }
    Ok(Expectation {
        rows,
        limit: prediction.limit,
        oracle: prediction.oracle,
    })
}

/// Cube of the size of the state, times generations, of what takes about a second.
const CHEAP: f64 = 1e9;

/// Generations after the first training: models train at 1, 2, ... generations.
fn generations(scenario: &Scenario) -> Result<usize, NoTheory> {
    let horizon = match scenario.horizon {
        Span::Generations(count) => count,
        Span::Days(days) => days / scenario.generation_days,
    };
    if horizon < 1.0 {
        return Err(because("it ends before the first training"));
    }
    if scenario.observe.every != Span::Generations(1.0) {
        return Err(because(
            "it is not observed every generation (observe.every)",
        ));
    }
    Ok((horizon + 1e-9) as usize - 1)
}

/// Expected means and variances, model by model and population by population.
fn spread_rows(blueprint: &Blueprint<'_>, spreads: &[Spread]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (t, spread) in spreads.iter().enumerate() {
        let mut first = 0;
        for (population, observed) in blueprint
            .scenario
            .population
            .iter()
            .zip(blueprint.observed_models())
        {
            let name: Arc<str> = Arc::from(population.name.as_str());
            let models = first..first + population.count as usize;
            first = models.end;
            let values = |k: usize| spread_values(blueprint, population, (spread, k));
            let mut push = |model: Option<u32>, values: Vec<Value>| {
                let row = |value| row(blueprint, (t, &[]), (model, Some(&name)), value);
                rows.extend(values.into_iter().map(row));
            };
            for k in models.clone().take(observed as usize) {
                push(Some(k as u32), values(k));
            }
            if population.count > 1 {
                push(None, means(models, values));
            }
        }
    }
    rows
}

/// What is expected of a model that matches moments.
fn spread_values(
    blueprint: &Blueprint<'_>,
    population: &Population,
    (spread, k): (&Spread, usize),
) -> Vec<Value> {
    let name = |measure: Measure| measure.info().name;
    let mut values = Vec::new();
    if population.family == (Family::Categorical {}) {
        values.push((name(Measure::GiniSimpson), None, spread.variance[k]));
    } else {
        let mean = &spread.mean[k];
        let d = mean.len() as f64;
        values.push((name(Measure::Mean), None, mean.iter().sum::<f64>() / d));
        values.push((name(Measure::Variance), None, spread.variance[k] / d));
    }
    values.retain(|(metric, _, _)| blueprint.wants(metric));
    values
}

/// Means over models.
fn means(models: std::ops::Range<usize>, values: impl Fn(usize) -> Vec<Value>) -> Vec<Value> {
    let count = models.len() as f64;
    let mut sums: Vec<Value> = Vec::new();
    for k in models {
        let values = values(k);
        if sums.is_empty() {
            sums = values;
            continue;
        }
        for (sum, value) in sums.iter_mut().zip(values) {
            sum.2 += value.2;
        }
    }
    for sum in &mut sums {
        sum.2 /= count;
    }
    sums
}

fn row(
    blueprint: &Blueprint<'_>,
    (t, targets): (usize, &[Arc<str>]),
    (model, population): (Option<u32>, Option<&Arc<str>>),
    (metric, target, value): Value,
) -> Row {
    Row {
        replicate: 0,
        time: (t + 1) as f64 * blueprint.scenario.generation_days,
        generation: t as u32 + 1,
        model,
        population: population.cloned(),
        metric: Arc::from(metric),
        target: target.map(|target| Arc::clone(&targets[target])),
        value,
    }
}

struct Table<'a> {
    blueprint: &'a Blueprint<'a>,
    system: &'a System,
    targets: Vec<Arc<str>>,
    oracle: Option<f64>,
    /// Models of each population that have rows of their own.
    observed: Vec<u32>,
}

/// An expected value: metric, number of its target, value.
type Value = (&'static str, Option<usize>, f64);

impl Table<'_> {
    fn rows(&self, t: usize, moments: &Moments, rows: &mut Vec<Row>) {
        let (scenario, mut first) = (self.blueprint.scenario, 0);
        for (population, observed) in scenario.population.iter().zip(&self.observed) {
            let name: Arc<str> = Arc::from(population.name.as_str());
            let models = first..first + population.count as usize;
            for k in models.clone().take(*observed as usize) {
                for value in self.values(k, moments) {
                    rows.push(self.row(t, (Some(k as u32), Some(&name)), value));
                }
            }
            if population.count > 1 {
                for value in means(models.clone(), |k| self.values(k, moments)) {
                    rows.push(self.row(t, (None, Some(&name)), value));
                }
            }
            first = models.end;
        }
        let apart = moments
            .disagreement
            .filter(|_| self.blueprint.wants(DISAGREEMENT));
        if let Some(apart) = apart {
            rows.push(self.row(t, (None, None), (DISAGREEMENT, None, apart.total)));
        }
    }

    /// Everything that is expected of model k, in the order in which models are measured.
    fn values(&self, k: usize, moments: &Moments) -> Vec<Value> {
        let mut values = Vec::new();
        let tasks = self.system.tasks.len();
        let risks = moments.risks.get(k).into_iter().flatten().enumerate();
        let name = |measure: Measure| measure.info().name;
        values.extend(risks.map(|(task, risk)| (name(Measure::ExcessRisk), Some(task), *risk)));
        let mean = &moments.mean[k];
        let coefficients = mean.iter().enumerate();
        values.extend(coefficients.map(|(i, x)| (name(Measure::Coefficient), Some(tasks + i), *x)));
        let norm = mean.iter().map(|x| x * x).sum::<f64>() + moments.trace_total[k];
        values.push((name(Measure::SquaredNorm), None, norm));
        values.push((
            name(Measure::CoefficientError),
            None,
            moments.mean_squared_error[k],
        ));
        if let Some(oracle) = self.oracle {
            let efficiency = moments.mean_squared_error[k] / oracle;
            values.push((name(Measure::InverseEfficiency), None, efficiency));
        }
        values.retain(|(metric, _, _)| self.blueprint.wants(metric));
        values
    }

    fn row(&self, t: usize, who: (Option<u32>, Option<&Arc<str>>), value: Value) -> Row {
        row(self.blueprint, (t, &self.targets), who, value)
    }
}
