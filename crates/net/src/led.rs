//! One replicate whose shards are hosted by nodes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ecosystem::scenario::schema::Scenario;
use ecosystem::{Data, Keeping, Ledger, Outbox, Surroundings};
use tokio::runtime::Handle;
use types::metric::Row;
use web::{Log, LogState};

use crate::error::NetError;
use crate::leader::{Disturbance, Leader};
use crate::log::DurableLog;
use crate::saved::{Blob, LedState};
use crate::wire::{self, Saved, Segment, ShardReport, WireError, outbox_of, surroundings_of_wire};

/// What a replicate is made from.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The resolved scenario.
    pub scenario: Arc<Scenario>,
    /// Its corpora.
    pub data: Arc<Data>,
    /// Where nodes leave the log, for those who want the documents at the end.
    pub keeping: Keeping,
    /// Number of the replicate.
    pub replicate: u32,
}

/// A replicate that nodes run, as the coordinator sees it: the same steps, rows and digest as of a
/// [`Simulation`](ecosystem::Simulation).
///
/// Whatever happens to nodes, it goes on from the last saved state; what was reported before is not reported again.
#[derive(Debug)]
pub struct Led {
    leader: Arc<Mutex<Leader>>,
    recipe: Recipe,
    ledger: Ledger,
    /// What was published in the last window, which hosts have yet to commit.
    pending: Option<Segment>,
    /// Where to go back to, and where if that is damaged; at first the beginning of the replicate.
    saved: [SavePoint; 2],
    /// Windows run since the beginning of this value, and as far as rows were reported.
    windows: u64,
    reported: u64,
    /// The newest message of the durable log when it was saved last.
    log_end: u64,
    ticks: u64,
    rows: Vec<Row>,
}

/// A saved state, or the beginning, and how many windows had been run then.
#[derive(Debug, Clone, Default)]
struct SavePoint {
    state: Option<Arc<LedState>>,
    windows: u64,
}

impl Led {
    /// Leases a replicate to the leader's nodes, from its beginning or from a saved state.
    ///
    /// # Errors
    /// If the replicate cannot be built, or no node is there.
    pub fn new(
        leader: Arc<Mutex<Leader>>,
        recipe: Recipe,
        saved: Option<LedState>,
    ) -> Result<Self, NetError> {
        let start = SavePoint {
            state: saved.map(Arc::new),
            windows: 0,
        };
        let mut led = Self {
            leader,
            ledger: Ledger::new(&recipe.scenario, &recipe.data, recipe.replicate),
            recipe,
            pending: None,
            saved: [start.clone(), start],
            windows: 0,
            reported: 0,
            log_end: 0,
            ticks: 0,
            rows: Vec::new(),
        };
        led.rewind();
        if let Err(disturbance) = led.lease() {
            led.recover(disturbance)?;
        }
        Ok(led)
    }

    /// The books.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Number of the replicate.
    pub fn replicate(&self) -> u32 {
        self.recipe.replicate
    }

