//! One replicate of a scenario, window by window.

use std::sync::Arc;

use learn::NgramError;
use serde::{Deserialize, Serialize};
use sim::{Engine, EngineState, World as _, ZeroLookahead};
use types::document::{Lineage, Publication};
use types::metric::Row;
use types::time::VirtualTime;
use web::{Batch, Index, IndexConfig, Log, LogConfig, LogError, LogState, Storage};

use crate::build::{AnyShard, Blueprint, retention};
use crate::data::Data;
use crate::digest::Chain;
use crate::metrics::ECOSYSTEM_METRICS;
use crate::observer::Observer;
use crate::scenario::schema::Scenario;
use crate::shard::Signal;
use crate::world::World;

/// Why a replicate could not be built or could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// Nothing could ever run in parallel.
    #[error(transparent)]
    Lookahead(#[from] ZeroLookahead),
    /// An n-gram family of that shape does not exist.
    #[error(transparent)]
    Ngram(#[from] NgramError),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A checkpoint could not be written or read.
    #[error("the state of replicate {replicate} cannot be encoded or decoded: {message}")]
    State {
        /// Which replicate.
        replicate: u32,
        /// What is wrong.
        message: String,
    },
}

/// Where a replicate keeps its log, and whether it keeps all of it.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// Takes what does not fit into memory, and what checkpoints need.
    pub storage: Arc<dyn Storage>,
    /// Keeps every document to the end.
    pub all_documents: bool,
}

/// One replicate.
#[derive(Debug)]
pub struct Simulation {
    replicate: u32,
    engine: Engine<World, AnyShard>,
    world: World,
    chain: Chain,
    horizon: VirtualTime,
    now: VirtualTime,
    generation_days: f64,
}

impl std::fmt::Debug for dyn crate::shard::ShardActor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShardActor")
    }
}

/// A saved [`Simulation`]; the documents are in storage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SimulationState {
    engine: EngineState<Signal>,
    shards: Vec<Vec<u8>>,
    log: LogState,
    fits_failed: u64,
    chain: Chain,
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
        let blueprint = Blueprint::new(scenario, data, replicate);
        let log = Log::new(
            log_config(&blueprint, replicate, keeping),
            Arc::clone(&keeping.storage),
        );
        let index = Index::new(index_config(&blueprint), models(scenario));
        let mut world = World::new(log, index, observer(&blueprint, replicate));
        if let Some(batch) = web_seed(&blueprint) {
            world.publish(batch)?;
        }
        let horizon = VirtualTime::START + blueprint.duration(scenario.horizon);
        let mut engine = Engine::new(blueprint.duration(refresh(scenario)), horizon)?;
        for number in 0..scenario.population.len() {
            for shard in blueprint.shards(number)? {
                let events = shard.first_events();
                engine.spawn(shard, events);
            }
        }
        let (chain, now, generation_days) = (
            Chain::default(),
            VirtualTime::START,
            scenario.generation_days,
        );
        Ok(Self {
            replicate,
            engine,
            world,
            chain,
            horizon,
            now,
            generation_days,
        })
    }

    /// Runs one window; false at the end.
    ///
    /// # Errors
    /// If the log failed. The replicate must not go on then.
    pub fn step(&mut self) -> Result<bool, SimulationError> {
        let Some(window) = self.engine.next_window() else {
            return Ok(false);
        };
        self.world.refresh(window.start);
        self.engine.run_window(window, &mut self.world)?;
        self.world.commit(window)?;
        self.now = window.start;
        Ok(true)
    }

    /// The metric rows since the last call, which become part of the digest.
    pub fn take_rows(&mut self) -> Vec<Row> {
        let rows = self.world.take_rows();
        self.chain.rows(&rows);
        rows
    }

    /// Number of the replicate.
    pub fn replicate(&self) -> u32 {
        self.replicate
    }

    /// Share of the horizon that has passed, from 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.now.0 as f64 / self.horizon.0.max(1) as f64).min(1.0)
    }

    /// Whole generations of virtual time that have passed.
    pub fn generations(&self) -> u64 {
        libm::floor(self.now.days() / self.generation_days + 1e-9) as u64
    }

    /// Documents published so far.
    pub fn documents(&self) -> u64 {
        self.world.log().published()
    }

    /// The log, to read what was published.
    pub fn log(&self) -> &Log {
        self.world.log()
    }

    /// Ticks of models since this replicate was built or restored.
    pub fn ticks(&self) -> u64 {
        self.world.ticks()
    }

    /// Trainings that gave no model.
    pub fn fits_failed(&self) -> u64 {
        self.world.fits_failed()
    }

    /// Hash of all metric rows taken so far and of the state of every model.
    ///
    /// # Errors
    /// If a model's state cannot be encoded.
    pub fn digest(&self) -> Result<[u8; 32], SimulationError> {
        let states = self.engine.actors().map(|shard| shard.save());
        self.chain
            .with_states(states)
            .map_err(|error| self.state_error(&error))
    }

    fn shard_states(&self) -> Result<Vec<Vec<u8>>, SimulationError> {
        let states: Result<_, _> = self.engine.actors().map(|shard| shard.save()).collect();
        states.map_err(|error| self.state_error(&error))
    }

    fn state_error(&self, error: &dyn std::fmt::Display) -> SimulationError {
        SimulationError::State {
            replicate: self.replicate,
            message: error.to_string(),
        }
    }

    /// Everything needed to go on later; documents go to storage. Rows must have been taken.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save(&mut self) -> Result<SimulationState, SimulationError> {
        Ok(SimulationState {
            shards: self.shard_states()?,
            log: self.world.log_mut().save()?,
            engine: self.engine.save(),
            fits_failed: self.world.fits_failed(),
            chain: self.chain,
            now: self.now,
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
        let blueprint = Blueprint::new(scenario, data, self.replicate);
        let config = log_config(&blueprint, self.replicate, keeping);
        let log = Log::restore(config, Arc::clone(&keeping.storage), state.log)?;
        let index = Index::new(index_config(&blueprint), models(scenario));
        self.world = World::new(log, index, observer(&blueprint, self.replicate));
        self.world.set_fits_failed(state.fits_failed);
        (self.chain, self.now) = (state.chain, state.now);
        let mut result = Ok(());
        for (shard, bytes) in self.engine.actors_mut().zip(&state.shards) {
            result = result.and(shard.restore(bytes));
        }
        if let Err(error) = result {
            return Err(self.state_error(&error));
        }
        if !self.engine.restore(state.engine) {
            return Err(self.state_error(&"it has another number of shards"));
        }
        Ok(self)
    }
}

