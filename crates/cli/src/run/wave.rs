//! A wave: replicates that run side by side.

use std::sync::{Arc, Mutex};

use ecosystem::scenario::schema::Scenario;
use ecosystem::{Data, Keeping};
use net::{Leader, Store};
use rayon::prelude::*;
use types::metric::Row;

use super::checkpoint::{Progress, SlotState};
use super::progress::Meter;
use super::replicate::Replicate;
use super::stop::Stop;
use crate::failure::Failure;

/// What every replicate is made from.
#[derive(Debug, Clone)]
pub struct Ingredients {
    /// The resolved scenario.
    pub scenario: Arc<Scenario>,
    /// Its corpora.
    pub data: Arc<Data>,
    /// Where logs are kept.
    pub keeping: Keeping,
    /// Where checkpoints are.
    pub store: Store,
    /// Leads the nodes that host all shards, if this process does not.
    pub leader: Option<Arc<Mutex<Leader>>>,
}

impl Ingredients {
    /// For a run with a checkpoint store.
    pub fn new(scenario: Scenario, data: Data, store: Store, all_documents: bool) -> Self {
        let keeping = Keeping {
            storage: store.segments(),
            all_documents,
        };
        Self {
            scenario: Arc::new(scenario),
            data: Arc::new(data),
            keeping,
            store,
            leader: None,
        }
    }

    /// All models of all populations.
    pub fn models(&self) -> u64 {
        self.scenario
            .population
            .iter()
            .map(|population| u64::from(population.count))
            .sum()
    }
}

/// A replicate of the current wave.
#[derive(Debug)]
pub(super) struct Slot {
    state: State,
    /// Rows that are not in a part yet.
    pub rows: Vec<Row>,
}

#[derive(Debug)]
enum State {
    Running(Box<Replicate>),
    Finished([u8; 32]),
}

/// How many windows a round may take, and who watches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round<'a> {
    /// At most so many windows.
    pub windows: u64,
    /// Ends the round early.
    pub stop: &'a Stop,
    /// Is told of every window.
    pub meter: &'a Meter,
}

impl Slot {
    /// A replicate at its beginning.
    ///
    /// # Errors
    /// If it cannot be built.
    pub(super) fn new(ingredients: &Ingredients, replicate: u32) -> Result<Self, Failure> {
        let fresh = Replicate::new(ingredients, replicate, None)?;
        Ok(Self {
            state: State::Running(Box::new(fresh)),
            rows: Vec::new(),
        })
    }

    /// A replicate where a checkpoint left it.
    ///
    /// # Errors
    /// If the checkpoint is of another scenario or its documents are gone.
    pub(super) fn restore(
        ingredients: &Ingredients,
        replicate: u32,
        saved: SlotState,
    ) -> Result<Self, Failure> {
        let state = match saved.progress {
            Progress::Finished(digest) => State::Finished(digest),
            progress => {
                let restored = Replicate::new(ingredients, replicate, Some(progress))?;
                State::Running(Box::new(restored))
            }
        };
        Ok(Self {
            state,
            rows: saved.rows,
        })
    }

    /// The digest, once the replicate is at its end.
    pub(super) fn digest(&self) -> Option<[u8; 32]> {
        match &self.state {
            State::Finished(digest) => Some(*digest),
            State::Running(_) => None,
        }
    }

    /// Share of the horizon that has passed.
    pub(super) fn progress(&self) -> f64 {
        match &self.state {
            State::Finished(_) => 1.0,
            State::Running(running) => running.progress(),
        }
    }

    /// Runs up to a round's windows; returns how many. `finish` is called with the replicate at its end.
    ///
    /// # Errors
    /// If the log failed.
    pub(super) fn advance(
        &mut self,
        round: Round<'_>,
        finish: &(impl Fn(&mut Replicate) -> Result<(), Failure> + Sync),
    ) -> Result<u64, Failure> {
        let State::Running(running) = &mut self.state else {
            return Ok(0);
        };
        let mut windows = 0;
        while windows < round.windows && !round.stop.asked() {
            let (before, ticks) = (running.progress(), running.ticks());
            let more = running.step()?;
            self.rows.extend(running.take_rows());
            let (progress, generations) = (running.progress(), running.generations());
            if !more {
                finish(running)?;
                round.meter.advance(1.0 - before, generations, 0);
                self.state = State::Finished(running.digest()?);
                return Ok(windows);
            }
            let ticks = running.ticks() - ticks;
            round.meter.advance(progress - before, generations, ticks);
            windows += 1;
        }
        Ok(windows)
    }

    /// What a checkpoint needs of this replicate; nothing if it cannot be had now.
    ///
    /// # Errors
    /// If its documents cannot be stored.
    pub(super) fn save(&mut self) -> Result<Option<SlotState>, Failure> {
        let progress = match &mut self.state {
            State::Finished(digest) => Some(Progress::Finished(*digest)),
            State::Running(running) => running.save()?,
        };
        Ok(progress.map(|progress| SlotState {
            progress,
            rows: self.rows.clone(),
        }))
    }

    /// Names of the blobs in the checkpoint store that the replicate needs.
    pub(super) fn blobs(&self) -> Vec<String> {
        match &self.state {
            State::Finished(_) => Vec::new(),
            State::Running(running) => running.blobs(),
        }
    }
}

/// Builds replicates side by side.
///
/// # Errors
/// The first error in the order of the replicates.
pub(super) fn build_all(
    ingredients: &Ingredients,
    replicates: std::ops::Range<u32>,
) -> Result<Vec<Slot>, Failure> {
    let built: Vec<_> = replicates
        .into_par_iter()
        .map(|replicate| Slot::new(ingredients, replicate))
        .collect();
    built.into_iter().collect()
}

/// Runs a round of every slot side by side; returns the number of windows.
///
/// # Errors
/// The first error in the order of the replicates.
pub(super) fn advance_all(
    slots: &mut [Slot],
    round: Round<'_>,
    finish: &(impl Fn(&mut Replicate) -> Result<(), Failure> + Sync),
) -> Result<u64, Failure> {
    if let [only] = slots {
        return only.advance(round, finish);
    }
    let results: Vec<_> = slots
        .par_iter_mut()
        .map(|slot| slot.advance(round, finish))
        .collect();
    results.into_iter().sum()
}

/// How many replicates run side by side: many if they are small, so that little is written between them; one if a replicate
/// is so large that its rows should be written as they come. It depends on the scenario alone.
pub(super) fn wave_size(scenario: &Scenario, models: u64) -> u32 {
    let observed =
        u64::from(scenario.observe.models_max).min(models) + scenario.population.len() as u64;
    let generations = match scenario.horizon {
        ecosystem::scenario::schema::Span::Generations(count) => count,
        ecosystem::scenario::schema::Span::Days(days) => days / scenario.generation_days,
    };
    let rows = observed as f64 * generations * 16.0;
    let by_rows = (ROWS_IN_MEMORY_MAX / rows.max(1.0)) as u64;
    let by_models = MODELS_IN_MEMORY_MAX / models.max(1);
    by_rows
        .min(by_models)
        .clamp(1, u64::from(scenario.replicates.min(512))) as u32
}

const ROWS_IN_MEMORY_MAX: f64 = 2e6;
const MODELS_IN_MEMORY_MAX: u64 = 1_000_000;