    /// Runs one window; false at the end.
    ///
    /// # Errors
    /// If no node is left, the broker is away for too long, or a node cannot go on.
    pub fn step(&mut self) -> Result<bool, NetError> {
        let _span = self.span().entered();
        loop {
            match self.try_step() {
                Ok(true) if self.windows <= self.reported => {}
                Ok(more) => {
                    self.reported = self.windows;
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
        let saved = self.persist(|led| led.ask((true, false)))?;
        lock(&self.leader).note_replicate_done(self.recipe.replicate);
        let blobs = blobs(&saved)?;
        self.ledger
            .digest(blobs.into_iter().map(|blob| Ok(blob.hash)))
    }

    /// Everything that was published, as far as it is kept.
    ///
    /// # Errors
    /// As [`Led::step`], or if the checkpoint store fails.
    pub fn log(&mut self) -> Result<Log, NetError> {
        let saved = self.persist(|led| led.ask((true, true)))?;
        let Recipe {
            scenario,
            data,
            keeping,
            replicate,
        } = &self.recipe;
        let ingredients = (scenario.as_ref(), data.as_ref());
        let state = log_state(&saved)?;
        Ok(ecosystem::exported_log(
            ingredients,
            *replicate,
            keeping,
            state,
        )?)
    }

    /// Everything needed to go on later, on nodes or without.
    ///
    /// # Errors
    /// As [`Led::step`], and [`NetError::Unsaved`] if the checkpoint store cannot be written to; the replicate can go on
    /// then.
    pub fn save(&mut self) -> Result<LedState, NetError> {
        self.persist(Self::try_save)
    }

    /// Names of the blobs that may be gone back to.
    pub fn blobs(&self) -> impl Iterator<Item = String> {
        let states = self.saved.iter().filter_map(|point| point.state.as_deref());
        states.flat_map(LedState::blobs)
    }

    /// Does something between two windows, and does it again at the same place if nodes are lost on the way.
    fn persist<T>(
        &mut self,
        act: impl Fn(&mut Self) -> Result<T, Disturbance>,
    ) -> Result<T, NetError> {
        let _span = self.span().entered();
        loop {
            let reached = self.windows;
            let mut disturbance = match act(self) {
                Ok(value) => return Ok(value),
                Err(disturbance) => disturbance,
            };
            loop {
                self.recover(disturbance)?;
                match self.catch_up(reached) {
                    Ok(()) => break,
                    Err(again) => disturbance = again,
                }
            }
        }
    }

    fn catch_up(&mut self, reached: u64) -> Result<(), Disturbance> {
        while self.windows < reached && self.try_step()? {}
        Ok(())
    }

    fn ask(&mut self, what: (bool, bool)) -> Result<Vec<Saved>, Disturbance> {
        // Once they are asked, hosts commit what is pending, whatever becomes of the answer.
        let pending = self.pending.take();
        let saved = self
            .handle()
            .block_on(lock(&self.leader).save(pending, what))?;
        match saved.iter().find(|saved| !saved.problem.is_empty()) {
            Some(saved) => Err(NetError::Unsaved(saved.problem.clone()).into()),
            None => Ok(saved),
        }
    }

    fn try_save(&mut self) -> Result<LedState, Disturbance> {
        let saved = self.ask((false, true))?;
        let state = LedState {
            shards: blobs(&saved)?,
            log: log_state(&saved)?,
            ledger: self.ledger.save(),
        };
        let point = SavePoint {
            state: Some(Arc::new(state.clone())),
            windows: self.windows,
        };
        self.saved = [point, std::mem::take(&mut self.saved[0])];
        self.forget_old_batches()?;
        Ok(state)
    }

    /// Whoever goes back begins a new epoch behind everything that is in the durable log now; what followers have yet to
    /// pass over stays until the next time.
    fn forget_old_batches(&mut self) -> Result<(), NetError> {
        let (handle, log) = self.broker();
        let passed = std::mem::replace(&mut self.log_end, handle.block_on(log.end())?);
        handle.block_on(log.forget_before(passed + 1));
        Ok(())
    }

    /// Carries the run, the replicate and the epoch to what is logged.
    fn span(&self) -> tracing::Span {
        let leader = lock(&self.leader);
        let (epoch, replicate) = (leader.epoch(), self.recipe.replicate);
        tracing::error_span!(parent: &leader.span, "replicate", replicate, epoch)
    }

    fn handle(&self) -> Handle {
        lock(&self.leader).runtime.handle().clone()
    }

    fn broker(&self) -> (Handle, DurableLog) {
        (self.handle(), lock(&self.leader).log.clone())
    }

    fn try_step(&mut self) -> Result<bool, Disturbance> {
        if lock(&self.leader).wants_change()? {
            self.change()?;
        }
        if lock(&self.leader).fills_the_log() {
            self.try_save()?;
        }
        let next = lock(&self.leader).next_window();
        let Some(window) = next else { return Ok(false) };
        self.check_next_windows()?;
        let before = self.ledger.ticks();
        self.run_window(window)?;
        self.windows += 1;
        let rows = self.ledger.take_rows();
        if self.windows > self.reported {
            self.rows.extend(rows);
            self.ticks += self.ledger.ticks() - before;
        }
        let replicates = (self.recipe.replicate, self.recipe.scenario.replicates);
        lock(&self.leader).note_progress(replicates, self.windows, self.ledger.progress());
        Ok(true)
    }

    /// Gives up a node that has named a next window that cannot come.
    fn check_next_windows(&self) -> Result<(), Disturbance> {
        let mut leader = lock(&self.leader);
        let mut named = leader.next_windows().into_iter();
        match named.find(|next| !self.ledger.may_follow(*next)) {
            Some(window) => Err(leader.expel_who_named(window)),
            None => Ok(()),
        }
    }

    /// Divides the shards anew, so that whoever came hosts some, and whoever leaves none. If nothing can be saved, they
    /// have to wait.
    fn change(&mut self) -> Result<(), Disturbance> {
        match self.try_save() {
            Ok(_) => self.lease(),
            Err(Disturbance::Fatal(NetError::Unsaved(problem))) => {
                tracing::warn!(
                    "nodes that come or go have to wait: no checkpoint could be written: {problem}"
                );
                Ok(())
            }
            Err(disturbance) => Err(disturbance),
        }
    }

    fn run_window(&mut self, window: u64) -> Result<(), Disturbance> {
        let pending = self.pending.take();
        let span = lock(&self.leader).window_span(window, self.ledger.progress());
        let _span = span.entered();
        let (reports, around) = self
            .handle()
            .block_on(lock(&self.leader).window(window, pending))?;
        self.check_next_windows()?;
        let outboxes = match self.outboxes(&reports) {
            Ok(outboxes) => outboxes,
            Err((shard, error)) => {
                return Err(lock(&self.leader).expel_host_of(shard, &error));
            }
        };
        let around = match around {
            None => None,
            Some((id, around)) => Some(self.surroundings((id, &around))?),
        };
        self.ledger.record(window, outboxes, around);
        let published = reports.into_iter().filter_map(|report| report.published);
        let segment = Segment {
            batches: published.collect(),
        };
        self.pending = Some(segment).filter(|segment| !segment.batches.is_empty());
        Ok(())
    }

    /// What could be read, as a node says.
    fn surroundings(
        &self,
        (id, around): (u64, &wire::Surroundings),
    ) -> Result<Surroundings, Disturbance> {
        let unknown = WireError("what could be read is not in the scenario");
        match surroundings_of_wire(around) {
            Ok(around) if self.ledger.sees(&around) => Ok(around),
            Ok(_) => Err(lock(&self.leader).expel_host(id, &unknown)),
            Err(error) => Err(lock(&self.leader).expel_host(id, &error)),
        }
    }

    /// What reports say, or the shard whose report is malformed.
    fn outboxes(&self, reports: &[ShardReport]) -> Result<Vec<Outbox>, (u32, WireError)> {
        let outbox = |report: &ShardReport| {
            let outbox = outbox_of(report).map_err(|error| (report.shard, error))?;
            if self.ledger.takes(&outbox) {
                return Ok(outbox);
            }
            let unknown = WireError("an observation names what is not in the scenario");
            Err((report.shard, unknown))
        };
        reports.iter().map(outbox).collect()
    }

    /// Goes back to the last saved state, on the nodes that are left.
    fn recover(&mut self, mut disturbance: Disturbance) -> Result<(), NetError> {
        loop {
            match disturbance {
                Disturbance::Fatal(error) => return Err(error),
                Disturbance::Damaged(message) => self.give_up_checkpoint(message)?,
                Disturbance::Lost(name) => tracing::warn!(
                    node = name,
                    "going back from window {} to {}",
                    self.windows,
                    self.saved[0].windows
                ),
            }
            self.rewind();
            match self.lease() {
                Ok(()) => return Ok(()),
                Err(again) => disturbance = again,
            }
        }
    }

    /// The newest checkpoint is damaged: the one before has to serve.
    fn give_up_checkpoint(&mut self, message: String) -> Result<(), NetError> {
        if self.saved[0].windows == self.saved[1].windows {
            return Err(NetError::Damaged(message));
        }
        tracing::warn!(
            "the newest checkpoint is damaged ({message}): going back to the one before"
        );
        self.saved[0] = self.saved[1].clone();
        Ok(())
    }

    fn rewind(&mut self) {
        let Recipe {
            scenario,
            data,
            replicate,
            ..
        } = &self.recipe;
        self.ledger = Ledger::new(scenario, data, *replicate);
        if let Some(state) = &self.saved[0].state {
            self.ledger.restore(state.ledger);
        }
        self.windows = self.saved[0].windows;
        self.pending = None;
    }

    /// Divides the shards anew among all nodes, who begin where this value is.
    fn lease(&mut self) -> Result<(), Disturbance> {
        let shards = ecosystem::shards(&self.recipe.scenario) as u32;
        let state = self.saved[0].state.clone();
        self.handle()
            .block_on(lock(&self.leader).lease((self.recipe.replicate, shards), state.as_deref()))
    }
}

fn lock(leader: &Mutex<Leader>) -> MutexGuard<'_, Leader> {
    leader.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What all nodes have saved, in the order of shards.
fn blobs(saved: &[Saved]) -> Result<Vec<Blob>, NetError> {
    let states = saved.iter().flat_map(|saved| &saved.states);
    Ok(states.map(Blob::of_wire).collect::<Result<_, _>>()?)
}

/// The log that one of them has saved.
fn log_state(saved: &[Saved]) -> Result<LogState, NetError> {
    let bytes = saved.iter().map(|saved| &saved.log);
    let bytes = bytes
        .max_by_key(|log| log.len())
        .ok_or(WireError("nobody has saved the log"))?;
    postcard::from_bytes(bytes).map_err(|error| NetError::State(error.to_string()))
}
