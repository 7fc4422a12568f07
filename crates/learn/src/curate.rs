//! Curation: what of a crawl is kept.

mod fingerprint;
mod learned;
mod memory;
mod minhash;
mod pipeline;
mod stage;

use serde::{Deserialize, Serialize};
use types::random::Stream;

pub use self::learned::{Lesson, Recogniser};
pub use self::memory::Memory;
pub use self::minhash::MinHash;
pub use self::pipeline::{Curated, Haul, PageFacts, Pipeline, StageTally};
pub use self::stage::{KeepShares, NoisyRank, Scope, Stage};

/// A filter that tries to recognise synthetic documents, with mistakes.
///
/// The share x of synthetic documents becomes x (1 - TPR) / (x (1 - TPR) + (1 - x) (1 - FPR)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    /// Probability that a synthetic document is rejected.
    pub true_positive_rate: f64,
    /// Probability that a real document is rejected.
    pub false_positive_rate: f64,
}

impl Detector {
    /// Decides about one document. The caller knows the truth; the detector only errs at its rates.
    pub fn keeps(&self, is_real: bool, rng: &mut Stream) -> bool {
        let rejects = if is_real {
            self.false_positive_rate
        } else {
            self.true_positive_rate
        };
        !rng.bernoulli(rejects)
    }
}
