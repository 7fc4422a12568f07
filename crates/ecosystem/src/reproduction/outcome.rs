//! What came out, beside what should have.

use serde::Serialize;

use super::{Check, Reproduction};

/// How far a measured value may be from the formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// So many standard errors over replicates.
    StandardErrors(f64),
    /// This share of the expected value.
    Relative(f64),
    /// This much.
    Absolute(f64),
}

/// What came out after some fits, beside what should have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Number of fits.
    pub generation: u32,
    /// What the formula gives.
    pub expected: f64,
    /// What came out.
    pub measured: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// The outcome of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Number of the reproduction.
    pub id: &'static str,
    /// What was measured, in words.
    pub what: &'static str,
    /// The formula, as text.
    pub formula: &'static str,
    /// Scenarios that were run, each with its overrides.
    pub scenarios: Vec<String>,
    /// Replicates of each.
    pub replicates: Vec<u32>,
    /// What the formula gives.
    pub expected: f64,
    /// What came out.
    pub measured: f64,
    /// Standard error of what came out; zero if nothing is random.
    pub standard_error: f64,
    /// Standard errors between the two; none if nothing is random.
    pub z: Option<f64>,
    /// How far apart they may be.
    #[serde(serialize_with = "as_text")]
    pub tolerance: Tolerance,
    /// True if they are no farther apart.
    pub ok: bool,
    /// Seconds that its cases took; checks with the same cases share them.
    #[serde(skip)]
    pub seconds: f64,
    /// What led there, the check's own fit last; that alone where trajectories were not asked for or
    /// say nothing.
    #[serde(skip)]
    pub trajectory: Vec<Moment>,
}

impl Tolerance {
    /// True if the estimate is close enough; never if either is not a number.
    pub fn allows(self, expected: f64, measured: f64, standard_error: f64) -> bool {
        let largest = match self {
            Self::StandardErrors(count) => count * standard_error,
            Self::Relative(share) => share * expected.abs(),
            Self::Absolute(distance) => distance,
        };
        (measured - expected).abs() <= largest
    }
}

impl std::fmt::Display for Tolerance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StandardErrors(count) => write!(f, "{count} SE"),
            Self::Relative(share) => write!(f, "{} %", 100.0 * share),
            Self::Absolute(distance) if *distance > 0.0 && *distance < 1e-3 => {
                write!(f, "{distance:e}")
            }
            Self::Absolute(distance) => write!(f, "{distance}"),
        }
    }
}

fn as_text<S: serde::Serializer>(tolerance: &Tolerance, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(tolerance)
}

impl Outcome {
    /// Compares what came out with the formula at the last of some moments.
    pub(super) fn new(
        reproduction: &Reproduction,
        check: &Check,
        trajectory: Vec<Moment>,
        (replicates, seconds): (Vec<u32>, f64),
    ) -> Self {
        let last = trajectory
            .last()
            .expect("a check looks at one fit at least");
        Self {
            id: reproduction.id,
            what: check.what,
            formula: check.formula,
            scenarios: check.cases.iter().map(ToString::to_string).collect(),
            replicates,
            expected: last.expected,
            measured: last.measured,
            standard_error: last.standard_error,
            z: None,
            tolerance: check.tolerance,
            ok: false,
            seconds,
            trajectory,
        }
        .judged()
    }

    /// The same measurement against a false expectation: a tenth larger, or a tenth where zero is
    /// expected. Whoever reports this as reproduced is broken.
    #[must_use]
    pub fn falsified(mut self) -> Self {
        self.expected = if self.expected == 0.0 {
            0.1
        } else {
            1.1 * self.expected
        };
        self.judged()
    }

    fn judged(mut self) -> Self {
        let error = self.standard_error;
        self.z = (error > 0.0).then(|| (self.measured - self.expected) / error);
        self.ok = self.tolerance.allows(self.expected, self.measured, error);
        self
    }
}
