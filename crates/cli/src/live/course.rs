//! What a load did, second by second, in memory that does not grow with its length.

use net::live::{Counts, Meter, Operation};
use serde::Serialize;

use super::population::{Finished, Population};
use crate::failure::Failure;
use crate::run::Stop;

/// Most moments that are kept; then two become one.
const MOMENTS: usize = 600;

/// A last moment that is shorter, in seconds, is part of the one before.
const SHORT: f64 = 0.5;

/// Buckets of durations for every factor of ten, from a microsecond on.
const PER_DECADE: f64 = 8.0;
/// Decades from a microsecond to more than an hour.
const DECADES: usize = 10;

/// A span of time.
#[derive(Debug, Clone, Serialize)]
pub struct Moment {
    /// When it ended, in seconds since the start.
    pub end: f64,
    /// How long it was, in seconds.
    pub seconds: f64,
    /// What was counted in it.
    pub counts: Counts,
    /// Resident memory at its end, in bytes.
    pub resident: Option<u64>,
    /// Processor time in it, in seconds.
    pub cpu_seconds: f64,
    /// Of every operation, how many durations fell into each bucket.
    pub buckets: Vec<Vec<u32>>,
}

/// All moments of a load.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// In order.
    pub moments: Vec<Moment>,
    /// Length of a moment, as a power of two of a second.
    doublings: u32,
    /// Processor time until the end of the last, in seconds.
    spent: f64,
}

/// What the processes of a population cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// Resident memory, in bytes.
    pub(super) resident: Option<u64>,
    /// Processor time since the beginning, in seconds.
    pub(super) cpu_seconds: f64,
}

/// The lower edge of a bucket, in seconds.
pub(super) fn edge(bucket: usize) -> f64 {
    1e-6 * 10f64.powf(bucket as f64 / PER_DECADE)
}

fn bucket(nanos: u64) -> usize {
    let micros = nanos.max(1_000) as f64 / 1e3;
    ((micros.log10() * PER_DECADE) as usize).min(DECADES * PER_DECADE as usize - 1)
}

impl Moment {
    fn of(meter: &Meter, (begin, end): (f64, f64), cost: Cost) -> Self {
        let spread = |operation: &Operation| {
            let mut buckets = vec![0; DECADES * PER_DECADE as usize];
            for value in meter.durations(*operation).iter_recorded() {
                let count = value.count_at_value().min(u64::from(u32::MAX)) as u32;
                let place: &mut u32 = &mut buckets[bucket(value.value_iterated_to())];
                *place = place.saturating_add(count);
            }
            buckets
        };
        Self {
            end,
            seconds: end - begin,
            counts: meter.counts,
            resident: cost.resident,
            cpu_seconds: cost.cpu_seconds,
            buckets: Operation::ALL.iter().map(spread).collect(),
        }
    }

    /// A duration that this share of all of an operation is at most as long as, to within a bucket, in seconds.
    pub fn quantile(&self, operation: Operation, share: f64) -> Option<f64> {
        let buckets = &self.buckets[operation as usize];
        let total: u64 = buckets.iter().map(|count| u64::from(*count)).sum();
        let wanted = (share * total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reached = buckets.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        });
        reached.map(|bucket| edge(bucket + 1))
    }

    /// This and the next as one.
    fn with(mut self, next: &Self) -> Self {
        self.end = next.end;
        self.seconds += next.seconds;
        self.counts.add(&next.counts);
        self.resident = self.resident.max(next.resident);
        self.cpu_seconds += next.cpu_seconds;
        for (mine, theirs) in self.buckets.iter_mut().zip(&next.buckets) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.saturating_add(*theirs);
            }
        }
        self
    }
}

impl Course {
    #[cfg(test)]
    pub(super) fn of(moments: Vec<Moment>) -> Self {
        Self {
            moments,
            ..Self::default()
        }
    }

    /// Growth of resident memory in bytes an hour, by least squares over the second half of the load; none of less than nine moments.
    pub fn growth(&self) -> Option<f64> {
        let later = &self.moments[self.moments.len() / 2..];
        let known = |moment: &Moment| Some((moment.end, moment.resident? as f64));
        let points: Vec<(f64, f64)> = later.iter().filter_map(known).collect();
        if points.len() < 5 {
            return None;
        }
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (time, bytes) = (mean(|point| point.0), mean(|point| point.1));
        let covariance: f64 = points.iter().map(|(t, b)| (t - time) * (b - bytes)).sum();
        let variance: f64 = points.iter().map(|(t, _)| (t - time).powi(2)).sum();
        Some(covariance / variance * 3600.0)
    }

    fn end(&self) -> f64 {
        self.moments.last().map_or(0.0, |moment| moment.end)
    }

    /// True if a moment is over.
    pub fn is_due(&self, now: f64) -> bool {
        now >= self.end() + f64::from(1 << self.doublings)
    }

