//! When load arrives: an open model, which does not wait for answers.

use serde::{Deserialize, Serialize};
use types::random::Stream;

use super::clock::Nanos;

/// A stretch of time in which the rate of arrivals goes in a straight line from where the last one ended to `rate`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// How long it lasts, in seconds.
    pub seconds: f64,
    /// Arrivals a second at its end.
    pub rate: f64,
}

/// What lies between one arrival and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Process {
    /// As many as the rate says, evenly.
    Constant,
    /// A Poisson process.
    Poisson,
}

/// Arrivals of one generator, one after the other.
#[derive(Debug)]
pub(crate) struct Arrivals {
    process: Process,
    stages: Vec<Stage>,
    /// The stage of the next arrival, when it began, and the rate at its beginning.
    stage: usize,
    began: f64,
    rate: f64,
    /// The instant of the last arrival, in seconds.
    at: f64,
    rng: Stream,
}

impl Arrivals {
    /// A generator of `share` of what the stages ask for.
    pub(crate) fn new(process: Process, stages: &[Stage], share: f64, rng: Stream) -> Self {
        let shared = |stage: &Stage| Stage {
            rate: stage.rate * share,
            ..*stage
        };
        let stages: Vec<Stage> = stages.iter().map(shared).collect();
        Self {
            process,
            rate: 0.0,
            stages,
            stage: 0,
            began: 0.0,
            at: 0.0,
            rng,
        }
    }

    /// A number of an arrival's own, below `count`.
    pub(crate) fn choose(&mut self, count: u32) -> u32 {
        self.rng.below(count)
    }

    /// The next arrival; `None` if all stages are over.
    pub(crate) fn next(&mut self) -> Option<Nanos> {
        let mut needed = match self.process {
            Process::Constant => 1.0,
            Process::Poisson => self.rng.exponential(1.0),
        };
        while let Some(stage) = self.stages.get(self.stage) {
            let slope = (stage.rate - self.rate) / stage.seconds;
            let from = self.at - self.began;
            let now = self.rate + slope * from;
            let left = stage.seconds - from;
            let expected = left * (now + stage.rate) / 2.0;
            if expected >= needed {
                self.at += until(needed, now, slope).min(left);
                return Some((self.at * 1e9) as Nanos);
            }
            needed -= expected;
            self.began += stage.seconds;
            (self.at, self.rate, self.stage) = (self.began, stage.rate, self.stage + 1);
        }
        None
    }
}

/// Seconds until so many arrivals are expected, at a rate that changes by `slope` a second: the smaller root of
/// `rate t + slope t^2 / 2 = needed`, in the form that does not cancel.
fn until(needed: f64, rate: f64, slope: f64) -> f64 {
    let discriminant = (rate * rate + 2.0 * slope * needed).max(0.0);
    2.0 * needed / (rate + discriminant.sqrt())
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};

    use super::*;

    fn all(process: Process, stages: &[Stage], share: f64) -> Vec<f64> {
        let rng = Seed(1).key(0, Purpose::Clock).stream(0, 0);
        let mut arrivals = Arrivals::new(process, stages, share, rng);
        std::iter::from_fn(|| arrivals.next().map(|at| at as f64 / 1e9)).collect()
    }

    const STAGES: [Stage; 3] = [
        Stage {
            seconds: 10.0,
            rate: 100.0,
        },
        Stage {
            seconds: 5.0,
            rate: 100.0,
        },
        Stage {
            seconds: 10.0,
            rate: 0.0,
        },
    ];

    /// A ramp from 0 to 100 in 10 s has 500 arrivals, half of them in the last 2.93 s; a hold of 5 s has 500, a ramp down 500.
    #[test]
    fn as_many_arrive_as_the_area_under_the_rate() {
        let times = all(Process::Constant, &STAGES, 1.0);
        assert!((1498..=1500).contains(&times.len()), "{}", times.len());
        assert!(times.is_sorted());
        let before = |end: f64| times.iter().filter(|at| **at <= end + 1e-6).count();
        assert_eq!((before(10.0), before(15.0)), (500, 1000));
        assert_eq!(before(10.0 / 2f64.sqrt()), 250);
        // Steady arrivals are a hundredth of a second apart.
        assert!((times[750] - times[749] - 0.01).abs() < 1e-8);
        let half = all(Process::Constant, &STAGES, 0.5);
        assert!((749..=750).contains(&half.len()), "{}", half.len());
    }

    /// Counts of a Poisson process have its mean as their variance: 1500 +- 39.
    #[test]
    fn poisson_arrivals_have_the_same_mean_and_are_irregular() {
        let times = all(Process::Poisson, &STAGES, 1.0);
        assert!((times.len() as f64 - 1500.0).abs() < 4.0 * 38.8);
        let gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let steady = &gaps[600..900];
        let mean = steady.iter().sum::<f64>() / 300.0;
        let variance = steady.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 299.0;
        // Exponential gaps: the standard deviation is the mean.
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.25);
    }

    #[test]
    fn nothing_arrives_at_a_rate_of_zero() {
        let nothing = Stage {
            seconds: 5.0,
            rate: 0.0,
        };
        assert!(all(Process::Poisson, &[nothing], 1.0).is_empty());
        assert!(all(Process::Constant, &[], 1.0).is_empty());
    }
}
