//! What a model is trained on, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The real data of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Real {
    /// Corpus that only this population trains on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<String>,
    /// Corpus that everybody may train on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// Documents held of each corpus; by default all of a text corpus or file, and as many as the
    /// training budget of a distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub documents: Option<u32>,
    /// Whether the same documents stay or new ones are drawn for every training.
    #[serde(default)]
    pub renewal: Renewal,
    /// Whether models of the population hold the same documents or each its own.
    #[serde(default)]
    pub holding: Holding,
    /// The same of the public corpus alone; by default as `holding` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_holding: Option<Holding>,
}

/// Whether real data stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// The same documents for every training.
    #[default]
    Fixed,
    /// New documents for every training.
    Fresh,
}

/// Who holds which real documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// Every model of the population holds the same documents.
    #[default]
    Shared,
    /// Every model draws its own.
    Own,
}

/// Proportions of the data sources in a training set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mixture {
    /// Share of synthetic data, alpha: a number, a list with one number a generation (the last one
    /// stays), or `"by-count"`, where every document counts alike. As long as there is nothing to
    /// read, training is on real data alone.
    #[serde(default)]
    pub synthetic_fraction: SyntheticFraction,
    /// Share of private data within the real part, beta: a number, or a list with one number a
    /// training (the last one stays).
    #[serde(default)]
    pub private_weight: PrivateWeight,
}

/// Share of private data within the real part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PrivateWeight {
    /// The same for every training.
    Constant(#[schemars(range(min = 0.0, max = 1.0))] f64),
    /// One value a training, from the first on; the last one stays.
    Schedule(#[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))] Vec<f64>),
}

impl Default for PrivateWeight {
    fn default() -> Self {
        Self::Constant(0.5)
    }
}

/// Share of synthetic data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SyntheticFraction {
    /// The same for every generation.
    Constant(#[schemars(range(min = 0.0, max = 1.0))] f64),
    /// One value a generation, from the second training on; the last one stays.
    Schedule(#[schemars(length(min = 1), inner(range(min = 0.0, max = 1.0)))] Vec<f64>),
    /// By number of documents.
    ByCount(ByCount),
}

/// The word `by-count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ByCount {
    /// Every document counts alike.
    ByCount,
}

impl Default for SyntheticFraction {
    fn default() -> Self {
        Self::Constant(0.5)
    }
}

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Which past synthetic data a training may use.
    #[serde(default)]
    pub regime: Regime,
    /// What a model is before it has read anything.
    #[serde(default)]
    pub initial: Initial,
    /// Whether training goes on from the previous model.
    #[serde(default)]
    pub start: Start,
    /// Whether a training set is every document with a weight, or a sample.
    #[serde(default)]
    pub mixing: Mixing,
    /// Whether a sample may hold a document twice.
    #[serde(default)]
    pub draw: Draw,
    /// Size of a sample; needed for `mixing = "drawn"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// Which past documents count.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// The newest publication of each model.
    Replace,
    /// Everything.
    #[default]
    Accumulate,
    /// What is younger than so many generations.
    Window(#[schemars(range(min = 1, max = 1_000_000))] u32),
    /// Everything, with a weight that falls by this factor every generation.
    Discount(#[schemars(range(min = 1e-6, max = 0.999_999))] f64),
}

/// What a model is at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Initial {
    /// Nothing: its first training is on real data.
    #[default]
    Untrained,
    /// The true distribution of its public (else private) corpus: generation 0, which publishes at
    /// time 0.
    Truth,
    /// The network of `family.pretrained` as it is: generation 0, which publishes at time 0, so that its first training is
    /// a later one, after the others' documents can be read (`training.budget.documents`; with `start = { warm = ... }`,
    /// `family.later`). With `untrained`, the file is only where the first training starts.
    Pretrained,
}

/// Where training starts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// From nothing.
    #[default]
    Scratch,
    /// From the previous model, moving this share of the way to what the new training set says, in
    /// mean parameters.
    Warm(#[schemars(range(min = 1e-6, max = 1.0))] f64),
}

/// How parts become a training set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mixing {
    /// Every document of every part, with weights.
    #[default]
    Exact,
    /// A sample of fixed size in the stated proportions.
    Drawn,
}

/// How a sample is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Draw {
    /// A document may be drawn twice.
    WithReplacement,
    /// Every document at most once.
    #[default]
    WithoutReplacement,
}

/// Size of a training set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Documents.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub documents: u32,
    /// Whether every model has that budget, or all models share it evenly.
    #[serde(default)]
    pub per: Per,
    /// Documents of a first training, which has nothing to go on from, if not as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub first: Option<u32>,
}

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Each model's.
    #[default]
    Model,
    /// The ecosystem's: each model gets an equal part.
    Ecosystem,
}
