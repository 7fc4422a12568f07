//! What is measured of a live population: durations as histograms, and counts.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::clock::Nanos;
use crate::wire::Durations;

/// What takes time. All but `service`, `freshness` and `outage` are measured from the instant at which something was meant to begin, so that
/// what waits in a queue is not left out (Tene 2013, coordinated omission).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Until the generator of load handed it over.
    Lag,
    /// Until everything that a training takes has been read.
    Crawl,
    /// Until the training was over.
    Fit,
    /// Until the broker had accepted what was published.
    Publish,
    /// Until what was published could be read.
    Visible,
    /// From the publication of a document until a model had learnt it.
    Freshness,
    /// From the real beginning of a model's work to its end.
    Service,
    /// From the first delivery that failed, or the loss of the connection, until something was accepted again, or until the end.
    Outage,
}

impl Operation {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Lag,
        Self::Crawl,
        Self::Fit,
        Self::Publish,
        Self::Visible,
        Self::Freshness,
        Self::Service,
        Self::Outage,
    ];

    /// As thresholds and tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lag => "lag",
            Self::Crawl => "crawl",
            Self::Fit => "fit",
            Self::Publish => "publish",
            Self::Visible => "visible",
            Self::Freshness => "freshness",
            Self::Service => "service",
            Self::Outage => "outage",
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Deeds that were due.
    pub due: u64,
    /// Deeds that were done.
    pub done: u64,
    /// Deeds that were given up because they had waited too long.
    pub dropped: u64,
    /// Deeds that a full mailbox refused.
    pub rejected: u64,
    /// Deeds that ended in a panic, or whose model could not be brought back from disk.
    pub failed: u64,
    /// Publications that the broker did not accept.
    pub refused: u64,
    /// Trainings that gave no model.
    pub fits_failed: u64,
    /// Documents that were written.
    pub written: u64,
    /// Documents that the broker accepted.
    pub accepted: u64,
    /// Documents that became readable.
    pub visible: u64,
    /// Models that were put away onto disk, each as often as it was.
    pub put_away: u64,
    /// Models that were brought back from there.
    pub brought_back: u64,
}

/// How many counts there are.
const COUNTS: usize = 12;

impl Counts {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (mine, (_, theirs)) in self.all().into_iter().zip(other.named()) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// Adds to the count of that name, if there is one.
    fn add_named(&mut self, name: &str, count: u64) {
        let at = self.named().iter().position(|(known, _)| *known == name);
        if let Some(at) = at {
            let mine = &mut *self.all()[at];
            // Whoever says so may be wrong.
            *mine = mine.saturating_add(count);
        }
    }

    /// All counts, in the order of their names.
    fn all(&mut self) -> [&mut u64; COUNTS] {
        [
            &mut self.due,
            &mut self.done,
            &mut self.dropped,
            &mut self.rejected,
            &mut self.failed,
            &mut self.refused,
            &mut self.fits_failed,
            &mut self.written,
            &mut self.accepted,
            &mut self.visible,
            &mut self.put_away,
            &mut self.brought_back,
        ]
    }

    /// What was due and not done, or done and not accepted.
    pub fn lost(&self) -> u64 {
        self.dropped + self.rejected + self.failed + self.refused
    }

