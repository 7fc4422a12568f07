//! Whether thresholds hold.

use ecosystem::scenario::load::{Subject, Threshold};
use net::live::{Meter, Operation};
use serde::Serialize;

/// A threshold and what was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The threshold as it was written.
    pub threshold: String,
    /// What was measured: seconds, a share, or a number a second; nothing if it never happened.
    pub value: Option<f64>,
    /// True if it holds. What never happened keeps to nothing.
    pub holds: bool,
}

/// What becomes of each threshold, over a whole load of so many seconds.
pub fn verdicts(thresholds: &[Threshold], meter: &Meter, seconds: f64) -> Vec<Verdict> {
    let judge = |threshold: &Threshold| {
        let value = measured(&threshold.subject, meter, seconds);
        Verdict {
            threshold: threshold.text.clone(),
            holds: value.is_some_and(|value| threshold.holds(value)),
            value,
        }
    };
    thresholds.iter().map(judge).collect()
}

fn measured(subject: &Subject, meter: &Meter, seconds: f64) -> Option<f64> {
    match subject {
        Subject::Quantile(operation, share) => meter.quantile(named(operation)?, *share),
        Subject::Mean(operation) => {
            let durations = meter.durations(named(operation)?);
            (!durations.is_empty()).then(|| durations.mean() / 1e9)
        }
        Subject::ErrorRate => Some(meter.counts.error_rate()),
        Subject::DoneRate => Some(meter.counts.done as f64 / seconds),
    }
}

fn named(operation: &str) -> Option<Operation> {
    Operation::ALL
        .into_iter()
        .find(|known| known.name() == operation)
}
