//! Who fetches pages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CurationStage, Span, defaults};

/// A crawler, which makes an archive that models can read instead of the web itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crawler {
    /// Name, unique among crawlers.
    #[schemars(length(min = 1, max = 60))]
    pub name: String,
    /// From crawl to crawl; the first is made after as long.
    pub every: Span,
    /// How intervals are spread; `every` is their mean, or their median where they are log-normal.
    #[serde(default)]
    pub clock: CrawlClock,
    /// Population of which each model has a crawler like this to itself, with an archive that nobody else reads, and at its own times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_to: Option<String>,
    /// Time that a crawl takes its hosts: it bounds how much a host's delay allows. A crawl sees the web as it is at its beginning.
    #[serde(default = "defaults::day_span")]
    pub duration: Span,
    /// Fetches a crawl.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub fetches: u32,
    /// Fetches a crawl from one host, at most.
    #[serde(default = "defaults::host_fetches_max")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub host_fetches_max: u32,
    /// Share of the hosts whose robots.txt it obeys.
    #[serde(default = "defaults::unit")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub compliance: f64,
    /// Share of its fetches from a host that go to pages that it has never fetched, as long as there are any.
    #[serde(default = "defaults::half")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub new_share: f64,
    /// Share of its fetches from a host that may go to pages that it knows, if there are too few others; it fetches less then.
    #[serde(default = "defaults::unit")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub refetch_share_max: f64,
    /// Which of the pages that it knows it fetches again.
    #[serde(default)]
    pub recrawl: Recrawl,
    /// Share of its fetches that are sent elsewhere.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub redirected: f64,
    /// Share of its fetches that servers refuse.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub denied: f64,
    /// Share of its fetches that fail.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub failed: f64,
    /// How it comes to know of pages.
    #[serde(default)]
    pub discovery: Discovery,
    /// Share of its fetches of robots.txt that come to nothing. It goes by an older copy then; without one it leaves the host alone, for up
    /// to thirty days (RFC 9309).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub robots_failed: f64,
    /// Seconds that a host takes to answer; there is one connection to a host at a time, which bounds its fetches as a delay does.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 86_400.0))]
    pub latency_seconds: f64,
    /// Fetches from a host in each crawl that its delay does not count: the size of a token bucket, which is full at the beginning.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub host_burst: u32,
    /// What becomes of each snapshot before models read it: stages, in the order in which documents go through them. Without any,
    /// everything is kept.
    #[serde(default)]
    #[schemars(length(max = 8))]
    pub curate: Vec<CurationStage>,
}

/// How the intervals between crawls are spread.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrawlClock {
    /// All alike.
    #[default]
    Periodic,
    /// At random (Poisson).
    Poisson,
    /// Log-normal.
    LogNormal(Spread),
}

/// How much intervals differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Standard deviation of the logarithm.
    #[schemars(range(min = 0.0, max = 5.0))]
    pub sigma: f64,
}

/// Which pages are fetched again first (Cho and Garcia-Molina 2003).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Recrawl {
    /// Those that were fetched longest ago: all in turn.
    #[default]
    Uniform,
    /// In proportion to how often they change.
    Proportional,
    /// Those that have most probably changed since they were fetched.
    Age,
}

/// How a crawler comes to know of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Discovery {
    /// From complete sitemaps: it knows of every page of every host.
    #[default]
    Sitemaps,
    /// By links from home pages, crawl by crawl: what a fetched page links to is known at the next crawl.
    Links(LinkDiscovery),
}

/// How a crawler follows links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkDiscovery {
    /// Links from a home page, at most; pages that are farther away are not fetched.
    #[serde(default = "defaults::hops")]
    #[schemars(range(min = 1, max = 255))]
    pub hops: u8,
    /// Pages that a home page links to: the newest of its host.
    #[serde(default = "defaults::listed")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub listed: u32,
}

/// How models read an archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadArchive {
    /// Name of the crawler.
    pub crawler: String,
    /// Knowledge cut-off: what was fetched later than so long before training is not read.
    #[serde(default = "defaults::start")]
    pub cutoff: Span,
    /// What becomes of a page that was fetched in several crawls.
    #[serde(default)]
    pub duplicates: Duplicates,
}

/// What becomes of a page that was fetched in several crawls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// It counts once.
    #[default]
    Dropped,
    /// It counts once for every crawl.
    Kept,
}
