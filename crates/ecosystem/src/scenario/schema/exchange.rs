//! What a model writes, what it reads, and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Detector, ReadArchive, Span, Watermark, defaults};

/// What a model writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Documents a publication. 0: the model only reads.
    #[serde(default = "defaults::documents")]
    #[schemars(range(min = 0, max = 100_000_000))]
    pub documents: u32,
    /// Sampling temperature: density to the power 1 / temperature. For a normal distribution it
    /// multiplies the variance.
    #[serde(default = "defaults::unit")]
    #[schemars(range(min = 1e-3, max = 1e3))]
    pub temperature: f64,
    /// Added to every number that is published, of linear models to labels alone: a bias that the model
    /// has beyond what it has learnt (Taori and Hashimoto 2022).
    #[serde(default)]
    #[schemars(range(min = -1e6, max = 1e6))]
    pub shift: f64,
    /// Whether a tick publishes what the new or the previous fit writes.
    #[serde(default)]
    pub when: When,
    /// Tokens a document, for n-grams; 0: a document ends where the model ends it. For transformers, tokens after the prompt
    /// at most; 0: as many as the context holds.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10_000_000))]
    pub tokens: u32,
    /// Of a transformer, draws only among so many likeliest tokens (Fan et al. 2018); 0: among all.
    #[serde(default)]
    #[schemars(range(min = 0, max = 65_536))]
    pub top_k: u32,
    /// Of a transformer, draws only among the likeliest tokens that make up this probability (Holtzman et al. 2020).
    #[serde(default = "defaults::top_p")]
    #[schemars(range(min = 1e-3, max = 1.0))]
    pub top_p: f64,
    /// Whether text is written after the beginning of a real document. By default transformers are given 16 tokens and
    /// n-grams none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompting>,
    /// Publishes the expectation instead of a sample (categorical models): infinitely many
    /// documents.
    #[serde(default)]
    pub expected: bool,
    /// Share of published labels that are wrong, for families with labels (Feng et al. 2024).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mislabelled: f64,
    /// Publishes only what a verifier of labels lets through; `documents` is what is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<Verifier>,
    /// Publishes only the preferred one of several candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_of: Option<BestOf>,
    /// Publishes at times of its own, apart from training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Hosts that it shares with others: which share of its documents goes to which kind. The rest goes to its own host.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub sites: Vec<SiteShare>,
    /// How its share of all new documents grows; without it, it always publishes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption: Option<Adoption>,
    /// Whether its documents carry a watermark, which crawlers may look for (`watermark` among the stages of `curate`): an ideal
    /// one, which changes nothing of what is written, or a green list.
    #[serde(default)]
    pub watermark: Watermark,
}

/// Whether text is written after the beginning of a real document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Prompting {
    /// The word `"none"`: every document is written from nothing.
    Nothing(NoPrompt),
    /// After the beginning of a document that the model holds: readers take it as context, and not as something to learn.
    Real(Prompt),
}

/// The word `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoPrompt {
    /// No prompt.
    None,
}

/// The beginning of a real document.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// Tokens of it.
    #[serde(default = "defaults::prompt_tokens")]
    #[schemars(range(min = 1, max = 10_000))]
    pub tokens: u32,
    /// Share of the prompts that come from the private corpus; by default what `mixture.private_weight` says in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub private_share: Option<f64>,
}

impl Default for Prompt {
    fn default() -> Self {
        Self {
            tokens: defaults::prompt_tokens(),
            private_share: None,
        }
    }
}

/// A share of what a model publishes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteShare {
    /// Name of the kind of hosts.
    pub site: String,
    /// Share of its documents.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

/// Logistic growth: of all new documents, those of people and of this population, a share
/// ceiling / (1 + exp(-(t - midpoint) / scale)) is this population's, as far as its clock and count allow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// The share in the end.
    #[schemars(range(min = 0.0, max = 0.999))]
    pub ceiling: f64,
    /// When half of that is reached.
    pub midpoint: Span,
    /// How long it takes the odds to grow by a factor of e.
    pub scale: Span,
}

/// A verifier of labels, with mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verifier {
    /// Probability that a document with the right label is published.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub keeps_right: f64,
    /// Probability that a document with a wrong label is published.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub keeps_wrong: f64,
}

/// A choice among candidates: x with probability proportional to exp(reward x) (Ferbach et al. 2024).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BestOf {
    /// Candidates that are written for each document that is published.
    #[schemars(range(min = 1, max = 10_000))]
    pub candidates: u32,
    /// Log-odds of a document over one that is smaller by 1.
    #[schemars(range(min = -1e6, max = 1e6))]
    pub reward: f64,
    /// Text corpus that says what x is of text, by a model of the population's family that knows all of
    /// the corpus. Of numbers, x is the number itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// What the judge values.
    #[serde(default)]
    pub opinion: Opinion,
}