    /// Ends a moment, and adds what was measured in it to `total`; gives that too.
    pub(super) fn look(&mut self, population: &mut Population, total: &mut Meter) -> Meter {
        let mut meter = Meter::default();
        population.collect(&mut meter);
        self.push(&meter, (population.seconds(), population.cost()), total);
        meter
    }

    /// Ends the load and the last moment; gives what was measured in it.
    ///
    /// # Errors
    /// If a thread or a node broke down.
    pub(super) fn close(
        &mut self,
        (population, stop): (Population, &Stop),
        total: &mut Meter,
    ) -> Result<(Finished, Meter), Failure> {
        let (mut meter, now) = (Meter::default(), population.seconds());
        // As long as the models are there.
        let cost = population.cost();
        let finished = population.finish(stop, &mut meter)?;
        self.push(&meter, (now, cost), total);
        self.join_a_short_end();
        Ok((finished, meter))
    }

    /// Makes a last moment that is too short to have rates of its own part of the one before.
    fn join_a_short_end(&mut self) {
        if let [.., _, last] = &self.moments[..]
            && last.seconds < SHORT
            && let Some(last) = self.moments.pop()
            && let Some(before) = self.moments.pop()
        {
            self.moments.push(before.with(&last));
        }
    }

    fn push(&mut self, meter: &Meter, (now, mut cost): (f64, Cost), total: &mut Meter) {
        total.add(meter);
        let spent = cost.cpu_seconds;
        cost.cpu_seconds = (spent - self.spent).max(0.0);
        self.spent = spent;
        self.moments
            .push(Moment::of(meter, (self.end(), now), cost));
        if self.moments.len() >= MOMENTS {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let mut moments = std::mem::take(&mut self.moments).into_iter();
        while let Some(first) = moments.next() {
            self.moments.push(match moments.next() {
                Some(second) => first.with(&second),
                None => first,
            });
        }
        self.doublings += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three hours of seconds stay below the limit, and nothing of them is lost.
    #[test]
    fn a_long_load_keeps_a_bounded_number_of_moments() {
        let (mut course, mut total) = (Course::default(), Meter::default());
        let mut meter = Meter::default();
        meter.counts.done = 3;
        let seconds = 3 * 3600;
        for second in 1..=seconds {
            let now = f64::from(second);
            if course.is_due(now) {
                course.push(&meter, (now, Cost::default()), &mut total);
            }
        }
        assert!(course.moments.len() < MOMENTS);
        let length: f64 = course.moments.iter().map(|moment| moment.seconds).sum();
        assert_eq!(length, course.moments.last().unwrap().end);
        assert!(length > f64::from(seconds) - 32.0, "{length}");
        let done: u64 = course.moments.iter().map(|moment| moment.counts.done).sum();
        assert_eq!(done, total.counts.done);
        assert!(course.moments.windows(2).all(|pair| {
            pair[0].end + 1e-9 >= pair[1].end - pair[1].seconds && pair[0].end < pair[1].end
        }));
    }

    #[test]
    fn what_drains_at_the_end_has_no_rate_of_its_own() {
        let (mut course, mut total) = (Course::default(), Meter::default());
        let mut meter = Meter::default();
        meter.counts.done = 100;
        for end in [1.0, 2.0, 2.001] {
            course.push(&meter, (end, Cost::default()), &mut total);
        }
        course.join_a_short_end();
        let last = course.moments.last().unwrap();
        assert_eq!((course.moments.len(), last.counts.done), (2, 200));
        assert!((last.seconds - 1.001).abs() < 1e-9 && last.end == 2.001);
        course.join_a_short_end();
        assert_eq!(course.moments.len(), 2);
    }

    #[test]
    fn growth_is_that_of_the_second_half() {
        let moment = |at: u64| Moment {
            end: at as f64,
            seconds: 1.0,
            counts: Counts::default(),
            cpu_seconds: 0.0,
            resident: Some(if at < 10 {
                at << 30
            } else {
                (10 << 30) + 7 * at
            }),
            buckets: Vec::new(),
        };
        let course = Course::of((0..20).map(moment).collect());
        let growth = course.growth().unwrap();
        assert!((growth - 7.0 * 3600.0).abs() < 1e-3, "{growth}");
        assert_eq!(Course::of((0..8).map(moment).collect()).growth(), None);
    }

    #[test]
    fn buckets_hold_what_lies_between_their_edges() {
        for nanos in [
            1_000,
            1_400,
            20_000,
            3_000_000,
            250_000_000,
            3_600_000_000_000,
        ] {
            let (at, seconds) = (bucket(nanos), nanos as f64 / 1e9);
            assert!(edge(at) <= seconds * (1.0 + 1e-9), "{nanos}");
            assert!(seconds < edge(at + 1), "{nanos}");
        }
        assert_eq!(bucket(1), 0);
    }
}
