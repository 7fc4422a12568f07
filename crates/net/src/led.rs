//! One replicate whose shards are hosted by nodes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ecosystem::scenario::schema::Scenario;
use ecosystem::{Data, Keeping, Outbox, ShardState, Simulation, SimulationState};
use prost::bytes::Bytes;
use tokio::runtime::Handle;
use types::metric::Row;

use crate::error::NetError;
use crate::inbox::Inbox;
use crate::leader::{Disturbance, Leader};
use crate::log::DurableLog;
use crate::wire::{Checkpoint, Segment, ShardReport, WireError, outbox_of};

/// What a replicate is made from.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The resolved scenario.
    pub scenario: Arc<Scenario>,
    /// Its corpora.
    pub data: Arc<Data>,
    /// Where the coordinator keeps its copy of the log.
    pub keeping: Keeping,
    /// Number of the replicate.
    pub replicate: u32,
}

/// A replicate that nodes run, as the coordinator sees it: the same steps, rows and digest as of a [`Simulation`].
///
/// Whatever happens to nodes, it goes on from the last saved state; what was reported before is not reported again.
#[derive(Debug)]
pub struct Led {
    leader: Arc<Mutex<Leader>>,
    recipe: Recipe,
    simulation: Simulation,
    inbox: Inbox,
    /// Where in the durable log this replicate begins.
    log_from: u64,
    /// Where the batches of segments are, as far as they are in the durable log.
    segments: BTreeMap<usize, Segment>,
    /// What was published in the last window, which hosts have yet to commit.
    pending: Option<Segment>,
    saved: Option<SimulationState>,
    /// `segments` when it was saved.
    saved_segments: BTreeMap<usize, Segment>,
    /// Windows run since the beginning of this value, when it was saved, and as far as rows were reported.
    windows: Count,
    ticks: u64,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    now: u64,
    saved: u64,
    reported: u64,
}

impl Led {
    /// Leases a replicate to the leader's nodes, from its beginning or from a saved state.
    ///
    /// # Errors
    /// If the replicate cannot be built, or no node is there.
    pub fn new(
        leader: Arc<Mutex<Leader>>,
        recipe: Recipe,
        saved: Option<SimulationState>,
    ) -> Result<Self, NetError> {
        let (handle, log) = {
            let leader = lock(&leader);
            (leader.runtime.handle().clone(), leader.log.clone())
        };
        let log_from = handle.block_on(log.end())? + 1;
        let simulation = build(&recipe, saved.clone())?;
        let mut led = Self {
            inbox: handle.block_on(async { Inbox::new(&log, log_from) }),
            leader,
            recipe,
            simulation,
            log_from,
            segments: BTreeMap::new(),
            pending: None,
            saved,
            saved_segments: BTreeMap::new(),
            windows: Count::default(),
            ticks: 0,
            rows: Vec::new(),
        };
        if let Err(disturbance) = led.lease() {
            led.recover(disturbance)?;
        }
        Ok(led)
    }

    /// The coordinator's copy: log, progress, generations. Its shards are elsewhere.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Runs one window; false at the end.
    ///
    /// # Errors
    /// If no node is left, the broker is away for too long, or a node cannot go on.
    pub fn step(&mut self) -> Result<bool, NetError> {
        loop {
            match self.try_step() {
                Ok(true) if self.windows.now <= self.windows.reported => {}
                Ok(more) => {
                    self.windows.reported = self.windows.now;
                    return Ok(more);
                }
                Err(disturbance) => self.recover(disturbance)?,
            }
        }
    }

    /// The rows of the steps since the last call.
    pub fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// Ticks of models in the steps so far.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// The digest of the finished replicate.
    ///
    /// # Errors
    /// As [`Led::step`].
    pub fn digest(&mut self) -> Result<[u8; 32], NetError> {
        loop {
            let handle = self.handle();
            let states = handle.block_on(lock(&self.leader).states(true));
            match states {
                Ok(states) => {
                    let models = states.into_iter().map(Vec::from).collect();
                    return Ok(self.simulation.digest_of(models));
                }
                Err(disturbance) => self.recover(disturbance)?,
            }
            while self.step()? {}
        }
    }

