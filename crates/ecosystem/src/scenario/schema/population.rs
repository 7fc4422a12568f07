//! A group of models that are alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Clock, Family, Mixture, Publish, Read, Real, Span, Training, defaults};

/// A group of models that are alike but for their number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Name, unique in the scenario. (`like = "NAME"` copies every field of another population that
    /// is not given here.)
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
    /// Number of models.
    #[serde(default = "defaults::one")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub count: u32,
    /// Slices of the population that are worked on in parallel; the default depends on `count`
    /// alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65_536))]
    pub shards: Option<u32>,
    /// What kind of model it is.
    pub family: Family,
    /// Its real data.
    #[serde(default)]
    pub real: Real,
    /// In which proportions data sources enter a training set.
    #[serde(default)]
    pub mixture: Mixture,
    /// How it is trained.
    #[serde(default)]
    pub training: Training,
    /// What it writes.
    #[serde(default)]
    pub publish: Publish,
    /// What it reads.
    #[serde(default)]
    pub read: Read,
    /// When it retrains and publishes.
    #[serde(default)]
    pub clock: Clock,
    /// When its models enter: before that they neither train nor publish, and their clocks begin then. By default the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enters: Option<Span>,
    /// When its models leave: after that they neither train nor publish, and what they have published stays. By default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Span>,
}
