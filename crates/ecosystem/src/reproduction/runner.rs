//! Runs the cases of a reproduction, replicates side by side.

use std::sync::Arc;

use rayon::prelude::*;
use web::MemoryStorage;

use super::outcome::{Moment, Outcome};
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

/// How a reproduction is watched while it runs.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Is told how many model updates were made since it was told last, [`Reproduction::work`] in all.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Seconds since any moment: this crate has no clock.
    pub seconds: &'a dyn Fn() -> f64,
    /// Whether trajectories are kept, and not only the fits of the checks.
    pub trajectories: bool,
}

impl Watch<'static> {
    /// Nobody watches.
    pub const BLIND: Self = Self {
        progress: &|_| {},
        seconds: &|| 0.0,
        trajectories: false,
    };
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl Reproduction {
    /// Runs every case and compares what comes out with the formulas, check by check.
    ///
    /// # Errors
    /// If a scenario cannot be run.
    pub fn run(&self, watch: &Watch<'_>) -> Result<Vec<Outcome>, ReproductionError> {
        let mut runs = Vec::new();
        for case in self.cases() {
            runs.push(Run::new(case, self.checks, watch)?);
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

    /// Replicates of all its cases together.
    ///
    /// # Errors
    /// If a case is no scenario.
    pub fn replicates(&self) -> Result<u64, ReproductionError> {
        let cases = self.cases();
        let counts = cases
            .iter()
            .map(|case| Ok(u64::from(Prepared::new(case)?.scenario.replicates)));
        counts.sum()
    }

    fn outcome(&self, check: &Check, runs: &[Run]) -> Outcome {
        let of_check = |case: &Case| runs.iter().find(|run| run.case == *case);
        let runs: Vec<&Run> = check.cases.iter().filter_map(of_check).collect();
        let first = &runs[0].prepared;
        let fits = &runs[0].readings(check).fits;
        let trajectory: Vec<Moment> = fits
            .iter()
            .enumerate()
            .map(|(at, &t)| {
                let samples: Vec<Sample> = runs.iter().map(|run| run.sample(check, at)).collect();
                let estimate = check.statistic.of(&samples);
                Moment {
                    generation: t,
                    expected: (check.expected)(&Setup { first, t }),
                    measured: estimate.value,
                    standard_error: estimate.standard_error,
                }
            })
            .collect();
        let replicates = runs.iter().map(|run| run.prepared.scenario.replicates);
        let seconds = runs.iter().map(|run| run.seconds).sum();
        Outcome::new(self, check, trajectory, (replicates.collect(), seconds))
    }
}

/// A case with what came out of it.
#[derive(Debug)]
struct Run {
    case: Case,
    prepared: Prepared,
    readings: Vec<Readings>,
    seconds: f64,
}

/// What one check needs of a case.
#[derive(Debug)]
struct Readings {
    what: &'static str,
    /// The fits that are looked at; the last one is that of the check.
    fits: Vec<u32>,
    /// The quantity at these fits, replicate by replicate.
    values: Vec<Vec<f64>>,
    /// The quantity at the other fit that a ratio needs.
    since: Vec<f64>,
}

impl Run {
    fn new(
        case: Case,
        checks: &'static [Check],
        watch: &Watch<'_>,
    ) -> Result<Self, ReproductionError> {
        let (prepared, began) = (Prepared::new(&case)?, (watch.seconds)());
        let own: Vec<(&Check, Vec<u32>)> = checks
            .iter()
            .filter(|check| check.cases.contains(&case))
            .map(|check| (check, check.fits(watch.trajectories)))
            .collect();
        let keeping = Keeping {
            storage: Arc::new(MemoryStorage::default()),
            all_documents: false,
        };
        let progress = watch.progress;
        let replicates: Result<Vec<_>, SimulationError> = (0..prepared.scenario.replicates)
            .into_par_iter()
            .map(|replicate| {
                let series = series(&prepared, replicate, &keeping)?;
                progress(updates(&prepared.scenario));
                let read = |(check, fits): &(&Check, Vec<u32>)| reading(check, fits, &series);
                Ok(own.iter().map(read).collect::<Vec<_>>())
            })
            .collect();
        let mut readings: Vec<Readings> = own.into_iter().map(Readings::none).collect();
        for replicate in replicates? {
            for (readings, (values, since)) in readings.iter_mut().zip(replicate) {
                readings.values.push(values);
                readings.since.push(since);
            }
        }
        Ok(Self {
            case,
            prepared,
            readings,
            seconds: (watch.seconds)() - began,
        })
    }

    fn readings(&self, check: &Check) -> &Readings {
        let own = self.readings.iter().find(|own| own.what == check.what);
        own.expect("every case of a check is run for it")
    }

    /// What came out at one of the fits that are looked at.
    fn sample(&self, check: &Check, at: usize) -> Sample {
        let readings = self.readings(check);
        let population = self.prepared.scenario.population.first();
        let documents = population.and_then(|population| population.real.documents);
        Sample {
            values: readings.values.iter().map(|values| values[at]).collect(),
            since: readings.since.clone(),
            documents: documents.map_or(f64::NAN, f64::from),
        }
    }
}

impl Readings {
    fn none((check, fits): (&Check, Vec<u32>)) -> Self {
        Self {
            what: check.what,
            fits,
            values: Vec::new(),
            since: Vec::new(),
        }
    }
}

/// A check's quantity at some fits, and at the one that a ratio compares them with.
fn reading(check: &Check, fits: &[u32], series: &Series) -> (Vec<f64>, f64) {
    let get = |generation| series.get(check.statistic.quantity(), generation);
    let since = check.statistic.since();
    (
        fits.iter().copied().map(get).collect(),
        since.map_or(f64::NAN, get),
    )
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
