//! Where documents live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Span, defaults};

/// Hosts of one kind. With any of them, every document lives on a page of a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Name, unique among sites.
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
    /// Population that owns them: one host for each of its models, on which it publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Number of hosts, where no population owns them.
    #[serde(default = "defaults::one")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub hosts: u32,
    /// Mean popularity of a host, relative to those of other kinds: what crawlers visit, and where writers and models that share
    /// hosts publish.
    #[serde(default = "defaults::unit")]
    #[schemars(range(min = 1e-9, max = 1e9))]
    pub popularity: f64,
    /// Exponent of Zipf's law for popularity among the hosts; 0: all alike.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub zipf: f64,
    /// People who publish real documents here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writers: Option<Writers>,
    /// Who disallows crawlers in robots.txt.
    #[serde(default)]
    pub opt_out: OptOut,
    /// Until a host dies with all its pages, counted from the start; without it hosts live for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// Until a page dies, counted from its publication; without it pages live as long as their host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_lifetime: Option<Lifetime>,
    /// Kinds of pages by how often they change; the rest never does. A change is news about a page for crawlers, and leaves what it
    /// says.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub changes: Vec<Changes>,
    /// Seconds that crawlers are asked to wait between two fetches from one host.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 86_400.0))]
    pub crawl_delay_seconds: f64,
}

/// People who publish real documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Writers {
    /// Name of the corpus that they publish from.
    pub corpus: String,
    /// Documents a day, at random times (Poisson), on all hosts of the kind together.
    #[schemars(range(min = 1e-6, max = 1e8))]
    pub per_day: f64,
}

/// Which hosts disallow crawlers, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptOut {
    /// Share of the hosts below the top decile of quality that opt out in the end.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub base: f64,
    /// Share of the hosts of the top decile that do.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub top_decile: f64,
    /// When the first opt out.
    #[serde(default = "defaults::start")]
    pub from: Span,
    /// Until all that ever do have opted out, at a constant rate; 0: all at once.
    #[serde(default = "defaults::start")]
    pub ramp: Span,
}

impl Default for OptOut {
    fn default() -> Self {
        Self {
            base: 0.0,
            top_decile: 0.0,
            from: defaults::start(),
            ramp: defaults::start(),
        }
    }
}

/// Weibull's law: a share exp(-(t / scale)^shape) lives longer than t.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// Shape; below 1 the young die first.
    #[schemars(range(min = 0.05, max = 20.0))]
    pub shape: f64,
    /// Scale in days.
    #[schemars(range(min = 1e-3, max = 36_500_000.0))]
    pub scale_days: f64,
}

/// Pages that change equally often.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// Share of the pages.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
    /// Changes a day, at random times (Poisson).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub per_day: f64,
}
