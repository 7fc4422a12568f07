//! What can go wrong between machines.

use crate::wire::WireError;

/// Why a distributed run, or one node of it, could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// A server could not be reached, or refused the connection.
    #[error("cannot reach {what} at {address}: {message}")]
    Unreachable {
        /// What was to be reached.
        what: &'static str,
        /// Where.
        address: String,
        /// What the attempt came to.
        message: String,
    },
    /// The durable log failed.
    #[error("the durable log on NATS JetStream failed to {action}: {message}")]
    Log {
        /// What was tried.
        action: &'static str,
        /// What the broker said.
        message: String,
    },
    /// The durable log is at its bound.
    #[error(
        "the durable log on NATS JetStream is full: checkpoint more often, so that it can forget (--checkpoint-every), or give it more room (--log-mib)"
    )]
    LogFull,
    /// The broker has too few servers.
    #[error(
        "the NATS server cannot keep {wanted} copies of the log ({message}): name a cluster of at least {wanted} servers with JetStream, or ask for fewer copies with --nats-replicas"
    )]
    Replicas {
        /// Copies that were asked for.
        wanted: u8,
        /// What the broker said.
        message: String,
    },
    /// A peer sent what no peer of this version would.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Something is called what nothing may be called.
    #[error("{0}")]
    Name(String),
    /// A connection would not be, or was not, as secure as it has to be.
    #[error("{0}")]
    Insecure(String),
    /// A node that was to be drained is not there.
    #[error("{0}")]
    NoSuchNode(String),
    /// The coordinator refused this node.
    #[error("the coordinator refused this node: {0}")]
    Refused(String),
    /// The scenario cannot be opened on this machine.
    #[error("the coordinator's scenario cannot be run on this machine: {0}")]
    Data(String),
    /// The replicate failed on this machine.
    #[error(transparent)]
    Simulation(#[from] ecosystem::SimulationError),
    /// A node reported that it could not go on.
    #[error("node {name} failed: {message}")]
    Node {
        /// The node's name.
        name: String,
        /// What it said.
        message: String,
    },
    /// Nobody is left to run shards, and nobody came in time.
    #[error("no node is left, and none joined within {seconds} s")]
    NoNodes {
        /// How long was waited.
        seconds: u64,
    },
    /// A server could not be started.
    #[error("cannot start {program}: {message}")]
    Start {
        /// The program.
        program: String,
        /// Why, and what to do.
        message: String,
    },
    /// The checkpoint store cannot be used.
    #[error("the checkpoint store {url} cannot be used: {message}")]
    Store {
        /// Where it is.
        url: String,
        /// What is wrong.
        message: String,
    },
    /// A checkpoint could not be written; the run could go on.
    #[error("no checkpoint could be written: {0}")]
    Unsaved(String),
    /// The broker knows a run of this name with another scenario.
    #[error(
        "run {0} at this broker is of another scenario, or of this one with other values: choose another --run"
    )]
    OtherScenario(String),
    /// The run is led by another process that lives.
    #[error("run {run} is led by another coordinator already, on {host}")]
    AlreadyLed {
        /// Name of the run.
        run: String,
        /// Where the other one is.
        host: String,
    },
    /// Another process leads the run now.
    #[error(
        "another coordinator has taken the run over: this one was silent for longer than its lease"
    )]
    Superseded,
    /// No checkpoint that is left can be restored.
    #[error("no checkpoint that is left can be restored: {0}")]
    Damaged(String),
    /// A saved state does not fit.
    #[error("the state of a shard cannot be decoded: {0}")]
    State(String),
}

impl NetError {
    pub(crate) fn log(action: &'static str, error: impl std::fmt::Display) -> Self {
        Self::Log {
            action,
            message: error.to_string(),
        }
    }
}
