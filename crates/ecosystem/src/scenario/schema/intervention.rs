//! What changes on the way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;

/// Keys that take other values from an instant on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// When, counted from the start. Models and people notice it at the next refresh of the index, crawlers at their next crawl. Of
    /// several at one instant, and of several values for one key, what stands further down is made later.
    pub at: Span,
    /// `KEY=VALUE`, as `--set` takes them. What may change is how models mix, train, publish and read, how crawlers go about, and
    /// how much people write.
    #[schemars(length(min = 1, max = 1_000))]
    pub set: Vec<String>,
}
