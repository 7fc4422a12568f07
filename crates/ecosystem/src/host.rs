//! A host: some shards of one replicate, and the web as they see it.

use std::collections::VecDeque;
use std::sync::Arc;

use learn::NgramError;
use serde::{Deserialize, Serialize};
use sim::{AgendaState, Engine, Window, ZeroLookahead};
use types::document::{Lineage, Publication};
use types::time::VirtualTime;
use web::{Batch, Index, IndexConfig, Log, LogConfig, LogError, LogState, Storage};

use crate::build::{AnyShard, Blueprint, retention};
use crate::data::Data;
use crate::facts::Asking;
use crate::outbox::Outbox;
use crate::scenario::schema::{Scenario, Span};
use crate::shard::Signal;
use crate::world::{Surroundings, World};

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

/// Shards of one replicate with their own copy of the web. Whoever drives it runs a window, gathers what all shards of
/// the replicate published in it, wherever they are hosted, and commits that; so every host has the same web.
#[derive(Debug)]
pub struct Host {
    replicate: u32,
    shards: Vec<u32>,
    engine: Engine<World, AnyShard>,
    world: World,
    horizon: VirtualTime,
    /// What is yet to change: from when on, and the actors as they are then but for what they have become.
    stages: VecDeque<(VirtualTime, Vec<AnyShard>)>,
}

/// A saved shard: its models, and what it has yet to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardState {
    agenda: AgendaState<Signal>,
    /// The states of its models, which are part of the digest.
    pub models: Vec<u8>,
}

impl std::fmt::Debug for dyn crate::shard::ShardActor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShardActor")
    }
}

impl Host {
    /// Builds the shards of replicate number `replicate` whose numbers are among `shards`, in ascending order; `None`
    /// for all of them, where nobody else has a part in the replicate and windows are committed without being told what
    /// was published.
    ///
    /// # Errors
    /// [`SimulationError`] if the scenario asks for something that does not exist.
    pub fn new(
        (scenario, data): (&Scenario, &Data),
        replicate: u32,
        keeping: &Keeping,
        shards: Option<&[u32]>,
    ) -> Result<Self, SimulationError> {
        let blueprint = Blueprint::new(scenario, data, replicate);
        let mut world = blank_world(&blueprint, (replicate, keeping), shards.is_none());
        let shards = match shards {
            Some(some) => some.to_vec(),
            None => (0..crate::partition::shards(scenario) as u32).collect(),
        };
        if let Some(batch) = web_seed(&blueprint) {
            world.publish(vec![batch])?;
        }
        let horizon = VirtualTime::START + blueprint.duration(scenario.horizon);
        let mut engine = Engine::new(blueprint.duration(refresh(scenario)), horizon)?;
        for shard in actors(&blueprint, &shards)? {
            let events = shard.first_events();
            engine.spawn(shard, events);
        }
        let mut stages = VecDeque::new();
        for stage in &blueprint.stages {
            let actors = actors(&blueprint.at_stage(stage), &shards)?;
            stages.push_back((blueprint.instant(stage.at), actors));
        }
        Ok(Self {
            replicate,
            shards,
            engine,
            world,
            horizon,
            stages,
        })
    }

    /// The window with the earliest event of a shard that is hosted here; `None` if nothing is left to do here.
    pub fn next_window(&self) -> Option<Window> {
        self.engine.next_window()
    }

    /// Runs all events of a window. Gives what the shards hand over, in the order of the shards; each is shown to `ready`
    /// as soon as it is there, in any order, on any thread. Nothing is part of the web before [`Host::commit`].
    ///
    /// # Errors
    /// If the log failed. The replicate must not go on then.
    pub fn run(
        &mut self,
        window: Window,
        ready: &(dyn Fn(&Outbox) + Sync),
    ) -> Result<Vec<Outbox>, SimulationError> {
        self.intervene(window.start)?;
        self.world.refresh(window.start)?;
        self.engine.run_window(window, &mut self.world, ready)?;
        Ok(self.world.take_outboxes())
    }

    /// Makes the changes that are due at the beginning of a window: other actors go on with what the present ones have become.
    fn intervene(&mut self, start: VirtualTime) -> Result<(), SimulationError> {
        let replicate = self.replicate;
        let failed = |error: postcard::Error| state_error(replicate, &error);
        while self.stages.front().is_some_and(|stage| stage.0 <= start) {
            let Some((_, actors)) = self.stages.pop_front() else {
                break;
            };
            for (present, mut next) in self.engine.actors_mut().zip(actors) {
                let state = present.save().map_err(failed)?;
                next.restore(&state).map_err(failed)?;
                *present = next;
            }
        }
        Ok(())
    }

    /// Makes the window that ran last part of the web: the batches of all shards of the replicate in the order of the
    /// shards, or none if all of them are hosted here.
    ///
    /// # Errors
    /// If the log failed. The replicate must not go on then.
    pub fn commit(&mut self, batches: Vec<Batch>) -> Result<(), SimulationError> {
        let log = self.world.log_mut();
        if !batches.is_empty() {
            log.stage(batches);
        }
        Ok(log.seal()?)
    }

    /// Number of the replicate.
    pub fn replicate(&self) -> u32 {
        self.replicate
    }

    /// The shards that are hosted here, ascending.
    pub fn shards(&self) -> &[u32] {
        &self.shards
    }

    /// The last instant.
    pub fn horizon(&self) -> VirtualTime {
        self.horizon
    }

    /// The log, to read what was published.
    pub fn log(&self) -> &Log {
        self.world.log()
    }

    /// Hashes of the states of the shards' models, in the order of the shards.
    pub fn model_hashes(&self) -> impl Iterator<Item = Result<[u8; 32], SimulationError>> {
        self.models()
            .map(|models| Ok(blake3::hash(&models?).into()))
    }

