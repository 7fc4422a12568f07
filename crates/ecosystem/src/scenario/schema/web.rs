//! The shared internet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Regime, Span, defaults};

/// The shared internet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// From being published to being visible. Must be longer than zero: models run in parallel only
    /// because nothing published in a window can be seen in it.
    #[serde(default = "defaults::generation")]
    pub index_lag: Span,
    /// How often the index takes in what has become visible; at most the lag, by default the lag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_refresh: Option<Span>,
    /// What the web keeps of synthetic documents.
    #[serde(default)]
    pub retention: Regime,
    /// Real documents that the web begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<WebSeed>,
    /// Memory for the content of one replicate's documents; what is above is spilled to disk.
    #[serde(default = "defaults::log_memory_mib")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub memory_mib: u32,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            index_lag: defaults::generation(),
            index_refresh: None,
            retention: Regime::default(),
            seed: None,
            memory_mib: defaults::log_memory_mib(),
        }
    }
}

/// Real documents at the beginning of the web.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebSeed {
    /// Name of the corpus.
    pub corpus: String,
    /// How many documents.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub documents: u32,
}
