//! Known results, each with the scenarios that reproduce it and the formula it must meet.
//!
//! Those whose number begins with P were published; those with A were derived for this program, from published models of
//! populations (`crates/book/src/theory.md`).
//!
//! A reproduction runs scenario files that ship with the program, through the same [`Simulation`]
//! as everything else, and compares statistics over replicates with formulas that take their
//! parameters from those files. It knows nothing about how models learn.
//!
//! ```text
//! Reproduction ─► Check ─► Case (scenario + overrides) ─► Simulation ─► Series ─► Statistic ┐
//!                   └────► expected(Setup) ─────────────────────────────────────────────────┴► Outcome
//! ```
//!
//! # Conventions
//!
//! - t counts fits. Where a scenario begins as the truth (`training.initial = "truth"`), the model
//!   writes at time 0 and the t-th fit has seen t rounds of writing and refitting; elsewhere the
//!   first fit is on real data.
//! - Everything is measured of the first model of the first population.
//! - The standard error is over replicates; a tolerance is never widened to pass.
//!
//! ```
//! use echosphere_ecosystem::reproduction;
//!
//! let temperature = reproduction::find("P13")?;
//! let outcomes = temperature.run(&reproduction::Watch::BLIND)?;
//! assert!(outcomes.iter().all(|outcome| outcome.ok));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Simulation`]: crate::Simulation

mod captions;
mod choice;
mod drift;
mod formula;
mod game;
mod library;
mod outcome;
mod runner;
mod series;
mod setup;
mod special;
mod statistic;
mod table;
#[cfg(test)]
mod tests;

use crate::scenario::suggest::hint;

pub use library::scenarios;
pub use outcome::{Moment, Outcome, Tolerance};
pub use runner::{ReproductionError, Watch};
pub use series::Quantity;
pub use setup::Setup;
pub use statistic::Statistic;
pub use table::{MISSING, reproductions};

/// A known result.
#[derive(Debug, Clone, Copy)]
pub struct Reproduction {
    /// Its number, such as `P01`; `A01` and so on are derived for this program.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// Where it, or what it is derived from, was published.
    pub papers: &'static [Paper],
    /// Whether it belongs to the quick ones: those that take a minute together.
    pub quick: bool,
    /// What must come out.
    pub checks: &'static [Check],
}

/// A publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// Its authors.
    pub authors: &'static str,
    /// When it appeared.
    pub year: u16,
    /// Its number on arXiv; empty if it is not there.
    pub arxiv: &'static str,
}

/// One number that must come out.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// What is measured, in words.
    pub what: &'static str,
    /// What it must be, as text.
    pub formula: &'static str,
    /// What is run. More than one only for statistics over cases.
    pub cases: &'static [Case],
    /// Number of the fit at which it is measured.
    pub generation: u32,
    /// What is made of the values of all replicates.
    pub statistic: Statistic,
    /// The formula.
    pub expected: fn(&Setup<'_>) -> f64,
    /// How far off it may be.
    pub tolerance: Tolerance,
}

/// A scenario with some of its values changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Name of one of [`scenarios`].
    pub scenario: &'static str,
    /// Keys and values, as in `--set`.
    pub overrides: &'static [(&'static str, &'static str)],
}

/// A published result that was tried and does not come out.
#[derive(Debug, Clone, Copy)]
pub struct MissingReproduction {
    /// Its number.
    pub id: &'static str,
    /// What it says.
    pub title: &'static str,
    /// Where it was published.
    pub paper: Paper,
    /// What came out instead, and how to see it.
    pub why: &'static str,
}

/// A number that no reproduction has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no reproduction is called `{id}`: {hint}")]
pub struct UnknownReproduction {
    /// The number asked for.
    pub id: String,
    /// Which may have been meant, or else which there are.
    pub hint: String,
}

/// The reproduction of this number; case does not count.
///
/// # Errors
/// Says which number may have been meant.
pub fn find(id: &str) -> Result<&'static Reproduction, UnknownReproduction> {
    let all = reproductions();
    let found = all
        .iter()
        .find(|reproduction| reproduction.id.eq_ignore_ascii_case(id));
    found.copied().ok_or_else(|| UnknownReproduction {
        id: id.to_owned(),
        hint: reason(id)
            .unwrap_or_else(|| hint(id, all.iter().map(|reproduction| reproduction.id))),
    })
}

/// Why this one is missing, if it was tried.
fn reason(id: &str) -> Option<String> {
    let missing = MISSING
        .iter()
        .find(|missing| missing.id.eq_ignore_ascii_case(id))?;
    Some(format!(
        "it was tried and does not come out: {}",
        missing.why
    ))
}

impl Reproduction {
    /// Everything that is run for it, once each, in the order of the checks.
    pub fn cases(&self) -> Vec<Case> {
        let mut cases: Vec<Case> = Vec::new();
        for case in self.checks.iter().flat_map(|check| check.cases) {
            if !cases.contains(case) {
                cases.push(*case);
            }
        }
        cases
    }
}

impl Check {
    /// The fits that are looked at, the check's own one last. Of long trajectories, about a hundred at equal
    /// ratios.
    fn fits(&self, trajectories: bool) -> Vec<u32> {
        if !trajectories || !self.has_trajectory() {
            return vec![self.generation];
        }
        if self.generation <= FITS_MAX {
            return (1..=self.generation).collect();
        }
        let ratio = libm::log(f64::from(self.generation)) / f64::from(FITS_MAX);
        let at = |step: u32| libm::exp(ratio * f64::from(step)).round() as u32;
        let mut fits: Vec<u32> = (0..=FITS_MAX).map(at).collect();
        fits.dedup();
        fits
    }

    /// Whether its formula can be compared fit by fit: not for statistics over cases, nor for ratios of two
    /// given fits, nor where next to nothing has happened.
    fn has_trajectory(&self) -> bool {
        let comparable = match self.statistic {
            Statistic::LogSlope(_)
            | Statistic::Fell { .. }
            | Statistic::Ordered(_)
            | Statistic::Straddles(..)
            | Statistic::Against(_) => false,
            Statistic::Ratio { since, .. } => since == 1,
            Statistic::Mean(_) | Statistic::Median(_) | Statistic::GeometricMean(_) => true,
        };
        comparable && self.generation > 2
    }
}

/// Fits of a trajectory that are all looked at.
const FITS_MAX: u32 = 128;

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.scenario)?;
        let mut overrides = self.overrides.iter();
        overrides.try_for_each(|(key, value)| write!(f, " --set '{key}={value}'"))
    }
}

impl std::fmt::Display for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.authors, self.year)?;
        if self.arxiv.is_empty() {
            return Ok(());
        }
        write!(f, ", arXiv {}", self.arxiv)
    }
}
