//! One replicate of a scenario in one process, window by window.

use serde::{Deserialize, Serialize};
use sim::Window;
use types::metric::Row;
use types::time::VirtualTime;
use web::{Log, LogState};

use crate::data::Data;
use crate::host::{Host, Keeping, ShardState, SimulationError};
use crate::outbox::Outbox;
use crate::recorder::{Books, Recorder};
use crate::scenario::schema::Scenario;

/// One replicate: all of its shards on one host, and the recorder beside it.
#[derive(Debug)]
pub struct Simulation {
    host: Host,
    recorder: Recorder,
    now: VirtualTime,
    generation_days: f64,
}

/// A saved [`Simulation`]; the documents are in storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SimulationState {
    /// The shards, in their order.
    pub shards: Vec<ShardState>,
    log: LogState,
    books: Books,
    now: VirtualTime,
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
        Self::with_shards(scenario, data, replicate, (keeping, None))
    }

    /// Builds a replicate whose shards are hosted elsewhere: it keeps the web and the books, and is told what the
    /// shards did by [`Simulation::follow`].
    ///
    /// # Errors
    /// [`SimulationError`] if the scenario asks for something that does not exist.
    pub fn without_shards(
        scenario: &Scenario,
        data: &Data,
        replicate: u32,
        keeping: &Keeping,
    ) -> Result<Self, SimulationError> {
        Self::with_shards(scenario, data, replicate, (keeping, Some(&[])))
    }

    fn with_shards(
        scenario: &Scenario,
        data: &Data,
        replicate: u32,
        (keeping, shards): (&Keeping, Option<&[u32]>),
    ) -> Result<Self, SimulationError> {
        Ok(Self {
            host: Host::new((scenario, data), replicate, keeping, shards)?,
            recorder: Recorder::new(scenario, data, replicate),
            now: VirtualTime::START,
            generation_days: scenario.generation_days,
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
        self.advance(window, Vec::new())?;
        Ok(true)
    }

    /// Takes in what shards that are hosted elsewhere did in window number `window`: the outboxes of all that had
    /// something to do, in the order of the shards.
    ///
    /// # Errors
    /// If the log failed. The replicate must not go on then.
    pub fn follow(&mut self, window: u64, outboxes: Vec<Outbox>) -> Result<(), SimulationError> {
        self.advance(self.host.window(window), outboxes)
    }

    /// True if the window of this number can come next: it is after the last one, and not after the horizon.
    pub fn may_follow(&self, window: u64) -> bool {
        let start = window.saturating_mul(self.host.window(1).start.0);
        start <= self.host.horizon().0 && (start > self.now.0 || self.now == VirtualTime::START)
    }

    /// True if what a shard elsewhere hands over can be followed: what it names is in the scenario.
    pub fn takes(&self, outbox: &Outbox) -> bool {
        self.recorder.takes(outbox)
    }

    fn advance(&mut self, window: Window, elsewhere: Vec<Outbox>) -> Result<(), SimulationError> {
        let mut outboxes = self.host.run(window)?;
        outboxes.extend(elsewhere);
        let batches = outboxes.iter_mut().filter_map(|outbox| outbox.batch.take());
        let batches = batches.collect();
        let observed = outboxes
            .iter()
            .any(|outbox| !outbox.observations.is_empty());
        let around = observed.then(|| self.host.surroundings());
        self.recorder.record(outboxes, around);
        self.host.commit(batches)?;
        self.now = window.start;
        Ok(())
    }

    /// The metric rows since the last call, which become part of the digest.
    pub fn take_rows(&mut self) -> Vec<Row> {
        self.recorder.take_rows()
    }

    /// Number of the replicate.
    pub fn replicate(&self) -> u32 {
        self.host.replicate()
    }

    /// Share of the horizon that has passed, from 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.now.0 as f64 / self.host.horizon().0.max(1) as f64).min(1.0)
    }

    /// Whole generations of virtual time that have passed.
    pub fn generations(&self) -> u64 {
        libm::floor(self.now.days() / self.generation_days + 1e-9) as u64
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
        self.recorder.ticks()
    }

    /// Trainings that gave no model.
    pub fn fits_failed(&self) -> u64 {
        self.recorder.fits_failed()
    }

    /// Hash of all metric rows taken so far and of the state of every model.
    ///
    /// # Errors
    /// If a model's state cannot be encoded.
    pub fn digest(&self) -> Result<[u8; 32], SimulationError> {
        self.recorder.digest(self.host.models())
    }

    /// The digest of a replicate whose shards, of which these are the models, are hosted elsewhere.
    pub fn digest_of(&self, models: Vec<Vec<u8>>) -> [u8; 32] {
        let states = models.into_iter().map(Ok::<_, std::convert::Infallible>);
        match self.recorder.digest(states) {
            Ok(digest) => digest,
        }
    }

    /// Everything needed to go on later; documents go to storage. Rows must have been taken.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save(&mut self) -> Result<SimulationState, SimulationError> {
        let shards = self.host.save_shards()?;
        self.save_with(shards)
    }

    /// Like [`Simulation::save`] for a replicate whose shards, of which these are the states, are hosted elsewhere.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save_with(
        &mut self,
        shards: Vec<ShardState>,
    ) -> Result<SimulationState, SimulationError> {
        Ok(SimulationState {
            shards,
            log: self.host.save_log()?,
            books: self.recorder.save(),
            now: self.now,
        })
    }

    /// Replaces the state of a freshly built replicate by a saved one of the same scenario. Shards that are hosted
    /// elsewhere have to be restored there.
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
        if !self.host.shards().is_empty() {
            self.host.restore_shards(state.shards)?;
        }
        self.recorder.restore(state.books);
        self.now = state.now;
        Ok(self)
    }
}