fn models(scenario: &Scenario) -> usize {
    scenario
        .population
        .iter()
        .map(|population| population.count as usize)
        .sum()
}

fn refresh(scenario: &Scenario) -> crate::scenario::schema::Span {
    scenario.web.index_refresh.unwrap_or(scenario.web.index_lag)
}

fn log_config(blueprint: &Blueprint<'_>, replicate: u32, keeping: &Keeping) -> LogConfig {
    LogConfig {
        kind: blueprint.kind(),
        memory_bytes_max: u64::from(blueprint.scenario.web.memory_mib) << 20,
        keep_all: keeping.all_documents,
        prefix: format!("r{replicate:06}-"),
    }
}

fn index_config(blueprint: &Blueprint<'_>) -> IndexConfig {
    let scenario = blueprint.scenario;
    IndexConfig {
        retention: retention(scenario.web.retention),
        lag: blueprint.duration(scenario.web.index_lag),
        generation: types::time::VirtualDuration::from_days(scenario.generation_days),
        views: blueprint.views.clone(),
    }
}

fn observer(blueprint: &Blueprint<'_>, replicate: u32) -> Observer {
    let populations = blueprint.scenario.population.iter();
    let populations = populations
        .map(|population| (Arc::from(population.name.as_str()), population.count))
        .collect();
    let tasks: Vec<Arc<str>> = blueprint
        .tasks()
        .iter()
        .map(|(name, _)| Arc::from(name.as_str()))
        .collect();
    let mut observer = Observer::new(replicate, populations, tasks.clone());
    observer.prompt_tasks = tasks;
    let wanted = ECOSYSTEM_METRICS
        .iter()
        .map(|info| info.name)
        .filter(|name| blueprint.wants(name));
    observer.wanted = wanted.collect();
    let populations = blueprint.scenario.population.iter();
    observer.reads = populations
        .map(|population| blueprint.view_of(population))
        .collect();
    observer
}

/// The real documents that the web begins with.
fn web_seed(blueprint: &Blueprint<'_>) -> Option<Batch> {
    let seed = blueprint.scenario.web.seed.as_ref()?;
    let source = blueprint
        .data
        .sources
        .get(&seed.corpus)?
        .in_kind(blueprint.kind());
    let count = seed.documents as usize;
    let mut rng = blueprint.keys.web_seed.stream(0, 0);
    let mut content = types::content::Content::empty(blueprint.kind());
    match &source.given {
        Some(given) => content.extend(given, 0..count.min(given.len())),
        None => content = source.truth.sample(blueprint.kind(), count, &mut rng),
    }
    let publication = Publication {
        author: None,
        models: 1,
        generation: 0,
        time: VirtualTime::START,
        lineage: Lineage::REAL,
        documents: content.len() as u32,
    };
    Some(Batch {
        publications: vec![publication],
        content,
    })
}
