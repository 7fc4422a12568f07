//! A scenario file, field by field. The documentation here is what `scenario schema` publishes.
//!
//! Every treatment that changes the science is a field with a default; the resolved scenario in the
//! run folder states them all.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod corpus;
mod crawler;
mod curation;
mod detector;
mod exchange;
mod family;
mod intervention;
mod observe;
mod population;
mod site;
mod training;
mod transformer;
mod watermark;
mod web;

pub use corpus::{Access, Corpus, Distribution, TextContent, TrueCoefficients};
pub use crawler::{
    CrawlClock, Crawler, Discovery, Duplicates, LinkDiscovery, ReadArchive, Recrawl, Spread,
};
pub use curation::{CurationStage, DedupScope};
pub use detector::{Detector, Learned, Lesson, Rates};
pub use exchange::{
    Adoption, BestOf, Clock, From, NearDuplicates, NoPrompt, Opinion, Payoff, Prompt, Prompting,
    Publish, Read, Scrape, SiteShare, Verifier, When,
};
pub use family::{
    Bandwidth, BandwidthRule, Covariance, Design, Estimator, Family, Half, Precision, Smoothing,
    Unit,
};
pub use intervention::Intervention;
pub use observe::Observe;
pub use population::Population;
pub use site::{Changes, Lifetime, OptOut, Site, Writers};
pub use training::{
    Budget, ByCount, Draw, Holding, Initial, Mixing, Mixture, Per, PrivateWeight, Real, Regime,
    Renewal, Start, SyntheticFraction, Training,
};
pub(crate) use transformer::NetworkFile;
pub use transformer::{Compute, Course, Decay, Length, Tokenizer, Transformer};
pub use watermark::{GreenList, Watermark, Written};
pub use web::{Links, Web, WebSeed};

/// A whole experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What the experiment is called.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What to look at, in a paragraph.
    #[serde(default)]
    pub about: String,
    /// Root of all randomness: the same seed gives the same bits.
    #[serde(default = "defaults::seed")]
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    /// Independent repetitions with streams of their own.
    #[serde(default = "defaults::one")]
    #[schemars(range(min = 1, max = 100_000))]
    pub replicates: u32,
    /// How long the run lasts.
    pub horizon: Span,
    /// Virtual days of one generation: the period of lock-step models and the unit of ages.
    #[serde(default = "defaults::day")]
    #[schemars(range(min = 1e-6, max = 36_500.0))]
    pub generation_days: f64,
    /// Where real documents come from, by name.
    pub corpora: BTreeMap<String, Corpus>,
    /// The models, group by group.
    #[schemars(length(min = 1, max = 1_000))]
    pub population: Vec<Population>,
    /// The shared internet.
    #[serde(default)]
    pub web: Web,
    /// Where documents live, kind by kind; without any, documents are nowhere in particular.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub site: Vec<Site>,
    /// Who fetches pages for models to read.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub crawler: Vec<Crawler>,
    /// What changes on the way.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub intervention: Vec<Intervention>,
    /// What is measured.
    #[serde(default)]
    pub observe: Observe,
}

/// A stretch of virtual time, in generations or in days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Span {
    /// In generations.
    Generations(#[schemars(range(min = 0.0, max = 1_000_000.0))] f64),
    /// In virtual days.
    Days(#[schemars(range(min = 0.0, max = 36_500_000.0))] f64),
}

mod defaults {
    use super::{Course, Decay, Length, Span};

    pub(super) fn seed() -> u64 {
        1
    }
    pub(super) fn one() -> u32 {
        1
    }
    pub(super) fn unit() -> f64 {
        1.0
    }
    pub(super) fn day() -> f64 {
        1.0
    }
    pub(super) fn half() -> f64 {
        0.5
    }
    pub(super) fn start() -> Span {
        Span::Days(0.0)
    }
    pub(super) fn day_span() -> Span {
        Span::Days(1.0)
    }
    pub(super) fn links_per_page() -> u32 {
        5
    }
    pub(super) fn links_copied() -> f64 {
        0.909
    }
    pub(super) fn hops() -> u8 {
        5
    }
    pub(super) fn listed() -> u32 {
        100
    }
    pub(super) fn host_fetches_max() -> u32 {
        1_000_000_000
    }
    pub(super) fn yes() -> bool {
        true
    }
    pub(super) fn shingle() -> u32 {
        5
    }
    pub(super) fn bands() -> u32 {
        14
    }
    pub(super) fn rows() -> u32 {
        8
    }
    pub(super) fn width() -> u32 {
        64
    }
    pub(super) fn layers() -> u32 {
        2
    }
    pub(super) fn heads() -> u32 {
        4
    }
    pub(super) fn context() -> u32 {
        128
    }
    pub(super) fn batch() -> u32 {
        32
    }
    pub(super) fn weight_decay() -> f64 {
        0.01
    }
    pub(super) fn lesson_documents() -> u32 {
        200
    }
    pub(super) fn lesson_false_positives() -> f64 {
        0.05
    }
    pub(super) fn lesson_steps() -> u32 {
        100
    }
    pub(super) fn lesson_penalty() -> f64 {
        1e-4
    }
    pub(super) fn gamma() -> f64 {
        0.25
    }
    pub(super) fn delta() -> f64 {
        2.0
    }
    pub(super) fn top_p() -> f64 {
        1.0
    }
    pub(super) fn prompt_tokens() -> u32 {
        16
    }
    pub(super) fn first_course() -> Course {
        Course {
            length: Length::Steps(600),
            rate: 4e-3,
            warmup: 0.05,
            decay: Decay::Cosine,
        }
    }
    pub(super) fn later_course() -> Course {
        Course {
            length: Length::Steps(20),
            rate: 1e-3,
            warmup: 0.0,
            decay: Decay::Constant,
        }
    }
    pub(super) fn order() -> u32 {
        5
    }
    pub(super) fn variance_floor() -> f64 {
        1e-6
    }
    pub(super) fn iterations_max() -> u32 {
        200
    }
    pub(super) fn vocabulary() -> u32 {
        20_000
    }
    pub(super) fn documents() -> u32 {
        100
    }
    pub(super) fn generation() -> Span {
        Span::Generations(1.0)
    }
    pub(super) fn log_memory_mib() -> u32 {
        1024
    }
    pub(super) fn models_max() -> u32 {
        64
    }
    pub(super) fn evaluation_bytes_max() -> u32 {
        100_000
    }
    pub(super) fn prompts() -> u32 {
        8
    }
    pub(super) fn probe_documents() -> u32 {
        20
    }
    pub(super) fn items_max() -> u32 {
        200
    }
}