    /// Everything needed to go on later, on nodes or without.
    ///
    /// # Errors
    /// As [`Led::step`], or if the coordinator's storage fails.
    pub fn save(&mut self) -> Result<SimulationState, NetError> {
        loop {
            match self.try_save() {
                Ok(state) => return Ok(state),
                Err(disturbance) => {
                    let reached = self.windows.now;
                    self.recover(disturbance)?;
                    while self.windows.now < reached {
                        match self.try_step() {
                            Ok(_) => {}
                            Err(disturbance) => self.recover(disturbance)?,
                        }
                    }
                }
            }
        }
    }

    fn handle(&self) -> Handle {
        lock(&self.leader).runtime.handle().clone()
    }

    fn try_save(&mut self) -> Result<SimulationState, Disturbance> {
        let states = self.handle().block_on(lock(&self.leader).states(false))?;
        let shards = states
            .iter()
            .map(|bytes| postcard::from_bytes::<ShardState>(bytes));
        let shards = shards.collect::<Result<_, _>>();
        let shards = shards.map_err(|error| NetError::State(error.to_string()))?;
        let state = self.simulation.save_with(shards).map_err(NetError::from)?;
        self.saved = Some(state.clone());
        self.windows.saved = self.windows.now;
        self.saved_segments = self.segments.clone();
        self.forget_old_batches()?;
        Ok(state)
    }

    /// Nobody goes back behind what was just saved: only what can still be read stays at the broker.
    fn forget_old_batches(&mut self) -> Result<(), NetError> {
        let (handle, log) = (self.handle(), lock(&self.leader).log.clone());
        let segments = self.segments.values();
        let positions = segments.flat_map(|segment| segment.batches.iter().map(|at| at.position));
        self.log_from = match positions.min() {
            Some(first) => first,
            None => handle.block_on(log.end())? + 1,
        };
        handle.block_on(log.forget_before(self.log_from))
    }

    fn try_step(&mut self) -> Result<bool, Disturbance> {
        if lock(&self.leader).wants_change()? {
            self.try_save()?;
            self.lease()?;
        }
        let next = lock(&self.leader).next_window();
        let Some(window) = next else { return Ok(false) };
        self.check_next_windows()?;
        let before = self.simulation.ticks();
        self.run_window(window)?;
        self.windows.now += 1;
        let rows = self.simulation.take_rows();
        if self.windows.now > self.windows.reported {
            self.rows.extend(rows);
            self.ticks += self.simulation.ticks() - before;
        }
        let replicates = (self.recipe.replicate, self.recipe.scenario.replicates);
        lock(&self.leader).note_progress(replicates, self.windows.now, self.simulation.progress());
        Ok(true)
    }

    /// Gives up a node that has named a next window that cannot come.
    fn check_next_windows(&self) -> Result<(), Disturbance> {
        let mut leader = lock(&self.leader);
        let named = leader.next_windows();
        match named
            .into_iter()
            .find(|next| !self.simulation.may_follow(*next))
        {
            Some(window) => Err(leader.expel_who_named(window)),
            None => Ok(()),
        }
    }

    fn run_window(&mut self, window: u64) -> Result<(), Disturbance> {
        let handle = self.handle();
        let pending = self.pending.take();
        let reports = handle.block_on(lock(&self.leader).window(window, pending))?;
        self.check_next_windows()?;
        let segment = Segment {
            batches: reports
                .iter()
                .filter_map(|report| report.published.clone())
                .collect(),
        };
        let batches = handle.block_on(self.inbox.take(std::slice::from_ref(&segment)))?;
        let number = self.simulation.log().segment_numbers().end;
        let outboxes = match self.outboxes(&reports, batches.into_iter().flatten()) {
            Ok(outboxes) => outboxes,
            Err((shard, error)) => {
                return Err(lock(&self.leader).expel_host_of(shard, &error));
            }
        };
        self.simulation
            .follow(window, outboxes)
            .map_err(NetError::from)?;
        self.forget_old_segments();
        if !segment.batches.is_empty() {
            self.segments.insert(number, segment.clone());
            self.pending = Some(segment);
        }
        Ok(())
    }

