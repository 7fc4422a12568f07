//! Asking a coordinator how its run stands.

use crate::error::NetError;
use crate::security::{Connection, Link, Security};
use crate::wire::{NodeStatus, StatusRequest};

/// How a run stands.
#[derive(Debug, Clone, PartialEq)]
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
    /// How often shards were divided among nodes.
    pub epoch: u64,
    /// The nodes, in the order in which they came.
    pub nodes: Vec<NodeStanding>,
}

/// How one node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStanding {
    /// Its name.
    pub name: String,
    /// Its worker threads.
    pub threads: u32,
    /// Shards that it hosts.
    pub shards: u32,
    /// Milliseconds since it was heard last.
    pub silent_ms: u64,
}

/// Asks the coordinator at `url`.
///
/// # Errors
/// If there is none, or it does not answer, or not securely.
pub fn status(url: &str, security: &Security) -> Result<Standing, NetError> {
    security.check(&[Connection::Coordinator(url)])?;
    let failed = |error: std::io::Error| NetError::Start {
        program: "a client".to_owned(),
        message: error.to_string(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(failed)?;
    let response = runtime.block_on(async {
        let mut link = Link::open(url, security).await?;
        let answer = link.client.status(StatusRequest {}).await;
        answer.map_err(|status| link.failure(&status))
    })?;
    let response = response.into_inner();
    let node = |node: NodeStatus| NodeStanding {
        name: node.name,
        threads: node.threads,
        shards: node.shards,
        silent_ms: node.silent_ms,
    };
    Ok(Standing {
        run: response.run,
        replicates_done: response.replicates_done,
        replicates: response.replicates,
        windows: response.windows,
        progress: response.progress,
        epoch: response.epoch,
        nodes: response.nodes.into_iter().map(node).collect(),
    })
}
