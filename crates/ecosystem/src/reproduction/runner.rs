//! Runs the cases of a reproduction, replicates side by side.

use std::sync::Arc;

use rayon::prelude::*;
use web::MemoryStorage;

use super::outcome::Outcome;
use super::series::Series;
use super::setup::{Prepared, Setup};
use super::statistic::Sample;
use super::{Case, Check, Reproduction};
use crate::host::{Keeping, SimulationError};
use crate::scenario::schema::{Scenario, Span};
use crate::simulation::Simulation;

/// Why a reproduction could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReproductionError {
    /// A case is no scenario.
    #[error("{scenario}: {message}")]
    Scenario {
        /// Name of the scenario.
        scenario: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A replicate failed.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

impl Reproduction {
    /// Runs every case and compares what comes out with the formulas, check by check. `progress` is
    /// told how many model updates were made since it was told last, [`Reproduction::work`] in all.
    ///
    /// # Errors
    /// If a scenario cannot be run.
    pub fn run(&self, progress: &(impl Fn(u64) + Sync)) -> Result<Vec<Outcome>, ReproductionError> {
        let mut runs = Vec::new();
        for case in self.cases() {
            runs.push(Run::new(case, self.checks, progress)?);
        }
        Ok(self
            .checks
            .iter()
            .map(|check| self.outcome(check, &runs))
            .collect())
    }

    /// Model updates that a run takes.
    ///
    /// # Errors
    /// If a case is no scenario.
    pub fn work(&self) -> Result<u64, ReproductionError> {
        let cases = self.cases();
        let work = cases.iter().map(|case| {
            let scenario = Prepared::new(case)?.scenario;
            Ok(u64::from(scenario.replicates) * updates(&scenario))
        });
        work.sum()
    }

    fn outcome(&self, check: &Check, runs: &[Run]) -> Outcome {
        let of_check = |case: &Case| runs.iter().find(|run| run.case == *case);
        let runs: Vec<&Run> = check.cases.iter().filter_map(of_check).collect();
        let samples: Vec<Sample> = runs.iter().map(|run| run.sample(check)).collect();
        let setup = Setup {
            first: &runs[0].prepared,
            t: check.generation,
        };
        let compared = ((check.expected)(&setup), check.statistic.of(&samples));
        let replicates = runs.iter().map(|run| run.prepared.scenario.replicates);
        Outcome::new(self, check, compared, replicates.collect())
    }
}

/// A case with what came out of it.
#[derive(Debug)]
struct Run {
    case: Case,
    prepared: Prepared,
    /// The checks of this case and, replicate by replicate, their quantity at either fit.
    readings: Vec<(&'static str, Vec<(f64, f64)>)>,
}

impl Run {
    fn new(
        case: Case,
        checks: &'static [Check],
        progress: &(impl Fn(u64) + Sync),
    ) -> Result<Self, ReproductionError> {
        let prepared = Prepared::new(&case)?;
        let own: Vec<&Check> = checks
            .iter()
            .filter(|check| check.cases.contains(&case))
            .collect();
        let keeping = Keeping {
            storage: Arc::new(MemoryStorage::default()),
            all_documents: false,
        };
        let replicates: Result<Vec<_>, SimulationError> = (0..prepared.scenario.replicates)
            .into_par_iter()
            .map(|replicate| {
                let series = series(&prepared, replicate, &keeping)?;
                progress(updates(&prepared.scenario));
                Ok(own
                    .iter()
                    .map(|check| reading(check, &series))
                    .collect::<Vec<_>>())
            })
            .collect();
        let replicates = replicates?;
        let column = |(number, check): (usize, &&Check)| {
            (
                check.what,
                replicates.iter().map(|row| row[number]).collect(),
            )
        };
        let readings = own.iter().enumerate().map(column).collect();
        Ok(Self {
            case,
            prepared,
            readings,
        })
    }

    fn sample(&self, check: &Check) -> Sample {
        let own = self.readings.iter().find(|(what, _)| *what == check.what);
        let pairs = own.map_or(&[][..], |(_, pairs)| pairs);
        let population = self.prepared.scenario.population.first();
        let documents = population.and_then(|population| population.real.documents);
        Sample {
            values: pairs.iter().map(|pair| pair.0).collect(),
            since: pairs.iter().map(|pair| pair.1).collect(),
            documents: documents.map_or(f64::NAN, f64::from),
        }
    }
}

fn reading(check: &Check, series: &Series) -> (f64, f64) {
    let get = |generation| series.get(check.statistic.quantity(), generation);
    let since = check.statistic.since();
    (get(check.generation), since.map_or(f64::NAN, get))
}

/// Runs one replicate to its end.
fn series(
    prepared: &Prepared,
    replicate: u32,
    keeping: &Keeping,
) -> Result<Series, SimulationError> {
    let mut simulation = Simulation::new(&prepared.scenario, &prepared.data, replicate, keeping)?;
    let mut series = Series::new(&prepared.scenario.population[0].name);
    while simulation.step()? {
        series.extend(simulation.take_rows());
    }
    Ok(series)
}

/// Model updates of one replicate.
fn updates(scenario: &Scenario) -> u64 {
    let generations = match scenario.horizon {
        Span::Generations(count) => count,
        Span::Days(days) => days / scenario.generation_days,
    };
    let models: u32 = scenario
        .population
        .iter()
        .map(|population| population.count)
        .sum();
    u64::from(models) * generations as u64
}
