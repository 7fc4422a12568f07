//! Detectors of synthetic documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// A detector of synthetic documents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Detector {
    /// One that errs at stated rates, whatever the documents are.
    Rates(Rates),
    /// One that a model learns at every training but its first.
    Learned(Learned),
}

/// How often a detector errs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Probability that a synthetic document is rejected.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub true_positive_rate: f64,
    /// Probability that a real document is rejected.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub false_positive_rate: f64,
}

/// A detector that is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    /// How.
    pub learned: Lesson,
}

/// Logistic regression on words and character trigrams tells real documents that the model holds from documents that it writes
/// itself, and rejects what it takes for synthetic: in the manner of Drayson et al. (2025), who use a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Documents of either kind that it learns from; as many more real ones set its threshold. A model that holds fewer than
    /// twice as many learns from half of what it holds.
    #[serde(default = "defaults::lesson_documents")]
    #[schemars(range(min = 1, max = 100_000))]
    pub documents: u32,
    /// Share of the real documents which set its threshold that it may reject.
    #[serde(default = "defaults::lesson_false_positives")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub false_positive_rate: f64,
    /// Steps of gradient descent, each over all examples.
    #[serde(default = "defaults::lesson_steps")]
    #[schemars(range(min = 1, max = 10_000))]
    pub steps: u32,
    /// Penalty of weights: half of it times their squares is added to the mean loss.
    #[serde(default = "defaults::lesson_penalty")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub penalty: f64,
}

impl Detector {
    /// The rates, if they are stated.
    pub fn rates(self) -> Option<Rates> {
        match self {
            Self::Rates(rates) => Some(rates),
            Self::Learned(_) => None,
        }
    }
}
