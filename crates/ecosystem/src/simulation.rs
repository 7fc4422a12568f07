//! One replicate of a scenario in one process, window by window.

use serde::{Deserialize, Serialize};
use types::metric::Row;
use web::{Log, LogState};

use crate::data::Data;
use crate::host::{Host, Keeping, ShardState, SimulationError};
use crate::ledger::{Ledger, LedgerState};
use crate::scenario::schema::Scenario;

/// One replicate: all of its shards on one host, and the ledger beside it.
#[derive(Debug)]
pub struct Simulation {
    host: Host,
    ledger: Ledger,
}

/// A saved [`Simulation`]; the documents are in storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SimulationState {
    /// The shards, in their order.
    pub shards: Vec<ShardState>,
    /// The log.
    pub log: LogState,
    /// The books.
    pub ledger: LedgerState,
}

impl Simulation {
    /// Builds replicate number `replicate` of a checked scenario.
    ///
    /// # Errors
    /// [`SimulationError`] if the scenario asks for something that does not exist.
    pub fn new(
        scenario: &Scenario,
        data: &Data,
        replicate: u32,
        keeping: &Keeping,
    ) -> Result<Self, SimulationError> {
        Ok(Self {
            host: Host::new((scenario, data), replicate, keeping, None)?,
            ledger: Ledger::new(scenario, data, replicate),
        })
    }

    /// Runs one window; false at the end.
    ///
    /// # Errors
    /// If the log failed. The replicate must not go on then.
    pub fn step(&mut self) -> Result<bool, SimulationError> {
        let Some(window) = self.host.next_window() else {
            return Ok(false);
        };
        let outboxes = self.host.run(window, &|_| ())?;
        let observed = outboxes
            .iter()
            .any(|outbox| !outbox.observations.is_empty());
        let around = observed.then(|| self.host.surroundings());
        self.ledger.record(window.index, outboxes, around);
        self.host.commit(Vec::new())?;
        Ok(true)
    }

    /// The metric rows since the last call, which become part of the digest.
    pub fn take_rows(&mut self) -> Vec<Row> {
        self.ledger.take_rows()
    }

    /// Number of the replicate.
    pub fn replicate(&self) -> u32 {
        self.host.replicate()
    }

    /// Share of the horizon that has passed, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.ledger.progress()
    }

    /// Whole generations of virtual time that have passed.
    pub fn generations(&self) -> u64 {
        self.ledger.generations()
    }

    /// Documents published so far.
    pub fn documents(&self) -> u64 {
        self.log().published()
    }

    /// The log, to read what was published.
    pub fn log(&self) -> &Log {
        self.host.log()
    }

    /// Ticks of models since this replicate was built or restored.
    pub fn ticks(&self) -> u64 {
        self.ledger.ticks()
    }

    /// Trainings that gave no model.
    pub fn fits_failed(&self) -> u64 {
        self.ledger.fits_failed()
    }

    /// Hash of all metric rows taken so far and of the state of every model.
    ///
    /// # Errors
    /// If a model's state cannot be encoded.
    pub fn digest(&self) -> Result<[u8; 32], SimulationError> {
        self.ledger.digest(self.host.model_hashes())
    }

    /// Everything needed to go on later; documents go to storage. Rows must have been taken.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save(&mut self) -> Result<SimulationState, SimulationError> {
        Ok(SimulationState {
            shards: self.host.save_shards()?,
            log: self.host.save_log()?,
            ledger: self.ledger.save(),
        })
    }

    /// Replaces the state of a freshly built replicate by a saved one of the same scenario.
    ///
    /// # Errors
    /// If the state is of another scenario, or storage fails.
    pub fn restore(
        mut self,
        scenario: &Scenario,
        data: &Data,
        keeping: &Keeping,
        state: SimulationState,
    ) -> Result<Self, SimulationError> {
        self.host
            .restore_log((scenario, data), keeping, state.log)?;
        self.host.restore_shards(state.shards)?;
        self.ledger.restore(state.ledger);
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