/// What a judge values in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Opinion {
    /// What is usual: x is the mean log-probability a byte under the judge.
    #[default]
    Likelihood,
    /// What is right and yet rarely written: x is the same, less what it is under the writer.
    Advantage,
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            documents: defaults::documents(),
            temperature: 1.0,
            shift: 0.0,
            when: When::default(),
            tokens: 0,
            top_k: 0,
            top_p: 1.0,
            prompt: None,
            expected: false,
            mislabelled: 0.0,
            verifier: None,
            best_of: None,
            clock: None,
            sites: Vec::new(),
            adoption: None,
            watermark: Watermark::default(),
        }
    }
}

/// Order of training and publishing within a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Train, then publish from the new fit.
    #[default]
    AfterTraining,
    /// Publish from the previous fit, then train.
    BeforeTraining,
}

/// What a model reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// From whom.
    #[serde(default)]
    pub from: From,
    /// Whether all readers of a publication read the same documents.
    #[serde(default)]
    pub scrape: Scrape,
    /// Whether it may read its own output.
    #[serde(default = "defaults::yes")]
    pub include_own: bool,
    /// Reads only this share of what it may read, rounded down to whole documents, which are drawn anew for
    /// every training. With `mixing = "exact"`; by default everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1e-9, max = 1.0))]
    pub share: Option<f64>,
    /// A filter that tries to recognise synthetic documents, with mistakes: at stated rates, or such as it makes after it has learnt
    /// from examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<Detector>,
    /// Of near-duplicates in a crawl, keeps one, for n-grams. Comes after the detector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_duplicates: Option<NearDuplicates>,
    /// Weighs documents by what they earned in competition, for categorical models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payoff: Option<Payoff>,
    /// Reads what a crawler has fetched instead of the web itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ReadArchive>,
}

/// A filter of near-duplicates: MinHash with bands. Texts of which a share s of the shingles is common are found out with
/// probability 1 - (1 - s^rows)^bands (Broder 1997).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearDuplicates {
    /// Words a shingle.
    #[serde(default = "defaults::shingle")]
    #[schemars(range(min = 1, max = 100))]
    pub shingle: u32,
    /// Bands.
    #[serde(default = "defaults::bands")]
    #[schemars(range(min = 1, max = 10_000))]
    pub bands: u32,
    /// Hash functions a band.
    #[serde(default = "defaults::rows")]
    #[schemars(range(min = 1, max = 1_000))]
    pub rows: u32,
}

/// A game that models play with every publication: the document at each place answers one question, and an answer that
/// c models gave earns its value times c^-crowding (Raghavan 2024).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payoff {
    /// Corpus whose probabilities are the values of the answers.
    pub value: String,
    /// How much it costs not to be the only one: 0 is nothing, 1 shares the value among all who gave the answer.
    #[serde(default = "defaults::unit")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub crowding: f64,
}

impl Default for Read {
    fn default() -> Self {
        Self {
            from: From::default(),
            scrape: Scrape::default(),
            include_own: true,
            share: None,
            detector: None,
            near_duplicates: None,
            payoff: None,
            archive: None,
        }
    }
}

/// Whether readers share what they scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scrape {
    /// A publication is one set of documents, whoever reads it.
    #[default]
    Shared,
    /// A publication holds a set of documents for every model of the scenario, and each reads its own:
    /// answers to separate queries.
    Independent,
}

/// Who is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// The common pool: every document is as likely as any other.
    #[default]
    Everyone,
    /// The so many nearest models on either side of a ring, and itself.
    Ring(#[schemars(range(min = 1, max = 1_000_000))] u32),
    /// The models of its own island, of this size.
    Islands(#[schemars(range(min = 1, max = 100_000_000))] u32),
    /// Models by market shares that follow Zipf's law with this exponent.
    Zipf(#[schemars(range(min = 0.0, max = 10.0))] f64),
    /// A who-reads-whom matrix over all models of the scenario, one row a reader of this
    /// population.
    Matrix(#[schemars(length(min = 1, max = 10_000))] Vec<Vec<f64>>),
    /// A file of who reads whom, CSV or Parquet, an edge a row: columns `reader`, `author` and `weight`. Models are numbered over all
    /// populations, as in metrics; weights of a reader are made to sum to 1.
    Edges(#[schemars(length(min = 1, max = 4_096))] String),
    /// All models of the scenario with these weights.
    Weights(#[schemars(length(min = 1))] Vec<f64>),
}

/// When models tick.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// All together, once a generation.
    #[default]
    LockStep,
    /// All together, once a generation, but each trains only with this probability; who does not publishes
    /// again from the model it has. The first training is never missed.
    Bernoulli(#[schemars(range(min = 0.0, max = 1.0))] f64),
    /// Each at its own regular pace: every so many days, from a random first day.
    Periodic(#[schemars(range(min = 1e-6, max = 36_500.0))] f64),
    /// Each at random: exponential waiting times with this mean in days.
    Poisson(#[schemars(range(min = 1e-6, max = 36_500.0))] f64),
    /// Each at intervals that follow a log-normal law.
    LogNormal {
        /// Median interval in days.
        #[schemars(range(min = 1e-6, max = 36_500.0))]
        median_days: f64,
        /// Standard deviation of the interval's logarithm.
        #[schemars(range(min = 0.0, max = 10.0))]
        sigma: f64,
    },
}
