//! Documents: who published what, when, and from which lineage.

use serde::{Deserialize, Serialize};

use crate::time::VirtualTime;

/// A member of the population, numbered from 0 over all populations of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelId(pub u32);

/// Position of a document in the log, from 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Sequence(pub u64);

/// Where a document's content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lineage {
    /// Mean number of fits between real documents and this one: 0 for a real document, one more than the mean depth of its
    /// author's training set for a synthetic one.
    pub depth: f32,
    /// Share of real documents in its author's training set; 1 for a real document.
    pub real_share: f32,
}

impl Lineage {
    /// The lineage of a real document.
    pub const REAL: Self = Self {
        depth: 0.0,
        real_share: 1.0,
    };
}

/// Provenance of a run of documents that one author published at one instant.
///
/// It is kept once for the run, not once a document: at a million models that is what fits into memory.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// The model that sampled the documents; `None` for real documents.
    pub author: Option<ModelId>,
    /// The author's generation when it sampled them; 0 for real documents.
    pub generation: u32,
    /// When they were published.
    pub time: VirtualTime,
    /// Their lineage.
    pub lineage: Lineage,
    /// How many documents.
    pub documents: u32,
}

impl Publication {
    /// True if the documents are real.
    pub fn is_real(&self) -> bool {
        self.author.is_none()
    }
}
