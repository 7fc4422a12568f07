//! A live population on the nodes of a leader: what they measure comes together here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::clock::{Clock, Nanos};
use super::{Common, Counts, Ended, Meter, Operation, Settings};
use crate::error::NetError;
use crate::leader::{Disturbance, Housed, Leader};
use crate::wire::Measured;

/// A population that lives on the nodes of a leader.
#[derive(Debug)]
pub struct Spread {
    leader: Arc<Mutex<Leader>>,
    clock: Clock,
    nodes: BTreeMap<u64, Standing>,
    /// What was measured since somebody asked.
    meter: Meter,
    /// What was measured in all.
    counts: Counts,
    /// Position up to which the broker has forgotten what was published.
    forgotten: u64,
    /// When it was asked to.
    looked: Nanos,
}

/// How a node stands.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Standing {
    /// What the node is called.
    pub name: String,
    /// Threads that they live on.
    pub threads: u32,
    /// Models that it hosts.
    pub models: u32,
    /// Memory that they took when all had started, in bytes.
    pub bytes: Option<u64>,
    /// Its resident memory, in bytes.
    pub resident: Option<u64>,
    /// Processor time since the beginning, in seconds.
    pub cpu_seconds: f64,
    /// What it has counted in all.
    pub counts: Counts,
    /// Deeds done a second, as it said last.
    pub done_rate: f64,
    /// 99 % of its deeds were handed out within so many seconds, as it said last.
    pub lag_p99: Option<f64>,
    /// Whether its models live.
    pub state: State,
    #[serde(skip)]
    seconds: f64,
    #[serde(skip)]
    log_taken: u64,
}

/// Whether the models of a node live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// They do.
    Living,
    /// They have ended, and everything they did is known.
    Ended,
    /// The node is gone.
    Lost,
}

/// Between two times at which the broker is asked to forget what all nodes have read, in nanoseconds.
const FORGET: Nanos = 10_000_000_000;

impl Spread {
    /// Starts `models` models on the leader's nodes, and begins their time when all have started. `common` names the log of the
    /// run; nodes are numbered here.
    ///
    /// # Errors
    /// If a node cannot host its part, or is lost on the way.
    pub fn start(
        leader: Arc<Mutex<Leader>>,
        (models, settings, common): (u32, &Settings, &Common),
    ) -> Result<Self, NetError> {
        let for_node = |node, share| {
            let settings = Settings {
                common: Some(Common {
                    node,
                    ..common.clone()
                }),
                share,
                ..settings.clone()
            };
            let bytes = serde_json::to_vec(&settings);
            let bytes = bytes.map_err(|error| NetError::State(error.to_string()))?;
            Ok(bytes.into())
        };
        let housed = {
            let mut leader = lock(&leader);
            let runtime = leader.runtime.handle().clone();
            let housed = runtime.block_on(leader.house(models, for_node));
            let housed = housed.map_err(fatal)?;
            leader.begin_life();
            housed
        };
        let clock = Clock::new(settings.seconds_per_day);
        clock.begin();
        Ok(Self {
            leader,
            clock,
            nodes: housed.iter().map(Standing::new).collect(),
            meter: Meter::default(),
            counts: Counts::default(),
            forgotten: 0,
            looked: 0,
        })
    }

    /// Takes in what nodes have said.
    ///
    /// # Errors
    /// If the run is led by another process now, or the last node has failed.
    pub fn look(&mut self) -> Result<(), NetError> {
        let heard = lock(&self.leader).heard()?;
        for (node, measured) in heard {
            self.note(node, &measured);
        }
        // Names need not be unique: a node is known by its number.
        let leader = lock(&self.leader);
        for (number, node) in &mut self.nodes {
            if node.state == State::Living && !leader.is_host(*number) {
                node.state = State::Lost;
            }
        }
        drop(leader);
        self.forget();
        Ok(())
    }

    fn note(&mut self, node: u64, measured: &Measured) {
        let Some(node) = self.nodes.get_mut(&node) else {
            return;
        };
        let mut meter = Meter::default();
        meter.add_wire(&measured.counts, &measured.durations);
        self.meter.add(&meter);
        self.counts.add(&meter.counts);
        node.note(measured, &meter);
    }

    /// Lets the broker forget what all nodes have read, so that a long load does not fill its disk.
    fn forget(&mut self) {
        let now = self.clock.now();
        if now < self.looked + FORGET {
            return;
        }
        self.looked = now;
        let living = self
            .nodes
            .values()
            .filter(|node| node.state == State::Living);
        let read = living.map(|node| node.log_taken).min().unwrap_or(0);
        if read > self.forgotten {
            self.forgotten = read;
            lock(&self.leader).forget(read);
        }
    }

    /// The nodes, in the order in which they came.
    pub fn nodes(&self) -> Vec<Standing> {
        self.nodes.values().cloned().collect()
    }

    /// Begins nothing any more; what is under way goes on.
    pub fn stop(&self) {
        lock(&self.leader).stop_life(false);
    }

    /// Gives up whatever is not begun yet, because nobody wants to wait for it.
    pub fn abandon(&self) {
        lock(&self.leader).stop_life(true);
    }

    /// True if no node's models live.
    pub fn is_over(&self) -> bool {
        self.nodes.values().all(|node| node.state != State::Living)
    }

    /// Since the start, in seconds.
    pub fn seconds(&self) -> f64 {
        self.clock.now() as f64 / 1e9
    }

    /// Moves what was measured since the last call into `meter`.
    pub fn collect(&mut self, meter: &mut Meter) {
        meter.add(&self.meter);
        self.meter.clear();
    }

    /// How it has ended, as far as nodes have said.
    pub fn ended(&self) -> Ended {
        Ended {
            published: self.counts.accepted,
            visible: self.counts.visible,
        }
    }
}

impl Standing {
    fn new(housed: &Housed) -> (u64, Self) {
        let standing = Self {
            threads: housed.threads,
            bytes: housed.bytes,
            ..Self::named(&housed.name, housed.models)
        };
        (housed.node, standing)
    }

    /// A node that was not heard of yet.
    pub fn named(name: &str, models: u32) -> Self {
        Self {
            name: name.to_owned(),
            threads: 1,
            models,
            bytes: None,
            resident: None,
            cpu_seconds: 0.0,
            counts: Counts::default(),
            done_rate: 0.0,
            lag_p99: None,
            state: State::Living,
            seconds: 0.0,
            log_taken: 0,
        }
    }

    fn note(&mut self, measured: &Measured, meter: &Meter) {
        let seconds = measured.seconds - self.seconds;
        if measured.ended {
            self.state = State::Ended;
        } else {
            self.done_rate = meter.counts.done as f64 / seconds.max(1e-9);
            self.lag_p99 = meter.quantile(Operation::Lag, 0.99);
        }
        self.counts.add(&meter.counts);
        self.seconds = measured.seconds;
        self.resident = measured.resident_bytes;
        self.cpu_seconds = measured.cpu_seconds;
        self.log_taken = self.log_taken.max(measured.log_taken);
    }
}

fn lock(leader: &Mutex<Leader>) -> std::sync::MutexGuard<'_, Leader> {
    leader.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fatal(disturbance: Disturbance) -> NetError {
    let message = match disturbance {
        Disturbance::Fatal(error) => return error,
        Disturbance::Lost(name) => format!("the node {name} was lost while models were started"),
        Disturbance::Damaged(message) => message,
    };
    NetError::State(message)
}
