//! The ledger: the books of one replicate, and how far it is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use types::metric::Row;
use types::time::{VirtualDuration, VirtualTime};
use web::{Log, LogState};

use crate::build::Blueprint;
use crate::data::Data;
use crate::host::{Keeping, SimulationError, log_config, refresh};
use crate::outbox::Outbox;
use crate::recorder::{Books, Recorder};
use crate::scenario::schema::Scenario;
use crate::world::Surroundings;

/// The books of one replicate, whoever hosts its shards: it is told what they saw, and holds no document.
#[derive(Debug)]
pub struct Ledger {
    recorder: Recorder,
    /// Beginning of the window that was written down last.
    now: VirtualTime,
    horizon: VirtualTime,
    lookahead: VirtualDuration,
    generation_days: f64,
}

/// A saved [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerState {
    pub(crate) books: Books,
    pub(crate) now: VirtualTime,
}

impl Ledger {
    /// Empty books for replicate number `replicate` of a checked scenario.
    pub fn new(scenario: &Scenario, data: &Data, replicate: u32) -> Self {
        let blueprint = Blueprint::new(scenario, data, replicate);
        Self {
            recorder: Recorder::new(scenario, data, replicate),
            now: VirtualTime::START,
            horizon: VirtualTime::START + blueprint.duration(scenario.horizon),
            lookahead: blueprint.duration(refresh(scenario)),
            generation_days: scenario.generation_days,
        }
    }

    /// Writes down window number `window`: the outboxes of all shards that had something to do in it, in the order of
    /// the shards, and what could be read in it, if somebody observed.
    pub fn record(&mut self, window: u64, outboxes: Vec<Outbox>, around: Option<Surroundings>) {
        self.recorder.record(outboxes, around);
        self.now = VirtualTime(window * self.lookahead.0);
    }

    /// True if the window of this number can come next: it is after the last one, and not after the horizon.
    pub fn may_follow(&self, window: u64) -> bool {
        let start = window.saturating_mul(self.lookahead.0);
        start <= self.horizon.0 && (start > self.now.0 || self.now == VirtualTime::START)
    }

    /// True if what a shard elsewhere hands over can be written down: what it names is in the scenario.
    pub fn takes(&self, outbox: &Outbox) -> bool {
        self.recorder.takes(outbox)
    }

    /// True if what could be read, as it is told from elsewhere, is of the scenario's views.
    pub fn sees(&self, around: &Surroundings) -> bool {
        self.recorder.sees(around)
    }

    /// The metric rows since the last call, which become part of the digest.
    pub fn take_rows(&mut self) -> Vec<Row> {
        self.recorder.take_rows()
    }

    /// Ticks of models since these books were opened.
    pub fn ticks(&self) -> u64 {
        self.recorder.ticks()
    }

    /// The virtual time that the replicate has reached.
    pub fn now(&self) -> VirtualTime {
        self.now
    }

    /// Share of the horizon that has passed, from 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.now.0 as f64 / self.horizon.0.max(1) as f64).min(1.0)
    }

    /// Whole generations of virtual time that have passed.
    pub fn generations(&self) -> u64 {
        libm::floor(self.now.days() / self.generation_days + 1e-9) as u64
    }

    /// Trainings that gave no model.
    pub fn fits_failed(&self) -> u64 {
        self.recorder.fits_failed()
    }

    /// Hash of all metric rows taken so far and of the hashes of all shards' models, in the order of the shards.
    ///
    /// # Errors
    /// The first error among the hashes.
    pub fn digest<E>(
        &self,
        models: impl Iterator<Item = Result<[u8; 32], E>>,
    ) -> Result<[u8; 32], E> {
        self.recorder.digest(models)
    }

    /// Everything needed to go on later. Rows must have been taken.
    pub fn save(&self) -> LedgerState {
        LedgerState {
            books: self.recorder.save(),
            now: self.now,
        }
    }

    /// Goes on with saved books of the same scenario.
    pub fn restore(&mut self, state: LedgerState) {
        self.recorder.restore(state.books);
        self.now = state.now;
    }
}

/// Opens the log that a host has exported, to read what was published.
///
/// # Errors
/// If it cannot be read or is not what was written.
pub fn exported_log(
    (scenario, data): (&Scenario, &Data),
    replicate: u32,
    keeping: &Keeping,
    state: LogState,
) -> Result<Log, SimulationError> {
    let config = log_config(
        &Blueprint::new(scenario, data, replicate),
        replicate,
        keeping.all_documents,
    );
    Ok(Log::restore(config, Arc::clone(&keeping.storage), state)?)
}
