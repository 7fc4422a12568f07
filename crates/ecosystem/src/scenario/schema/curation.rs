//! What becomes of a crawl before models read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// One stage of curation: documents that it rejects are in the archive no more. The usual order is `url-dedup`, `exact-dedup`,
/// `near-dedup`, `language`, `heuristics`, `quality`, `detector`, `watermark`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CurationStage {
    /// With `scope = "global"`, pages that an earlier snapshot has kept are rejected; within one snapshot a page comes once anyway.
    UrlDedup {
        /// What pages are compared with.
        #[serde(default)]
        scope: DedupScope,
    },
    /// Of documents that say the same, the one that was published first stays. Of symbols, one of each stays.
    ExactDedup {
        /// What documents are compared with.
        #[serde(default)]
        scope: DedupScope,
    },
    /// Of texts that MinHash with bands takes for near-duplicates, the one that was published first stays (Broder 1997). For n-grams.
    NearDedup {
        /// Words a shingle.
        #[serde(default = "defaults::shingle")]
        #[schemars(range(min = 1, max = 100))]
        shingle: u32,
        /// Bands.
        #[serde(default = "defaults::bands")]
        #[schemars(range(min = 1, max = 10_000))]
        bands: u32,
        /// Hash functions a band.
        #[serde(default = "defaults::rows")]
        #[schemars(range(min = 1, max = 1_000))]
        rows: u32,
        /// What texts are compared with.
        #[serde(default)]
        scope: DedupScope,
    },
    /// A filter by language: a document passes or not, whenever it is captured.
    Language {
        /// Share of real documents that pass.
        #[schemars(range(min = 0.0, max = 1.0))]
        real: f64,
        /// Share of synthetic documents that pass.
        #[schemars(range(min = 0.0, max = 1.0))]
        synthetic: f64,
    },
    /// Rules of thumb, such as the length of lines: a document passes or not, whenever it is captured.
    Heuristics {
        /// Share of real documents that pass.
        #[schemars(range(min = 0.0, max = 1.0))]
        real: f64,
        /// Share of synthetic documents that pass.
        #[schemars(range(min = 0.0, max = 1.0))]
        synthetic: f64,
    },
    /// A classifier of quality: of each snapshot the documents with the highest scores pass. A score is the quality of the host, which is
    /// uniform in [0, 1), and normal noise that is the document's own.
    Quality {
        /// Share of what reaches the stage that passes.
        #[schemars(range(min = 0.0, max = 1.0))]
        keep: f64,
        /// Standard deviation of the noise.
        #[schemars(range(min = 0.0, max = 1e6))]
        noise: f64,
    },
    /// A detector of synthetic documents, with mistakes.
    Detector {
        /// Probability that a synthetic document is rejected.
        #[schemars(range(min = 0.0, max = 1.0))]
        true_positive_rate: f64,
        /// Probability that a real document is rejected.
        #[schemars(range(min = 0.0, max = 1.0))]
        false_positive_rate: f64,
    },
    /// A detector of the watermark that populations with `publish.watermark = true` leave, with mistakes.
    Watermark {
        /// Probability that a document with the watermark is rejected.
        #[schemars(range(min = 0.0, max = 1.0))]
        true_positive_rate: f64,
        /// Probability that a document without it is rejected.
        #[schemars(range(min = 0.0, max = 1.0))]
        false_positive_rate: f64,
    },
}

impl CurationStage {
    /// The word for its kind, as in the file.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::UrlDedup { .. } => "url-dedup",
            Self::ExactDedup { .. } => "exact-dedup",
            Self::NearDedup { .. } => "near-dedup",
            Self::Language { .. } => "language",
            Self::Heuristics { .. } => "heuristics",
            Self::Quality { .. } => "quality",
            Self::Detector { .. } => "detector",
            Self::Watermark { .. } => "watermark",
        }
    }
}

/// What a duplicate is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DedupScope {
    /// The same snapshot.
    #[default]
    Snapshot,
    /// The same snapshot, and everything that earlier snapshots of the archive have kept.
    Global,
}
