//! A replicate on its way, here or on nodes.

use std::sync::Arc;

use ecosystem::{Simulation, SimulationState};
use net::{Led, Recipe};
use types::metric::Row;

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
    /// A replicate at its beginning, or where a checkpoint left it.
    ///
    /// # Errors
    /// If it cannot be built, or the checkpoint is of another scenario.
    pub(super) fn new(
        ingredients: &Ingredients,
        replicate: u32,
        saved: Option<SimulationState>,
    ) -> Result<Self, Failure> {
        let Ingredients {
            scenario,
            data,
            keeping,
            leader,
        } = ingredients;
        if let Some(leader) = leader {
            let recipe = Recipe {
                scenario: Arc::clone(scenario),
                data: Arc::clone(data),
                keeping: keeping.clone(),
                replicate,
            };
            let led = Led::new(Arc::clone(leader), recipe, saved);
            return Ok(Self::Led(Box::new(led.map_err(Failure::run)?)));
        }
        let fresh = Simulation::new(scenario, data, replicate, keeping).map_err(Failure::run)?;
        let replicate = match saved {
            None => fresh,
            Some(state) => fresh
                .restore(scenario, data, keeping, state)
                .map_err(Failure::run)?,
        };
        Ok(Self::Here(Box::new(replicate)))
    }

    /// Log and progress, as this process knows them.
    pub(super) fn simulation(&self) -> &Simulation {
        match self {
            Self::Here(simulation) => simulation,
            Self::Led(led) => led.simulation(),
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

    /// Everything needed to go on later.
    ///
    /// # Errors
    /// If documents cannot be stored, or nodes are gone for good.
    pub(super) fn save(&mut self) -> Result<SimulationState, Failure> {
        match self {
            Self::Here(simulation) => simulation.save().map_err(Failure::run),
            Self::Led(led) => led.save().map_err(Failure::run),
        }
    }
}
