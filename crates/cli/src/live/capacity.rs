//! The most that a population bears: a search over rates of arrivals or numbers of models.

use ecosystem::scenario::load::Threshold;
use net::live::{Meter, Operation};
use serde::Serialize;

use super::{Verdict, verdicts};
use crate::failure::Failure;

/// The search ends when what holds and what does not are so close, as a ratio.
const CLOSE: f64 = 1.05;
/// So many times the beginning is doubled or halved at most.
const STEPS: u32 = 24;

/// One trial of the search.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    /// Arrivals a second, or models.
    pub size: f64,
    /// True if all thresholds held.
    pub holds: bool,
    /// Deeds done a second.
    pub done_rate: f64,
    /// 99 % of publications were accepted within so many seconds.
    pub publish_p99: Option<f64>,
    /// Of each threshold.
    pub verdicts: Vec<Verdict>,
}

/// What the size of an open load is a number of.
pub const RATE: &str = "arrivals a second";
/// Losses that are too many, whatever the thresholds say.
const LOST: f64 = 0.01;

impl Probe {
    /// What a load of that size came to, that was measured for so many seconds.
    pub fn of(size: f64, thresholds: &[Threshold], (meter, seconds): (&Meter, f64)) -> Self {
        let mut all = verdicts(thresholds, meter, seconds);
        let lost = meter.counts.error_rate();
        all.push(Verdict {
            threshold: format!("error_rate < {:.0}%", 100.0 * LOST),
            value: Some(lost),
            holds: lost < LOST,
        });
        Self {
            size,
            holds: all.iter().all(|verdict| verdict.holds),
            done_rate: meter.counts.done as f64 / seconds.max(1e-9),
            publish_p99: meter.quantile(Operation::Publish, 0.99),
            verdicts: all,
        }
    }
}

/// Doubles or halves from `first` on until both sides of the limit are known, and then halves the distance between them, as a
/// ratio. `whole` if only whole numbers make sense.
///
/// # Errors
/// If a trial cannot be made.
pub fn search(
    first: f64,
    whole: bool,
    mut probe: impl FnMut(f64) -> Result<Probe, Failure>,
) -> Result<Vec<Probe>, Failure> {
    let rounded = |size: f64| if whole { size.round().max(1.0) } else { size };
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let (mut size, mut probes): (f64, Vec<Probe>) = (rounded(first), Vec::new());
    for _ in 0..2 * STEPS {
        let tried = probe(size)?;
        let side = if tried.holds { &mut low } else { &mut high };
        *side = Some(size);
        probes.push(tried);
        let next = match (low, high) {
            (Some(low), Some(high)) if high / low <= CLOSE => break,
            (Some(low), Some(high)) => (low * high).sqrt(),
            (Some(low), None) => 2.0 * low,
            (None, Some(high)) => high / 2.0,
            (None, None) => break,
        };
        size = rounded(next);
        if probes.iter().any(|known| known.size == size) {
            break;
        }
    }
    Ok(probes)
}

/// The largest that held.
pub fn capacity(probes: &[Probe]) -> Option<f64> {
    let held = probes.iter().filter(|probe| probe.holds);
    held.map(|probe| probe.size).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: f64, whole: bool, limit: f64) -> (Option<f64>, usize) {
        let probe = |size| {
            Ok(Probe {
                size,
                holds: size <= limit,
                done_rate: size,
                publish_p99: None,
                verdicts: Vec::new(),
            })
        };
        let probes = search(first, whole, probe).unwrap();
        (capacity(&probes), probes.len())
    }

    #[test]
    fn the_limit_is_found_from_either_side() {
        for (first, limit) in [
            (1.0, 12_345.0),
            (1e6, 777.0),
            (50.0, 51.0),
            (1000.0, 1000.0),
        ] {
            let (capacity, probes) = found(first, false, limit);
            let ratio = limit / capacity.unwrap();
            assert!(
                (1.0..=CLOSE).contains(&ratio),
                "{first} {limit} {capacity:?}"
            );
            assert!(probes < 25, "{probes}");
        }
        assert_eq!(found(4.0, true, 7.0).0, Some(7.0));
        // Nothing holds: it ends.
        assert_eq!(found(8.0, true, 0.5).0, None);
    }
}
