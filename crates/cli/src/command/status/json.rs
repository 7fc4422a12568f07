//! A run's standing for programs.

use net::{NodeStanding, Standing};
use serde_json::{Value, json};

/// One object; names end with their units, and what is unknown is null.
pub(super) fn of(standing: &Standing) -> Value {
    json!({
        "run": standing.run,
        "replicates_done": standing.replicates_done,
        "replicates": standing.replicates,
        "windows": standing.windows,
        "progress_ratio": standing.progress,
        "virtual_time_days": standing.virtual_time_days,
        "windows_per_second": standing.windows_per_second,
        "seconds_left": standing.seconds_left,
        "epoch": standing.epoch,
        "restarts": standing.restarts,
        "log_end": standing.log_end,
        "checkpoint": standing.checkpoint,
        "checkpoint_age_ms": standing.checkpoint_age_ms,
        "ended": standing.ended,
        "nodes": standing.nodes.iter().map(node).collect::<Vec<_>>(),
    })
}

fn node(node: &NodeStanding) -> Value {
    json!({
        "node": node.node,
        "name": node.name,
        "threads": node.threads,
        "shards": node.shards,
        "silent_ms": node.silent_ms,
        "draining": node.draining,
        "log_lag_messages": node.log_lag,
        "run_us": node.run_us,
        "publish_us": node.publish_us,
        "wait_us": node.wait_us,
    })
}
