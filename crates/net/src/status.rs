//! Asking a coordinator how its run stands.

use tokio::runtime::Runtime;

use crate::error::NetError;
use crate::security::{Connection, Link, Security};
use crate::wire::{NodeStatus, StatusRequest, StatusResponse};

/// How a run stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Name of the run at the broker.
    pub run: String,
    /// Replicates that are finished.
    pub replicates_done: u32,
    /// All replicates.
    pub replicates: u32,
    /// Windows run in the current replicate.
    pub windows: u64,
    /// Share of the horizon that has passed in the current replicate, from 0 to 1.
    pub progress: f64,
    /// Virtual time that has passed in the current replicate, in days.
    pub virtual_time_days: f64,
    /// Windows a second, over the last half minute.
    pub windows_per_second: f64,
    /// Seconds until all replicates are finished, at the pace of the last half minute.
    pub seconds_left: Option<f64>,
    /// How often shards were divided among nodes.
    pub epoch: u64,
    /// How often that was because a node was lost.
    pub restarts: u64,
    /// The newest message of the durable log, counted from 1.
    pub log_end: u64,
    /// Number of the newest checkpoint.
    pub checkpoint: Option<u64>,
    /// Milliseconds since it was written.
    pub checkpoint_age_ms: Option<u64>,
    /// The coordinator ends: the run is finished, or was interrupted.
    pub ended: bool,
    /// The nodes, in the order in which they came.
    pub nodes: Vec<NodeStanding>,
}

/// How one node stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeStanding {
    /// The number that the coordinator knows it by.
    pub node: u64,
    /// Its name.
    pub name: String,
    /// Its worker threads.
    pub threads: u32,
    /// Shards that it hosts.
    pub shards: u32,
    /// Milliseconds since it was heard last.
    pub silent_ms: u64,
    /// Its shards go to others after the window that runs.
    pub draining: bool,
    /// Messages of the durable log that it had not taken at the end of its last window.
    pub log_lag: u64,
    /// Microseconds that its last window took to run.
    pub run_us: Option<u64>,
    /// Microseconds that its last window took to publish.
    pub publish_us: Option<u64>,
    /// Microseconds that it waited before its last window.
    pub wait_us: Option<u64>,
}

/// Asks the coordinator at `url`.
///
/// # Errors
/// If there is none, or it does not answer, or not securely.
pub fn status(url: &str, security: &Security) -> Result<Standing, NetError> {
    runtime(url, security)?.block_on(async {
        let mut link = Link::open(url, security).await?;
        let answer = link.client.status(StatusRequest {}).await;
        let response = answer.map_err(|status| link.failure(&status))?;
        Ok(standing(response.into_inner()))
    })
}

/// Asks the coordinator at `url` until it ends, about once a second; `show` is given every answer. Gives true if the last
/// answer said that the coordinator ends, false if it went without a word.
///
/// # Errors
/// If there is none, or what `show` returns.
pub fn watch<E: From<NetError>>(
    url: &str,
    security: &Security,
    mut show: impl FnMut(&Standing) -> Result<(), E>,
) -> Result<bool, E> {
    let runtime = runtime(url, security)?;
    let mut ended = false;
    let mut answers = runtime.block_on(async {
        let mut link = Link::open(url, security).await?;
        let answers = link.client.watch(StatusRequest {}).await;
        let answers = answers.map_err(|status| link.failure(&status))?;
        Ok::<_, NetError>(answers.into_inner())
    })?;
    while let Ok(Some(answer)) = runtime.block_on(answers.message()) {
        let standing = standing(answer);
        ended = standing.ended;
        show(&standing)?;
    }
    Ok(ended)
}

/// Something to ask the coordinator at `url` with, if that is secure.
pub(crate) fn runtime(url: &str, security: &Security) -> Result<Runtime, NetError> {
    security.check(&[Connection::Coordinator(url)])?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| NetError::Start {
        program: "a client".to_owned(),
        message: error.to_string(),
    })
}

fn standing(response: StatusResponse) -> Standing {
    Standing {
        run: response.run,
        replicates_done: response.replicates_done,
        replicates: response.replicates,
        windows: response.windows,
        progress: response.progress,
        virtual_time_days: response.virtual_time_days,
        windows_per_second: response.windows_per_second,
        seconds_left: response.seconds_left,
        epoch: response.epoch,
        restarts: response.restarts,
        log_end: response.log_end,
        checkpoint: response.checkpoint,
        checkpoint_age_ms: response.checkpoint_age_ms,
        ended: response.ended,
        nodes: response.nodes.into_iter().map(node_standing).collect(),
    }
}

fn node_standing(node: NodeStatus) -> NodeStanding {
    NodeStanding {
        node: node.node,
        name: node.name,
        threads: node.threads,
        shards: node.shards,
        silent_ms: node.silent_ms,
        draining: node.draining,
        log_lag: node.log_lag,
        run_us: node.run_us,
        publish_us: node.publish_us,
        wait_us: node.wait_us,
    }
}
