//! The meters of a process.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};

use super::Role;
use super::live::LiveMeters;
use crate::process::{cpu_time, resident_bytes};

type Real = Gauge<f64, AtomicU64>;
type Whole = Gauge<u64, AtomicU64>;

/// Which node a value is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct NodeLabel {
    pub(super) node: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub(super) struct Meters {
    /// Of every process.
    registry: Registry,
    /// Of a coordinator.
    coordinator: Registry,
    /// Of a load.
    load: Registry,
    pub(super) live: LiveMeters,
    pub(super) windows: Counter,
    pub(super) window: Histogram,
    pub(super) barrier: Histogram,
    pub(super) documents: Counter,
    pub(super) published: Counter,
    pub(super) received: Counter,
    pub(super) log_lag: Family<NodeLabel, Whole>,
    pub(super) restarts: Counter,
    pub(super) epoch: Whole,
    pub(super) nodes: Whole,
    pub(super) lease_age: Family<NodeLabel, Real>,
    pub(super) checkpoint: Histogram,
    pub(super) checkpoint_failures: Counter,
    pub(super) virtual_time: Real,
    pub(super) progress: Real,
    pub(super) memory: Whole,
    pub(super) cpu: Counter<f64, AtomicU64>,
}

/// From 0.1 ms to 105 s, by fours.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(1e-4, 4.0, 11))
}

/// Registers a metric; `name` ends with its unit.
pub(super) fn add<M: Metric + Clone>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    metric: M,
) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl Meters {
    pub(super) fn new() -> Self {
        let mut registry = Registry::default();
        let mut coordinator = Registry::default();
        let mut load = Registry::default();
        let own = registry.sub_registry_with_prefix("echosphere");
        let led = coordinator.sub_registry_with_prefix("echosphere");
        let windows = "Windows run, in windows; those that were run again are counted again";
        let window = "Time that one window took, in seconds: at a node to run and publish it, at the coordinator from \
                      the grant until every node has reported";
        let barrier = "Time at the barrier between two windows, in seconds: at a node from its report to the next \
                       grant, at the coordinator from the first node's report to the last one's";
        let documents = "Documents published, in documents; those of windows that were run again are counted again";
        let published = "Payload of messages stored in the durable log by this process, in bytes";
        let received = "Payload of messages of the durable log read by this process, in bytes";
        let lag = "Messages of the durable log that a node has not taken yet, in messages";
        let restarts = "Times that shards were divided anew because a node was lost, in times";
        let epoch = "Times that shards were divided among nodes, in times";
        let nodes = "Nodes that are attached, in nodes";
        let lease_age = "Time since the coordinator heard a node last, in seconds";
        let checkpoint = "Time that one checkpoint took, in seconds";
        let failures = "Checkpoints that could not be written, in checkpoints";
        let virtual_time = "Virtual time that has passed in the current replicate, in days";
        let progress = "Share of the horizon that has passed in the current replicate, from 0 to 1";
        Self {
            live: LiveMeters::new(load.sub_registry_with_prefix("echosphere")),
            load,
            windows: add(own, "windows", windows, Counter::default()),
            window: add(own, "window_seconds", window, seconds()),
            barrier: add(own, "barrier_wait_seconds", barrier, seconds()),
            documents: add(own, "documents_published", documents, Counter::default()),
            published: add(own, "published_bytes", published, Counter::default()),
            received: add(own, "received_bytes", received, Counter::default()),
            log_lag: add(own, "log_lag_messages", lag, Family::default()),
            restarts: add(led, "restarts", restarts, Counter::default()),
            epoch: add(own, "epoch", epoch, Gauge::default()),
            nodes: add(led, "nodes", nodes, Gauge::default()),
            lease_age: add(led, "lease_age_seconds", lease_age, Family::default()),
            checkpoint: add(own, "checkpoint_seconds", checkpoint, seconds()),
            checkpoint_failures: add(own, "checkpoint_failures", failures, Counter::default()),
            virtual_time: add(own, "virtual_time_days", virtual_time, Gauge::default()),
            progress: add(own, "progress_ratio", progress, Gauge::default()),
            memory: add(
                &mut registry,
                "process_resident_memory_bytes",
                "Resident memory of the process, in bytes",
                Gauge::default(),
            ),
            cpu: add(
                &mut registry,
                "process_cpu_seconds",
                "CPU time of all threads of the process, in seconds",
                Counter::default(),
            ),
            registry,
            coordinator,
        }
    }

    /// Everything that a process of this role counts, as Prometheus reads it.
    pub(super) fn text(&self, role: Role) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        match role {
            Role::Coordinator => encode_registry(&mut text, &self.coordinator)?,
            Role::Load => encode_registry(&mut text, &self.load)?,
            Role::Node => {}
        }
        encode_eof(&mut text)?;
        Ok(text)
    }

    /// Looks at what the process costs so far.
    pub(super) fn look_at_process(&self) {
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        let seconds = cpu_time().as_secs_f64();
        // Two scrapes at once must not count the same time twice.
        let spent = self.cpu.inner();
        spent.fetch_max(seconds.to_bits(), Ordering::Relaxed);
    }
}