    /// Reports with the documents that they name, or the shard whose report is malformed.
    fn outboxes(
        &self,
        reports: &[ShardReport],
        mut batches: impl Iterator<Item = web::Batch>,
    ) -> Result<Vec<Outbox>, (u32, WireError)> {
        let mut outboxes = Vec::with_capacity(reports.len());
        for report in reports {
            let mut outbox = outbox_of(report).map_err(|error| (report.shard, error))?;
            if !self.simulation.takes(&outbox) {
                let unknown = WireError("an observation names what is not in the scenario");
                return Err((report.shard, unknown));
            }
            if report.published.is_some() {
                outbox.batch = batches.next();
            }
            outboxes.push(outbox);
        }
        Ok(outboxes)
    }

    fn forget_old_segments(&mut self) {
        let start = self.simulation.log().segment_numbers().start;
        self.segments.retain(|number, _| *number >= start);
    }

    /// Goes back to the last saved state, on the nodes that are left.
    fn recover(&mut self, mut disturbance: Disturbance) -> Result<(), NetError> {
        loop {
            match disturbance {
                Disturbance::Fatal(error) => return Err(error),
                Disturbance::Lost(name) => tracing::warn!(
                    node = name,
                    "going back from window {} to {}",
                    self.windows.now,
                    self.windows.saved
                ),
            }
            self.simulation = build(&self.recipe, self.saved.clone())?;
            self.windows.now = self.windows.saved;
            self.segments = self.saved_segments.clone();
            let (handle, log) = (self.handle(), lock(&self.leader).log.clone());
            let from = self.log_from;
            self.inbox = handle.block_on(async { Inbox::new(&log, from) });
            match self.lease() {
                Ok(()) => return Ok(()),
                Err(again) => disturbance = again,
            }
        }
    }

    /// Divides the shards anew among all nodes.
    fn lease(&mut self) -> Result<(), Disturbance> {
        let shards = ecosystem::shards(&self.recipe.scenario) as u32;
        let place = (self.recipe.replicate, shards, self.log_from);
        let (handle, log) = (self.handle(), lock(&self.leader).log.clone());
        let checkpoint = match &self.saved {
            None => None,
            Some(saved) => {
                let states = saved
                    .shards
                    .iter()
                    .map(|state| postcard::to_stdvec(state).map(Bytes::from));
                let states: Result<Vec<Bytes>, _> = states.collect();
                let states = states.map_err(|error| NetError::State(error.to_string()))?;
                Some((self.checkpoint(&handle, &log)?, states))
            }
        };
        self.pending = None;
        handle.block_on(lock(&self.leader).lease(place, checkpoint))
    }

    /// Where the segments are that can still be read; those that are not in the durable log are put there.
    fn checkpoint(&mut self, handle: &Handle, log: &DurableLog) -> Result<Checkpoint, NetError> {
        let own = self.simulation.log();
        let numbers = own.segment_numbers();
        let documents_before = if numbers.is_empty() {
            own.published()
        } else {
            own.segment(numbers.start).first.0
        };
        let epoch = lock(&self.leader).epoch_next();
        let mut segments = Vec::with_capacity(numbers.len());
        for number in numbers.clone() {
            if !self.segments.contains_key(&number) {
                let batch = own
                    .batch(number)
                    .map_err(ecosystem::SimulationError::from)?;
                let name = format!("{}-{epoch}-segment-{number}", self.recipe.replicate);
                let batches = handle.block_on(log.publish(vec![(name, &batch)]))?;
                self.segments.insert(number, Segment { batches });
            }
            segments.push(self.segments[&number].clone());
        }
        Ok(Checkpoint {
            segments,
            segments_dropped: numbers.start as u64,
            documents_before,
            states: Vec::new(),
        })
    }
}

fn lock(leader: &Mutex<Leader>) -> MutexGuard<'_, Leader> {
    leader.lock().unwrap_or_else(PoisonError::into_inner)
}

fn build(recipe: &Recipe, saved: Option<SimulationState>) -> Result<Simulation, NetError> {
    let Recipe {
        scenario,
        data,
        keeping,
        replicate,
    } = recipe;
    let fresh = Simulation::without_shards(scenario, data, *replicate, keeping)?;
    Ok(match saved {
        None => fresh,
        Some(state) => fresh.restore(scenario, data, keeping, state)?,
    })
}
