//! A replicate on its way, here or on nodes.

use std::sync::Arc;

use ecosystem::Simulation;
use net::{Led, LedState, NetError, Recipe, SEGMENTS};
use types::metric::Row;
use web::Log;

use super::checkpoint::Progress;
use super::wave::Ingredients;
use crate::failure::Failure;

/// A replicate, whoever hosts its shards.
#[derive(Debug)]
pub(super) enum Replicate {
    /// All shards are in this process.
    Here(Box<Simulation>),
    /// Nodes host the shards.
    Led(Box<Led>),
}

impl Replicate {
    /// A replicate at its beginning, or where a checkpoint left it, whether with nodes or without.
    ///
    /// # Errors
    /// If it cannot be built, or the checkpoint is of another scenario.
    pub(super) fn new(
        ingredients: &Ingredients,
        replicate: u32,
        saved: Option<Progress>,
    ) -> Result<Self, Failure> {
        let Ingredients {
            scenario,
            data,
            keeping,
            store,
            leader,
        } = ingredients;
        let storage = &**store.storage();
        if let Some(leader) = leader {
            let recipe = Recipe {
                scenario: Arc::clone(scenario),
                data: Arc::clone(data),
                keeping: keeping.clone(),
                replicate,
            };
            let saved = match saved {
                Some(Progress::Led(state)) => Some(*state),
                Some(Progress::Running(state)) => {
                    let scattered = LedState::scatter(*state, replicate, storage);
                    Some(scattered.map_err(Failure::run)?)
                }
                Some(Progress::Finished(_)) | None => None,
            };
            let led = Led::new(Arc::clone(leader), recipe, saved);
            return Ok(Self::Led(Box::new(led.map_err(Failure::run)?)));
        }
        let fresh = Simulation::new(scenario, data, replicate, keeping).map_err(Failure::run)?;
        let state = match saved {
            Some(Progress::Running(state)) => *state,
            Some(Progress::Led(state)) => state.gather(storage).map_err(Failure::run)?,
            Some(Progress::Finished(_)) | None => return Ok(Self::Here(Box::new(fresh))),
        };
        let restored = fresh.restore(scenario, data, keeping, state);
        Ok(Self::Here(Box::new(restored.map_err(Failure::run)?)))
    }

    /// Share of the horizon that has passed.
    pub(super) fn progress(&self) -> f64 {
        match self {
            Self::Here(simulation) => simulation.progress(),
            Self::Led(led) => led.ledger().progress(),
        }
    }

    /// Whole generations that have passed.
    pub(super) fn generations(&self) -> u64 {
        match self {
            Self::Here(simulation) => simulation.generations(),
            Self::Led(led) => led.ledger().generations(),
        }
    }

    /// Shows the log with the number of the replicate.
    ///
    /// # Errors
    /// If the log cannot be had, or `look` fails.
    pub(super) fn with_log(
        &mut self,
        look: impl Fn(u32, &Log) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Self::Here(simulation) => look(simulation.replicate(), simulation.log()),
            Self::Led(led) => {
                let log = led.log().map_err(Failure::run)?;
                look(led.replicate(), &log)
            }
        }
    }

    /// Names of the blobs in the checkpoint store that it needs.
    pub(super) fn blobs(&self) -> Vec<String> {
        match self {
            Self::Here(simulation) => {
                let names = simulation.log().blobs();
                names.map(|name| format!("{SEGMENTS}{name}")).collect()
            }
            Self::Led(led) => led.blobs().collect(),
        }
    }

    /// Runs one window; false at the end.
    ///
    /// # Errors
    /// If the replicate cannot go on.
    pub(super) fn step(&mut self) -> Result<bool, Failure> {
        match self {
            Self::Here(simulation) => simulation.step().map_err(Failure::run),
            Self::Led(led) => led.step().map_err(Failure::run),
        }
    }

    /// The rows since the last call.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        match self {
            Self::Here(simulation) => simulation.take_rows(),
            Self::Led(led) => led.take_rows(),
        }
    }

    /// Ticks of models so far.
    pub(super) fn ticks(&self) -> u64 {
        match self {
            Self::Here(simulation) => simulation.ticks(),
            Self::Led(led) => led.ticks(),
        }
    }

    /// The digest at the end.
    ///
    /// # Errors
    /// If a model's state cannot be encoded, or nodes are gone for good.
    pub(super) fn digest(&mut self) -> Result<[u8; 32], Failure> {
        match self {
            Self::Here(simulation) => simulation.digest().map_err(Failure::run),
            Self::Led(led) => led.digest().map_err(Failure::run),
        }
    }

    /// Everything needed to go on later; nothing if nodes cannot save it now, and can go on all the same.
    ///
    /// # Errors
    /// If documents cannot be stored, or nodes are gone for good.
    pub(super) fn save(&mut self) -> Result<Option<Progress>, Failure> {
        match self {
            Self::Here(simulation) => {
                let state = simulation.save().map_err(Failure::run)?;
                Ok(Some(Progress::Running(Box::new(state))))
            }
            Self::Led(led) => match led.save() {
                Ok(state) => Ok(Some(Progress::Led(Box::new(state)))),
                Err(NetError::Unsaved(problem)) => {
                    tracing::warn!("no checkpoint could be written: {problem}: the run goes on");
                    Ok(None)
                }
                Err(error) => Err(Failure::run(error)),
            },
        }
    }
}
