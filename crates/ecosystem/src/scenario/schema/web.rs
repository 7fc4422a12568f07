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
    /// How pages link to older ones, where there are sites.
    #[serde(default)]
    pub links: Links,
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
            links: Links::default(),
            memory_mib: defaults::log_memory_mib(),
        }
    }
}

/// A copying model (Kumar et al. 2000): a link of a new page goes to an older page at random, or where the same link of an older page at
/// random goes. In-degrees have a power law with exponent 1 + 1 / copied.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Links on a page.
    #[serde(default = "defaults::links_per_page")]
    #[schemars(range(min = 0, max = 1000))]
    pub per_page: u32,
    /// Probability that a link is copied; by default such that the exponent is 2.1, as on the web (Broder et al. 2000).
    #[serde(default = "defaults::links_copied")]
    #[schemars(range(min = 0.0, max = 0.99))]
    pub copied: f64,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            per_page: defaults::links_per_page(),
            copied: defaults::links_copied(),
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
