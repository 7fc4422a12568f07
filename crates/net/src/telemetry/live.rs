//! The meters of a load.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::meters::add;
use crate::live::{Meter, Operation};

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CountLabel {
    kind: &'static str,
}

/// What took so long.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabel {
    operation: &'static str,
    quantile: &'static str,
}

/// The meters of a load.
#[derive(Debug)]
pub(super) struct LiveMeters {
    counts: Family<CountLabel, Counter>,
    durations: Family<DurationLabel, Gauge<f64, AtomicU64>>,
    models: Gauge<u64, AtomicU64>,
}

/// Shares of all durations, by name.
const QUANTILES: [(f64, &str); 4] = [(0.5, "0.5"), (0.9, "0.9"), (0.99, "0.99"), (1.0, "1")];

impl LiveMeters {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let counts = "What was due, done, dropped, rejected, failed and so on, in deeds, publications (refused) or documents \
                      (written, accepted, visible)";
        let durations = "Time that operations took in the last second, in seconds";
        let models = "Models that live, in models";
        Self {
            counts: add(registry, "load", counts, Family::default()),
            durations: add(registry, "load_seconds", durations, Family::default()),
            models: add(registry, "load_models", models, Gauge::default()),
        }
    }

    /// Notes what was measured in a moment.
    pub(super) fn note(&self, meter: &Meter, models: u32) {
        self.models.set(u64::from(models));
        for (kind, count) in meter.counts.named() {
            let counter = self.counts.get_or_create_owned(&CountLabel { kind });
            counter.inc_by(count);
        }
        for operation in Operation::ALL {
            for (share, quantile) in QUANTILES {
                let Some(seconds) = meter.quantile(operation, share) else {
                    continue;
                };
                let label = DurationLabel {
                    operation: operation.name(),
                    quantile,
                };
                self.durations.get_or_create_owned(&label).set(seconds);
            }
        }
    }
}
