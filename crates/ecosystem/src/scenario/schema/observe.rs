//! What is measured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Span, defaults};

/// What is measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    /// How often.
    #[serde(default = "defaults::generation")]
    pub every: Span,
    /// Which metrics (see `scenario metrics`); by default all that the families have.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Corpora on whose held-out documents every model is tested; by default all text corpora.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Models with rows of their own, the first of each population in turn; all models count for
    /// population values.
    #[serde(default = "defaults::models_max")]
    #[schemars(range(min = 0, max = 100_000))]
    pub models_max: u32,
    /// Held-out bytes a task.
    #[serde(default = "defaults::evaluation_bytes_max")]
    #[schemars(range(min = 100, max = 1_000_000_000))]
    pub evaluation_bytes_max: u32,
    /// Prompts a task, for the similarity of outputs.
    #[serde(default = "defaults::prompts")]
    #[schemars(range(min = 1, max = 10_000))]
    pub prompts: u32,
    /// Documents that a model writes for the observer alone, for the metrics of diversity.
    #[serde(default = "defaults::probe_documents")]
    #[schemars(range(min = 1, max = 10_000))]
    pub probe_documents: u32,
    /// Knowledge items of each kind, seen and unseen, a task: the first by the hash of their ids.
    #[serde(default = "defaults::items_max")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub items_max: u32,
}

impl Default for Observe {
    fn default() -> Self {
        Self {
            every: defaults::generation(),
            metrics: Vec::new(),
            tasks: Vec::new(),
            models_max: defaults::models_max(),
            evaluation_bytes_max: defaults::evaluation_bytes_max(),
            prompts: defaults::prompts(),
            probe_documents: defaults::probe_documents(),
            items_max: defaults::items_max(),
        }
    }
}
