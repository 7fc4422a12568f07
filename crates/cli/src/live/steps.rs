//! A load that rises in steps until a threshold breaks.

use ecosystem::scenario::load::{Load, Steps, Threshold};
use net::live::Meter;

use super::capacity::Probe;

/// Judges step by step.
#[derive(Debug)]
pub(super) struct Staircase<'a> {
    rises: Option<Steps>,
    thresholds: &'a [Threshold],
    /// What was measured in the step that is under way, and when that began.
    meter: Meter,
    began: f64,
    /// The steps that are over.
    pub(super) steps: Vec<Probe>,
}

impl<'a> Staircase<'a> {
    /// Of a load, which need not rise in steps.
    pub(super) fn new(load: &'a Load) -> Self {
        Self {
            rises: load.steps,
            thresholds: &load.thresholds,
            meter: Meter::default(),
            began: 0.0,
            steps: Vec::new(),
        }
    }

    /// Takes in what was measured until now, and judges a step that is over.
    pub(super) fn look(&mut self, measured: &Meter, now: f64) {
        let Some(rises) = self.rises else { return };
        self.meter.add(measured);
        let over = self.steps.len() + 1;
        if now < over as f64 * rises.seconds {
            return;
        }
        if let Some(rate) = rises.rates().nth(over - 1) {
            let measured = (&self.meter, now - self.began);
            self.steps.push(Probe::of(rate, self.thresholds, measured));
        }
        (self.meter, self.began) = (Meter::default(), now);
    }

    /// True if the last step did not hold.
    pub(super) fn is_broken(&self) -> bool {
        self.steps.last().is_some_and(|step| !step.holds)
    }
}

#[cfg(test)]
mod tests {
    use net::live::Operation;

    use super::*;

    fn load() -> Load {
        let text = "scenario = \"g1\"\nsteps = { from = 100, factor = 2, seconds = 3 }\nthresholds = [\"error_rate < 1%\"]\n";
        Load::read(text, &[Operation::Publish.name()]).unwrap()
    }

    #[test]
    fn steps_are_judged_one_by_one_until_one_breaks() {
        let load = load();
        let rates: Vec<f64> = load.stages.iter().map(|stage| stage.rate).collect();
        assert_eq!(rates[..4], [100.0, 100.0, 200.0, 200.0]);
        let mut stairs = Staircase::new(&load);
        for second in 1..=7 {
            let mut meter = Meter::default();
            meter.counts.done = 100;
            // Everything is well but for the fifth second.
            meter.counts.dropped = if second == 5 { 50 } else { 0 };
            stairs.look(&meter, f64::from(second));
            assert_eq!(stairs.is_broken(), second >= 6);
        }
        let sizes: Vec<(f64, bool)> = stairs.steps.iter().map(|s| (s.size, s.holds)).collect();
        assert_eq!(sizes, [(100.0, true), (200.0, false)]);
        assert!((stairs.steps[0].done_rate - 100.0).abs() < 1e-9);
    }
}
