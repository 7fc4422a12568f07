//! Theory beside simulation: systems from files and from scenarios, and what is exactly true of them.

mod answer;
mod fields;
mod file;
mod json;
mod rows;
mod samples;
mod systems;
mod treatment;

use std::fmt::Display;

pub use answer::answer;
pub use file::{Question, Questions, read};
pub use rows::{Expectation, expectation};
pub(crate) use systems::oracle;

/// Why a scenario has no theory: a part of a sentence that says what it does that no formula here knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no closed form is known for this scenario: {reason}")]
pub struct NoTheory {
    /// What stands in the way.
    pub reason: String,
}

fn because(reason: impl Display) -> NoTheory {
    NoTheory {
        reason: reason.to_string(),
    }
}
