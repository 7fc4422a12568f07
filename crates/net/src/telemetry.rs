//! What a process tells Prometheus of itself: counted where it happens, read at `/metrics`.
//!
//! One set of meters a process, because Prometheus scrapes processes. Nothing reads a meter to decide anything, so no
//! result depends on them.

mod live;
mod meters;
mod page;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use self::meters::Meters;
pub(crate) use self::page::{Page, serve};
use crate::live::Meter;

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Leads a run.
    Coordinator,
    /// Hosts shards.
    Node,
    /// Puts a live population under load.
    Load,
}

static METERS: LazyLock<Meters> = LazyLock::new(Meters::new);

/// The newest message of the durable log that the follower of this process has taken, and that the process knows of.
static LOG_TAKEN: AtomicU64 = AtomicU64::new(0);
static LOG_END: AtomicU64 = AtomicU64::new(0);

/// What Prometheus reads of a process of that role.
pub(crate) fn text(role: Role) -> Result<String, std::fmt::Error> {
    METERS.look_at_process();
    METERS.text(role)
}

/// What a live population did in a moment, and how many models and nodes there are.
pub(crate) fn moment(meter: &Meter, (models, nodes): (u32, usize)) {
    METERS.live.note(meter, models);
    METERS.nodes.set(nodes as u64);
}

/// A window is over; `documents` were published in it.
pub(crate) fn window(took: Duration, documents: u64) {
    METERS.windows.inc();
    METERS.documents.inc_by(documents);
    METERS.window.observe(took.as_secs_f64());
}

/// Somebody waited for others between two windows.
pub(crate) fn barrier(waited: Duration) {
    METERS.barrier.observe(waited.as_secs_f64());
}

/// A message of so many bytes is stored at this position of the durable log.
pub(crate) fn published(position: u64, bytes: usize) {
    METERS.published.inc_by(bytes as u64);
    LOG_END.fetch_max(position, Ordering::Relaxed);
}

/// A message of so many bytes was read at this position of the durable log; so many more are there.
pub(crate) fn received((position, more): (u64, u64), bytes: usize) {
    METERS.received.inc_by(bytes as u64);
    LOG_TAKEN.fetch_max(position, Ordering::Relaxed);
    LOG_END.fetch_max(position + more, Ordering::Relaxed);
}

/// A message of so many bytes was heard before it was stored.
pub(crate) fn heard(bytes: usize) {
    METERS.received.inc_by(bytes as u64);
}

/// Everything up to this position of the durable log was taken, or is not needed.
pub(crate) fn taken(position: u64) {
    LOG_TAKEN.fetch_max(position, Ordering::Relaxed);
}

/// Another log is opened, whose positions begin anew.
pub(crate) fn log_opened() {
    LOG_TAKEN.store(0, Ordering::Relaxed);
    LOG_END.store(0, Ordering::Relaxed);
}

/// The newest message of the durable log that was taken, and the newest that is known of.
pub(crate) fn log_positions() -> (u64, u64) {
    let taken = LOG_TAKEN.load(Ordering::Relaxed);
    (taken, LOG_END.load(Ordering::Relaxed).max(taken))
}

/// Shards are divided anew because a node is lost.
pub(crate) fn restart() {
    METERS.restarts.inc();
}

/// How often shards were divided.
pub(crate) fn epoch(epoch: u64) {
    METERS.epoch.set(epoch);
}

/// A checkpoint is written, or could not be.
pub(crate) fn checkpoint(took: Duration, written: bool) {
    METERS.checkpoint.observe(took.as_secs_f64());
    if !written {
        METERS.checkpoint_failures.inc();
    }
}

/// How far the replicate is.
pub(crate) fn progress(virtual_time_days: f64, ratio: f64) {
    METERS.virtual_time.set(virtual_time_days);
    METERS.progress.set(ratio);
}

/// By how much this node lags behind the log.
pub(crate) fn own_lag(name: &str) {
    let (taken, end) = log_positions();
    lag(name, end - taken);
}

fn lag(name: &str, messages: u64) {
    let node = meters::NodeLabel {
        node: name.to_owned(),
    };
    let gauge = METERS.log_lag.get_or_create_owned(&node);
    gauge.set(messages);
}

/// The nodes that are there: their names, for how long each was silent, and by how much each lags behind the log.
pub(crate) fn nodes<'a>(nodes: impl Iterator<Item = (&'a str, Duration, u64)>) {
    METERS.lease_age.clear();
    METERS.log_lag.clear();
    let mut count = 0;
    for (name, silent, messages) in nodes {
        count += 1;
        let node = meters::NodeLabel {
            node: name.to_owned(),
        };
        METERS
            .lease_age
            .get_or_create_owned(&node)
            .set(silent.as_secs_f64());
        lag(name, messages);
    }
    METERS.nodes.set(count);
}
