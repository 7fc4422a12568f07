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

/// A host of the web, numbered from 0 over all classes of sites.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct SiteId(pub u32);

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

/// Documents by where they come from in truth, which only observers know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByOrigin {
    /// Those that are real.
    pub real: u64,
    /// Those that a model wrote.
    pub synthetic: u64,
}

impl ByOrigin {
    /// Counts one more document.
    pub fn note(&mut self, is_real: bool) {
        if is_real {
            self.real += 1;
        } else {
            self.synthetic += 1;
        }
    }

    /// Adds other documents.
    pub fn add(&mut self, other: Self) {
        self.real += other.real;
        self.synthetic += other.synthetic;
    }

    /// Number of documents.
    pub fn total(self) -> u64 {
        self.real + self.synthetic
    }
}

/// Provenance of the documents that consecutive models published at one instant, each as many.
///
/// It is kept once for the run of models, not once a document or a model, as long as they agree in
/// everything: at a million models in lock-step that is what fits into memory.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// The first model, whose documents come first; `None` for real documents.
    pub author: Option<ModelId>,
    /// How many models, with consecutive numbers; 1 for real documents.
    pub models: u32,
    /// The models' generation when they sampled the documents; 0 for real documents.
    pub generation: u32,
    /// When they were published.
    pub time: VirtualTime,
    /// Their lineage.
    pub lineage: Lineage,
    /// How many documents of each model.
    pub documents: u32,
    /// The first model's site, where there are sites; those of the models after it follow.
    pub site: Option<SiteId>,
}

impl Publication {
    /// True if the documents are real.
    pub fn is_real(&self) -> bool {
        self.author.is_none()
    }

    /// Number of documents of all models.
    pub fn total(&self) -> u32 {
        self.models * self.documents
    }

    /// The author of the document at `offset` within the publication; `None` if it is real.
    pub fn author_of(&self, offset: u32) -> Option<ModelId> {
        self.author
            .map(|first| ModelId(first.0 + offset / self.documents.max(1)))
    }

    /// The site of the document at `offset` within the publication.
    pub fn site_of(&self, offset: u32) -> Option<SiteId> {
        self.site
            .map(|first| SiteId(first.0.wrapping_add(offset / self.documents.max(1))))
    }

    /// Takes in what the next model published, if it agrees in everything.
    pub fn absorb(&mut self, next: &Self) -> bool {
        // Models that keep their own time hardly ever agree in it.
        let follows = self.time == next.time
            && match (self.author, next.author) {
                (Some(first), Some(author)) => first.0 + self.models == author.0,
                _ => false,
            };
        let follows = follows
            && match (self.site, next.site) {
                (Some(first), Some(site)) => first.0.wrapping_add(self.models) == site.0,
                (first, site) => first == site,
            };
        let agrees = Self {
            author: self.author,
            models: self.models,
            site: self.site,
            ..*next
        } == *self;
        if follows && agrees {
            self.models += next.models;
        }
        follows && agrees
    }
}