    /// The states of the shards' models, in the order of the shards.
    fn models(&self) -> impl Iterator<Item = Result<Vec<u8>, SimulationError>> {
        let failed = |error: postcard::Error| state_error(self.replicate, &error);
        self.engine
            .actors()
            .map(move |shard| shard.save().map_err(failed))
    }

    /// Everything about the shards that is needed to go on later, in the order of the shards.
    ///
    /// # Errors
    /// If a model's state cannot be encoded.
    pub fn save_shards(&self) -> Result<Vec<ShardState>, SimulationError> {
        let state = |(agenda, models): (_, Result<_, _>)| {
            models.map(|models| ShardState { agenda, models })
        };
        self.engine.save().zip(self.models()).map(state).collect()
    }

    /// The log, put into storage.
    ///
    /// # Errors
    /// If storage fails.
    pub fn save_log(&mut self) -> Result<LogState, SimulationError> {
        Ok(self.world.log_mut().save()?)
    }

    /// The log, put into a storage that other hosts can read as well.
    ///
    /// # Errors
    /// If storage fails.
    pub fn export_log(&mut self, far: &dyn Storage) -> Result<LogState, SimulationError> {
        Ok(self.world.log_mut().export(far)?)
    }

    /// Replaces the state of freshly built shards.
    ///
    /// # Errors
    /// If the state is of other shards.
    pub fn restore_shards(&mut self, states: Vec<ShardState>) -> Result<(), SimulationError> {
        let replicate = self.replicate;
        let failed = |error: postcard::Error| state_error(replicate, &error);
        for (shard, state) in self.engine.actors_mut().zip(&states) {
            shard.restore(&state.models).map_err(failed)?;
        }
        if self
            .engine
            .restore(states.into_iter().map(|state| state.agenda).collect())
        {
            Ok(())
        } else {
            Err(state_error(replicate, &"it has another number of shards"))
        }
    }

    /// Replaces the log by a saved one of the same scenario.
    ///
    /// # Errors
    /// If storage fails.
    pub fn restore_log(
        &mut self,
        (scenario, data): (&Scenario, &Data),
        keeping: &Keeping,
        state: LogState,
    ) -> Result<(), SimulationError> {
        let blueprint = Blueprint::new(scenario, data, self.replicate);
        let config = log_config(&blueprint, self.replicate, keeping.all_documents);
        let log = Log::restore(config, Arc::clone(&keeping.storage), state)?;
        self.world = self.world.with_log(log, blank_index(&blueprint));
        Ok(())
    }

    /// The window of that number.
    pub fn window(&self, index: u64) -> Window {
        self.engine.window(index)
    }

    /// What the observer may know of the web, as of the window that ran last.
    pub fn surroundings(&self) -> Surroundings {
        self.world.surroundings()
    }
}

/// The actors with these numbers.
fn actors(blueprint: &Blueprint<'_>, shards: &[u32]) -> Result<Vec<AnyShard>, SimulationError> {
    let wanted = |shard| shards.binary_search(&shard).is_ok();
    let mut actors = Vec::new();
    for number in 0..blueprint.scenario.population.len() {
        actors.extend(blueprint.shards(number, &wanted)?);
    }
    actors.extend(blueprint.writers(&wanted));
    Ok(actors)
}

pub(crate) fn state_error(replicate: u32, error: &dyn std::fmt::Display) -> SimulationError {
    SimulationError::State {
        replicate,
        message: error.to_string(),
    }
}

pub(crate) fn blank_world(
    blueprint: &Blueprint<'_>,
    (replicate, keeping): (u32, &Keeping),
    whole: bool,
) -> World {
    let config = log_config(blueprint, replicate, keeping.all_documents);
    let log = Log::new(config, Arc::clone(&keeping.storage));
    let asking = Asking::new(blueprint);
    World::new(log, blank_index(blueprint), whole, asking)
}

fn blank_index(blueprint: &Blueprint<'_>) -> Index {
    let index = Index::new(index_config(blueprint), models(blueprint.scenario));
    index.curated_by(blueprint.curators())
}

fn models(scenario: &Scenario) -> usize {
    scenario
        .population
        .iter()
        .map(|population| population.count as usize)
        .sum()
}

pub(crate) fn refresh(scenario: &Scenario) -> Span {
    scenario.web.index_refresh.unwrap_or(scenario.web.index_lag)
}

pub(crate) fn log_config(blueprint: &Blueprint<'_>, replicate: u32, keep_all: bool) -> LogConfig {
    LogConfig {
        kind: blueprint.kind(),
        memory_bytes_max: u64::from(blueprint.scenario.web.memory_mib) << 20,
        keep_all,
        prefix: format!("r{replicate:06}-"),
    }
}

pub(crate) fn index_config(blueprint: &Blueprint<'_>) -> IndexConfig {
    let scenario = blueprint.scenario;
    IndexConfig {
        retention: retention(scenario.web.retention),
        lag: blueprint.duration(scenario.web.index_lag),
        generation: types::time::VirtualDuration::from_days(scenario.generation_days),
        views: blueprint.views.clone(),
        place: blueprint.place(),
    }
}

/// The real documents that the web begins with.
pub(crate) fn web_seed(blueprint: &Blueprint<'_>) -> Option<Batch> {
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
        None => {
            content = source
                .truth
                .sample((blueprint.kind(), None), count, &mut rng);
        }
    }
    let publication = Publication {
        author: None,
        models: 1,
        generation: 0,
        time: VirtualTime::START,
        lineage: Lineage::REAL,
        documents: content.len() as u32,
        site: None,
    };
    Some(Batch {
        publications: vec![publication],
        content,
    })
}
