//! One run of one implementation: what was asked, what came back.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Where the mean standard deviation lies after 20 steps of 10,000 models, over seeds.
const DEVIATION_VALID: RangeInclusive<f64> = 1.01..=1.08;
const MODELS_VALIDATED: u64 = 10_000;
const STEPS_VALIDATED: u64 = 20;
/// Updates of a trial that is long enough for its wall time to be worth comparing.
const UPDATES_LONG: u64 = 2_000_000;

/// A size and a seed: one cell of the benchmark, the same for every implementation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Trial {
    pub(crate) models: u64,
    pub(crate) steps: u64,
    pub(crate) seed: u64,
}

impl Trial {
    /// The trial of one repetition: fewer steps where a step takes longer.
    pub(crate) fn new(models: u64, rep: u32) -> Self {
        let steps = match models {
            ..=10_000 => STEPS_VALIDATED,
            10_001..=100_000 => 5,
            _ => 3,
        };
        Self {
            models,
            steps,
            seed: rep.into(),
        }
    }

    /// The trial on which the second thread is judged. In a run of a tenth of a second the wall time is
    /// mostly about how soon the system gives the second thread a processor of its own.
    pub(crate) fn long(models: u64, rep: u32) -> Self {
        let standard = Self::new(models, rep);
        let steps = standard.steps.max(UPDATES_LONG / models.max(1));
        Self { steps, ..standard }
    }

    fn repetition(&self) -> u32 {
        self.seed as u32
    }

    pub(crate) fn is_standard(&self) -> bool {
        *self == Self::new(self.models, self.repetition())
    }

    pub(crate) fn is_long(&self) -> bool {
        *self == Self::long(self.models, self.repetition())
    }

    fn updates(&self) -> f64 {
        (self.models * self.steps) as f64
    }
}

/// What a run reports of itself; the peers print exactly this as JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Measurement {
    pub(crate) wall_seconds: f64,
    pub(crate) cpu_seconds: f64,
    /// Mean over the models, after the last step.
    pub(crate) standard_deviation: f64,
    pub(crate) peak_memory_bytes: Option<u64>,
}

/// A measurement with the question that it answers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) implementation: &'static str,
    pub(crate) threads: u32,
    #[serde(flatten)]
    pub(crate) trial: Trial,
    #[serde(flatten)]
    pub(crate) measurement: Measurement,
}

impl Sample {
    pub(crate) fn updates_per_cpu_second(&self) -> f64 {
        self.trial.updates() / self.measurement.cpu_seconds
    }

    /// Whether the run computed workload G1; `None` at the sizes whose outcome is not known.
    pub(crate) fn is_valid(&self) -> Option<bool> {
        let known = self.trial.models == MODELS_VALIDATED && self.trial.steps == STEPS_VALIDATED;
        known.then(|| DEVIATION_VALID.contains(&self.measurement.standard_deviation))
    }
}

/// A sample of a made-up run, for the tests of this and the neighbouring modules.
#[cfg(test)]
pub(super) fn sample(implementation: &'static str, threads: u32, cpu_seconds: f64) -> Sample {
    let measurement = Measurement {
        wall_seconds: cpu_seconds / f64::from(threads),
        cpu_seconds,
        standard_deviation: 1.04,
        peak_memory_bytes: None,
    };
    Sample {
        implementation,
        threads,
        trial: Trial::new(10_000, 1),
        measurement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validity(models: u64, standard_deviation: f64) -> Option<bool> {
        let mut sample = sample("flat", 1, 1.0);
        sample.trial = Trial::new(models, 1);
        sample.measurement.standard_deviation = standard_deviation;
        sample.is_valid()
    }

    #[test]
    fn only_the_known_outcome_is_valid() {
        assert_eq!(validity(10_000, 1.045), Some(true));
        assert_eq!(validity(10_000, 1.0), Some(false));
        assert_eq!(validity(10_000, f64::NAN), Some(false));
        assert_eq!(validity(100_000, 1.0), None);
    }

    #[test]
    fn larger_populations_take_fewer_steps() {
        let steps = |models| Trial::new(models, 1).steps;
        assert_eq!(
            [steps(10_000), steps(100_000), steps(1_000_000)],
            [20, 5, 3]
        );
    }

    #[test]
    fn a_long_trial_is_no_longer_than_it_must_be() {
        let steps = |models| Trial::long(models, 1).steps;
        assert_eq!(
            [steps(10_000), steps(100_000), steps(1_000_000)],
            [200, 20, 3]
        );
    }

    #[test]
    fn an_update_is_one_model_in_one_step() {
        assert_eq!(sample("flat", 1, 0.5).updates_per_cpu_second(), 400_000.0);
    }

    #[test]
    fn a_line_of_the_record_is_flat() {
        let line = serde_json::to_value(sample("flat", 2, 0.5)).unwrap();
        assert_eq!(
            (&line["models"], &line["cpu_seconds"]),
            (&10_000.into(), &0.5.into())
        );
    }
}