    /// All counts with their names.
    pub fn named(&self) -> [(&'static str, u64); COUNTS] {
        [
            ("due", self.due),
            ("done", self.done),
            ("dropped", self.dropped),
            ("rejected", self.rejected),
            ("failed", self.failed),
            ("refused", self.refused),
            ("fits_failed", self.fits_failed),
            ("written", self.written),
            ("accepted", self.accepted),
            ("visible", self.visible),
            ("put_away", self.put_away),
            ("brought_back", self.brought_back),
        ]
    }

    /// Share of the deeds that were due which were not done, or of which what was published was not accepted.
    pub fn error_rate(&self) -> f64 {
        let lost = self.lost();
        if lost == 0 {
            0.0
        } else {
            lost as f64 / (lost + self.done - self.refused.min(self.done)) as f64
        }
    }
}

/// Longer durations count as this: an hour.
const LONGEST: Nanos = 3_600_000_000_000;
/// Shorter ones as this: a microsecond, below which nothing here is measured well.
const SHORTEST: Nanos = 1_000;
/// Significant digits of durations.
const DIGITS: u8 = 2;

/// Durations and counts of some span of time.
#[derive(Debug, Clone)]
pub struct Meter {
    durations: Vec<Histogram<u64>>,
    /// The counts.
    pub counts: Counts,
}

impl Default for Meter {
    fn default() -> Self {
        let empty = || {
            Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS)
                .expect("bounds and digits are constants that the histogram allows")
        };
        Self {
            durations: Operation::ALL.iter().map(|_| empty()).collect(),
            counts: Counts::default(),
        }
    }
}

impl Meter {
    /// Notes `count` times a duration.
    pub(crate) fn note(&mut self, operation: Operation, nanos: Nanos, count: u64) {
        let value = nanos.clamp(SHORTEST, LONGEST);
        self.durations[operation as usize].saturating_record_n(value, count);
    }

    /// The durations of an operation, in nanoseconds.
    pub fn durations(&self, operation: Operation) -> &Histogram<u64> {
        &self.durations[operation as usize]
    }

    /// A duration that this share of all is at most as long as, in seconds; none of nothing.
    pub fn quantile(&self, operation: Operation, share: f64) -> Option<f64> {
        let durations = self.durations(operation);
        (!durations.is_empty()).then(|| durations.value_at_quantile(share) as f64 / 1e9)
    }

    /// Adds what somebody else measured.
    ///
    /// # Panics
    /// Never: all histograms have the same bounds.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.durations.iter_mut().zip(&other.durations) {
            mine.add(theirs)
                .expect("all histograms have the same bounds");
        }
        self.counts.add(&other.counts);
    }

    /// Counts by name and durations, as they travel.
    pub(crate) fn to_wire(&self) -> (BTreeMap<String, u64>, Vec<Durations>) {
        let counts = self.counts.named();
        let counts = counts.map(|(name, count)| (name.to_owned(), count));
        let durations = Operation::ALL.map(|operation| {
            let recorded = self.durations(operation).iter_recorded();
            let (nanos, counts) = recorded
                .map(|one| (one.value_iterated_to(), one.count_at_value()))
                .unzip();
            Durations {
                operation: operation.name().to_owned(),
                nanos,
                counts,
            }
        });
        (BTreeMap::from(counts), durations.into())
    }

    /// Adds what has travelled. What this version does not know is passed over.
    pub(crate) fn add_wire(&mut self, counts: &BTreeMap<String, u64>, durations: &[Durations]) {
        for (name, count) in counts {
            self.counts.add_named(name, *count);
        }
        for one in durations {
            let named = |known: &Operation| known.name() == one.operation;
            let Some(operation) = Operation::ALL.into_iter().find(named) else {
                continue;
            };
            for (nanos, count) in one.nanos.iter().zip(&one.counts) {
                self.note(operation, *nanos, *count);
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.durations.iter_mut().for_each(Histogram::clear);
        self.counts = Counts::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travels_arrives() {
        let mut meter = Meter::default();
        for (at, count) in meter.counts.all().into_iter().enumerate() {
            *count = 7 + at as u64;
        }
        for (at, operation) in Operation::ALL.into_iter().enumerate() {
            for nanos in [900, 1_500, 123_456_789, 4_000_000_000_000] {
                meter.note(operation, nanos, 1 + at as u64);
            }
        }
        let (counts, durations) = meter.to_wire();
        let mut arrived = Meter::default();
        arrived.add_wire(&counts, &durations);
        assert_eq!(arrived.counts, meter.counts);
        for operation in Operation::ALL {
            assert_eq!(arrived.durations(operation), meter.durations(operation));
        }
    }
}
